"""The ASGI adapter: the fake behind any ASGI server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ..engine.response import Response, TransportFault, json_response

if TYPE_CHECKING:
    from ._protocol import RequestHandler

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

CLOSE = "auth0_mgmt_testing.close"
"""The scope's extension by which a server lets the application break the connection: a function
without arguments."""
_NO_FAULT = TransportFault()


def application(tenant: RequestHandler) -> ASGIApp:
    """The tenant as an ASGI 3 application (HTTP and lifespan).

    Beside the tenant's own paths: ``POST /__fake/reset`` resets the tenant,
    ``GET /__fake/health`` responds 200.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await _http(tenant, scope, receive, send)

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _http(tenant: RequestHandler, scope: Scope, receive: Receive, send: Send) -> None:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return  # the request is incomplete: it has no effect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    response = _respond(tenant, scope, b"".join(parts))
    fault = response.transport_fault or _NO_FAULT
    if fault.latency:
        await _pass_time(tenant, fault.latency)
    if fault.drop:
        await break_off(scope, receive)
        return
    if fault.cut is not None:
        response.read()
    headers = response.headers
    if response.stream is None:
        headers = {**headers, "content-length": str(len(response.body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    if fault.cut is not None and fault.cut < len(response.body):
        begun = response.body[: fault.cut]
        await send({"type": "http.response.body", "body": begun, "more_body": True})
        await break_off(scope, receive)
        return
    for part in response.stream or ():
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": response.body})


async def _pass_time(tenant: RequestHandler, seconds: float) -> None:
    """Delay a response: by sleeping if the tenant's clock runs, else by advancing the clock."""
    if tenant.clock.frozen:
        tenant.clock.advance(seconds)
    else:
        await asyncio.sleep(seconds)


async def break_off(scope: Scope, receive: Receive) -> None:
    """Break the connection, where the server supports it (`CLOSE`)."""
    close = scope.get("extensions", {}).get(CLOSE)
    if close is None:
        raise ConnectionResetError("a fault dropped the connection")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass


def target_of(scope: Scope) -> str:
    """Path and query of a request, encoded as they were sent."""
    raw_path: bytes = scope.get("raw_path") or str(scope["path"]).encode()
    target = raw_path.partition(b"?")[0].decode("ascii")
    query: bytes = scope["query_string"]
    return f"{target}?{query.decode('ascii')}" if query else target


def _respond(tenant: RequestHandler, scope: Scope, body: bytes) -> Response:
    method = str(scope["method"])
    target = target_of(scope)
    if target.startswith("/__fake/"):
        return _control(tenant, method, target.partition("?")[0])
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    method = "GET" if method == "HEAD" else method
    if scope.get("scheme") == "https":
        headers.setdefault("x-forwarded-proto", "https")
    return tenant.send(method, target, headers, body)


def _control(tenant: RequestHandler, method: str, path: str) -> Response:
    if (method, path) == ("POST", "/__fake/reset"):
        tenant.reset()
        return Response(204)
    if (method, path) == ("GET", "/__fake/health"):
        return json_response(200, {"status": "ok", "domain": tenant.domain})
    return json_response(404, {"error": f"no {method} {path}"})
