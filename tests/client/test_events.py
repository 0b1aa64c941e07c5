"""The event stream: reconnecting, resuming, unknown events, errors."""

from __future__ import annotations

from itertools import islice
from typing import Any

import httpx
import pytest

from auth0_mgmt import (
    AsyncManagement,
    ClientCredentials,
    EventStreamError,
    GoneError,
    Management,
    ServiceUnavailableError,
)

from .conftest import DOMAIN, Script

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
    seen = []
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
    seen = []
    async for event in amgmt.events.subscribe():
        seen.append(event.id)
        if len(seen) == 3:
            break
    assert seen == ["o1", "o2", "o3"]
    assert script.calls[1].headers["last-event-id"] == "o2"
