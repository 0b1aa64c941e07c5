"""`http.client` and all that is built on it (urllib, urllib3, requests): connections in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

from .http1 import Connection

if TYPE_CHECKING:
    from ._protocol import Hosts, RequestHandler


def patches(module: ModuleType, hosts: Hosts) -> Iterator[Any]:
    """What connects the connections of `http.client` or `urllib3.connection` to the tenants."""
    for name in ("HTTPConnection", "HTTPSConnection"):
        connection = getattr(module, name)
        yield mock.patch.object(connection, "connect", _connecting(connection.connect, hosts))


def _connecting(connect: Callable[..., None], hosts: Hosts) -> Callable[..., None]:
    def connect_to_tenant(connection: Any, *args: Any, **kwargs: Any) -> None:
        tunnelled = getattr(connection, "_tunnel_host", None)  # the proxy then is `host`
        port = connection._tunnel_port if tunnelled else connection.port
        tenant = hosts.tenant(tunnelled or connection.host, port)
        if tenant is None:
            connect(connection, *args, **kwargs)
            return
        connection.sock = _Socket(tenant, connection.timeout)
        connection.is_verified = True  # urllib3 warns of connections that are not

    return connect_to_tenant


class _Socket:
    """As much of a socket as `http.client` and urllib3 use."""

    def __init__(self, tenant: RequestHandler, timeout: Any) -> None:
        self._connection = Connection(tenant)
        self.settimeout(timeout)

    def sendall(self, data: Any, *flags: int) -> None:
        self._connection.receive(bytes(data))

    def makefile(self, *mode: Any, **options: Any) -> io.BufferedReader:
        return io.BufferedReader(_Parts(self._connection.response(self._timeout)))

    def settimeout(self, seconds: Any) -> None:
        self._timeout = float(seconds) if isinstance(seconds, (int, float)) else None

    def gettimeout(self) -> float | None:
        return self._timeout

    def fileno(self) -> int:
        return -1

    def setsockopt(self, *option: Any) -> None:
        """There is nothing to set."""

    def shutdown(self, how: int) -> None:
        """There is nothing to shut down."""

    def close(self) -> None:
        """There is nothing to close."""


class _Parts(io.RawIOBase):
    """A stream of bytes that come in parts."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = part
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
