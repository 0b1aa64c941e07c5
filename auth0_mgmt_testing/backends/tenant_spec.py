"""What a test wants of its tenant, as its marks say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..tenant import FakeTenant

Seed: TypeAlias = "str | Path | Mapping[str, Any]"


@dataclass(frozen=True, kw_only=True)
class TenantSpec:
    """What the marks of one test ask for; the default asks for nothing."""

    test: str = ""
    """The test's id, the same in every run."""
    scopes: tuple[str, ...] | None = None
    """The scopes of the token that the test gets; None: all."""
    seeds: tuple[Seed, ...] = ()
    """What the tenant holds at the start: files, relative to `folder`, or mappings."""
    folder: Path = Path()
    faults: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...] = ()
    """The arguments of ``tenant.faults.add``, one pair for each fault."""
    clock: datetime | None = None
    """The moment that the tenant's clock stands at."""
    allow_changes: frozenset[str] = frozenset()
    """Operations that may change what a live tenant held before the test."""


def apply_spec(fake: FakeTenant, wishes: TenantSpec) -> None:
    """Make a fake tenant what a test wishes for; scopes are the handle's business."""
    if wishes.clock is not None:
        fake.clock.freeze(wishes.clock)
    for seed in wishes.seeds:
        fake.load(seed if isinstance(seed, Mapping) else wishes.folder / seed)
    for names, options in wishes.faults:
        for name in names:
            fake.faults.add(name, **options)
