"""Search by a filter of SCIM (RFC 7644, 3.4.2.2): ``name eq "Till" and not (app_type pr)``.

Compared ignoring case, as in the standard; an attribute may be a dotted path, and an
array matches where one of its values does. Value paths (``emails[type eq "work"]``) are not supported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from ...state.selection import Part
from ...state.store import Doc
from .. import messages
from .lucene import reached

Test: TypeAlias = Callable[[Doc], bool]

_TOKEN = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<value>\"(?:[^\"\\]|\\.)*\"|-?\d+(?:\.\d+)?(?![\w.-]))"
    r"|(?P<word>[A-Za-z_][\w.:$-]*))"
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "co": lambda found, wanted: wanted in found,
    "sw": lambda found, wanted: found.startswith(wanted),
    "ew": lambda found, wanted: found.endswith(wanted),
}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda found, wanted: bool(found > wanted),
    "ge": lambda found, wanted: bool(found >= wanted),
    "lt": lambda found, wanted: bool(found < wanted),
    "le": lambda found, wanted: bool(found <= wanted),
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A compiled filter."""

    test: Test

    def select(self, part: Part) -> list[Doc]:
        """Return the matching documents of a part."""
        return list(filter(self.test, part.docs))

    def __call__(self, doc: Doc) -> bool:
        """Whether one document matches."""
        return self.test(doc)


@lru_cache(maxsize=512)
def compile(filter: str) -> Predicate:
    """Return the predicate of a filter; raises 400 ``invalid_query_string`` if it is invalid."""
    if not filter.strip():
        return Predicate(lambda doc: True)
    reader = _Reader(_tokens(filter))
    test = reader.either()
    if reader.left:
        raise messages.invalid_search(f"unexpected {reader.left[0][1]!r}")
    return Predicate(test)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Yield kind and text of each token."""
    found: list[tuple[str, str]] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise messages.invalid_search(f"cannot read {text[place : place + 20]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


class _Reader:
    """A parser: ``or`` binds least, then ``and``, then ``not``."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.left = tokens

    def either(self) -> Test:
        tests = [self._both()]
        while self._next_is("or"):
            tests.append(self._both())
        return lambda doc: any(test(doc) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._next_is("and"):
            tests.append(self._one())
        return lambda doc: all(test(doc) for test in tests)

    def _one(self) -> Test:
        if self._next_is("not"):
            test = self._one()
            return lambda doc: not test(doc)
        if self._next_is("("):
            test = self.either()
            if not self._next_is(")"):
                raise messages.invalid_search("a bracket is not closed")
            return test
        path = tuple(self._take("word", "an attribute").split("."))
        operator = self._take("word", "an operator").lower()
        if operator == "pr":
            return lambda doc: any(value not in (None, "") for value in reached(doc, path))
        fits = _fitting(operator, self._value())
        if operator == "ne":
            return lambda doc: not any(fits(value) for value in reached(doc, path))
        return lambda doc: any(fits(value) for value in reached(doc, path))

    def _next_is(self, text: str) -> bool:
        if self.left and self.left[0][0] != "value" and self.left[0][1].lower() == text:
            del self.left[0]
            return True
        return False

    def _take(self, kind: str, what: str) -> str:
        if not self.left or self.left[0][0] != kind:
            raise messages.invalid_search(f"{what} is expected")
        return self.left.pop(0)[1]

    def _value(self) -> Any:
        kind, text = self.left.pop(0) if self.left else ("", "")
        if kind == "value":
            return json.loads(text)
        if kind == "word" and text in _CONSTANTS:
            return _CONSTANTS[text]
        raise messages.invalid_search("a value is expected")


def _fitting(operator: str, wanted: Any) -> Callable[[Any], bool]:
    """Return the predicate on one value."""
    wanted = _folded(wanted)
    if operator in ("eq", "ne"):
        return lambda value: type(value) is type(wanted) and _folded(value) == wanted
    if (text := _TEXTS.get(operator)) is not None and isinstance(wanted, str):
        return lambda value: isinstance(value, str) and text(_folded(value), wanted)
    if (order := _ORDERS.get(operator)) is not None and isinstance(wanted, (str, int, float)):
        return lambda value: type(value) is type(wanted) and order(_folded(value), wanted)
    raise messages.invalid_search(f"operator {operator} does not take {wanted!r}")


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
