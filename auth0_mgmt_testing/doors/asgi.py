"""The ASGI door: the fake behind any ASGI server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from ..tenant import FakeTenant

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def application(tenant: FakeTenant) -> ASGIApp:
    """The tenant as an ASGI 3 application (HTTP and lifespan).

    Beside the tenant's own paths: ``POST /__fake/reset`` brings a fresh tenant,
    ``GET /__fake/health`` answers.
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


async def _http(tenant: FakeTenant, scope: Scope, receive: Receive, send: Send) -> None:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    status, headers, content = _respond(tenant, scope, body)
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    raw.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content})


def _respond(tenant: FakeTenant, scope: Scope, body: bytes) -> tuple[int, dict[str, str], bytes]:
    method = str(scope["method"])
    raw_path: bytes = scope.get("raw_path") or str(scope["path"]).encode()
    target = raw_path.partition(b"?")[0].decode("ascii")
    if target.startswith("/__fake/"):
        return _control(tenant, method, target)
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("ascii")
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    answer = tenant.send(method, target, headers, body)
    return answer.status, answer.headers, answer.body


def _control(tenant: FakeTenant, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    kind = {"content-type": "application/json"}
    if (method, path) == ("POST", "/__fake/reset"):
        tenant.reset()
        return 204, {}, b""
    if (method, path) == ("GET", "/__fake/health"):
        return 200, kind, json.dumps({"status": "ok", "domain": tenant.domain}).encode()
    return 404, kind, json.dumps({"error": f"no {method} {path}"}).encode()
