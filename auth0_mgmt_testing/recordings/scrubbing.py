"""Scrubbing: the exchanges of one cassette without secrets, personal data and the tenant's host.

All exchanges are read first, so that a value that appears as a secret late is replaced in earlier
ones, too; then every string is scrubbed: path, query, bodies and headers.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import httpx

from auth0_mgmt._redact import FORM

from . import bodies
from .allowed import AllowList
from .exchange import Exchange, RecordedRequest, RecordedResponse
from .pseudonyms import PSEUDONYM, Kind, Pseudonyms
from .sensitive import (
    EMAIL,
    JWT,
    PATH,
    PEM,
    PHONE,
    TOKEN_LIKE,
    URL,
    WEBHOOK,
    found_forms,
    free_email,
    free_phone,
    holders,
    kind_of,
    random_parts,
)

_REQUEST_HEADERS = ("content-type",)
_RESPONSE_HEADERS = ("content-type", "location", "link", "retry-after")
_LIMIT = "x-ratelimit-"
_TOO_MANY = 429
_GRAVATAR = re.compile(
    r"(https://s\.gravatar\.com/avatar/)([0-9a-f]{32})(?:\?(?:[^\s\"'<>]*))?", re.IGNORECASE
)
_PICTURE = "?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2F.png"
_RELATIVE = re.compile(r"/[^\s?]*\?\S*")
"""A URL without a host, as redirects name it."""
_IN_TEXT = 8
"""The minimum length of a secret that is also replaced within a longer string."""
_REPLACED_OTHERWISE = frozenset({"a JWT", "a certificate or key"})

Visit = bodies.Visit


@dataclass(frozen=True, slots=True)
class Known:
    """The recorder's own knowledge of the tenant.

    ``hosts``: host names (with ports) of the tenant, ``host`` the neutral one that replaces them;
    ``texts``: others, with what replaces them; ``secrets``: what must not be left;
    ``allowed``: what is kept although it looks secret.
    """

    host: str
    hosts: Sequence[str] = ()
    replacements: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    allowed: AllowList = field(default_factory=AllowList, repr=False)


def scrub(exchanges: Sequence[Exchange], known: Known) -> list[Exchange]:
    """Return the scrubbed exchanges."""
    plain = [_decoded(exchange) for exchange in exchanges]
    scrubber = _Scrubber(known)
    for exchange in plain:
        _through(exchange, scrubber.survey)
    for exchange in plain:
        _through(exchange, scrubber.collect)
    scrubber.ready()
    return [_through(exchange, scrubber.hide) for exchange in plain]


def hide_both(
    exchange: Exchange, answer: RecordedResponse, host: str
) -> tuple[Exchange, RecordedResponse]:
    """Scrub an exchange and another response to it, with the same pseudonyms in both."""
    one, other = scrub([exchange, Exchange(exchange.request, answer)], Known(host))
    return one, other.response


def left_over(exchanges: Iterable[Exchange], known: Known) -> Iterator[str]:
    """Yield the places of remaining known secrets, without their values."""
    hosts = [name for host in known.hosts for name in (host, *_in_base64(host))]
    for number, exchange in enumerate(exchanges, 1):
        request, response = exchange.request, exchange.response
        whole = "\n".join([
            request.target,
            request.body.decode("latin-1"),
            *response.headers.values(),
            response.body.decode("latin-1"),
        ])  # fmt: skip
        place = f"exchange {number}, {request.method} {PSEUDONYM.sub('…', request.path)}"
        if any(secret in whole for secret in known.secrets):
            yield f"{place}: a credential of the recording run"
        if any(host in whole for host in hosts):
            yield f"{place}: the host of the recorded tenant"


def _in_base64(host: str) -> Iterator[str]:
    """How a host reads within base64, at each of three alignments; the ragged ends cut off."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + host.encode()).decode()
        yield coded[4 if shift else 0 :].rstrip("=")[:-2]


def _decoded(exchange: Exchange) -> Exchange:
    """An exchange with the compression of the response undone, and needless headers left out."""
    request, response = exchange.request, exchange.response
    answer = httpx.Response(
        response.status,
        headers={
            name: value
            for name, value in response.headers.items()
            if name in ("content-encoding", "content-type")
        },
        content=response.body,
    )
    return Exchange(
        RecordedRequest(
            request.method,
            request.host,
            request.target,
            _only(request.headers, _REQUEST_HEADERS.__contains__),
            request.body,
        ),
        RecordedResponse(
            response.status,
            _only(
                response.headers,
                lambda name: (
                    name in _RESPONSE_HEADERS
                    or (response.status == _TOO_MANY and name.startswith(_LIMIT))
                ),
            ),
            answer.content,
        ),
        exchange.recorded_at,
    )


