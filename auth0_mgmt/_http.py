"""Sending: the only module that knows an HTTP library.

That is httpx, or httpx2 where the caller gives a client or a transport of it. Redirects are never
followed, a client's own ``auth=`` is not used, every error of the library becomes one of ours, and
bodies are read and decompressed here, up to the limit of the request.
"""

from __future__ import annotations

import sys
import threading
import time
import zlib
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
)
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

import anyio
import httpx

from ._codec import Prepared, query_value
from ._errors import APIConnectionError, APITimeoutError, ManagementError, ResponseTooLargeError
from ._flow import Response, late, request_info
from ._fork import register
from ._redact import safe_text, safe_url

if TYPE_CHECKING:
    import httpx2

    SyncClient: TypeAlias = httpx.Client | httpx2.Client
    SyncTransport: TypeAlias = httpx.BaseTransport | httpx2.BaseTransport
    AsyncClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    AsyncTransport: TypeAlias = httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport

ACCEPT_ENCODING = {"accept-encoding": "gzip, deflate"}
"""What is decompressed here, within the limit; every request but a stream's says so."""
_PERMANENT = frozenset({"LocalProtocolError", "InvalidURL", "UnsupportedProtocol", "UnicodeError"})
ADVANCE_CLOCK = "advance_clock"
"""A transport that has a clock of its own may put a ``Callable[[float], object]`` under this name
into the extensions of its responses: it lets so many seconds pass on that clock."""


class Library:
    """An HTTP library: its module and what it raises."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.timeout: type[Exception] = module.TimeoutException
        self.status_error: type[Exception] = module.HTTPStatusError
        self.caught: tuple[type[Exception], ...] = (
            module.HTTPError,
            module.InvalidURL,
            module.StreamError,
            OSError,
            EOFError,
            OverflowError,
            UnicodeError,
            RecursionError,
            zlib.error,
        )

    def failure(self, error: Exception, request: Prepared) -> APIConnectionError:
        """Return the library's error as ours, with nothing of the request's values."""
        if isinstance(error, APIConnectionError):
            return error
        info = request_info(request)
        place = f"{request.operation or request.method} {safe_url(request.url).partition('?')[0]}"
        name = type(error).__name__
        if isinstance(error, (self.timeout, TimeoutError)):
            if request.deadline is not None and time.monotonic() >= request.deadline:
                return late(request)
            return APITimeoutError(f"no response in time ({name}): {place}", info)
        permanent = any(base.__name__ in _PERMANENT for base in type(error).__mro__)
        text = "" if permanent else safe_text(str(error))
        if isinstance(error, (zlib.error, EOFError)):
            name, text = "DecodingError", "the body is not what its content-encoding says"
        detail = f": {text}" if text else ""
        return APIConnectionError(f"{name}{detail}: {place}", info, retryable=not permanent)


def library_of(thing: object, *kinds: str) -> Library:
    """Return the library that a client or a transport is of.

    Raises TypeError where it is of none of ``kinds``, the classes that are taken.
    """
    for name in ("httpx", "httpx2"):
        module = sys.modules.get(name)
        if module is not None and isinstance(thing, tuple(getattr(module, k) for k in kinds)):
            return Library(module)
    taken = " or ".join(f"httpx.{kind}" for kind in kinds)
    raise TypeError(f"expected an {taken} (or its like of httpx2), not {type(thing).__name__}")


# Requests.


def _keywords(request: Prepared) -> dict[str, Any]:
    """The library's arguments for the body of a request."""
    if request.multipart is None:
        return {"content": request.content}
    files, data = {}, {}
    for name, value in request.multipart.items():
        if isinstance(value, bytes):
            files[name] = (f"{name}.json", value, "application/json")
        else:
            data[name] = query_value(value)
    return {"files": files, "data": data}


