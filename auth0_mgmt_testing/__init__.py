"""A fake Auth0 tenant for tests, offline development and contract checks.

The modules, from the lowest. Each imports only modules above it in this list, at run time, late, or
for types; `tests/architecture` checks that.

- `errors`: everything that is raised. `_secrets`: what recordings and comparisons add to the client's
  table of what is secret.
- `state`: documents, transactions with declared cascades, clock, ids. `contract`: the schemas that
  requests and responses are validated against, deviations of live tenants, routing.
- `engine`: the request pipeline. It is given a registry and knows no resource by name.
- `behaviours`: collection, attachment, settings, relation, listing. `connection_strategies`: what
  connections of each provider complete and reject. `actions`: what the code of actions is given, and
  where it runs. `resources`: one module per client group.
- `authentication`: the Authentication API and the login pages, on the same state.
- `_registry`: the union of what the resources declare, and the look-up of operations.
- `simulation`: faults, rate limits. `setup`: load, export, typed collections, user actions.
  `observation`: request log, changes, scopes, mailbox, deliveries.
- `recordings`: exchanges of any format, importers, scrubbing.
- `adapters`: carry requests to a tenant (respx, transports, ASGI); they only translate.
- `deploy_cli`: configurations in the formats of auth0-deploy-cli, lists of users.
- `interface`: what a test does with a fake tenant, in process or over HTTP.
- `remote`: the control of a served tenant, over HTTP.
- `tenant`: `FakeTenant`, which puts all of these together.
- `server`: HTTP, many tenants, control below ``/__fake/``, TLS, state files.
- `containers`: a server in a container, by Testcontainers.
- `_credentials`: how an application authenticates. `live`: guards of a live tenant.
- `verification`: replay, comparison, scores, shadow. `cassettes`: record and replay for tests.
- `backends`: the fake, server, cassette or live tenant of a suite.
- `strategies`: Hypothesis strategies of request bodies, from the contract. `_factory`: test data.
- `plugin`: the pytest plugin. `cli`: the command line.

`auth0_mgmt` knows nothing of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._credentials import Credentials as Credentials
    from ._factory import Factory as Factory
    from ._factory import SharedTenant as SharedTenant
    from ._factory import ShareTenant as ShareTenant
    from ._factory import UserToken as UserToken
    from .actions.effects import Effects as Effects
    from .actions.program import ActionError as ActionError
    from .actions.runner import ActionRun as ActionRun
    from .backends.handle import TenantHandle as TenantHandle
    from .engine.request import LoggedRequest as LoggedRequest
    from .errors import BehaviourError as BehaviourError
    from .errors import CassetteError as CassetteError
    from .errors import CassetteExpiredError as CassetteExpiredError
    from .errors import CassetteFormatError as CassetteFormatError
    from .errors import CassetteNotFoundError as CassetteNotFoundError
    from .errors import ControlError as ControlError
    from .errors import LiveModeError as LiveModeError
    from .errors import LiveWriteBlockedError as LiveWriteBlockedError
    from .errors import LoadError as LoadError
    from .errors import MissingDocumentError as MissingDocumentError
    from .errors import MissingExtraError as MissingExtraError
    from .errors import NetworkBlockedError as NetworkBlockedError
    from .errors import RecordingFormatError as RecordingFormatError
    from .errors import ResponseContractError as ResponseContractError
    from .errors import ScrubbingError as ScrubbingError
    from .errors import ServerStartError as ServerStartError
    from .errors import StateError as StateError
    from .errors import StateFileError as StateFileError
    from .errors import TargetError as TargetError
    from .errors import TestingError as TestingError
    from .errors import UnrecordedRequestError as UnrecordedRequestError
    from .errors import UnsupportedParameterError as UnsupportedParameterError
    from .errors import UnsupportedParameterWarning as UnsupportedParameterWarning
    from .errors import UnusedInteractionsError as UnusedInteractionsError
    from .errors import UpstreamError as UpstreamError
    from .errors import UserFileError as UserFileError
    from .interface import TenantControl as TenantControl
    from .observation.changes import Changes as Changes
    from .observation.channels import Delivery as Delivery
    from .observation.channels import Outgoing as Outgoing
    from .observation.deliveries import Deliveries as Deliveries
    from .observation.mailbox import Mailbox as Mailbox
    from .observation.mailbox import Message as Message
    from .observation.request_log import RequestLog as RequestLog
    from .remote import RemoteTenant as RemoteTenant
    from .server.launch import TenantServer as TenantServer
    from .setup.access import Collection as Collection
    from .setup.action_collection import ActionExecution as ActionExecution
    from .setup.action_collection import ActionResult as ActionResult
    from .setup.user_actions import Login as Login
    from .simulation.faults import Fault as Fault
    from .simulation.faults import Faults as Faults
    from .simulation.rate_limits import RateLimits as RateLimits
    from .state.clock import Clock as Clock
    from .tenant import FakeTenant as FakeTenant
    from .tenant import Snapshot as Snapshot

_HOMES = {
    "ActionError": "actions.program",
    "ActionExecution": "setup.action_collection",
    "ActionResult": "setup.action_collection",
    "ActionRun": "actions.runner",
    "Changes": "observation.changes",
    "Clock": "state.clock",
    "Collection": "setup.access",
    "Credentials": "_credentials",
    "Deliveries": "observation.deliveries",
    "Delivery": "observation.channels",
    "Effects": "actions.effects",
    "Factory": "_factory",
    "FakeTenant": "tenant",
    "Fault": "simulation.faults",
    "Faults": "simulation.faults",
    "LoggedRequest": "engine.request",
    "Login": "setup.user_actions",
    "Mailbox": "observation.mailbox",
    "Message": "observation.mailbox",
    "Outgoing": "observation.channels",
    "RateLimits": "simulation.rate_limits",
    "RemoteTenant": "remote",
    "RequestLog": "observation.request_log",
    "ShareTenant": "_factory",
    "SharedTenant": "_factory",
    "Snapshot": "tenant",
    "TenantControl": "interface",
    "TenantHandle": "backends.handle",
    "TenantServer": "server.launch",
    "UserToken": "_factory",
}
_ERRORS = (
    "BehaviourError",
    "CassetteError",
    "CassetteExpiredError",
    "CassetteFormatError",
    "CassetteNotFoundError",
    "ControlError",
    "LiveModeError",
    "LiveWriteBlockedError",
    "LoadError",
    "MissingExtraError",
    "NetworkBlockedError",
    "RecordingFormatError",
    "ResponseContractError",
    "ScrubbingError",
    "ServerStartError",
    "MissingDocumentError",
    "StateError",
    "StateFileError",
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
    """Load a public name on first use: an unused pytest plugin costs nothing."""
    from importlib import import_module

    home = "errors" if name in _ERRORS else _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .errors import explain_missing_extra

    with explain_missing_extra():
        value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
