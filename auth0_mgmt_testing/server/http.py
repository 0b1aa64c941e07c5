"""An HTTP/1.1 server for synchronous applications on asyncio, without layers in between.

The application is a function from `HttpRequest` to `Response`. It is called once a request has
arrived completely; incomplete requests are dropped. A `CONNECT`
request becomes a TLS connection to the same application, so the server is also a forward proxy
for the application's hosts.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Protocol as TypingProtocol
from typing import cast

import httptools

from ..engine.response import Response, json_response

KEEP_ALIVE = 310.0
"""Seconds that an idle connection stays open: longer than in clients."""
HEADER_TIMEOUT = 60.0
"""Timeout in seconds for the headers of a request, from its first byte."""
REQUEST_TIMEOUT = 300.0
"""Timeout in seconds for a complete request, from its first byte."""
MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 128 * 1024 * 1024
BACKLOG = 2048
THREADS = 64
"""Requests that may take long and are responded to at once."""
_GRACE = 1.0
"""Seconds for pending responses when the server stops."""
_COLLECT_EVERY = 0.05
"""Seconds; of what is created in that time a collection takes few milliseconds."""


@dataclass(slots=True)
class HttpRequest:
    """One complete request."""

    method: str
    target: str
    """Path and query as sent."""
    headers: dict[str, str]
    """Names in lower case; values of a repeated header joined by commas."""
    body: bytes
    secure: bool
    """Whether it arrived over TLS."""
    host: str | None = None
    """The host of the tunnel (CONNECT) that it came through; None without one."""
    on_done: Callable[[], None] | None = field(default=None, repr=False)


@dataclass(slots=True)
class LiveResponse(Response):
    """A response whose body has no end: its parts come as they happen, empty ones as a sign of life.

    A server that stops, or whose client leaves, stops reading after the next part.
    """

    stream: Iterator[bytes] | None = field(default_factory=lambda: iter(()))
    parts: AsyncGenerator[bytes, None] | None = None


class Application(TypingProtocol):
    """The interface of an application."""

    def handle(self, request: HttpRequest) -> Response: ...

    def may_wait(self, request: HttpRequest) -> bool:
        """Whether responding may take long, so that other connections must not wait for it."""
        ...

    def delay(self, request: HttpRequest, seconds: float) -> float:
        """Return the delay of a response in seconds of real time."""
        ...

    def tunnel(self, host: str) -> ssl.SSLContext | None:
        """The TLS context for a CONNECT to a host; None rejects it."""
        ...


_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


class _Date:
    """The Date header, rendered once per second."""

    def __init__(self) -> None:
        self._second = -1
        self._line = b""

    def line(self) -> bytes:
        now = int(time.time())
        if now != self._second:
            self._second = now
            self._line = b"date: " + formatdate(now, usegmt=True).encode() + b"\r\n"
        return self._line


_DATE = _Date()


class Connection(asyncio.Protocol):
    """One connection: parses requests, responds in order."""

    def __init__(self, server: Server, host: str | None = None) -> None:
        self._server = server
        self._app = server.app
        self._tunnel_host = host
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._secure = False
        self._queue: deque[tuple[HttpRequest, bool]] = deque()
        self._busy = False
        self._closing = False
        self._upgrade: str | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.deadline = server.now() + KEEP_ALIVE
        self._begun = 0.0
        self._reset()

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._body: list[bytes] = []
        self._body_bytes = 0

    # --- asyncio ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._secure = transport.get_extra_info("sslcontext") is not None
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.gone(self)
        self._transport = None
        self._closing = True
        self._queue.clear()
        self._writable.set()
        # The parser refers to its protocol: without this each connection is a cycle.
        del self._parser

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if not self._begun:
            self._begun = self._server.now()
            self.deadline = self._begun + HEADER_TIMEOUT
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            if self._upgrade is None:
                self._refuse(400, "this server does not upgrade connections")
        except httptools.HttpParserError:
            self._refuse(400, "this is not an HTTP/1.1 request")

    def eof_received(self) -> bool:
        """Keep the connection for pending responses after the peer's EOF."""
        return bool(self._queue or self._busy)

    def expired(self, now: float) -> bool:
        return now > self.deadline and not self._busy

    def expire(self) -> None:
        """Close a connection without a complete request in time."""
        if self._begun:
            self._refuse(408, "the request was not complete in time")
        elif self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def close_when_idle(self) -> None:
        self._closing = True
        if not self._busy and self._transport is not None:
            self._transport.close()

    # --- the parser's callbacks ---

    def on_message_begin(self) -> None:
        self._reset()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            self._refuse(431, f"the headers are larger than {MAX_HEADER_BYTES} bytes")
            return
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if key in self._headers:
            text = f"{self._headers[key]}{'; ' if key == 'cookie' else ', '}{text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        self.deadline = self._begun + REQUEST_TIMEOUT
        if self._headers.get("expect", "").lower() == "100-continue" and self._transport:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > MAX_BODY_BYTES:
            self._refuse(413, f"the body is larger than {MAX_BODY_BYTES} bytes")
            return
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._closing:
            return
        method = self._parser.get_method().decode("ascii")
        self._begun = 0.0
        self.deadline = self._server.now() + KEEP_ALIVE
        if method == "CONNECT":
            self._upgrade = self._url.decode("latin-1")
            self._start(self._open_tunnel(self._upgrade))
            return
        if not self._url.isascii():
            self._refuse(400, "the target of a request must be ASCII")
            return
        target = self._url.decode("ascii")
        host = self._tunnel_host
        if not target.startswith("/"):  # absolute form, as sent to proxies
            scheme, found, rest = target.partition("://")
            if found and scheme.lower() in ("http", "https"):
                authority, slash, path = rest.partition("/")
                host, target = authority, slash + path or "/"
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        request = HttpRequest(method, target, self._headers, body, self._secure, host)
        keep = self._parser.should_keep_alive()
        if self._busy or self._queue:
            self._queue.append((request, keep))
        else:
            self._respond(request, keep)

    # --- responding ---

    def _respond(self, request: HttpRequest, keep: bool) -> None:
        if self._app.may_wait(request):
            self._busy = True
            self._start(self._respond_in_thread(request, keep))
        else:
            self._send(self._app.handle(request), request, keep)

    async def _respond_in_thread(self, request: HttpRequest, keep: bool) -> None:
        """Respond without stopping the server meanwhile."""
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._server.threads, self._app.handle, request)
        await self._respond_slowly(response, request, keep)

    def _send(self, response: Response, request: HttpRequest, keep: bool) -> None:
        fault = response.transport_fault
        if fault is None and response.stream is None:
            self._write(response, request, keep)
            return
        self._busy = True
        self._start(self._respond_slowly(response, request, keep))

    async def _respond_slowly(self, response: Response, request: HttpRequest, keep: bool) -> None:
        """Send a response that is late, broken by a fault, or streamed; then the next ones."""
        fault = response.transport_fault
        if fault is not None:
            if fault.latency and (seconds := self._app.delay(request, fault.latency)):
                await asyncio.sleep(seconds)
            if fault.drop:
                self.abort()
                return
            if fault.cut is not None:
                body = response.read()
                if fault.cut < len(body):
                    await self._break_off(response, request, body[: fault.cut])
                    return
        if isinstance(response, LiveResponse) and response.parts is not None:
            await self._send_live(response, response.parts, request)
        elif response.stream is not None:
            await self._send_parts(response, response.stream, request, keep)
        else:
            self._write(response, request, keep)
        self._busy = False
        while self._queue and not self._busy and not self._closing:
            self._respond(*self._queue.popleft())
        if self._closing and not self._busy and self._transport is not None:
            self._transport.close()

    async def _break_off(self, response: Response, request: HttpRequest, part: bytes) -> None:
        if self._transport is None:
            return
        self._transport.write(self._head(response, len(response.body), True) + part)
        # Closing flushes what is written; an abort could drop it.
        self._closing = True
        self._transport.close()

    async def _send_parts(
        self, response: Response, parts: Iterator[bytes], request: HttpRequest, keep: bool
    ) -> None:
        head = self._head(response, None, keep)
        if self._transport is not None:
            self._transport.write(head)
        for part in parts:
            await self._writable.wait()
            if self._transport is None:
                return
            if part and request.method != "HEAD":
                self._transport.write(b"%x\r\n%b\r\n" % (len(part), part))
        if self._transport is not None:
            self._transport.write(b"" if request.method == "HEAD" else b"0\r\n\r\n")
            if not keep:
                self._closing = True

    async def _send_live(
        self, response: Response, parts: AsyncGenerator[bytes, None], request: HttpRequest
    ) -> None:
        """Send parts until the client leaves or the server stops; the connection ends then."""
        if self._transport is not None:
            self._transport.write(self._head(response, None, False))
        if request.method != "HEAD":
            async with contextlib.aclosing(parts):
                async for part in parts:
                    await self._writable.wait()
                    if self._transport is None or self._closing:
                        break
                    if part:
                        self._transport.write(b"%x\r\n%b\r\n" % (len(part), part))
        if self._transport is not None:
            self._transport.write(b"" if request.method == "HEAD" else b"0\r\n\r\n")
        self._closing = True

    def _write(self, response: Response, request: HttpRequest, keep: bool) -> None:
        transport = self._transport
        if transport is None:
            return
        body = response.body
        head = self._head(response, len(body), keep and not self._closing)
        transport.write(head if request.method == "HEAD" else head + body)
        if not keep or self._closing:
            self._closing = True
            transport.close()

    def _head(self, response: Response, length: int | None, keep: bool) -> bytes:
        status = response.status
        line = _STATUS_LINES.get(status) or f"HTTP/1.1 {status} \r\n".encode()
        parts = [line]
        headers = response.headers
        parts.extend(
            f"{name}: {value}\r\n".encode("latin-1", "replace") for name, value in headers.items()
        )
        if "date" not in headers:
            parts.append(_DATE.line())
        if length is None:
            parts.append(b"transfer-encoding: chunked\r\n")
        elif status != 204 and status >= 200:
            parts.append(b"content-length: %d\r\n" % length)
        parts.append(b"\r\n" if keep else b"connection: close\r\n\r\n")
        return b"".join(parts)

    def _refuse(self, status: int, message: str) -> None:
        """Respond to an invalid request, and close."""
        if self._closing:
            return
        self._closing = True
        transport = self._transport
        if transport is not None:
            body = {"statusCode": status, "error": HTTPStatus(status).phrase, "message": message}
            response = json_response(status, body)
            transport.write(self._head(response, len(response.body), False) + response.body)
            transport.close()

    async def _open_tunnel(self, authority: str) -> None:
        """Upgrade to a TLS connection to the host of a CONNECT."""
        transport = self._transport
        if transport is None:
            return
        context = self._app.tunnel(authority)
        if context is None:
            self._refuse(
                403, f"{authority} is not a host of this server, which does not forward requests"
            )
            return
        host, _, port = authority.rpartition(":")
        inner = Connection(self._server, host if port == "443" else authority)
        transport.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        self._server.connections.discard(self)
        try:
            loop = asyncio.get_running_loop()
            upgraded = await loop.start_tls(
                transport, inner, context, server_side=True, ssl_handshake_timeout=HEADER_TIMEOUT
            )
        except (OSError, ssl.SSLError):  # the client does not trust the authority, or left
            transport.abort()
            return
        if upgraded is not None:
            inner.connection_made(upgraded)

    def _start(self, work: object) -> None:
        task = asyncio.ensure_future(cast("asyncio.Future[None]", work))
        self._tasks.add(cast("asyncio.Task[None]", task))
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(cast("asyncio.Task[None]", task))
        if not task.cancelled() and (error := task.exception()) is not None:
            self.abort()
            raise error


