"""Listening sockets, and uvicorn serving an ASGI application on them."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from ..errors import ServerStartError
from .asgi import CLOSE, ASGIApp

if TYPE_CHECKING:
    from uvicorn import Config

_BACKLOG = 2048
_KEEP_ALIVE = 310
"""Seconds that an idle connection stays open: longer than in clients."""
_GRACE = 1
"""Seconds for pending requests when the server stops."""


def listen(host: str, port: int, *, allow_remote: bool = False) -> socket.socket:
    """Return a socket that already accepts connections; port 0 picks a free one.

    Raises ServerStartError for a host that is not loopback unless ``allow_remote``,
    and for a port that cannot be used.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        ip = None
    if ip is None and allow_remote:
        raise ServerStartError(f"{host!r} is not an IP address to listen at")
    if ip is None or not (ip.is_loopback or allow_remote):
        raise ServerStartError(
            f"{host} is not a loopback address: others could reach the fake; "
            "--allow-remote listens there nevertheless"
        )
    listener = socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET)
    try:
        # Connections inherit it; without it each response waits 40 ms for an acknowledgement.
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
    """Return the URL that a listening socket is reached at."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def configured(app: ASGIApp, *, proxy: bool = False) -> Config:
    """Return uvicorn's configuration for a tenant: quiet, able to break connections for faults.

    ``proxy``: the application forwards responses that have a Date already, over connections that
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
                    # The server stops without waiting: pending requests fail at once.
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
        timeout_keep_alive=_KEEP_ALIVE,
    )


def serve(
    app: ASGIApp, listener: socket.socket, ready: Callable[[], None], *, proxy: bool = False
) -> None:
    """Serve any application likewise; ``proxy`` as `configured` takes it."""
    import uvicorn

    server = uvicorn.Server(configured(app, proxy=proxy))

    def stop(*_: object) -> None:
        server.should_exit = True

    # The server re-raises the signal that stopped it: that ends in `stop`, and the
    # process exits with success.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    ready()
    server.run(sockets=[listener])
