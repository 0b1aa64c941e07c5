"""The event stream: reconnecting, resuming, unknown events, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx
import pytest

from auth0_mgmt import (
    AsyncManagement,
    BadRequestError,
    ClientCredentials,
    EventStreamError,
    GoneError,
    Management,
    RedirectError,
    ResponseTooLargeError,
    ServiceUnavailableError,
    _flow,
)
from auth0_mgmt._events import Decoder

from .conftest import DOMAIN, Script, no_time

FIRST = (
    b":connected\n\nretry: 20\n\n"
    b'event: user.created\nid: o1\ndata: {"offset":"o1","event":{"type":"user.created"}}\n\n'
    b": heartbeat\n\n"
    b'event: offset-only\ndata: {"offset":"o2"}\n\n'
)
SECOND = b'event: brand.new\nid: o3\ndata: {"offset":"o3","event":{"x":1}}\n\n'


def stream(content: bytes) -> httpx.Response:
    return httpx.Response(200, content=content, headers={"content-type": "text/event-stream"})


@pytest.fixture
def renewing(script: Script, monkeypatch: pytest.MonkeyPatch) -> tuple[Management, list[float]]:
    mgmt = Management(
        DOMAIN, auth=ClientCredentials("c", "s"), transport=httpx.MockTransport(script)
    )
    naps: list[float] = []
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", naps.append)
    return mgmt, naps


def test_a_closed_stream_is_resumed_where_it_stood(
    renewing: tuple[Management, list[float]], script: Script
) -> None:
    mgmt, naps = renewing
    script.answers = [stream(FIRST), stream(SECOND)]
    subscription = mgmt.events.subscribe(from_="o0", event_type=["user.created"])
    events = list(islice(subscription, 3))
    assert [(event.type, event.id) for event in events] == [
        ("user.created", "o1"),
        ("offset-only", "o2"),
        ("brand.new", "o3"),
    ]
    assert events[2].event == {"x": 1}
    first, second = script.calls[:2]
    assert (first.url.params["from"], "last-event-id" in first.headers) == ("o0", False)
    assert ("from" in second.url.params, second.headers["last-event-id"]) == (False, "o2")
    assert second.url.params["event_type"] == "user.created"
    assert first.headers["accept"] == "text/event-stream"
    assert first.extensions["timeout"]["read"] is None
    assert naps == [0.02], "the server's retry: is in milliseconds"
    assert subscription.last_event_id == "o3"


def test_a_401_gets_a_fresh_token(renewing: tuple[Management, list[float]], script: Script) -> None:
    mgmt, _ = renewing
    script.answers = [httpx.Response(401, json={}), stream(SECOND)]
    assert next(iter(mgmt.events.subscribe())).type == "brand.new"
    assert script.tokens == 2
    assert script.last.headers["authorization"] == "Bearer token-2"


def test_failures_in_a_row_end_it_but_success_starts_the_count_anew(
    renewing: tuple[Management, list[float]], script: Script
) -> None:
    mgmt, _ = renewing
    down: Any = httpx.Response(503, json={})
    script.answers = [down, stream(SECOND), httpx.ReadError("cut"), stream(SECOND), down]
    events = mgmt.with_options(max_attempts=2).events.subscribe()
    seen: list[str | None] = []
    with pytest.raises(ServiceUnavailableError):  # noqa: PT012
        for event in events:
            seen.append(event.id)
    assert seen == ["o3", "o3"]


def test_an_expired_offset_and_the_tenants_error_are_raised(
    renewing: tuple[Management, list[float]], script: Script
) -> None:
    mgmt, _ = renewing
    script.answers = [httpx.Response(410, json={"message": "offset expired"})]
    with pytest.raises(GoneError):
        next(iter(mgmt.events.subscribe(from_="old")))
    script.answers = [stream(b'event: error\ndata: {"error":{"code":"x"}}\n\n')]
    with pytest.raises(EventStreamError) as caught:
        next(iter(mgmt.events.subscribe()))
    assert caught.value.data == {"error": {"code": "x"}}


def test_two_ways_to_say_where_to_begin_are_refused(mgmt: Management) -> None:
    with pytest.raises(ValueError, match="from_ or from_timestamp, not both"):
        mgmt.events.subscribe(from_="a", from_timestamp="2026-01-01T00:00:00Z")


async def test_an_asynchronous_subscription_does_the_same(
    amgmt: AsyncManagement, script: Script
) -> None:
    script.answers = [stream(FIRST), stream(SECOND)]
    seen: list[str | None] = []
    async for event in amgmt.events.subscribe():
        seen.append(event.id)
        if len(seen) == 3:
            break
    assert seen == ["o1", "o2", "o3"]
    assert script.calls[1].headers["last-event-id"] == "o2"


# Streams that misbehave.


class Enough(Exception):
    """Ends a subscription that would go on for ever."""


@pytest.fixture
def counted(
    mgmt: Management, amgmt: AsyncManagement, monkeypatch: pytest.MonkeyPatch
) -> tuple[Management, AsyncManagement, list[float]]:
    """Both clients with naps that are noted, and end everything at the twelfth."""
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) % 12 == 0:
            raise Enough

    async def anap(seconds: float) -> None:
        nap(seconds)

    monkeypatch.setattr(_flow, "chance", lambda: 0.0)
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", nap)
    monkeypatch.setattr(amgmt._dispatcher.http, "sleep", anap)
    return mgmt, amgmt, naps


@pytest.mark.parametrize("content", [b"", b"retry: 0\n\n", b": nothing\n\n", b"id: o1\n\n"])
async def test_streams_that_bring_nothing_are_opened_less_and_less_often(
    counted: tuple[Management, AsyncManagement, list[float]], script: Script, content: bytes
) -> None:
    mgmt, amgmt, naps = counted
    script.answers = [lambda request: stream(content)]
    with pytest.raises(Enough):
        list(mgmt.events.subscribe())
    with pytest.raises(Enough):
        async for _ in amgmt.events.subscribe():
            pass
    assert naps[:12] == naps[12:]
    assert naps[:4] == [0.5, 1.0, 2.0, 4.0]
    assert naps[6:12] == [20.0] * 6


@pytest.mark.parametrize(
    ("retry", "pause"),
    [(b"20", 0.02), (b"0", 0.0), (b"-5", 0.5), (b"soon", 0.5), (b"9" * 400, 60.0), (b"1e9", 0.5),
     ("٣".encode(), 0.5), (b"", 0.5)],
)  # fmt: skip
def test_a_retry_that_is_no_number_or_too_long_is_bounded(
    counted: tuple[Management, AsyncManagement, list[float]],
    script: Script,
    retry: bytes,
    pause: float,
) -> None:
    mgmt, _, naps = counted
    script.answers = [lambda request: stream(b"retry: " + retry + b"\ndata: 1\n\n")]
    with pytest.raises(Enough):
        list(mgmt.events.subscribe())
    assert naps == [pause] * 12


@pytest.mark.parametrize(
    "odd", ["o\x00", "o\r", "ö", "o o", "x" * 5_000, "", "o\x7f"], ids=lambda text: repr(text)[:9]
)
def test_an_id_that_no_header_carries_is_not_sent_back(
    renewing: tuple[Management, list[float]], script: Script, odd: str
) -> None:
    mgmt, _ = renewing
    first = f"id: good\ndata: 1\n\nid: {odd}\ndata: {json.dumps({'offset': odd})}\n\n".encode()
    script.answers = [stream(first), stream(SECOND)]
    events = mgmt.events.subscribe()
    for event in events:
        if event.type == "brand.new":
            break
    assert script.last.headers["last-event-id"] in ("good", "o")


async def test_a_message_over_the_limit_ends_the_stream(
    mgmt: Management, amgmt: AsyncManagement, script: Script
) -> None:
    for content in (b"data: " + b"x" * 5_000, b"data: x\n" * 5_000):
        script.answers = [stream(content)]
        options: Any = {"max_response_bytes": 2_000, "max_attempts": 1}
        with pytest.raises(ResponseTooLargeError):
            list(mgmt.with_options(**options).events.subscribe())
        with pytest.raises(ResponseTooLargeError):
            async for _ in amgmt.with_options(**options).events.subscribe():
                pass


async def test_what_is_no_event_stream_is_an_error(
    mgmt: Management, amgmt: AsyncManagement, script: Script
) -> None:
    script.answers = [httpx.Response(200, json={})]
    with pytest.raises(EventStreamError, match="not text/event-stream"):
        list(mgmt.events.subscribe())
    with pytest.raises(EventStreamError):
        async for _ in amgmt.events.subscribe():
            pass
    script.answers = [httpx.Response(302, headers={"location": "https://elsewhere/"})]
    with pytest.raises(RedirectError):
        list(mgmt.events.subscribe())


def test_the_head_and_the_body_of_an_error_keep_to_the_timeout() -> None:
    seen: list[tuple[str, object]] = []

    class Body(httpx.SyncByteStream):
        def __init__(self, request: httpx.Request, name: str, content: bytes) -> None:
            self.request, self.name, self.content = request, name, content

        def __iter__(self) -> Iterator[bytes]:
            seen.append((self.name, self.request.extensions["timeout"]["read"]))
            yield self.content

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(("head", request.extensions["timeout"]["read"]))
        if len(seen) < 3:
            return httpx.Response(
                200,
                headers={"content-type": "text/event-stream"},
                stream=Body(request, "events", FIRST),
            )
        return httpx.Response(400, stream=Body(request, "error", b"{}"))

    mgmt = Management(DOMAIN, "t", transport=httpx.MockTransport(reply), timeout=7.0)
    mgmt._dispatcher.http.sleep = no_time
    with pytest.raises(BadRequestError):
        list(mgmt.events.subscribe())
    assert seen == [("head", 7.0), ("events", None), ("head", 7.0), ("error", 7.0)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_a_stream_is_decoded_however_it_is_cut(size: int) -> None:
    text = (
        "\ufeffevent: a\r\ndata: 1\rdata:2\n\ndata\n\n: note\nid: o1\nretry: 5\n\n"
        "data: ä\u2028\r\n\r\nunknown: x\n\n"
    ).encode()
    decoder = Decoder(10_000)
    found = [
        message
        for start in range(0, len(text), size)
        for message in decoder.feed(text[start : start + size])
    ]
    assert [(m.event, m.data, m.id, m.retry) for m in found] == [
        ("a", "1\n2", None, None),
        ("message", "", None, None),
        ("message", "", "o1", 5),
        ("message", "ä\u2028", None, None),
    ]
