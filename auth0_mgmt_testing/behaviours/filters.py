"""List filters: tests of (document, value of a query parameter)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array

from ..state.selection import Part
from ..state.store import Doc
from .documents import get_path

Filter: TypeAlias = Callable[[Doc, Any], bool]
PartFilter: TypeAlias = Callable[[Part, Any], list[Doc]]
"""Selects from many documents at once, by the value of a query parameter."""


@cache
def each(test: Filter) -> PartFilter:
    """Return the filter that asks of one document after the other."""
    return lambda part, value: [doc for doc in part.docs if test(doc, value)]


def equals(path: str) -> Filter:
    """The field equals the given value (any of them where the parameter is a list)."""

    def test(doc: Doc, value: Any) -> bool:
        found = get_path(doc, path)
        if isinstance(value, list):
            return found in value
        return bool(found == value)

    return test


def contains(path: str) -> Filter:
    """The field contains the given value, ignoring case."""
    return lambda doc, value: str(value).lower() in str(get_path(doc, path) or "").lower()


def one_of(path: str) -> Filter:
    """The field is one of the given values, comma-separated or repeated."""

    def test(doc: Doc, value: Any) -> bool:
        wanted = value if is_array(value) else str(value).split(",")
        return get_path(doc, path) in wanted

    return test


def includes(path: str) -> Filter:
    """The list in the field contains the given value."""
    return lambda doc, value: value in (get_path(doc, path) or ())
