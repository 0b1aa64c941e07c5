"""httpx transports: the fake as an own client's wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import httpx

from ..engine.response import Response, TransportFault

if TYPE_CHECKING:
    from ._protocol import RequestHandler


def exchange(tenant: RequestHandler, request: httpx.Request, body: bytes) -> httpx.Response:
    """Ask the tenant what an httpx request asks.

    Raises the error of httpx that a fault makes a client see: ConnectError where a connection was
    dropped and nothing had happened, RemoteProtocolError where the answer got lost, ReadTimeout
    where it would come later than the client waits.
    """
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.raw
    }
    target = request.url.raw_path.decode("ascii")
    head = request.method == "HEAD"
    answer = tenant.send("GET" if head else request.method, target, headers, body)
    if answer.trouble is not None:
        return _troubled(tenant, request, answer, answer.trouble)
    if answer.stream is not None:
        parts = _Parts(answer.stream)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=parts,
            request=request,
            extensions=_clock_of(tenant),
        )
    # Ready-made bytes: httpx takes them as they are, a fifth of what encoding costs.
    raw = [
        (name.encode("latin-1"), text.encode("latin-1")) for name, text in answer.headers.items()
    ]
    raw.append((b"content-length", b"%d" % len(answer.body)))
    stream = httpx.ByteStream(b"" if head else answer.body)
    return httpx.Response(
        answer.status, headers=raw, stream=stream, request=request, extensions=_clock_of(tenant)
    )


def _clock_of(tenant: RequestHandler) -> dict[str, Any]:
    """What lets a client that waits for a job move the tenant's clock instead of sleeping."""
    return {"advance_clock": tenant.clock.advance}


def _troubled(
    tenant: RequestHandler, request: httpx.Request, answer: Response, trouble: TransportFault
) -> httpx.Response:
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is not None and trouble.latency > patience:
        tenant.clock.advance(patience)
        raise httpx.ReadTimeout("The read operation timed out", request=request)
    tenant.clock.advance(trouble.latency)
    if trouble.drop and trouble.lost:
        message = "Server disconnected without sending a response."
        raise httpx.RemoteProtocolError(message, request=request)
    if trouble.drop:
        raise httpx.ConnectError("Connection refused", request=request)
    body = answer.read()
    headers = {**answer.headers, "content-length": str(len(body))}
    stream = _CutStream(body, trouble.cut)
    return httpx.Response(answer.status, headers=headers, stream=stream, request=request)


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
