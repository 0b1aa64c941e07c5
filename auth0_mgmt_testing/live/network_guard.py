"""No request leaves for a real tenant unless the run is live.

The guard stands below everything that answers in process (respx, vcrpy, transports of one's own):
what comes through to it would have gone out. It looks at host names where they are resolved,
which every client of Python's does, and at httpx's connection pools, because a proxy resolves
names elsewhere.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpcore

from ..errors import NetworkBlockedError

if TYPE_CHECKING:
    from ..backends.modes import Mode

VENDOR = "auth0.com"


class NetworkGuard:
    """Refuses ``*.auth0.com`` and the named domains while it is installed.

    ``but``: hosts that may be called: a live run's tenant.
    """

    def __init__(self, mode: Mode, domains: Iterable[str] = (), but: Iterable[str] = ()) -> None:
        self._mode = mode
        self._domains = (VENDOR, *(domain.lower() for domain in domains))
        self._but = frozenset(but)
        self._patches = [
            mock.patch.object(socket, "getaddrinfo", self._resolving(socket.getaddrinfo)),
            mock.patch.object(
                httpcore.ConnectionPool,
                "handle_request",
                self._sending(httpcore.ConnectionPool.handle_request),
            ),
            mock.patch.object(
                httpcore.AsyncConnectionPool,
                "handle_async_request",
                self._sending_async(httpcore.AsyncConnectionPool.handle_async_request),
            ),
        ]

    def install(self) -> None:
        """Stand in the way, until `remove`."""
        for patch in self._patches:
            patch.start()

    def remove(self) -> None:
        for patch in reversed(self._patches):
            patch.stop()

    def check(self, host: str) -> None:
        """Raises NetworkBlockedError for the host of a real tenant."""
        name = host.lower().rstrip(".")
        if name in self._but or not any(
            name == domain or name.endswith("." + domain) for domain in self._domains
        ):
            return
        raise NetworkBlockedError(
            f"mode {self._mode}: a request to {name} was about to leave for a real tenant and was "
            "not sent. Reach the tenant of the test by auth0_mgmt, auth0_tenant.management() or "
            "auth0_credentials; a live tenant is reached by --auth0=live"
        )

    def _resolving(self, resolve: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
            if host:
                self.check(host.decode("ascii") if isinstance(host, bytes) else str(host))
            return resolve(host, *args, **kwargs)

        return getaddrinfo

    # Other patchers (respx) read the signatures of what they find: these are httpcore's own.

    def _sending(self, send: Callable[..., Any]) -> Callable[..., Any]:
        check = self.check

        def handle_request(self: Any, request: httpcore.Request) -> Any:
            check(request.url.host.decode("ascii"))
            return send(self, request)

        return handle_request

    def _sending_async(self, send: Callable[..., Any]) -> Callable[..., Any]:
        check = self.check

        async def handle_async_request(self: Any, request: httpcore.Request) -> Any:
            check(request.url.host.decode("ascii"))
            return await send(self, request)

        return handle_async_request
