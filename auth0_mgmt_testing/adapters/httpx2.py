"""httpx2: its transports, handled like those of httpx."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest import mock

import httpx

from .transport import exchange

if TYPE_CHECKING:
    from ._protocol import Hosts, RequestHandler


def patches(module: ModuleType, hosts: Hosts) -> Iterator[Any]:
    """What connects the transports of httpx2 to the tenants."""
    sync, asynchronous = module.HTTPTransport, module.AsyncHTTPTransport
    stream_type = _stream_type(module)

    def handling(handle: Callable[..., Any]) -> Callable[..., Any]:
        def handle_request(transport: Any, request: Any) -> Any:
            tenant = hosts.tenant(request.url.host, request.url.port)
            if tenant is None:
                return handle(transport, request)
            return _exchange(module, stream_type, tenant, request, request.read())

        return handle_request

    def handling_async(handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handle_async_request(transport: Any, request: Any) -> Any:
            tenant = hosts.tenant(request.url.host, request.url.port)
            if tenant is None:
                return await handle(transport, request)
            return _exchange(module, stream_type, tenant, request, await request.aread())

        return handle_async_request

    yield mock.patch.object(sync, "handle_request", handling(sync.handle_request))
    handle_async = handling_async(asynchronous.handle_async_request)
    yield mock.patch.object(asynchronous, "handle_async_request", handle_async)


def _exchange(
    module: Any, stream_type: Any, tenant: RequestHandler, request: Any, body: bytes
) -> Any:
    """The exchange of an httpx request with the same content, in the terms of httpx2."""
    twin = httpx.Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=body,
        extensions=request.extensions,
    )
    with _errors_of(module, request):
        response = exchange(tenant, twin, body)
    return module.Response(
        response.status_code,
        headers=response.headers.raw,
        stream=stream_type(response.stream, request),
        request=request,
        extensions=response.extensions,
    )


@contextmanager
def _errors_of(module: Any, request: Any) -> Generator[None, None, None]:
    """Raises the error of httpx2 that has the name of an error of httpx."""
    try:
        yield
    except httpx.TransportError as error:
        own = getattr(module, type(error).__name__)
        raise own(str(error), request=request) from None


def _stream_type(module: Any) -> Any:
    class Stream(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc]
        """A body whose parts come from a stream of httpx."""

        def __init__(self, stream: Any, request: Any) -> None:
            self._stream = stream
            self._request = request

        def __iter__(self) -> Iterator[bytes]:
            with _errors_of(module, self._request):
                yield from self._stream

        async def __aiter__(self) -> Any:
            with _errors_of(module, self._request):
                async for part in self._stream:
                    yield part

    return Stream
