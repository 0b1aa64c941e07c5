"""The marks of a test, read: what it wishes of its tenant, and whether the mode can give it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from .wishes import Wishes

if TYPE_CHECKING:
    from .modes import Mode

_FAKES = frozenset({"fake", "server"})
_LIVE = frozenset({"live", "record"})

_NEEDS_A_FAKE = {
    "fake_only": "it is marked fake_only",
    "auth0_seed": "a seed is loaded into a fake tenant only",
    "auth0_faults": "faults are set on a fake tenant only",
    "auth0_clock": "only a fake tenant's clock can be set",
}


def reason_to_skip(item: pytest.Item, mode: Mode) -> str | None:
    """Why a mode cannot run a test; None where it can."""
    if mode not in _FAKES:
        for name, why in _NEEDS_A_FAKE.items():
            if item.get_closest_marker(name) is not None:
                return f"mode {mode}: {why}"
    if mode not in _LIVE and item.get_closest_marker("live_only") is not None:
        return f"mode {mode}: it is marked live_only"
    return None


def wishes(item: pytest.Item) -> Wishes:
    """What a test's marks ask for. Raises ValueError for a mark that says it wrongly."""
    return Wishes(
        test=item.nodeid,
        scopes=_scopes(item),
        seeds=tuple(mark.args[0] for mark in _outermost_first(item, "auth0_seed")),
        folder=item.path.parent,
        faults=tuple((m.args, m.kwargs) for m in _outermost_first(item, "auth0_faults")),
        clock=_clock(item),
    )


def _outermost_first(item: pytest.Item, name: str) -> list[pytest.Mark]:
    return list(item.iter_markers(name))[::-1]


def _scopes(item: pytest.Item) -> tuple[str, ...] | None:
    mark = item.get_closest_marker("auth0_scopes")
    if mark is None:
        return None
    return tuple(_texts(mark))


def _texts(mark: pytest.Mark) -> Iterator[str]:
    for value in mark.args:
        if not isinstance(value, str):
            raise ValueError(f"mark {mark.name} takes texts, not {value!r}")
        yield value


def _clock(item: pytest.Item) -> datetime | None:
    mark = item.get_closest_marker("auth0_clock")
    if mark is None:
        return None
    moment: Any = mark.args[0] if len(mark.args) == 1 else None
    if isinstance(moment, datetime):
        return moment
    try:
        return datetime.fromisoformat(moment)
    except (TypeError, ValueError):
        raise ValueError(
            f"mark auth0_clock takes one moment like '2026-01-01T00:00:00Z', not {moment!r}"
        ) from None
