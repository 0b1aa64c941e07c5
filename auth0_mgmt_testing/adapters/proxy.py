"""A door to a live tenant: an ASGI application that passes everything on and lets one listen.

What the tenant answers goes to the application as it comes; the whole exchange goes to a listener
once the answer is out.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from urllib.parse import urlsplit

import httpx

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
"""RFC 9110, 7.6.1: of one connection each."""
_CREDENTIALS = frozenset({"authorization", "cookie", "set-cookie", "auth0-forwarded-for"})
_LONGEST = 8 * 1024 * 1024
"""Bytes of an answer up to which it is kept for the listener."""
_STREAM = "text/event-stream"
_DISCOVERY = "/.well-known/openid-configuration"


def upstream_url(url: str) -> str:
    """The tenant's URL, checked: https (http on loopback only), a host, no path.

    Raises UpstreamError.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UpstreamError(f"{url!r} is no URL of a tenant, like https://tenant.eu.auth0.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise UpstreamError(f"{url!r} must use https: tokens are sent there")
    if parts.username or parts.password or parts.path not in ("", "/") or parts.query:
        raise UpstreamError(f"{url!r} must be a scheme and a host alone, without path or user")
    return f"{parts.scheme}://{parts.netloc}"


def domain_of(url: str) -> str | None:
    """The tenant's own host name, as it tells it; None: it does not answer."""
    try:
        answer = httpx.get(url + _DISCOVERY, timeout=10)
        return urlsplit(str(answer.json().get("issuer", ""))).netloc or urlsplit(url).netloc
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
        answer = await client.send(request, stream=True)
    except _CutShort:
        return  # the connection to the tenant breaks before the request is complete
    except httpx.HTTPError as error:
        await _unreachable(client, error, send)
        return
    try:
        kept = await _answer(answer, send)
    except httpx.HTTPError:
        # The tenant broke off within its answer, so this connection breaks as well.
        await break_off(scope, receive)
        return
    finally:
        await answer.aclose()
    if kept is not None:
        asked = RecordedRequest(
            scope["method"],
            client.base_url.netloc.decode(),
            target,
            _plain(headers),
            b"".join(sent),
        )
        listener(
            Exchange(asked, RecordedResponse(answer.status_code, _plain(answer.headers.raw), kept))
        )


class _CutShort(Exception):
    """The client broke off within its request: the tenant must not get a complete one."""


async def _body(receive: Receive, sent: list[bytes]) -> AsyncIterator[bytes]:
    """The request's body as it arrives, kept on the way."""
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


async def _answer(answer: httpx.Response, send: Send) -> bytes | None:
    """Pass an answer on as it comes; gives its body, None where nobody is to compare it."""
    await send({
        "type": "http.response.start",
        "status": answer.status_code,
        "headers": _end_to_end(answer.headers.raw),
    })  # fmt: skip
    kept: list[bytes] | None = []
    length = 0
    if answer.headers.get("content-type", "").startswith(_STREAM):
        kept = None
    async for part in answer.aiter_raw():
        await send({"type": "http.response.body", "body": part, "more_body": True})
        length += len(part)
        if length > _LONGEST:
            kept = None
        if kept is not None:
            kept.append(part)
    await send({"type": "http.response.body", "body": b""})
    return None if kept is None else b"".join(kept)


async def _unreachable(client: httpx.AsyncClient, error: httpx.HTTPError, send: Send) -> None:
    body = json.dumps({
        "statusCode": 502,
        "error": "Bad Gateway",
        "message": f"{client.base_url.host} did not answer: {type(error).__name__}",
    }).encode()  # fmt: skip
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 502, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """The headers that are not of one connection."""
    lower = [(name.lower(), value) for name, value in headers]
    named = {
        token.strip().lower()
        for name, value in lower
        if name == b"connection"
        for token in value.split(b",")
    }
    return [(name, value) for name, value in lower if name not in _HOP_BY_HOP and name not in named]


def _framing(headers: Pairs) -> Pairs:
    """How a body without a known length is sent on."""
    names = {name for name, _ in headers}
    if b"transfer-encoding" in names and b"content-length" not in names:
        return [(b"transfer-encoding", b"chunked")]
    return []


def _plain(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers for the listener, without credentials."""
    texts = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    return {name: value for name, value in texts.items() if name not in _CREDENTIALS}
