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
    from ._factory import Factory as Factory
    from .backends.handle import Credentials as Credentials
    from .backends.handle import TenantHandle as TenantHandle
    from .engine.request import LoggedRequest as LoggedRequest
    from .errors import CassetteError as CassetteError
    from .errors import CassetteExpiredError as CassetteExpiredError
    from .errors import CassetteFormatError as CassetteFormatError
    from .errors import CassetteNotFoundError as CassetteNotFoundError
    from .errors import LiveModeError as LiveModeError
    from .errors import LiveWriteBlockedError as LiveWriteBlockedError
    from .errors import LoadError as LoadError
    from .errors import NetworkBlockedError as NetworkBlockedError
    from .errors import RecordingFormatError as RecordingFormatError
    from .errors import ScrubbingError as ScrubbingError
    from .errors import ServerStartError as ServerStartError
    from .errors import StateError as StateError
    from .errors import TargetError as TargetError
    from .errors import TestingError as TestingError
    from .errors import UnrecordedRequestError as UnrecordedRequestError
    from .errors import UnsupportedParameterError as UnsupportedParameterError
    from .errors import UnsupportedParameterWarning as UnsupportedParameterWarning
    from .errors import UnusedInteractionsError as UnusedInteractionsError
    from .errors import UpstreamError as UpstreamError
    from .errors import UserFileError as UserFileError
    from .observation.changes import Changes as Changes
    from .observation.request_log import RequestLog as RequestLog
    from .setup.access import Collection as Collection
    from .setup.user_actions import Login as Login
    from .simulation.faults import Fault as Fault
    from .simulation.faults import Faults as Faults
    from .simulation.rate_limits import RateLimits as RateLimits
    from .state.clock import Clock as Clock
    from .tenant import FakeTenant as FakeTenant
    from .tenant import Snapshot as Snapshot

_HOMES = {
    "Changes": "observation.changes",
    "Clock": "state.clock",
    "Collection": "setup.access",
    "Credentials": "backends.handle",
    "Factory": "_factory",
    "FakeTenant": "tenant",
    "Fault": "simulation.faults",
    "Faults": "simulation.faults",
    "LoggedRequest": "engine.request",
    "Login": "setup.user_actions",
    "RateLimits": "simulation.rate_limits",
    "RequestLog": "observation.request_log",
    "Snapshot": "tenant",
    "TenantHandle": "backends.handle",
}
_ERRORS = (
    "CassetteError",
    "CassetteExpiredError",
    "CassetteFormatError",
    "CassetteNotFoundError",
    "LiveModeError",
    "LiveWriteBlockedError",
    "LoadError",
    "NetworkBlockedError",
    "RecordingFormatError",
    "ScrubbingError",
    "ServerStartError",
    "StateError",
    "TargetError",
    "TestingError",
    "UnrecordedRequestError",
    "UnsupportedParameterError",
    "UnsupportedParameterWarning",
    "UnusedInteractionsError",
    "UpstreamError",
    "UserFileError",
)

__all__ = sorted((*_HOMES, *_ERRORS))  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """Load a public name on first use: the pytest plugin costs nothing where it is not used."""
    from importlib import import_module

    home = "errors" if name in _ERRORS else _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
