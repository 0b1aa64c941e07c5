"""Requests that are cut short have no effect, and no host is taken for a fake that is none."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant, TargetError
from auth0_mgmt_testing.adapters import proxy
from auth0_mgmt_testing.adapters.asgi import ASGIApp
from auth0_mgmt_testing.verification.targets import UrlTarget
from tests.client.loopback import Reply, served

HEADERS = [(b"authorization", b"Bearer any"), (b"content-type", b"application/json")]
WHOLE = json.dumps({"name": "admin"}).encode()


def scope(method: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "extensions": {},
    }


async def call(app: ASGIApp, of: dict[str, Any], messages: list[dict[str, Any]]) -> list[Any]:
    """What the application sends in response to the messages; afterwards the client is gone."""
    waiting, sent = iter(messages), list[Any]()

    async def receive() -> dict[str, Any]:
        return next(waiting, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    await app(of, receive, send)
    return sent


@pytest.mark.parametrize("parts", [[], [WHOLE[:9]], [WHOLE[:4], WHOLE[4:9]], [WHOLE]])
async def test_a_request_that_is_cut_short_has_no_effect_behind_asgi(parts: list[bytes]) -> None:
    tenant = FakeTenant()
    before = tenant.snapshot()
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    assert await call(tenant.asgi(), scope("POST", "/api/v2/roles", HEADERS), messages) == []
    assert tenant.snapshot() == before
    whole = [{"type": "http.request", "body": WHOLE, "more_body": False}]
    (start, _) = await call(tenant.asgi(), scope("POST", "/api/v2/roles", HEADERS), whole)
    assert start["status"] == 200
    assert len(tenant.roles) == 1


FRAMINGS = {
    "chunked": (b"transfer-encoding", b"chunked"),
    "sized": (b"content-length", b"%d" % len(WHOLE)),
}


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("parts", [[], [WHOLE[:9]], [WHOLE[:4], WHOLE[4:9]]], ids=len)
async def test_the_shadow_does_not_complete_a_cut_request(framing: str, parts: list[bytes]) -> None:
    received = bytearray()
    ended = asyncio.Event()

    async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            received.extend(data)
        writer.close()
        ended.set()

    exchanges: list[Any] = []
    async with await asyncio.start_server(upstream, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        app = proxy.application(f"http://127.0.0.1:{port}", exchanges.append)
        messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        of = scope("PATCH", "/api/v2/roles/rol_1", [*HEADERS, FRAMINGS[framing]])
        assert await call(app, of, messages) == []
        await asyncio.wait_for(ended.wait(), 5)
    _, _, body = bytes(received).partition(b"\r\n\r\n")
    assert not body.endswith(b"0\r\n\r\n")
    assert len(body) < len(WHOLE) or framing == "chunked"
    assert exchanges == []


def live(method: str, path: str, headers: dict[str, str]) -> Reply:
    """A tenant, or something before it, that says yes to everything."""
    return 200, {"content-type": "application/json"}, b'{"status": "fine"}'


@pytest.fixture
def yes_man() -> Iterator[str]:
    with served(live) as origin:
        yield origin


@pytest.mark.parametrize("body", [b"", b"ok", b"{}", b"[]", b'{"status": "ok"}'])
def test_a_loopback_host_is_a_fake_only_where_it_says_so(body: bytes) -> None:
    asked: list[tuple[str, str]] = []

    def reply(method: str, path: str, headers: dict[str, str]) -> Reply:
        asked.append((method, path))
        return 200, {"content-type": "application/json"}, body

    with (
        served(reply) as origin,
        pytest.raises(TargetError, match="not the server of a fake tenant"),
    ):
        UrlTarget(origin, {})
    assert asked == [("GET", "/__fake/health")]


async def test_the_shadow_forwards_nothing_of_the_fakes_control(yes_man: str) -> None:
    app = proxy.application(yes_man, lambda exchange: None)
    for method, path in (("GET", "/__fake/health"), ("POST", "/__fake/reset")):
        end = [{"type": "http.request", "body": b"", "more_body": False}]
        (start, body) = await call(app, scope(method, path, HEADERS), end)
        assert start["status"] == 404
        assert b"shadow" in body["body"]


def test_a_shadow_is_taken_for_the_live_tenant_that_it_is() -> None:
    """Also where it stands before a fake: its other side may be exchanged at any time."""
    from tests.harness.test_harness_shadow import serving

    with serving(FakeTenant().asgi()) as fake:
        UrlTarget(fake, {}).close()
        with serving(proxy.application(fake, lambda exchange: None), proxy=True) as shadow:
            with pytest.raises(TargetError, match="taken for a live tenant"):
                UrlTarget(shadow, {})
            UrlTarget(shadow, {"AUTH0_ALLOW_LIVE": "127.0.0.1"}).close()
