"""A fake Auth0 tenant for tests, offline development and contract checks.

The rooms, from the innermost, and what each may know:

- `state` holds documents, ids and the clock, `contract` what requests are judged by. They know
  nothing of the others.
- `engine` is the way of a request. It knows state and contract, finds behaviours in the
  `catalogue`, and knows no resource by name.
- `semantics`, `strategies` (of connections) and `resources` are the behaviours. They know engine,
  state and contract, never a door or a tenant. A behaviour is known by the catalogue, and by
  `control` and `tenant` where these do what no request can; by nobody else.
- `control` is what a test does to a tenant without a request: seeds, faults, limits, the journal.
- `tenant` is `FakeTenant`, which puts all of these together.
- `doors` carry requests to a tenant: respx, transports, ASGI, a server.
- `harness` replays or shadows exchanges and compares; `cassettes` record and play them for tests.
  They know exchanges and what makes a tenant, never a behaviour.
- `tenants` makes the tenant that a suite runs against: fake, server, cassette, live. `factory` and
  the pytest `plugin` hand it to tests and know it alone.
- `commands` are what the command line (`cli`) can do.

`auth0_mgmt` knows nothing of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .setup.access import ArrangementError
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