def _only(headers: Mapping[str, str], keep: Callable[[str], bool]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if keep(name)}


def _through(exchange: Exchange, visit: Visit) -> Exchange:
    """An exchange with every scalar visited and replaced, in the order in which they stand."""
    request, response = exchange.request, exchange.response
    around_request, around_response = holders(request.path, response.status)

    def within(around: tuple[str, ...]) -> Visit:
        return lambda keys, holder, value: visit((*around, *keys), holder, value)

    return Exchange(
        RecordedRequest(
            request.method,
            str(visit((), {}, request.host)),
            _target(request.target, visit),
            {name: bodies.neutral_type(value) for name, value in request.headers.items()},
            _body(request.headers, request.body, within(around_request)),
        ),
        RecordedResponse(
            response.status,
            {
                name: value if name == "content-type" else str(visit((name,), {}, value))
                for name, value in response.headers.items()
            },
            _body(response.headers, response.body, within(around_response)),
        ),
    )


def _body(headers: Mapping[str, str], raw: bytes, visit: Visit) -> bytes:
    return bodies.write(bodies.read(headers.get("content-type", ""), raw).map(visit))


def _target(target: str, visit: Visit) -> str:
    path, mark, query = target.partition("?")
    segments = [
        quote(str(visit(PATH, {}, unquote(segment))), safe="@:") for segment in path.split("/")
    ]
    pairs = [
        (name, visit((FORM, name), {}, value))
        for name, value in parse_qsl(query, keep_blank_values=True)
    ]
    return "/".join(segments) + mark + urlencode(pairs, quote_via=quote)


