"""A proxy to a live tenant: an ASGI application that forwards everything and notifies a listener.

Responses of the tenant are streamed to the application; the complete exchange is passed to a
listener after the response was sent.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from urllib.parse import urlsplit

import httpx

from auth0_mgmt._redact import is_secret

from ..errors import UpstreamError
from ..recordings.exchange import Exchange, RecordedRequest, RecordedResponse
from .asgi import ASGIApp, Receive, Scope, Send, break_off, target_of

Listener = Callable[[Exchange], None]
Pairs = list[tuple[bytes, bytes]]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_HOP_BY_HOP = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
})  # fmt: skip
"""RFC 9110, 7.6.1: headers of a single connection."""
_END_USER = "auth0-forwarded-for"
"""The header with the address of an end user."""
_LONGEST = 8 * 1024 * 1024
"""The largest body in bytes that is passed to the listener."""
_STREAM = "text/event-stream"
_DISCOVERY = "/.well-known/openid-configuration"


def upstream_url(url: str) -> str:
    """Return the tenant's URL, checked: https (http on loopback only), a host, no path.

    Raises UpstreamError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UpstreamError(f"{url!r} is not the URL of a tenant, like https://tenant.eu.auth0.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise UpstreamError(f"{url!r} must use https: tokens are sent there")
    if parts.username or parts.password or parts.path not in ("", "/") or parts.query:
        raise UpstreamError(f"{url!r} must be a scheme and a host alone, without path or user")
    return f"{parts.scheme}://{parts.netloc}"


def domain_of(url: str) -> str | None:
    """Return the host name that the tenant reports; None: it does not respond."""
    try:
        response = httpx.get(url + _DISCOVERY, timeout=10)
        return urlsplit(str(response.json().get("issuer", ""))).netloc or urlsplit(url).netloc
    except httpx.HTTPError:
        return None
    except (ValueError, AttributeError):
        return urlsplit(url).netloc


def application(upstream: str, listener: Listener) -> ASGIApp:
    """The proxy of the tenant at a URL that `upstream_url` has checked."""
    timeout = httpx.Timeout(None, connect=10.0)
    limits = httpx.Limits(max_connections=None)
    client = httpx.AsyncClient(base_url=upstream, timeout=timeout, limits=limits)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _done(receive, send)
            message = await receive()
            await client.aclose()
            await send({"type": message["type"] + ".complete"})
        else:
            await _pass_on(client, listener, scope, receive, send)

    return app


async def _done(receive: Receive, send: Send) -> None:
    """Acknowledge one event of the server's life."""
    message = await receive()
    await send({"type": message["type"] + ".complete"})


async def _pass_on(
    client: httpx.AsyncClient, listener: Listener, scope: Scope, receive: Receive, send: Send
) -> None:
    target = target_of(scope)
    if target.startswith("/__fake/"):
        await _error(
            send, 404, "Not Found", "a shadow passes the control of a fake tenant on to nobody"
        )
        return
    sent: list[bytes] = []
    headers: Pairs = [(name, value) for name, value in scope["headers"] if name != b"host"]
    has_body = any(name in (b"content-length", b"transfer-encoding") for name, _ in headers)
    request = client.build_request(
        scope["method"],
        httpx.URL(str(client.base_url).rstrip("/")).copy_with(raw_path=target.encode("ascii")),
        headers=[("host", client.base_url.netloc.decode())],
        content=_body(receive, sent) if has_body else None,
    )
    request.headers = httpx.Headers([
        (b"host", client.base_url.netloc), *_end_to_end(headers), *_framing(headers)
    ])  # fmt: skip
    try:
        response = await client.send(request, stream=True)
    except _CutShort:
        return  # the connection to the tenant breaks before the request is complete
    except httpx.HTTPError as error:
        await _unreachable(client, error, send)
        return
    try:
        kept = await _forward(response, send)
    except httpx.HTTPError:
        # The tenant broke off within its response, so this connection is broken as well.
        await break_off(scope, receive)
        return
    finally:
        await response.aclose()
    if kept is not None:
        recorded = RecordedRequest(
            scope["method"],
            client.base_url.netloc.decode(),
            target,
            _plain(headers),
            b"".join(sent),
        )
        listener(
            Exchange(
                recorded, RecordedResponse(response.status_code, _plain(response.headers.raw), kept)
            )
        )


class _CutShort(Exception):
    """The client broke off within its request: the tenant must not receive a complete one."""


async def _body(receive: Receive, sent: list[bytes]) -> AsyncIterator[bytes]:
    """The request's body as it arrives, also collected."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _CutShort
        more = bool(message.get("more_body", False))
        part: bytes = message.get("body", b"")
        sent.append(part)
        if part:
            yield part


async def _forward(response: httpx.Response, send: Send) -> bytes | None:
    """Stream a response; return its body, None where it is not compared."""
    await send({
        "type": "http.response.start",
        "status": response.status_code,
        "headers": _end_to_end(response.headers.raw),
    })  # fmt: skip
    kept: list[bytes] | None = []
    length = 0
    if response.headers.get("content-type", "").startswith(_STREAM):
        kept = None
    async for part in response.aiter_raw():
        await send({"type": "http.response.body", "body": part, "more_body": True})
        length += len(part)
        if length > _LONGEST:
            kept = None
        if kept is not None:
            kept.append(part)
    await send({"type": "http.response.body", "body": b""})
    return None if kept is None else b"".join(kept)


async def _unreachable(client: httpx.AsyncClient, error: httpx.HTTPError, send: Send) -> None:
    name = type(error).__name__
    await _error(send, 502, "Bad Gateway", f"{client.base_url.host} did not respond: {name}")


async def _error(send: Send, status: int, error: str, message: str) -> None:
    """Send an error of the proxy's own."""
    body = json.dumps({"statusCode": status, "error": error, "message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Return the end-to-end headers."""
    lower = [(name.lower(), value) for name, value in headers]
    named = {
        token.strip().lower()
        for name, value in lower
        if name == b"connection"
        for token in value.split(b",")
    }
    return [(name, value) for name, value in lower if name not in _HOP_BY_HOP and name not in named]


def _framing(headers: Pairs) -> Pairs:
    """Return the headers for a body of unknown length."""
    names = {name for name, _ in headers}
    if b"transfer-encoding" in names and b"content-length" not in names:
        return [(b"transfer-encoding", b"chunked")]
    return []


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers for the listener, without credentials."""
    decoded = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    return {
        name: value for name, value in decoded.items() if name != _END_USER and not is_secret(name)
    }
