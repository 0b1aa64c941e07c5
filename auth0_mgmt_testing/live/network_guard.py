"""A guard that blocks requests to real tenants unless the run is live.

The guard is below everything that responds in process (respx, vcrpy, custom transports):
what reaches it would be sent. It checks host names where they are resolved and connected to,
in httpx's connection pools, and where `http.client` names a host to a proxy. Only this process is
guarded: a subprocess has no guard unless it is a pytest with this plugin.
"""

from __future__ import annotations

import http.client
import socket
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import httpcore

from ..adapters.in_process import LIBRARIES
from ..errors import NetworkBlockedError

VENDOR = "auth0.com"
_IN_PROCESS = (
    ". Mode fake serves httpx, httpx2, requests, urllib3, urllib and aiohttp in this process; for "
    "other libraries and for subprocesses, run with --auth0=server"
)


_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})
"""The dots of IDNA (RFC 3490)."""


def normalized_host(host: str) -> str:
    """A host name as resolvers compare it: folded, in ASCII letters, without dots at the end."""
    folded = unicodedata.normalize("NFKC", host.translate(_DOTS)).lower()
    return folded.replace("\u00ad", "").replace("\u200b", "").strip().rstrip(".")


class NetworkGuard:
    """Blocks ``*.auth0.com`` and the named domains while it is installed.

    ``but``: hosts that may be called: a live run's tenant.
    """

    def __init__(self, mode: str, domains: Iterable[str] = (), but: Iterable[str] = ()) -> None:
        self._mode = mode
        self._cure = _IN_PROCESS if mode == "fake" else ""
        self._domains = (VENDOR, *map(normalized_host, domains))
        self._but = frozenset(map(normalized_host, but))
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
            *(
                mock.patch.object(socket, name, self._resolving(getattr(socket, name)))
                for name in ("gethostbyname", "gethostbyname_ex")
            ),
            *(
                mock.patch.object(socket.socket, name, self._connecting(name))
                for name in ("connect", "connect_ex")
            ),
            mock.patch.object(
                http.client.HTTPConnection,
                "set_tunnel",
                self._tunnelling(http.client.HTTPConnection.set_tunnel),
            ),
            mock.patch.object(
                http.client.HTTPConnection,
                "putrequest",
                self._requesting(http.client.HTTPConnection.putrequest),
            ),
        ]

    def install(self) -> None:
        """Install the guard, until `remove`."""
        for patch in self._patches:
            patch.start()

    def remove(self) -> None:
        for patch in reversed(self._patches):
            patch.stop()

    def check(self, host: str) -> None:
        """Raise NetworkBlockedError for the host of a real tenant."""
        name = normalized_host(host)
        if name in self._but or not any(
            name == domain or name.endswith("." + domain) for domain in self._domains
        ):
            return
        raise NetworkBlockedError(
            f"mode {self._mode}: a request to {name} was about to leave for a real tenant and was "
            "not sent. Reach the tenant of the test by auth0_mgmt, auth0_tenant.management() or "
            f"auth0_credentials{self._cure}; a live tenant is reached by --auth0=live"
        )

    def _resolving(self, resolve: Callable[..., Any]) -> Callable[..., Any]:
        def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
            self._check_any(host)
            return resolve(host, *args, **kwargs)

        return getaddrinfo

    def _connecting(self, name: str) -> Callable[..., Any]:
        connect: Callable[..., Any] = getattr(socket.socket, name)

        def guarded(sock: Any, address: Any) -> Any:
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                self._check_any(address[0])
            return connect(sock, address)

        return guarded

    def _tunnelling(self, set_tunnel: Callable[..., Any]) -> Callable[..., Any]:
        """Through a proxy, the proxy resolves the name that ``CONNECT`` gives."""

        def guarded(connection: Any, host: str, *args: Any, **kwargs: Any) -> Any:
            name = urlsplit(f"//{host}").hostname
            if LIBRARIES.tenant(name, None) is None:  # an entered tenant responds to it here
                self._check_any(name)
            return set_tunnel(connection, host, *args, **kwargs)

        return guarded

    def _requesting(self, put: Callable[..., Any]) -> Callable[..., Any]:
        """Through a proxy, a plain request names the host in an absolute URL."""

        def guarded(connection: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            if "://" in url[:10]:
                self._check_any(urlsplit(url).hostname)
            return put(connection, method, url, *args, **kwargs)

        return guarded

    def _check_any(self, host: Any) -> None:
        if host:
            self.check(host.decode("ascii", "replace") if isinstance(host, bytes) else str(host))

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
