"""A fake Auth0 tenant for tests, offline development and contract checks.

Doors (`doors`) know the engine; the engine (`engine`) knows no resource by name; behaviours
(`resources`, `semantics`) know the state and the contract, never a door; the harness (`harness`)
knows exchanges only. `auth0_mgmt` knows nothing of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .control.reach import ArrangementError
    from .state.clock import Clock
    from .tenant import FakeTenant, Snapshot

__all__ = ["ArrangementError", "Clock", "FakeTenant", "Snapshot"]

_HOMES = {
    "ArrangementError": ".control.reach",
    "Clock": ".state.clock",
    "FakeTenant": ".tenant",
    "Snapshot": ".tenant",
}


def __getattr__(name: str) -> Any:
    """Load on first use, so that the pytest plugin costs nothing where it is not used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value
