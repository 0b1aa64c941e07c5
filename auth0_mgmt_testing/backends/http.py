"""Transports for real connections."""

from __future__ import annotations

import ssl
from collections.abc import Coroutine
from functools import cache
from typing import Any

import httpx


@cache
def context() -> ssl.SSLContext:
    """Creating one takes some 30 ms: too long for each test."""
    return httpx.create_ssl_context()


def transport() -> httpx.BaseTransport:
    """A transport whose connections its client closes."""
    return httpx.HTTPTransport(verify=context())


def async_transport() -> httpx.AsyncBaseTransport:
    """A transport that keeps no connection after a response is read.

    So a client may outlive its event loop: nothing needs closing.
    """
    return Unpooled(
        httpx.AsyncHTTPTransport(verify=context(), limits=httpx.Limits(max_keepalive_connections=0))
    )


class Unpooled(httpx.AsyncBaseTransport):
    """A transport that is never closed, as it keeps no connection."""

    def __init__(self, inner: httpx.AsyncHTTPTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)


def finish(closing: Coroutine[Any, Any, None]) -> None:
    """Close an asynchronous client that keeps no connection, with or without an event loop.

    Nothing is awaited, so the coroutine ends at its first step. (A client whose
    transport is the caller's own may need more; its owner closes it.)
    """
    try:
        closing.send(None)
    except StopIteration:
        return
    closing.close()
