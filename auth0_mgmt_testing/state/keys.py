"""Sets of keys, as immutable values: what an index finds under one value.

Most values of most indexes find one document, so a set of one key is that key itself.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from immutables import Map

Key: TypeAlias = str | tuple[str, ...]
KeySet: TypeAlias = Key | Map[Key, None]
"""One key, or a map of two and more."""


def with_key(found: KeySet | None, key: Key) -> KeySet:
    """Return the set with one more key; None is the empty set."""
    if found is None:
        return key
    if isinstance(found, Map):
        return found.set(key, None)
    return key if found == key else Map({found: None, key: None})


def without_key(found: KeySet, key: Key) -> KeySet | None:
    """Return the set without one of its keys; None is the empty set."""
    if not isinstance(found, Map):
        return None
    return _smallest(found.delete(key))


def without_keys(found: KeySet, keys: Collection[Key]) -> KeySet | None:
    """Return the set without some of its keys; None is the empty set."""
    if not isinstance(found, Map) or len(found) == len(keys):
        return None
    left = found.mutate()
    for key in keys:
        del left[key]
    return _smallest(left.finish())


def key_set(keys: Collection[Key]) -> KeySet:
    """Return the set of some different keys, at least one."""
    return next(iter(keys)) if len(keys) == 1 else Map(dict.fromkeys(keys))


def keys_of(found: KeySet | None) -> Collection[Key]:
    """Return the keys of a set."""
    if found is None:
        return ()
    return found if isinstance(found, Map) else (found,)


def _smallest(found: Map[Key, None]) -> KeySet:
    return next(iter(found)) if len(found) == 1 else found
