"""Comparison of a request with a recorded one: method, path, query and body by meaning.

A recorded request may contain pseudonyms. Each matches whatever the test sends in its place, the
same everywhere: the first matching request binds it, later ones must agree. Bound values are
inserted into the responses, so a test that sends its own address receives it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._redact import FORM

from ..recordings import bodies
from ..recordings.bodies import Body
from ..recordings.exchange import RecordedRequest
from ..recordings.pseudonyms import PSEUDONYM
from ..recordings.sensitive import kind_of

Bindings = dict[str, str]
"""Pseudonyms and the values that the test sent in their place."""


@dataclass(frozen=True, slots=True)
class DecodedRequest:
    """A decoded request; the order of query and form fields is ignored."""

    method: str
    path: tuple[str, ...]
    query: Mapping[str, list[str]]
    body: Body

    @classmethod
    def of(cls, request: RecordedRequest) -> DecodedRequest:
        """Return a request decoded for comparison."""
        body = bodies.read(request.headers.get("content-type", ""), request.body)
        return cls(
            request.method,
            tuple(map(unquote, request.path.split("/"))),
            _grouped(parse_qsl(request.query, keep_blank_values=True)),
            body,
        )

    def __str__(self) -> str:
        """For messages: sensitive strings are left out."""
        query = "&".join(
            f"{name}={_shown((FORM, name), value)}"
            for name in self.query
            for value in self.query[name]
        )
        line = f"{self.method} {'/'.join(self.path)}" + (f"?{query}" if query else "")
        if self.body.form in ("none", "binary"):
            return line
        shown = self.body.map(lambda keys, holder, value: _shown(keys, value, holder))
        text = bodies.write(shown).decode(errors="replace")
        return f"{line} {text if len(text) <= _LONG else text[:_LONG] + '…'}"


_LONG = 300


def _grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in sorted(pairs):
        grouped.setdefault(name, []).append(value)
    return grouped


def _shown(keys: tuple[str, ...], value: Any, holder: Mapping[str, Any] | None = None) -> Any:
    return "…" if isinstance(value, str) and kind_of(keys, holder or {}, value) else value


def matches(recorded: DecodedRequest, actual: DecodedRequest, bound: Bindings) -> Bindings | None:
    """Return the bindings under which both are equal, including earlier ones; None: they differ."""
    if recorded.method != actual.method or len(recorded.path) != len(actual.path):
        return None
    trial = _Trial(bound)
    return None if next(trial.differences(recorded, actual), None) else trial.bound


def differences(recorded: DecodedRequest, actual: DecodedRequest, bound: Bindings) -> list[str]:
    """Return where two requests differ, for people."""
    return list(_Trial(bound).differences(recorded, actual))


class _Trial:
    """Compares two requests, and binds pseudonyms."""

    def __init__(self, bound: Bindings) -> None:
        self.bound = dict(bound)

    def differences(self, recorded: DecodedRequest, actual: DecodedRequest) -> Iterator[str]:
        if recorded.method != actual.method:
            yield "the method"
        if not self._same((), list(recorded.path), list(actual.path)):
            yield "the path"
        for name in sorted({*recorded.query, *actual.query}):
            if not self._same((name,), recorded.query.get(name), actual.query.get(name)):
                yield f"the query's {name}"
        if recorded.body.form != actual.body.form:
            yield f"the body: {recorded.body.form}, not {actual.body.form}"
        else:
            yield from self._bodies(recorded.body, actual.body)

    def _bodies(self, recorded: Body, actual: Body) -> Iterator[str]:
        ours, theirs = recorded.value, actual.value
        if recorded.form in ("form", "multipart"):
            ours, theirs = sorted(ours, key=_by_name), sorted(theirs, key=_by_name)
        if is_object(ours) and is_object(theirs):
            for key in [*ours, *(key for key in theirs if key not in ours)]:
                if key not in theirs:
                    yield f"the body's {key}, which was not sent"
                elif key not in ours:
                    yield f"the body's {key}, which was not recorded"
                elif not self._same((key,), ours[key], theirs[key]):
                    yield f"the body's {key}"
        elif not self._same((), ours, theirs):
            yield "the body"

    def _same(self, keys: tuple[str, ...], ours: Any, theirs: Any) -> bool:
        if isinstance(ours, str) and isinstance(theirs, str):
            return (ours == theirs and not PSEUDONYM.search(ours)) or self._bind(ours, theirs)
        if is_object(ours) and is_object(theirs):
            return ours.keys() == theirs.keys() and all(
                self._same((*keys, key), ours[key], theirs[key]) for key in ours
            )
        if is_array(ours) and is_array(theirs):
            return len(ours) == len(theirs) and all(
                self._same(keys, one, other) for one, other in zip(ours, theirs, strict=True)
            )
        return isinstance(ours, bool) is isinstance(theirs, bool) and ours == theirs

    def _bind(self, ours: str, theirs: str) -> bool:
        """Whether a recorded string with pseudonyms matches this one."""
        names = PSEUDONYM.findall(ours)
        if not names:
            return False
        parts = map(re.escape, PSEUDONYM.split(ours))
        found = re.fullmatch("(.+?)".join(parts), theirs, re.DOTALL)
        if found is None:
            return False
        for name, value in zip(names, found.groups(), strict=True):
            # Addresses may be spelled in another case: the tenant folds it.
            if self.bound.setdefault(name, value).lower() != value.lower():
                return False
        return True


def _by_name(field: Mapping[str, Any]) -> str:
    return str(field["name"])


def restored(text: str, bound: Bindings, spell: Callable[[str], str] = str) -> str:
    """Return a recorded string with bound values; ``spell`` encodes a value for the string."""

    def value(found: re.Match[str]) -> str:
        known = bound.get(found[0])
        return found[0] if known is None else spell(known)

    return PSEUDONYM.sub(value, text)


def restored_body(body: bytes, bound: Bindings) -> bytes:
    """Return a response's body with bound values."""
    if not bound:
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    spell = _in_json if text.lstrip()[:1] in ("{", "[", '"') else str
    return restored(text, bound, spell).encode()


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def restored_url(url: str, bound: Bindings) -> str:
    """Return a URL with bound values."""
    return restored(url, bound, partial(quote, safe=""))
