"""httpx transports: a client of your own calls the fake."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import httpx

from ..engine.response import Response, TransportFault

if TYPE_CHECKING:
    from ._protocol import RequestHandler


def exchange(tenant: RequestHandler, request: httpx.Request, body: bytes) -> httpx.Response:
    """Send an httpx request to the tenant.

    Raises the httpx error that a fault causes: ConnectError where the connection was
    dropped before any effect, RemoteProtocolError where the response was lost, ReadTimeout
    where the latency exceeds the client's timeout.
    """
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.raw
    }
    target = request.url.raw_path.decode("ascii")
    head = request.method == "HEAD"
    response = tenant.send("GET" if head else request.method, target, headers, body)
    if response.transport_fault is not None:
        return _with_fault(tenant, request, response, response.transport_fault)
    if response.stream is not None:
        parts = _Parts(response.stream)
        return httpx.Response(
            response.status,
            headers=response.headers,
            stream=parts,
            request=request,
            extensions=_clock_of(tenant),
        )
    # Ready-made bytes: httpx takes them as they are, at a fifth of the cost of encoding.
    raw = [
        (name.encode("latin-1"), text.encode("latin-1")) for name, text in response.headers.items()
    ]
    raw.append((b"content-length", b"%d" % len(response.body)))
    stream = httpx.ByteStream(b"" if head else response.body)
    return httpx.Response(
        response.status, headers=raw, stream=stream, request=request, extensions=_clock_of(tenant)
    )


def _clock_of(tenant: RequestHandler) -> dict[str, Any]:
    """Let a client that waits for a job advance the tenant's clock instead of sleeping."""
    return {"advance_clock": tenant.clock.advance}


def _with_fault(
    tenant: RequestHandler, request: httpx.Request, response: Response, fault: TransportFault
) -> httpx.Response:
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is not None and fault.latency > patience:
        tenant.clock.advance(patience)
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    tenant.clock.advance(fault.latency)
    if fault.drop and fault.lost:
        message = "Server disconnected without sending a response."
        raise httpx.RemoteProtocolError(message, request=request)
    if fault.drop:
        raise httpx.ConnectError("Connection refused", request=request)
    body = response.read()
    headers = {**response.headers, "content-length": str(len(body))}
    stream = _CutStream(body, fault.cut)
    return httpx.Response(response.status, headers=headers, stream=stream, request=request)


class _Parts(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in parts."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


class _CutStream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body of which only the beginning arrives; None: all of it does."""

    def __init__(self, body: bytes, cut: int | None) -> None:
        self._body = body
        self._end = len(body) if cut is None else cut

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: self._end]
        if self._end < len(self._body):
            raise httpx.RemoteProtocolError(
                "peer closed connection without sending complete message body "
                f"(received {self._end} bytes, expected {len(self._body)})"
            )

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


class TenantTransport(httpx.BaseTransport):
    """For ``httpx.Client(transport=…)``."""

    def __init__(self, tenant: RequestHandler) -> None:
        self._tenant = tenant

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return exchange(self._tenant, request, request.read())


class AsyncTenantTransport(httpx.AsyncBaseTransport):
    """For ``httpx.AsyncClient(transport=…)``."""

    def __init__(self, tenant: RequestHandler) -> None:
        self._tenant = tenant

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return exchange(self._tenant, request, await request.aread())
