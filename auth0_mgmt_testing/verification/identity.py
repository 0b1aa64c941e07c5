"""Values specific to one tenant (ids, times, secrets, hosts), and their mapping to another's.

A leaf is specific by its key (`particular`) or by its form (`canonical`). An `IdentityMap`
records, while a scenario is replayed, which actual identifier replaces which recorded one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from auth0_mgmt._json import is_array, is_object

from .._secrets import identifying_key, secret_of_tenant
from ..recordings.exchange import strings
from ..state import id_forms

REDACTED = "[REDACTED]"

_TIME_KEYS = frozenset({
    "date", "time", "timestamp", "updated_on", "created_on", "build_time", "last_login",
    "last_password_reset", "last_update", "exp", "iat", "nbf", "not_before", "not_after",
})  # fmt: skip
_TIME_ENDINGS = ("_at", "_time", "_date")

_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.auth0\.com")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
_ID = re.compile(
    rf"""(?<![A-Za-z0-9])(?:
        {id_forms.ACTION.expression}                         # actions, keys, policies
      | [a-z]{{2,6}}_(?=[A-Za-z]*[0-9A-Z])[A-Za-z0-9]{{16,32}}   # any prefix, also of new forms
      | {id_forms.USER.expression}                           # users, resource servers
      | (?=[A-Za-z]*\d)(?=\d*[A-Za-z]){id_forms.CLIENT.expression}  # clients, themes, tickets
    )(?![A-Za-z0-9])""",
    re.VERBOSE,
)
_JWT = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_SEALED = re.compile(r"CkIK[A-Za-z0-9+/]{60,}={0,2}")
"""What a tenant encrypted: secrets of a database's scripts."""


_HOST_KEYS = frozenset({"tenant", "tenant_name", "a0tenant"})
"""A tenant's name is the first label of its host."""


def particular(key: str, value: Any) -> bool:
    """Whether a value under this key is an id, a time, a secret or a host; flags never are."""
    if isinstance(value, bool):
        return False
    key = key.lower()
    if (
        key in _HOST_KEYS
        or identifying_key(key)
        or key in _TIME_KEYS
        or key.endswith(_TIME_ENDINGS)
    ):
        return True
    return isinstance(value, str) and secret_of_tenant(key)


def canonical(text: str) -> str:
    """Return the string with every id, time, token or host replaced by a constant."""
    if len(text) < 10:
        return text
    text = level_hosts(text)
    text = _TIME.sub("<time>", text)
    text = _JWT.sub("<token>", text)
    text = _SEALED.sub("<sealed>", text)
    return _ID.sub("<id>", text)


def level_hosts(text: str) -> str:
    """Return the string with every host of the vendor's replaced by one."""
    return _HOST.sub("<host>", text)


def generated(text: str) -> bool:
    """Whether a string contains an identifier in the format of generated ones."""
    return _ID.search(text) is not None


_REFERRING = frozenset({"connection", "connection_name"})
"""Keys of references by name."""


def _given_names(value: Any) -> Iterator[str]:
    """Yield the strings of a body except names of resources that it refers to."""
    if is_object(value):
        for key, item in value.items():
            yield key
            if key not in _REFERRING:
                yield from _given_names(item)
    elif is_array(value):
        for item in value:
            yield from _given_names(item)
    elif isinstance(value, str):
        yield value


def _ids(value: Any) -> Iterator[str]:
    """Yield the strings of a response that are members of objects."""
    if is_object(value):
        for key, item in value.items():
            if not isinstance(item, str):
                yield from _ids(item)
            elif key not in _REFERRING:
                yield item
    elif is_array(value):
        for item in value:
            yield from _ids(item)


