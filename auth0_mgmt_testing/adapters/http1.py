"""HTTP/1.1 in memory: what a client writes to a connection, and the bytes of the response.

A connection carries one request, as after ``Connection: close``; libraries open the next one by
themselves. The protocol is h11's work.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import h11

from ..engine.response import Response, TransportFault

if TYPE_CHECKING:
    from ._protocol import RequestHandler

_NO_FAULT = TransportFault()
_WITHOUT_BODY = (204, 304)


class ConnectionLost(ConnectionResetError):
    """A fault dropped the connection."""


class Connection:
    """The tenant's end of a connection that has no network below it."""

    def __init__(self, tenant: RequestHandler) -> None:
        self._tenant = tenant
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
        self._request: h11.Request | None = None
        self._body: list[bytes] = []
        self._response: Response | None = None

    @property
    def complete(self) -> bool:
        """Whether the whole request has arrived; only then it takes effect."""
        return self._response is not None

    def receive(self, data: bytes) -> None:
        """Take what the client wrote, and send the request to the tenant when it is complete.

        Raises `ConnectionLost` where a fault breaks the connection before the request takes
        effect.
        """
        if self.complete:
            raise ConnectionLost("the connection is closed after one request")
        self._http.receive_data(data)
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error)
                return
            if isinstance(event, h11.Request):
                self._request = event
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                self._send()
                return
            else:
                return

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        self._response = Response(error.error_status_hint, str(error).encode())

    def _send(self) -> None:
        request = self._request
        assert request is not None
        method = request.method.decode("ascii")
        headers = {name.decode("latin-1"): text.decode("latin-1") for name, text in request.headers}
        target = _origin_form(request.target.decode("ascii"))
        method = "GET" if method == "HEAD" else method
        response = self._tenant.send(method, target, headers, b"".join(self._body))
        self._response = response
        fault = response.transport_fault
        if fault is not None and fault.drop and not fault.lost:
            raise ConnectionLost("Connection reset by peer")

    def response(self, timeout: float | None) -> Iterator[bytes]:
        """The bytes of the response; fewer where a fault cuts them, none where it is lost.

        ``timeout``: seconds that the client waits, None without limit. A later response moves
        the tenant's clock and raises TimeoutError.
        """
        response = self._response
        if response is None:
            return
        fault = response.transport_fault or _NO_FAULT
        if fault.latency:
            waits = fault.latency if timeout is None else min(fault.latency, timeout)
            self._tenant.clock.advance(waits)
            if waits < fault.latency:
                raise TimeoutError("timed out")
        if fault.drop:
            return
        if fault.cut is not None:
            response.read()
        yield self._head(response)
        if self._request is not None and self._request.method == b"HEAD":
            return
        for part in response.stream or ():
            yield self._http.send(h11.Data(data=part)) or b""
        if response.body:
            yield (self._http.send(h11.Data(data=response.body)) or b"")[: fault.cut]
        if fault.cut is None or fault.cut >= len(response.body):
            yield self._http.send(h11.EndOfMessage()) or b""

    def _head(self, response: Response) -> bytes:
        headers = [
            (name.encode("ascii"), text.encode("latin-1"))
            for name, text in response.headers.items()
        ]
        if response.stream is None and response.status not in _WITHOUT_BODY:
            headers.append((b"content-length", b"%d" % len(response.body)))
        headers.append((b"connection", b"close"))
        head = h11.Response(status_code=response.status, headers=headers)
        return self._http.send(head) or b""


def _origin_form(target: str) -> str:
    """Path and query of a target; a client that uses a proxy writes a whole URL."""
    if target.startswith("/"):
        return target
    url = urlsplit(target)
    return (url.path or "/") + (f"?{url.query}" if url.query else "")