def _download(library: Library, request: Prepared) -> Any:
    """A request for another host, without the client's headers, cookies and parameters."""
    headers = {**ACCEPT_ENCODING, "accept": "*/*", "user-agent": "auth0-mgmt"}
    return library.module.Request(
        "GET", request.url, headers=headers, extensions=_timeout(request.timeout)
    )


def _elsewhere(client: Any, request: Prepared, library: Library, kind: str) -> Any:
    """A client for another host: the caller's transport without hooks, cookies and the rest."""
    choose = getattr(client, "_transport_for_url", None)
    if choose is None:
        return client
    transport = choose(library.module.URL(request.url))
    return getattr(library.module, kind)(transport=transport, trust_env=False)


def _stream(client: Any, request: Prepared) -> Any:
    headers = {**request.headers, "accept-encoding": "identity"}
    return client.build_request(
        request.method, request.url, headers=headers, timeout=request.timeout
    )


def _without_read_timeout(message: Any) -> None:
    """Let the body of a stream take its time; the head had to come within the time-out."""
    timeout = message.extensions.get("timeout")
    if isinstance(timeout, dict):
        timeout["read"] = None


def _timeout(seconds: float | None) -> dict[str, Any]:
    """The extension that says how long to wait for each step."""
    return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}


# Bodies.


class _Body:
    """Collects the body of a response, decompressed, up to the limit of its request."""

    def __init__(self, headers: Mapping[str, str], request: Prepared) -> None:
        self._request = request
        self._parts: list[bytes] = []
        self._size = 0
        encoding = headers.get("content-encoding", "").strip().lower()
        self._unpacker = _unpacker(encoding) if encoding not in ("", "identity") else None
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and len(length) < 20:
            self._check(int(length))

    def _check(self, size: int) -> None:
        if size > self._request.max_bytes:
            place = self._request.operation or self._request.method
            raise ResponseTooLargeError(
                f"the response is larger than {self._request.max_bytes:,} bytes"
                f" (max_response_bytes): {place}",
                request_info(self._request),
            )

    def _add(self, data: bytes) -> None:
        self._size += len(data)
        self._check(self._size)
        self._parts.append(data)

    def feed(self, data: bytes) -> None:
        """Take a part as it came over the wire."""
        deadline = self._request.deadline
        if deadline is not None and time.monotonic() >= deadline:
            raise late(self._request)
        if self._unpacker is None:
            self._add(data)
            return
        for part in self._unpacker.feed(data):
            self._add(part)

    def ready(self, data: bytes) -> bytes:
        """The whole body as the library has read and decompressed it."""
        self._check(len(data))
        return data

    def value(self) -> bytes:
        """Return the complete body."""
        if self._unpacker is not None and self._size:
            self._unpacker.finish()
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


class Unpacker:
    """Decompresses gzip and deflate in pieces of at most 64 KiB, so that a bomb is met early."""

    _PIECE = 65_536

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(47)  # gzip or zlib, by the first bytes
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what the data decompresses to. Raises zlib.error where it is not compressed."""
        while data:
            if self._inflate.eof:  # another member
                self._inflate = zlib.decompressobj(47)
            try:
                piece = self._inflate.decompress(data, self._PIECE)
            except zlib.error:
                if self._begun:
                    raise
                self._inflate = zlib.decompressobj(-15)  # deflate without a header
                piece = self._inflate.decompress(data, self._PIECE)
            self._begun = True
            data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise EOFError where the data ended too early."""
        if not self._inflate.eof:
            raise EOFError("the compressed data ends too early")


def _unpacker(encoding: str) -> Unpacker:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise zlib.error("an encoding that was not requested")
    return Unpacker()