class IdentityMap:
    """Recorded identifiers and their actual counterparts, within one scenario."""

    def __init__(self, recorded_hosts: Iterable[str], domain: str) -> None:
        self._actual: dict[str, str] = {}
        self._domain = domain
        self._sent: set[str] = set()
        self._named: set[str] = set()
        self._met: set[str] = set()
        self._older: set[str] = set()
        self.wrote = False
        """Whether the scenario has written anything yet."""
        self._hosts = sorted({host for host in recorded_hosts if host}, key=len, reverse=True)
        self._ids: re.Pattern[str] | None = None
        # A host may be followed by more labels: recordings are scrubbed by replacing a prefix.
        labels = {host.partition(".")[0] for host in (*self._hosts, domain) if "." in host}
        self._names = re.compile(
            r"(?<![\w-])(?:"
            + "|".join(map(re.escape, {domain, *self._hosts, *labels}))
            + r")(?!\w)"
        )
        self._host = (
            re.compile(
                r"(?<![\w-])(?:" + "|".join(map(re.escape, self._hosts)) + r")(?:\.[\w-]+)*(?!\w)"
            )
            if self._hosts
            else None
        )

    def sent(self, target: str, body: Any, *, read: bool = False) -> None:
        """Record what a request names itself: the tenant does not issue these.

        ``read``: the request only reads, so its names may be older than the scenario.
        """
        path, _, query = target.partition("?")
        self._sent.update(unquote(part) for part in path.split("/"))
        self._sent.update(value for _, value in parse_qsl(query))
        self._sent.update(strings(body))
        if read:
            return
        self.wrote = True
        self._named.update(text for text in _given_names(body) if not _ID.fullmatch(text))
        self._named.update(unquote(part) for part in path.split("/"))
        self._named.update(value for _, value in parse_qsl(query))

    def from_before(self, path: str) -> None:
        """Record that a request's path named something preexisting."""
        parts = list(map(unquote, path.split("/")))
        self._sent.difference_update(parts)
        self._named.difference_update(parts)

    def met(self, body: Any) -> None:
        """Record what the recorded tenant issued in response to a write.

        A bare id in a list refers to another resource, which may be older.
        """
        self._met.update(text for text in _given_names(body) if not generated(text))
        self._met.update(_ids(body))

    def found(self, ids: Iterable[str]) -> None:
        """Record ids of a preexisting resource that both tenants list."""
        self._older.update(each for each in ids if generated(each))

    def older(self, text: str) -> bool:
        """Whether this is the id of a preexisting resource that both tenants have."""
        return text in self._older

    def known(self, text: str) -> bool:
        """Whether this recorded string is known from a request or a response of the scenario.

        A generated id in a request's body is only a reference; its target may be older.
        """
        if text in self._older:
            return False
        return text in self._actual or text in self._named or text in self._met

    def learned(self, text: str) -> bool:
        """Whether this recorded string has an actual counterpart."""
        return text in self._actual

    def learn(self, recorded: str, actual: str) -> None:
        """Map a recorded identifier to an actual one; the first mapping counts."""
        if recorded == actual or len(recorded) < 6 or recorded in self._actual:
            return
        if recorded in self._sent or REDACTED in recorded:
            return
        self._actual[recorded] = actual
        self._ids = None

    def text(self, recorded: str) -> str:
        """Return a recorded string with ids and hosts replaced, the longest first."""
        if self._host is not None:
            recorded = self._host.sub(self._domain, recorded)
        if not self._actual:
            return recorded
        if self._ids is None:
            longest_first = sorted(self._actual, key=len, reverse=True)
            self._ids = re.compile(
                r"(?<![A-Za-z0-9_])(?:"
                + "|".join(map(re.escape, longest_first))
                + r")(?![A-Za-z0-9_])"
            )
        return self._ids.sub(lambda found: self._actual[found[0]], recorded)

    def level(self, text: str) -> str:
        """Return a string with ids, times, tokens, hosts and tenant names replaced by constants."""
        return canonical(self._names.sub("<host>", level_hosts(text)))

    def target(self, recorded: str) -> str:
        """A recorded path and query with everything replaced; its encoding is kept if unchanged."""
        path, mark, query = recorded.partition("?")
        segments = [self._segment(segment) for segment in path.split("/")]
        return "/".join(segments) + mark + self._query(query)

    def body(self, recorded: bytes) -> bytes:
        """A recorded body with everything replaced; other values than strings stay."""
        try:
            return self.text(recorded.decode()).encode()
        except UnicodeDecodeError:
            return recorded

    def form(self, recorded: bytes) -> bytes:
        """A recorded form with everything replaced; encoded as it was if unchanged."""
        try:
            return self._query(recorded.decode()).encode()
        except UnicodeDecodeError:
            return recorded

    def _segment(self, segment: str) -> str:
        plain = unquote(segment)
        here = self.text(plain)
        return segment if here == plain else quote(here, safe="")

    def _query(self, query: str) -> str:
        pairs = parse_qsl(query, keep_blank_values=True)
        here = [(name, self.text(value)) for name, value in pairs]
        return query if here == pairs else urlencode(here)
