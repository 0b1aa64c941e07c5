"""What a JSON value is, in words that type checkers follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from typing_extensions import TypeIs


def is_object(value: object) -> TypeIs[dict[str, Any]]:
    """A JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeIs[list[Any]]:
    """A JSON array."""
    return isinstance(value, list)


def is_mapping(value: object) -> TypeIs[Mapping[str, Any]]:
    """Anything that maps names to values."""
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeIs[Sequence[Any]]:
    """A list or a tuple."""
    return isinstance(value, (list, tuple))


def is_many(value: object) -> TypeIs[list[Any] | tuple[Any, ...] | set[Any] | frozenset[Any]]:
    """Several values in one."""
    return isinstance(value, (list, tuple, set, frozenset))
