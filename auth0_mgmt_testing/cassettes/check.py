"""Detection of what must never be in a cassette, independent of the scrubber.

The detectors are broader than the scrubber's rules: they check the form of every string, every key that
sounds like a secret, and random-looking strings where no identifier belongs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from auth0_mgmt._redact import FORM, ITEM, is_secret

from ..errors import UserFileError
from ..recordings import bodies
from ..recordings.exchange import Exchange
from ..recordings.pseudonyms import PSEUDONYM
from ..recordings.sensitive import (
    EMAIL,
    PATH,
    PHONE,
    TOKEN_LIKE,
    URL,
    found_forms,
    free_email,
    free_ip,
    free_phone,
    hexadecimal_key,
    holders,
    random_parts,
    secret_member,
)
from .store import load


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be there: its place and kind, never its value."""

    place: str
    kind: str
    allowed: bool = False
    """Whether the cassette's metadata list it as allowed."""

    def __str__(self) -> str:
        return f"{self.place}: {self.kind}"


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """Return the cassettes among these files and in these folders."""
    for path in paths:
        yield from sorted(path.rglob("*.yaml")) if path.is_dir() else [path]


def check(paths: Iterable[Path]) -> Iterator[Finding]:
    """Scan cassettes, given as files or folders; what can't be read is a finding."""
    for file in files(paths):
        yield from _check_file(file)


def _check_file(file: Path) -> Iterator[Finding]:
    try:
        header, exchanges = load(file)
        text = file.read_text("utf-8")
    except (UserFileError, OSError) as error:
        yield Finding(str(file), str(error))
        return
    for finding in findings(exchanges, header.allowed):
        yield replace(finding, place=f"{file}: {finding.place}")
    # Comments and everything beside the exchanges, too.
    for kind in dict.fromkeys(_by_form(_without(header.allowed, text))):
        yield Finding(str(file), kind)


_HEADERS = ("request header", "response header")


def _without(allowed: Sequence[str], text: str) -> str:
    """A text without what is allowed, as it is and as it is encoded in URLs and in JSON."""
    for one in sorted(allowed, key=len, reverse=True):
        for spelled in (one, quote(one, safe=""), json.dumps(one)[1:-1]):
            text = text.replace(spelled, "")
    return text


def findings(exchanges: Iterable[Exchange], allowed: Sequence[str] = ()) -> Iterator[Finding]:
    """What must not be in these exchanges, and what of it is among the ``allowed`` texts."""
    for number, exchange in enumerate(exchanges, 1):
        place = f"exchange {number}"
        for part, keys, text in _texts(exchange):
            if part in _HEADERS and is_secret(keys[-1]):
                yield Finding(f"{place}, {part}", f"the header {keys[-1]}")
            kinds = dict.fromkeys(_found(keys, text))
            left = set(_found(keys, _without(allowed, text))) if kinds and allowed else kinds
            for kind in kinds:
                shown = () if keys == PATH else keys
                names = ".".join(key for key in shown if key not in (FORM, ITEM))
                yield Finding(f"{place}, {part} {names}".rstrip(), kind, kind not in left)


def _texts(exchange: Exchange) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield every string: its part of the exchange, its keys."""
    request, response = exchange.request, exchange.response
    yield "host", (), request.host
    for segment in request.path.split("/"):
        yield "path", PATH, unquote(segment)
    for name, value in parse_qsl(request.query):
        yield "query", (FORM, name), value
    around_request, around_response = holders(request.path, response.status)
    for part, headers, raw, around in (
        ("request", request.headers, request.body, around_request),
        ("response", response.headers, response.body, around_response),
    ):
        for name, value in headers.items():
            yield f"{part} header", (name.lower(),), value
        yield from ((part, (*around, *keys), text) for keys, text in _body(headers, raw))


def _body(headers: Mapping[str, str], raw: bytes) -> list[tuple[tuple[str, ...], str]]:
    found: list[tuple[tuple[str, ...], str]] = []

    def note(keys: tuple[str, ...], holder: Mapping[str, Any], value: Any) -> Any:
        if isinstance(value, str):
            found.append((keys, value))
        return value

    body = bodies.read(headers.get("content-type", ""), raw)
    body.map(note)
    if body.form == "binary":
        found.append(((), raw.decode("latin-1")))
    return found


# --- detectors -----------------------------------------------------------------------------------

_ARMOUR = re.compile(r"-----(?:BEGIN|END) (?!PUBLIC KEY)[A-Z0-9 ]+-----")
_LEAST_SECRET = 6


def _found(keys: tuple[str, ...], text: str) -> Iterator[str]:
    yield from _by_form(text)
    bare = _ARMOUR.sub("", PSEUDONYM.sub("", text)).strip()
    if len(bare) >= _LEAST_SECRET and secret_member(keys, bare) and not _bare_url(bare):
        yield "a secret, by its key"
    if hexadecimal_key(keys, bare):
        yield "a hexadecimal key"
    if random_parts(keys, bare):
        yield "a random-looking string"
    if free_ip(text) is False:
        yield "an IP address"


def _by_form(text: str) -> Iterator[str]:
    text = PSEUDONYM.sub("", text)
    yield from (kind for kind, _ in found_forms(text))
    if not all(map(free_email, EMAIL.findall(text))):
        yield "an e-mail address"
    if not all(map(free_phone, PHONE.findall(text))):
        yield "a telephone number"


def _bare_url(text: str) -> bool:
    """Whether a string is a URL without a secret, pseudonyms removed."""
    if URL.fullmatch(text) is None:
        return False
    parts = urlsplit(text)
    return not any(value for _, value in parse_qsl(parts.query)) and not any(
        TOKEN_LIKE.fullmatch(segment) for segment in (*parts.path.split("/"), parts.fragment)
    )