class _Scrubber:
    """Learns what to hide from all of a cassette's scalars, then hides it."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._names = Pseudonyms()
        self._free: set[str] = set()
        self._whole: dict[str, str] = {}
        self._within: Callable[[str], str] = str
        self._literal = _replacing(_literals(known))

    # --- first: what is anybody's ----------------------------------------------------------------

    def survey(self, keys: tuple[str, ...], holder: Mapping[str, Any], value: Any) -> Any:
        """Note the addresses that identify nobody: what derives from them doesn't, either."""
        if isinstance(value, str):
            for address in EMAIL.findall(value):
                if not (free_email(address) or self._known.allowed.keeps(unquote(address))):
                    continue
                plain = unquote(address).lower()
                local = plain.partition("@")[0]
                self._free |= {plain, local, *re.split(r"[.+_-]", local)}
        return value

    # --- second: what is somebody's --------------------------------------------------------------

    def collect(self, keys: tuple[str, ...], holder: Mapping[str, Any], value: Any) -> Any:
        """Give pseudonyms to what must not be seen."""
        if isinstance(value, str):
            self._hidden(keys, holder, value)
        return value

    def _hidden(self, keys: tuple[str, ...], holder: Mapping[str, Any], text: str) -> str | None:
        """What stands for a whole text that must not be seen; None: it may, but for its forms."""
        kind = self._kind(keys, holder, text)
        if kind is None:
            self._forms(text)
            for part in random_parts(keys, PSEUDONYM.sub("", text)):
                if not self._known.allowed.keeps(part):
                    self._names.of("secret", part)
            return None
        if self._known.allowed.keeps(text):
            return text
        return self._secret(text) if kind == "secret" else self._names.of(kind, text)

    def _secret(self, text: str) -> str:
        """A secret hidden, in the form that clients know it by: armoured, or within a URL."""
        if PEM.search(text):
            return PEM.sub(self._armoured, text)
        if URL.fullmatch(text) or _RELATIVE.fullmatch(text):
            return self._url(text)
        return self._names.of("secret", text)

    def _armoured(self, found: re.Match[str]) -> str:
        return found[1] + self._names.of("secret", found[3]) + found[4]

    def _url(self, url: str) -> str:
        """A URL without the values of its query, its fragment, and long parts of its path."""
        parts = urlsplit(self._literal(url))
        path = [
            self._names.of("secret", segment) if TOKEN_LIKE.fullmatch(segment) else segment
            for segment in parts.path.split("/")
        ]
        query = [
            (name, self._names.of("secret", value) if value else value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        fragment = self._names.of("secret", parts.fragment) if parts.fragment else ""
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, "/".join(path), urlencode(query), fragment))

    def _kind(self, keys: tuple[str, ...], holder: Mapping[str, Any], text: str) -> Kind | None:
        if text in self._known.replacements:
            return None
        kind = kind_of(keys, holder, text)
        return None if kind == "person" and text.lower() in self._free else kind

    def ready(self) -> None:
        """Everything is collected."""
        within: dict[str, str] = {}
        for kind, value, pseudonym in self._names.given():
            self._whole.setdefault(value, pseudonym)
            if _replaced_within(kind, value):
                within[value] = pseudonym
                within.setdefault(quote(value, safe=""), quote(pseudonym, safe=""))
        self._within = _replacing(within)

    # --- third: hidden ---------------------------------------------------------------------------

    def hide(self, keys: tuple[str, ...], holder: Mapping[str, Any], value: Any) -> Any:
        """The scalar as it may be written."""
        if isinstance(value, str):
            hidden = self._hidden(keys, holder, value)
            if hidden is not None:
                return hidden
            if value in self._whole and (keys or len(value) > 1):
                return self._whole[value]
            return self._forms(self._within(self._literal(value)))
        if isinstance(value, float) and any(key.lower() in _PLACES for key in keys):
            return 0.0
        return value

    def _forms(self, text: str) -> str:
        """A text without what shows by its form alone."""
        of, keeps = self._names.of, self._known.allowed.keeps
        text = PEM.sub(lambda found: found[0] if keeps(found[0]) else self._armoured(found), text)
        text = JWT.sub(lambda found: found[0] if keeps(found[0]) else of("secret", found[0]), text)
        for name, found in found_forms(text):
            if name not in _REPLACED_OTHERWISE and not keeps(found[0]):
                text = text.replace(found[0], self._form(name, found[0]))
        text = EMAIL.sub(self._address, text)
        text = PHONE.sub(
            lambda found: (
                found[0] if free_phone(found[0]) or keeps(found[0]) else of("phone", found[0])
            ),
            text,
        )
        return _GRAVATAR.sub(self._picture, text)

    def _form(self, name: str, text: str) -> str:
        """What takes the place of what is secret by its form."""
        if name == "a tenant's host":
            return self._known.host
        if name == "credentials in a URL":
            return f"://{self._names.of('secret', text)}@"
        if name == WEBHOOK:
            host, _, path = text.partition("/")
            return f"{host}/{self._names.of('secret', path)}"
        if name == "a secret in a URL's query":
            parameter, _, value = text.partition("=")
            return f"{parameter}={self._names.of('secret', value)}"
        if name == "a key in code":
            *before, value = re.split(r"([\"'])", text)
            return "".join(before) + self._names.of("secret", value)
        return self._names.of("secret", text)

    def _address(self, found: re.Match[str]) -> str:
        if free_email(found[0]) or PSEUDONYM.fullmatch(found[0]):
            return found[0]
        plain = unquote(found[0])
        if self._known.allowed.keeps(plain):
            return found[0]
        name = self._names.of("email", plain)
        return quote(name, safe="") if "%40" in found[0] else name

    def _picture(self, found: re.Match[str]) -> str:
        """A picture is found by the digest of an address, and shows two letters of it."""
        if found[2] in {_digest(address) for address in self._free if "@" in address}:
            return found[0]
        owner = next(
            (
                pseudonym
                for kind, value, pseudonym in self._names.given()
                if kind == "email" and _digest(value) == found[2]
            ),
            "",
        )
        return found[1] + _digest(owner) + _PICTURE


_PLACES = frozenset({"location_info", "geoip", "geo"})


def _digest(address: str) -> str:
    """How a gravatar picture names an address."""
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def _replaced_within(kind: Kind, value: str) -> bool:
    """Whether a value is specific enough to be replaced within a string."""
    if kind == "person":
        return len(value) >= _IN_TEXT and " " in value
    return kind != "secret" or len(value) >= _IN_TEXT


def _literals(known: Known) -> dict[str, str]:
    literals = dict(known.replacements)
    for host in known.hosts:
        literals |= {f"http://{host}": f"https://{known.host}", host: known.host}
        label = host.partition(".")[0]
        if not label.isdigit():
            literals[label] = known.host.partition(".")[0]
    return literals


def _replacing(table: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that replaces the table's strings, the longest first, as whole words."""
    if not table:
        return str
    longest = sorted(filter(None, table), key=len, reverse=True)
    pattern = re.compile(
        "|".join(
            (r"(?<![A-Za-z0-9])" if text[0].isalnum() else "")
            + re.escape(text)
            + (r"(?![A-Za-z0-9])" if text[-1].isalnum() else "")
            for text in longest
        )
    )
    return partial(pattern.sub, lambda found: table[found[0]])