class Server:
    """An application on listening sockets, each plain (None) or with its TLS context."""

    def __init__(
        self,
        app: Application,
        listeners: Sequence[tuple[socket.socket, ssl.SSLContext | None]],
    ) -> None:
        self.app = app
        self.connections: set[Connection] = set()
        self._listeners = listeners
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._all_gone: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self.threads = ThreadPoolExecutor(THREADS, "auth0-fake request")
        """Where requests are responded to that may take long."""
        self.now: Callable[[], float] = time.monotonic

    async def serve(self, ready: Callable[[], None] | None = None) -> None:
        """Serve until `stop`; ``ready`` is called once connections are accepted."""
        self._loop = loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        servers = [
            await loop.create_server(lambda: Connection(self), sock=sock, ssl=tls, backlog=BACKLOG)
            for sock, tls in self._listeners
        ]
        sweeper = asyncio.create_task(self._sweep())
        if ready is not None:
            ready()
        await self._stop.wait()
        sweeper.cancel()
        for server in servers:
            server.close()
        for connection in list(self.connections):
            connection.close_when_idle()
        if self.connections:
            self._all_gone = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_gone.wait(), _GRACE)
        for connection in list(self.connections):
            connection.abort()
        self.threads.shutdown(wait=False, cancel_futures=True)
        await asyncio.sleep(0)

    def gone(self, connection: Connection) -> None:
        """A connection has ended."""
        self.connections.discard(connection)
        if self._all_gone is not None and not self.connections:
            self._all_gone.set()

    def stop(self) -> None:
        """Stop serving, from any thread."""
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stop.set)

    def run(self, ready: Callable[[], None] | None = None) -> None:
        """Serve in this thread until `stop`."""
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self.serve(ready))

    def start(self) -> None:
        """Serve in its own thread; returns when connections are accepted."""
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self.run, args=(ready.set,), name="auth0-fake-server", daemon=True
        )
        self._thread.start()
        ready.wait()

    def close(self) -> None:
        """Stop a server that was started, and wait until it has."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    async def _sweep(self) -> None:
        """Close connections that have timed out."""
        while True:
            await asyncio.sleep(1)
            now = self.now()
            for connection in [each for each in self.connections if each.expired(now)]:
                connection.expire()


class NoStalls:
    """Keeps the garbage collector from traversing a large state during a request.

    A tenant's documents have no cycles. Between requests, when no error and no frame is alive that
    could be one later, new objects are searched for cycles and the others set aside (``gc.freeze``),
    so that no collection ever traverses more than the objects since the one before.
    """

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> NoStalls:
        gc.collect()
        gc.freeze()
        gc.disable()
        return self

    def collect(self) -> None:
        """Search the new objects; call it between requests.

        Their number is not known: the collector's count also decreases by what is deleted.
        """
        gc.collect(0)
        gc.freeze()

    def collect_regularly(self) -> None:
        """Do so many times a second; call it in the running loop."""
        self.collect()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_COLLECT_EVERY, self.collect_regularly)

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        gc.enable()
        gc.unfreeze()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (not on Windows), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
