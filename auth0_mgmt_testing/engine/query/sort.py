"""``sort=field:1``: one field, ascending (1) or descending (-1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from auth0_mgmt._json import is_object

from ...state.selection import Part
from ...state.store import Doc
from .. import messages

_SORT = re.compile(r"(-1|[A-Za-z0-9_.]+):(1|-1)")


@dataclass(frozen=True, slots=True)
class Order:
    """An order of documents by the values of a field.

    Values of different types order by type, a document without the field comes before all others.
    """

    field: str
    descending: bool
    _path: tuple[str, ...]

    def key(self, doc: Doc) -> tuple[Any, ...]:
        """Return what orders a document among others."""
        return _comparable(self._values(Part([doc]))[0])

    def sort(self, part: Part) -> list[Doc]:
        """Return the documents of a part sorted; equal ones stay in their order."""
        keys = self._values(part)
        if set(map(type, keys)) != {str}:  # else comparing them as they are is much faster
            keys = list(map(_comparable, keys))
        docs = part.docs
        places = sorted(range(len(docs)), key=keys.__getitem__, reverse=self.descending)
        return [docs[place] for place in places]

    def _values(self, part: Part) -> list[Any]:
        first, *rest = self._path
        values = part.field(first)
        for name in rest:
            values = [value.get(name) if is_object(value) else None for value in values]
        return values


@lru_cache(maxsize=256)
def order_of(sort: str) -> Order:
    """Return the order of a ``sort`` parameter, whose dotted fields reach into objects.

    Raises 400 where it is not ``field:1|-1``.
    """
    found = _SORT.fullmatch(sort)
    if found is None:
        raise messages.invalid_sort(sort)
    return Order(found[1], found[2] == "-1", tuple(found[1].split(".")))


def _comparable(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (0,)
    if isinstance(value, (bool, int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, str(value))
