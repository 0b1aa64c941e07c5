"""The marks of a test: the specification of its tenant, and whether the mode supports it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from auth0_mgmt._json import is_mapping

from ..state.clock import parse_timestamp
from .tenant_spec import Seed, TenantSpec

if TYPE_CHECKING:
    from .modes import Mode

_FAKES = frozenset({"fake", "server"})

_NEEDS_A_FAKE = {
    "auth0_fake_only": "it is marked auth0_fake_only",
    "auth0_load": "a seed is loaded into a fake tenant only",
    "auth0_faults": "faults are set on a fake tenant only",
    "auth0_clock": "only a fake tenant's clock can be set",
}


def reason_to_skip(
    item: pytest.Item, mode: Mode, live: bool, entitlements: Collection[str] | None
) -> str | None:
    """Return why a mode cannot run a test; None where it can.

    ``live``: a live tenant takes part; ``entitlements``: of its plan; None: unknown.
    """
    if mode not in _FAKES:
        for name, why in _NEEDS_A_FAKE.items():
            if item.get_closest_marker(name) is not None:
                return f"mode {mode}: {why}"
        if "auth0_fake" in getattr(item, "fixturenames", ()):
            return f"mode {mode}: it uses the fixture auth0_fake"
    if not live and item.get_closest_marker("auth0_live_only") is not None:
        return f"mode {mode}: it is marked auth0_live_only"
    if live and entitlements is not None:
        needed = {name for mark in item.iter_markers("auth0_requires") for name in _texts(mark)}
        lacking = sorted(needed - {*entitlements})
        if lacking:
            return f"mode {mode}: the tenant's plan lacks {', '.join(lacking)}"
    return None


def tenant_spec(item: pytest.Item) -> TenantSpec:
    """Return the specification in a test's marks. Raises ValueError for an invalid mark."""
    return TenantSpec(
        test=item.nodeid,
        scopes=_scopes(item),
        seeds=tuple(_seed(mark) for mark in _outermost_first(item, "auth0_load")),
        folder=item.path.parent,
        faults=tuple(_fault(mark) for mark in _outermost_first(item, "auth0_faults")),
        clock=_clock(item),
        allow_changes=_allow_changes(item),
    )


def _fault(mark: pytest.Mark) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    if not mark.args:
        raise ValueError("mark auth0_faults takes operations and the arguments of a fault")
    return mark.args, mark.kwargs


def _allow_changes(item: pytest.Item) -> frozenset[str]:
    names = [name for mark in item.iter_markers("auth0_allow_changes") for name in _texts(mark)]
    if names:
        from .._registry import operation_lookup  # late: most runs have no such mark

        for name in names:
            operation_lookup().get(name)  # also in modes that ignore it, so that typos show early
    return frozenset(names)


def _seed(mark: pytest.Mark) -> Seed:
    source: Any = mark.args[0] if len(mark.args) == 1 else None
    if isinstance(source, (str, Path)) or is_mapping(source):
        return source
    raise ValueError(f"mark auth0_load takes one file or mapping, not {mark.args!r}")


def _outermost_first(item: pytest.Item, name: str) -> list[pytest.Mark]:
    return list(item.iter_markers(name))[::-1]


def _scopes(item: pytest.Item) -> tuple[str, ...] | None:
    mark = item.get_closest_marker("auth0_scopes")
    if mark is None:
        return None
    from ..contract import operation_scopes
    from ..contract.operation_lookup import unknown

    known = operation_scopes()
    scopes = tuple(_texts(mark))
    for scope in scopes:
        if scope not in known:
            raise ValueError(f"mark auth0_scopes: {unknown('scope', scope, sorted(known))}")
    return scopes


def _texts(mark: pytest.Mark) -> Iterator[str]:
    for value in mark.args:
        if not isinstance(value, str):
            raise ValueError(f"mark {mark.name} takes strings, not {value!r}")
        yield value


def _clock(item: pytest.Item) -> datetime | None:
    mark = item.get_closest_marker("auth0_clock")
    if mark is None:
        return None
    given: Any = mark.args[0] if len(mark.args) == 1 else None
    if isinstance(given, datetime):
        return given
    try:
        return parse_timestamp(given if isinstance(given, str) else "")
    except ValueError:
        raise ValueError(
            f"mark auth0_clock takes one timestamp like '2026-01-01T00:00:00Z', not {given!r}"
        ) from None
