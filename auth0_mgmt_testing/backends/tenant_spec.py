"""The specification of a test's tenant, from its marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..remote import RemoteTenant
    from ..tenant import FakeTenant

Seed: TypeAlias = "str | Path | Mapping[str, Any]"


@dataclass(frozen=True, kw_only=True)
class TenantSpec:
    """What the marks of one test specify; by default nothing."""

    test: str = ""
    """The test's id, the same in every run."""
    scopes: tuple[str, ...] | None = None
    """The scopes of the token that the test gets; None: all."""
    seeds: tuple[Seed, ...] = ()
    """Initial data of the tenant: files, relative to `folder`, or mappings."""
    folder: Path = Path()
    faults: tuple[tuple[tuple[str, ...], Mapping[str, Any]], ...] = ()
    """The arguments of ``tenant.faults.add``, one pair for each fault."""
    clock: datetime | None = None
    """The time that the tenant's clock is frozen at."""
    allow_changes: frozenset[str] = frozenset()
    """Operations that may change preexisting data of a live tenant."""


def apply_spec(fake: FakeTenant | RemoteTenant, spec: TenantSpec) -> None:
    """Apply a specification to a fake tenant, except scopes (see the handle)."""
    if spec.clock is not None:
        fake.clock.freeze(spec.clock)
    for seed in spec.seeds:
        fake.load(seed if isinstance(seed, Mapping) else spec.folder / seed)
    for names, options in spec.faults:
        for name in names:
            fake.faults.add(name, **options)
