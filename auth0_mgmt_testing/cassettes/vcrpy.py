"""The used parts of vcrpy: its file format, its patches of HTTP clients, its httpx stubs.

vcrpy has no types; these are the ones used here.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from ..recordings.exchange import RecordedRequest


class Tape(Protocol):
    """The interface of a cassette for vcrpy's stubs."""

    def can_play_response_for(self, request: Any) -> bool:
        """Whether there is a response to this request."""
        ...

    def play_response(self, request: Any) -> dict[str, Any]:
        """Return the response, in vcrpy's form."""
        ...

    def filter_request(self, request: Any) -> Any:
        """The request, or None for one that the cassette ignores."""
        ...

    def append(self, request: Any, response: dict[str, Any]) -> None:
        """Add a request and its response."""
        ...


def load_text(text: str) -> tuple[Any, ...]:
    """Return requests, responses and optional metadata of a file's text."""
    loaded: tuple[Any, ...] = import_module("vcr.serialize").deserialize(
        text, import_module("vcr.serializers.yamlserializer")
    )
    return loaded


def request_of(request: Any) -> RecordedRequest:
    """Convert a request of vcrpy's."""
    body = request.body
    if hasattr(body, "read"):
        body = body.read()
    elif body is not None and not isinstance(body, bytes):
        body = b"".join(body)
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    url = str(request.uri)
    host = urlsplit(url).netloc.rpartition("@")[2]
    neutral = RecordedRequest.to_url(request.method, url, headers, body or b"")
    return RecordedRequest(neutral.method, host, neutral.target, headers, neutral.body)


@contextmanager
def patched(tape: Tape) -> Generator[None]:
    """Every HTTP client that vcrpy knows, in this process, uses the cassette meanwhile."""
    with ExitStack() as patches:
        for patch in import_module("vcr.patch").CassettePatcherBuilder(tape).build():
            patches.enter_context(patch)
        yield


class CassetteTransport(httpx.BaseTransport):
    """A transport that uses the cassette."""

    def __init__(self, tape: Tape, below: httpx.BaseTransport) -> None:
        self._below = below

        def send(_: object, request: httpx.Request) -> httpx.Response:
            return below.handle_request(request)

        self._send: Any = import_module("vcr.stubs.httpx_stubs").vcr_handle_request(
            tape, send, httpx
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = self._send(self, request)
        return response

    def close(self) -> None:
        self._below.close()


class AsyncCassetteTransport(httpx.AsyncBaseTransport):
    """The asynchronous variant."""

    def __init__(self, tape: Tape, below: httpx.AsyncBaseTransport) -> None:
        self._below = below

        async def send(_: object, request: httpx.Request) -> httpx.Response:
            return await below.handle_async_request(request)

        self._send: Any = import_module("vcr.stubs.httpx_stubs").vcr_handle_async_request(
            tape, send, httpx
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response: httpx.Response = await self._send(self, request)
        return response

    async def aclose(self) -> None:
        await self._below.aclose()
