"""`ServedTenant`: a fake tenant that always contains a client with all scopes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Self

from auth0_mgmt.resources import operations

from .._registry import registry
from ..engine.tokens import management_audience
from ..state import id_forms
from ..state.ids import alphanumeric_id, derive_bytes
from ..state.store import Doc, State, Transaction
from ..tenant import DEFAULT_DOMAIN, FakeTenant

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
        with self._core.lock:
            tx = self._core.transaction()
            _put_client(tx, name, credentials)
            _put_grant(tx, credentials.client_id, management_audience(self.domain), scopes)
            self._core.commit(tx.commit())
        return credentials

    @property
    def state(self) -> State:
        """The newest state."""
        return self._core.state

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

    def subscribe(self, on_commit: Callable[[State, State], None] | None) -> None:
        """Call a function with the old and the new state before each change takes effect."""
        self._core.on_commit = on_commit

    def fork(self, domain: str | None = None) -> Self:
        """As `FakeTenant.fork`; the client is granted the Management API of the new domain."""
        twin = super().fork(domain)
        if twin.domain != self.domain:
            with twin._core.lock:
                tx = twin._core.transaction()
                before = management_audience(self.domain)
                for api in list(tx.all("resource_servers")):
                    if api.get("is_system") and api.get("identifier") == before:
                        tx.delete("resource_servers", api["id"])
                audience = management_audience(twin.domain)
                _put_grant(tx, twin.own_client.client_id, audience, _every_scope())
                twin._core.commit(tx.commit())
        return twin

    def _first_state(self, domain: str, random_seed: int | str) -> State:
        tx = Transaction(super()._first_state(domain, random_seed), registry().schema)
        credentials = _credentials(random_seed, "client")
        _put_client(tx, CLIENT_NAME, credentials)
        audience = management_audience(domain)
        _put_grant(tx, credentials.client_id, audience, _every_scope())
        return tx.commit()


def _credentials(seed: int | str, label: str) -> ServerClient:
    return ServerClient(
        id_forms.CLIENT(derive_bytes(f"{seed}/{label}", 0)),
        alphanumeric_id(64)(derive_bytes(f"{seed}/{label}", 1)),
    )


def _every_scope() -> list[str]:
    return sorted({scope for operation in operations() for scope in operation.scopes})


def _put_client(tx: Transaction, name: str, credentials: ServerClient) -> None:
    client: Doc = {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "name": name,
        "is_first_party": True,
        "oidc_conformant": True,
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
    }
    tx.put("clients", credentials.client_id, client)


def _put_grant(tx: Transaction, client_id: str, audience: str, scopes: Sequence[str]) -> None:
    if not any(server.get("identifier") == audience for server in tx.all("resource_servers")):
        api: Doc = {
            "id": id_forms.RESOURCE_SERVER(derive_bytes(audience, 0)),
            "name": "Auth0 Management API",
            "identifier": audience,
            "is_system": True,
            "scopes": [{"value": scope} for scope in _every_scope()],
        }
        tx.put("resource_servers", api["id"], api)
    grant: Doc = {
        "id": id_forms.CLIENT_GRANT(derive_bytes(client_id, 0)),
        "client_id": client_id,
        "audience": audience,
        "scope": list(scopes),
        "subject_type": "client",
    }
    tx.put("client_grants", grant["id"], grant)
