"""aiohttp: connections in memory for its sessions."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

from .http1 import Connection, ConnectionLost

if TYPE_CHECKING:
    from ._protocol import Hosts, RequestHandler


def patches(module: ModuleType, hosts: Hosts) -> Iterator[Any]:
    """What connects the connectors of `aiohttp.connector` to the tenants."""
    connector = module.TCPConnector
    create = _creating(connector._create_connection, hosts)
    yield mock.patch.object(connector, "_create_connection", create)


def _creating(create: Callable[..., Any], hosts: Hosts) -> Callable[..., Any]:
    async def create_connection(connector: Any, request: Any, traces: Any, limits: Any) -> Any:
        tenant = hosts.tenant(request.url.host, request.url.port)
        if tenant is None:
            return await create(connector, request, traces, limits)
        protocol = connector._factory()
        seconds = [limit for limit in (limits.sock_read, limits.total) if limit is not None]
        waits = min(seconds, default=None)
        protocol.connection_made(_Transport(tenant, protocol, waits))
        return protocol

    return create_connection


class _Transport(asyncio.Transport):
    """What aiohttp writes a request to; the response is given to its protocol."""

    def __init__(self, tenant: RequestHandler, protocol: Any, timeout: float | None) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._connection = Connection(tenant)
        self._protocol = protocol
        self._timeout = timeout
        self._parts: Iterator[bytes] | None = None
        self._paused = False
        self._closing = False

    def write(self, data: Any) -> None:
        if self._closing:
            return
        try:
            self._connection.receive(bytes(data))
        except ConnectionLost as error:
            self._end(error)
            return
        if self._connection.complete and self._parts is None:
            self._parts = self._connection.response(self._timeout)
            self._loop.call_soon(self._deliver)

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.write(b"".join(list_of_data))

    def _deliver(self) -> None:
        if self._closing or self._paused or self._parts is None:
            return
        try:
            part = next(self._parts, None)
        except TimeoutError:
            library: Any = sys.modules["aiohttp"]  # imported, or nobody would be here
            message = "Timeout on reading data from socket"
            self._protocol.set_exception(library.SocketTimeoutError(message))
            return
        if part is None:
            self._end(None)
            return
        self._protocol.data_received(part)
        self._loop.call_soon(self._deliver)

    def _end(self, error: Exception | None) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, error)

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        self._loop.call_soon(self._deliver)

    def close(self) -> None:
        self._end(None)

    abort = close

    def is_closing(self) -> bool:
        return self._closing
