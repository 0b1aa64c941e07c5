"""`ServedTenant`: a fake tenant that always contains a client with all scopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Self

from ..contract import operation_scopes
from ..engine.absence import Absent
from ..engine.context import RequestContext
from ..engine.tokens import management_audience
from ..resources.client_grants import GRANTS
from ..resources.clients import CLIENTS
from ..setup.access import setup_transaction
from ..state import id_forms
from ..state.ids import alphanumeric_id, derive_bytes
from ..state.store import State
from ..tenant import DEFAULT_DOMAIN, FakeTenant, founded_with

CLIENT_NAME = "Management client of the fake's server"


@dataclass(frozen=True, slots=True)
class ServerClient:
    """The machine-to-machine client that a served tenant always contains."""

    client_id: str
    client_secret: str = field(repr=False)


class ServedTenant(FakeTenant):
    """A tenant that contains, from the start and after every reset, a client with all scopes.

    The client may request from ``/oauth/token`` every scope of the Management API. Its credentials
    derive from the seed, so an environment stays valid for the next run.
    """

    def __init__(self, domain: str = DEFAULT_DOMAIN, **options: Any) -> None:
        super().__init__(domain, **options)
        self.own_client = _credentials(self._core.id_seed, "client")
        self.failure: Exception | None = None
        """What a request first raised behind a server, which responds with 500 then."""

    def admit(self, name: str, scopes: Sequence[str]) -> ServerClient:
        """Add another client, which is granted these scopes only."""
        credentials = _credentials(self._core.id_seed, name)
        with setup_transaction(self._core) as context:
            _add_client(context, name, credentials, scopes)
        return credentials

    @property
    def state(self) -> State:
        """The newest state."""
        return self._core.state

    @property
    def has_actions(self) -> bool:
        """Whether the tenant has actions, whose code may run for seconds."""
        return len(self._core.committed.table("actions")) > 0

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """The lock of writes."""
        return self._core.lock

    @property
    def aliases(self) -> frozenset[str]:
        """Hosts that the tenant is reached at besides its domain."""
        return self._core.aliases

    @aliases.setter
    def aliases(self, hosts: frozenset[str]) -> None:
        self._core.aliases = hosts

    def look_elsewhere(self, search: Callable[[Absent], Iterable[str]]) -> None:
        """Explain a missing document by the names of other tenants that have it."""
        self._core.elsewhere = search

    def subscribe(self, on_commit: Callable[[State, State], None] | None) -> None:
        """Call a function with the old and the new state before each change takes effect."""
        self._core.on_commit = on_commit

    def fork(self, domain: str | None = None) -> Self:
        """As `FakeTenant.fork`; the client is granted the Management API of the new domain."""
        twin = super().fork(domain)
        if twin.domain != self.domain:
            with setup_transaction(twin._core, notify=False) as context:
                _move_api(context, management_audience(self.domain))
        return twin

    def _own_clients(self) -> tuple[str, ...]:
        return (self.own_client.client_id,)

    def _first_state(self, domain: str, random_seed: int | str) -> State:
        state = super()._first_state(domain, random_seed)
        return founded_with(state, domain, random_seed, _with_own_client)


def _with_own_client(context: RequestContext) -> None:
    credentials = _credentials(context.world.id_seed, "client")
    _add_client(context, CLIENT_NAME, credentials, operation_scopes())


def _credentials(seed: int | str, label: str) -> ServerClient:
    return ServerClient(
        id_forms.CLIENT(derive_bytes(f"{seed}/{label}", 0)),
        alphanumeric_id(64)(derive_bytes(f"{seed}/{label}", 1)),
    )


def _add_client(
    context: RequestContext, name: str, credentials: ServerClient, scopes: Iterable[str]
) -> None:
    """Add a client as a request would, with credentials and a grant of the Management API."""
    CLIENTS.add(
        context,
        {
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "name": name,
            "app_type": "non_interactive",
            "grant_types": ["client_credentials"],
            "token_endpoint_auth_method": "client_secret_post",
        },
    )
    GRANTS.add(
        context,
        {
            "client_id": credentials.client_id,
            "audience": management_audience(context.domain),
            "scope": sorted(scopes),
            "subject_type": "client",
        },
    )


def _move_api(context: RequestContext, before: str) -> None:
    """Give the Management API, and the grants of it, the identifier of the tenant's domain."""
    audience = management_audience(context.domain)
    grants = context.tx.find(GRANTS.table, "audience", before)
    for api in context.tx.find("resource_servers", "unique:identifier", (before,)):
        context.tx.put("resource_servers", api["id"], {**api, "identifier": audience})
    for grant in grants:
        context.tx.put(GRANTS.table, grant["id"], {**grant, "audience": audience})
