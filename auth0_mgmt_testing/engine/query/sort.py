"""``sort=field:1``: one field, ascending (1) or descending (-1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from auth0_mgmt._json import is_object

from .. import messages

_SORT = re.compile(r"(-1|[A-Za-z0-9_.]+):(1|-1)")

Key = Callable[[dict[str, Any]], tuple[Any, ...]]


@lru_cache(maxsize=256)
def sort_key(sort: str) -> tuple[Key, bool]:
    """Return the key function for documents, and whether the order is descending.

    A dotted field reaches into objects. Values of different types order by type, a document
    without the field comes before all others. Raises 400 where ``sort`` is not ``field:1|-1``.
    """
    found = _SORT.fullmatch(sort)
    if found is None:
        raise messages.invalid_sort(sort)
    first, *rest = found[1].split(".")

    def key(doc: dict[str, Any]) -> tuple[Any, ...]:
        value: Any = doc.get(first)
        for part in rest:
            value = value.get(part) if is_object(value) else None
        return _comparable(value)

    return key, found[2] == "-1"


def _comparable(value: Any) -> tuple[Any, ...]:
    if type(value) is str:
        return (2, value)
    if value is None:
        return (0,)
    if isinstance(value, (bool, int, float)):
        return (1, value)
    return (2, value) if isinstance(value, str) else (3, str(value))
