"""What the tenant knows of a document that a request named and that is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..state.store import State

_ID = re.compile(r"[a-z]{2,5}_\w{8,}|[\w-]+\|.+|[A-Za-z0-9]{32}|[0-9a-f-]{36}")
"""Strings of a body that may be the id of a document."""
_SEARCHED = 1000
"""The documents of a collection that are compared with a wrong id."""
_BOTH = 7
"""Characters of one end that two ids have in common, at least."""
_LARGEST_BODY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Absent:
    """A document that is not there; of an empty table it is unknown where it should be."""

    table: str
    key: str


def absent_of(params: Mapping[str, str], body: bytes, state: State) -> Absent | None:
    """Return the first id in a request's path or body that no document of the tenant has."""
    for value in (*params.values(), *_ids(body)):
        if value and not _tables_with(state, value):
            return Absent("", value)
    return None


def known_of(absent: Absent, state: State) -> str:
    """Return what resembles it: an id of another collection, or one that is written alike."""
    elsewhere = _tables_with(state, absent.key)
    if elsewhere:
        wanted = f", not of {absent.table}" if absent.table else ""
        return f"{absent.key} is an id of {' and '.join(elsewhere)}{wanted}"
    for key in islice(state.table(absent.table).ordered(), _SEARCHED) if absent.table else ():
        if isinstance(key, str) and _alike(key, absent.key):
            return f"did you mean {key!r}?"
    return ""


def _tables_with(state: State, key: str) -> list[str]:
    return sorted(
        name for name in state.tables if name[:1] != "_" and key in state.table(name).rows
    )


def _alike(one: str, other: str) -> bool:
    """Whether two ids differ by case, or by little in one place."""
    if one.lower() == other.lower():
        return True
    if one[:_BOTH] != other[:_BOTH] and one[-_BOTH:] != other[-_BOTH:]:
        return False  # as most are: this takes no time
    same = _common(one, other) + _common(one[::-1], other[::-1])
    longest = max(len(one), len(other))
    return longest > 4 and same >= longest - 2 and abs(len(one) - len(other)) <= 2


def _common(one: str, other: str) -> int:
    """How many characters two strings begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _ids(body: bytes) -> Iterator[str]:
    """The strings of a JSON body that have the form of ids."""
    if not body or len(body) > _LARGEST_BODY:
        return
    try:
        value = json.loads(body)
    except ValueError:
        return
    yield from (text for text in _strings(value) if _ID.fullmatch(text))


def _strings(value: Any) -> Iterator[str]:
    pending = [value]
    while pending:
        found: Any = pending.pop()
        if isinstance(found, str):
            yield found
        elif is_object(found):
            pending.extend(found.values())
        elif is_array(found):
            pending.extend(found)