def _headers(response: Any) -> dict[str, str]:
    """The headers by names in lower case, those that came twice joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name = raw_name.decode("latin-1").lower()
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _read_ahead(response: Any) -> bool:
    """Whether the library has the body already (a transport's ready-made response)."""
    return bool(response.is_stream_consumed)


# Clients.


def _has_sockets(client: Any, transport: Any, library: Library) -> bool:
    """Whether a caller's client or transport holds connections, as far as can be seen.

    A mock or an in-process application may be shared by processes and event loops; a pool may not.
    """
    found = getattr(client, "_transport", None) if transport is None else transport
    real = (library.module.HTTPTransport, library.module.AsyncHTTPTransport)
    return found is None or isinstance(found, real)


class _Base:
    """What both clients know: the library, the caller's own client, its clock."""

    def __init__(self, client: Any, transport: Any, kind: str, transport_kind: str) -> None:
        if client is not None and transport is not None:
            raise ValueError("give http_client or transport, not both")
        if client is not None:
            self.library = library_of(client, kind)
        elif transport is not None:
            self.library = library_of(transport, transport_kind)
        else:
            self.library = Library(httpx)
        self._own = client is None
        self._client = client
        self._transport = transport
        self._kind = kind
        self._shared = client is not None or transport is not None
        self._used = False
        self._abandoned: list[Any] = []
        self._unusable = ""
        self._closed = False
        self.advance_clock: Callable[[float], object] | None = None
        """Lets time pass on the tenant's clock; None: it cannot be moved from here."""

    def _new(self) -> Any:
        if self._closed:
            raise RuntimeError("the client is closed")
        return getattr(self.library.module, self._kind)(transport=self._transport)

    def _message(self, client: Any, request: Prepared) -> Any:
        """The library's request. Only a caller's own client has anything to add to it."""
        keywords = _keywords(request)
        if self._own:
            return self.library.module.Request(
                request.method,
                request.url,
                headers=request.headers,
                extensions=_timeout(request.timeout),
                **keywords,
            )
        return client.build_request(
            request.method,
            request.url,
            headers=request.headers,
            timeout=request.timeout,
            **keywords,
        )

    def _has_pool(self) -> bool:
        return _has_sockets(self._client, self._transport, self.library)

    def _raised_by_hook(self, error: Exception) -> Response | None:
        """The response that a hook of the caller's raised as the library's error of its status."""
        if not isinstance(error, self.library.status_error):
            return None
        response = getattr(error, "response")  # noqa: B009
        content = response.content if _read_ahead(response) else b""
        return Response(response.status_code, _headers(response), content)

    def _note(self, response: Any) -> None:
        extensions: Mapping[str, Any] = response.extensions
        if ADVANCE_CLOCK in extensions:
            self.advance_clock = extensions[ADVANCE_CLOCK]


class HTTPClient(_Base):
    """A synchronous client of the library, made on first use and shared by copies.

    Making it takes 30 ms (its TLS context).
    """

    def __init__(self, client: SyncClient | None, transport: SyncTransport | None) -> None:
        super().__init__(client, transport, "Client", "BaseTransport")
        self._lock = threading.Lock()
        self.token_lock = threading.Lock()
        self.sleep: Callable[[float], object] = time.sleep
        register(self)

    def after_fork(self) -> None:
        """Leave the parent's connections to the parent."""
        self._lock = threading.Lock()
        self.token_lock = threading.Lock()
        if self._shared:
            if self._used and self._has_pool():
                self._unusable = (
                    "http_client and transport were used before this process was forked, and their"
                    " connections belong to the parent: create them after the fork"
                )
        else:
            self._abandoned.append(self._client)  # not closed: that would end the parent's
            self._client = None

    def client(self) -> Any:
        """The library's client. Raises ManagementError where it belongs to a parent process."""
        if self._unusable:
            raise ManagementError(self._unusable)
        if self._client is None:
            with self._lock:
                if self._client is None:
                    self._client = self._new()
        self._used = True
        return self._client

    def wait(self, seconds: float) -> None:
        """Let time pass for the tenant: on its clock where it can be moved, else by sleeping."""
        (self.advance_clock or self.sleep)(seconds)

    def send(self, request: Prepared) -> Response | APIConnectionError:
        """Send a request to the tenant and read the response; failures are returned."""
        client = self.client()
        try:
            return self._exchange(client, self._message(client, request), request)
        except self.library.caught as error:
            return self._raised_by_hook(error) or self.library.failure(error, request)

    def fetch(self, request: Prepared) -> Response:
        """Get a file of another host, which learns nothing of the client. Raises failures."""
        client = self.client()
        if not self._own:
            client = _elsewhere(client, request, self.library, self._kind)
        try:
            return self._exchange(client, _download(self.library, request), request)
        except self.library.caught as error:
            raise self.library.failure(error, request) from None

    def _exchange(self, client: Any, message: Any, request: Prepared) -> Response:
        response = client.send(message, stream=True, auth=None, follow_redirects=False)
        try:
            return self._read(response, request)
        finally:
            response.close()

    def _read(self, response: Any, request: Prepared) -> Response:
        self._note(response)
        headers = _headers(response)
        body = _Body(headers, request)
        if _read_ahead(response):
            return Response(response.status_code, headers, body.ready(response.content))
        for part in response.iter_raw():
            body.feed(part)
        return Response(response.status_code, headers, body.value())

    @contextmanager
    def stream(self, request: Prepared) -> Generator[tuple[Response, Iterator[bytes]], None, None]:
        """A response whose body is read as it comes, and the parts of it.

        The head and the body of an error have to come within the time-out; between the parts of
        another body any time may pass.
        """
        client = self.client()
        try:
            message = _stream(client, request)
            response = client.send(message, stream=True, auth=None, follow_redirects=False)
            try:
                if response.status_code >= 300:
                    yield self._read(response, request), iter(())
                else:
                    _without_read_timeout(message)
                    self._note(response)
                    ready = _read_ahead(response)
                    parts = iter((response.content,)) if ready else response.iter_raw()
                    yield Response(response.status_code, _headers(response), b""), parts
            finally:
                response.close()
        except self.library.caught as error:
            raised = self._raised_by_hook(error)
            if raised is None:
                raise self.library.failure(error, request) from None
            yield raised, iter(())

    def close(self) -> None:
        """Close the connections; a caller's own client stays open."""
        with self._lock:
            self._closed = True
            if self._own and self._client is not None:
                self._client.close()
                self._client = None


class _Loop:
    """What belongs to one event loop: a client and the lock around fetching a token."""

    __slots__ = ("client", "token_lock")

    def __init__(self, client: Any) -> None:
        self.client = client
        self.token_lock = anyio.Lock()


def _current_loop() -> Any:
    """The running event loop of asyncio, or trio's token. Raises RuntimeError where none runs."""
    try:
        import asyncio  # late: synchronous clients start quicker without it

        return asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        if trio is None:
            raise
        return trio.lowlevel.current_trio_token()


class AsyncHTTPClient(_Base):
    """An asynchronous client of the library for every event loop that uses it.

    Connections and locks belong to a loop, so that a later loop (another ``asyncio.run``, another
    thread's loop) has its own.
    """

    def __init__(self, client: AsyncClient | None, transport: AsyncTransport | None) -> None:
        super().__init__(client, transport, "AsyncClient", "AsyncBaseTransport")
        self._loops: WeakKeyDictionary[Any, _Loop] = WeakKeyDictionary()
        self.sleep: Callable[[float], Awaitable[object]] = anyio.sleep
        register(self)

    def after_fork(self) -> None:
        """Leave the parent's connections to the parent."""
        if not self._shared or not self._has_pool():
            self._abandoned += [loop.client for loop in self._loops.values()]
            self._loops = WeakKeyDictionary()

    def loop(self) -> _Loop:
        """What belongs to the running event loop.

        Raises ManagementError where a caller's own client or transport belongs to another.
        """
        current = _current_loop()
        found = self._loops.get(current)
        if found is not None:
            return found
        if self._shared and len(self._loops) + self._used and self._has_pool():
            raise ManagementError(
                "http_client and transport belong to the event loop that used them first: create"
                " an AsyncManagement for each loop (each asyncio.run), or give neither"
            )
        self._used = True
        self._abandon_closed()
        client = self._client if self._client is not None else self._new()
        found = self._loops[current] = _Loop(client)
        return found

    def _abandon_closed(self) -> None:
        for loop in list(self._loops):
            if getattr(loop, "is_closed", bool)():
                self._loops.pop(loop, None)

    @property
    def token_lock(self) -> anyio.Lock:
        """The running loop's lock around fetching a token."""
        return self.loop().token_lock

    async def wait(self, seconds: float) -> None:
        """Let time pass for the tenant: on its clock where it can be moved, else by sleeping."""
        if self.advance_clock is not None:
            self.advance_clock(seconds)
        else:
            await self.sleep(seconds)

    async def send(self, request: Prepared) -> Response | APIConnectionError:
        """Send a request to the tenant and read the response; failures are returned."""
        client = self.loop().client
        try:
            return await self._exchange(client, self._message(client, request), request)
        except self.library.caught as error:
            return self._raised_by_hook(error) or self.library.failure(error, request)

    async def fetch(self, request: Prepared) -> Response:
        """Get a file of another host, which learns nothing of the client. Raises failures."""
        client = self.loop().client
        if not self._own:
            client = _elsewhere(client, request, self.library, self._kind)
        try:
            return await self._exchange(client, _download(self.library, request), request)
        except self.library.caught as error:
            raise self.library.failure(error, request) from None

    async def _exchange(self, client: Any, message: Any, request: Prepared) -> Response:
        if request.deadline is None:
            return await self._unhurried(client, message, request)
        with anyio.fail_after(max(0.0, request.deadline - time.monotonic())):
            return await self._unhurried(client, message, request)

    async def _unhurried(self, client: Any, message: Any, request: Prepared) -> Response:
        response = await client.send(message, stream=True, auth=None, follow_redirects=False)
        try:
            return await self._read(response, request)
        finally:
            await response.aclose()

    async def _read(self, response: Any, request: Prepared) -> Response:
        self._note(response)
        headers = _headers(response)
        body = _Body(headers, request)
        if _read_ahead(response):
            return Response(response.status_code, headers, body.ready(response.content))
        async for part in response.aiter_raw():
            body.feed(part)
        return Response(response.status_code, headers, body.value())

    @asynccontextmanager
    async def stream(
        self, request: Prepared
    ) -> AsyncGenerator[tuple[Response, AsyncIterator[bytes]], None]:
        """A response whose body is read as it comes; see `HTTPClient.stream`."""
        client = self.loop().client
        try:
            message = _stream(client, request)
            response = await client.send(message, stream=True, auth=None, follow_redirects=False)
            try:
                if response.status_code >= 300:
                    yield await self._read(response, request), _ready(b"")
                else:
                    _without_read_timeout(message)
                    self._note(response)
                    ready = _read_ahead(response)
                    yield (
                        Response(response.status_code, _headers(response), b""),
                        _ready(response.content) if ready else response.aiter_raw(),
                    )
            finally:
                await response.aclose()
        except self.library.caught as error:
            raised = self._raised_by_hook(error)
            if raised is None:
                raise self.library.failure(error, request) from None
            yield raised, _ready(b"")

    async def close(self) -> None:
        """Close the running loop's connections; a caller's own client stays open."""
        self._closed = True
        if not self._own:
            return
        try:
            found = self._loops.pop(_current_loop(), None)
        except RuntimeError:  # no loop runs any more, and the connections ended with it
            found = None
        self._loops.clear()
        if found is not None:
            await found.client.aclose()


async def _ready(content: bytes) -> AsyncIterator[bytes]:
    if content:
        yield content
