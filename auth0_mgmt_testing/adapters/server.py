"""The fake on a socket of its own: a loopback HTTP server over the ASGI door."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from auth0_mgmt.resources import operations

from .._registry import registry
from ..engine.tokens import management_audience
from ..errors import ServerStartError
from ..state.ids import alphanumeric_id, derive_bytes
from ..state.store import Doc, State, Transaction
from ..tenant import FakeTenant
from .asgi import CLOSE, ASGIApp

if TYPE_CHECKING:
    from uvicorn import Config

CLIENT_NAME = "Management client of the fake's server"
_BACKLOG = 128
_GRACE = 1
"""Seconds that requests under way may take when the server stops."""


@dataclass(frozen=True, slots=True)
class ServerClient:
    """The machine-to-machine client that a served tenant always holds."""

    client_id: str
    client_secret: str = field(repr=False)


class ServedTenant(FakeTenant):
    """A tenant that holds, from its first moment and after every reset, a client of its own.

    The client may ask ``/oauth/token`` for every scope of the Management API. Its credentials
    derive from the seed, so an environment set once serves the next run, too.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.credentials = _credentials(self._core.id_seed, "client")

    def admit(self, name: str, scopes: Sequence[str]) -> ServerClient:
        """Put in another client, which may ask for these scopes only."""
        credentials = _credentials(self._core.id_seed, name)
        with self._core.lock:
            tx = self._core.transaction()
            _put_client(tx, name, credentials)
            _put_grant(tx, credentials.client_id, management_audience(self.domain), scopes)
            self._core.commit(tx.commit())
        return credentials

    def _first_state(self, domain: str, random_seed: int | str) -> State:
        tx = Transaction(super()._first_state(domain, random_seed), registry().schema)
        credentials = _credentials(random_seed, "client")
        _put_client(tx, CLIENT_NAME, credentials)
        audience = management_audience(domain)
        _put_grant(tx, credentials.client_id, audience, _every_scope())
        return tx.commit()


def _credentials(seed: int | str, label: str) -> ServerClient:
    return ServerClient(
        alphanumeric_id(32)(derive_bytes(f"{seed}/{label}", 0)),
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
            "id": derive_bytes(audience, 0).hex()[:24],
            "name": "Auth0 Management API",
            "identifier": audience,
            "is_system": True,
            "scopes": [{"value": scope} for scope in _every_scope()],
        }
        tx.put("resource_servers", api["id"], api)
    grant: Doc = {
        "id": alphanumeric_id(16, "cgr_")(derive_bytes(client_id, 0)),
        "client_id": client_id,
        "audience": audience,
        "scope": list(scopes),
        "subject_type": "client",
    }
    tx.put("client_grants", grant["id"], grant)


def listen(host: str, port: int) -> socket.socket:
    """A socket that already takes connections; port 0 picks a free one.

    Raises ServerStartError for a host that is not this machine's loopback, and for a port that cannot
    be had.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        ip = None
    if ip is None or not ip.is_loopback:
        raise ServerStartError(
            f"{host} is not a loopback address: the fake is served on 127.0.0.1 only"
        )
    listener = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET)
    try:
        # Connections inherit it; without it each answer waits 40 ms for an acknowledgement.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if os.name == "posix":  # elsewhere the option would share a port that is in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(ip), port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ServerStartError(f"port {port} of {host} cannot be used: {error.strerror}") from error
    return listener


def url(listener: socket.socket) -> str:
    """The URL that a listening socket is reached at."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def configured(app: ASGIApp, *, proxy: bool = False) -> Config:
    """How uvicorn serves a tenant: quietly, and able to break a connection when a fault says so.

    ``proxy``: the application passes on answers that have a Date already, over connections that
    it opens and closes with the server (ASGI's lifespan).
    """
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        """Lets the application break its connection."""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(cast("asyncio.Transport", transport))
            served, close = self.app, self.transport.abort

            async def breakable(scope: Any, receive: Any, send: Any) -> None:
                scope.setdefault("extensions", {})[CLOSE] = close
                try:
                    await served(scope, receive, send)
                except asyncio.CancelledError:
                    # The server stops and waits no longer: whoever still waits is told at once.
                    close()
                    with suppress(asyncio.CancelledError):
                        await receive()

            self.app = breakable

    return uvicorn.Config(
        app,
        http=Protocol,
        interface="asgi3",
        log_level="warning",
        access_log=False,
        ws="none",
        lifespan="on" if proxy else "off",
        server_header=False,
        date_header=not proxy,
        timeout_graceful_shutdown=_GRACE,
    )


def run(tenant: FakeTenant, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve a tenant until SIGINT or SIGTERM; ``ready`` is called once both would be heeded."""
    serve(tenant.asgi(), listener, ready)


def serve(
    app: ASGIApp, listener: socket.socket, ready: Callable[[], None], *, proxy: bool = False
) -> None:
    """Serve any application likewise; ``proxy`` as `configured` takes it."""
    import uvicorn

    server = uvicorn.Server(configured(app, proxy=proxy))

    def stop(*_: object) -> None:
        server.should_exit = True

    # The server raises what stopped it once more when it is done: that ends in `stop`, and the
    # process ends as one that did what it was asked to.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    ready()
    server.run(sockets=[listener])
