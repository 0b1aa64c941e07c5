"""What ends: redirects, missing bodies, deadlines, sizes, circles, waits."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest

from auth0_mgmt import (
    APIConnectionError,
    APITimeoutError,
    AsyncManagement,
    ClientCredentials,
    DecodingError,
    Management,
    ManagementError,
    PaginationError,
    RateLimitError,
    RedirectError,
    ResponseTooLargeError,
    ServiceUnavailableError,
    TokenError,
    _flow,
)

from .conftest import DOMAIN, Script
from .loopback import served

Reply = Callable[[httpx.Request], httpx.Response]


async def both(reply: Reply, call: Callable[[Any], Any], **options: Any) -> Any:
    """Make a call with both clients; both have to end alike. Returns the error or the value."""
    options = {"auth": "token", "max_attempts": 1, **options}
    transport = httpx.MockTransport(reply)

    def sync() -> Any:
        try:
            return call(Management(DOMAIN, transport=transport, **options))
        except ManagementError as error:
            return error

    async def twin() -> Any:
        try:
            return await call(AsyncManagement(DOMAIN, transport=transport, **options))
        except ManagementError as error:
            return error

    one, two = sync(), await twin()
    assert type(one) is type(two)
    if isinstance(one, Exception):
        assert str(one) == str(two)
    return one


CALLS: dict[str, Callable[[Any], Any]] = {
    "delete": lambda mgmt: mgmt.users.delete("auth0|1"),
    "create": lambda mgmt: mgmt.roles.create(name="r"),
    "update": lambda mgmt: mgmt.roles.update("r", name="s"),
    "get": lambda mgmt: mgmt.roles.get("r"),
    "list": lambda mgmt: mgmt.roles.list(),
    "plain list": lambda mgmt: mgmt.guardian.factors.list(),
    "request": lambda mgmt: mgmt.request("GET", "/x"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
async def test_a_redirect_is_an_error(call: Callable[[Any], Any], status: int) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        assert request.url.host == DOMAIN, "a redirect was followed"
        return httpx.Response(status, headers={"location": "https://elsewhere.example/?token=x"})

    error = await both(reply, call)
    assert isinstance(error, RedirectError)
    assert error.status_code == status
    assert "token=x" not in repr(vars(error))


@pytest.mark.parametrize("name", ["create", "update", "get", "list", "plain list"])
async def test_a_missing_body_is_an_error(name: str) -> None:
    for status in (200, 201, 202):

        def empty(request: httpx.Request, status: int = status) -> httpx.Response:
            return httpx.Response(status)

        error = await both(empty, CALLS[name])
        assert isinstance(error, DecodingError)
        assert f"{status} has no body" in str(error)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_a_204_with_a_body_is_an_error(call: Callable[[Any], Any]) -> None:
    error = await both(lambda request: httpx.Response(204, json={"name": "r"}), call)
    assert isinstance(error, DecodingError)
    assert "204 has a body" in str(error)


KINDS: list[tuple[str, Any, str]] = [
    ("get", "text", "is a single value where an object is due"),
    ("get", False, "is a single value where an object is due"),
    ("get", [1], "is an array where an object is due"),
    ("create", [], "is an array where an object is due"),
    ("list", 7, "is a single value where a list is due"),
    ("list", {"roles": 7}, "has no list 'roles'"),
    ("list", {}, "has no list 'roles'"),
    ("plain list", {"user_id": "u"}, "is an object where an array is due"),
    ("plain list", "text", "is a single value where an array is due"),
    ("download", [], "is an array where an object is due"),
]


@pytest.mark.parametrize(("name", "body", "said"), KINDS)
async def test_json_of_another_kind_than_promised_is_an_error(
    name: str, body: Any, said: str
) -> None:
    def download(mgmt: Any) -> Any:
        return mgmt.jobs.download("j")

    calls: dict[str, Callable[[Any], Any]] = {**CALLS, "download": download}
    error = await both(lambda request: httpx.Response(200, json=body), calls[name])
    assert isinstance(error, DecodingError)
    assert said in str(error)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'"' + b"\xff" * 9])
@pytest.mark.parametrize("status", [200, 400])
async def test_nonsense_in_a_body_is_our_own_error(body: bytes, status: int) -> None:
    for call in CALLS.values():
        error = await both(lambda request: httpx.Response(status, content=body), call)
        assert isinstance(error, ManagementError)


async def test_a_redirect_of_the_token_endpoint_is_not_followed() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        assert request.url.host == DOMAIN, "the secret was sent on"
        return httpx.Response(307, headers={"location": "https://elsewhere.example/oauth/token"})

    own = httpx.Client(transport=httpx.MockTransport(reply), follow_redirects=True)
    mgmt = Management(DOMAIN, ClientCredentials("c", "s"), http_client=own)
    with pytest.raises(TokenError, match="HTTP 307"):
        mgmt.roles.get("r")


# Sizes.


class Parts(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in parts that notes how much of it was taken."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.taken = parts, 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            self.taken += len(part)
            yield part

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        for part in self.parts:
            self.taken += len(part)
            yield part


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_over_the_limit_is_abandoned(packed: bool) -> None:
    streams: list[Parts] = []

    def reply(request: httpx.Request) -> httpx.Response:
        if packed:
            bomb = gzip.compress(bytes(64 * 2**20), mtime=0)
            parts = (bomb[n : n + 1000] for n in range(0, len(bomb), 1000))
        else:
            parts = (bytes(1000) for _ in range(10**9))
        streams.append(Parts(parts))
        headers = {"content-encoding": "gzip"} if packed else {}
        return httpx.Response(200, headers=headers, stream=streams[-1])

    error = await both(reply, CALLS["get"], max_response_bytes=50_000)
    assert isinstance(error, ResponseTooLargeError)
    assert "50,000 bytes" in str(error)
    assert all(stream.taken <= 60_000 for stream in streams)


async def test_a_length_over_the_limit_is_not_read_at_all() -> None:
    streams: list[Parts] = []

    def reply(request: httpx.Request) -> httpx.Response:
        streams.append(Parts(iter([b"{}"])))
        return httpx.Response(200, headers={"content-length": "51"}, stream=streams[-1])

    assert isinstance(await both(reply, CALLS["get"], max_response_bytes=50), ManagementError)
    assert [stream.taken for stream in streams] == [0, 0]


def test_a_bomb_in_one_part_is_unpacked_in_small_pieces(script: Script) -> None:
    import tracemalloc

    bomb = gzip.compress(bytes(200 * 2**20), mtime=0)
    script.answers = [
        lambda request: httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=Parts(iter([bomb]))
        )
    ]
    options: Any = {"max_response_bytes": 2**20, "max_attempts": 1}
    mgmt = Management(DOMAIN, auth="t", transport=httpx.MockTransport(script), **options)
    tracemalloc.start()
    with pytest.raises(ResponseTooLargeError):
        mgmt.roles.get("r")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2**20


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _two_gzip_members(data: bytes) -> bytes:
    return gzip.compress(data[:5], mtime=0) + gzip.compress(data[5:], mtime=0)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("gzip", _two_gzip_members),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
    ],
)
async def test_every_encoding_is_read(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "gzip, deflate"
        packed = pack(b'{"name": "r"}')
        stream = Parts(packed[n : n + 3] for n in range(0, len(packed), 3))
        return httpx.Response(200, headers={"content-encoding": encoding}, stream=stream)

    assert (await both(reply, CALLS["get"])).name == "r"


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(b"{}" * 99, mtime=0)[:-12]])
async def test_a_body_that_cannot_be_unpacked_is_our_own_error(content: bytes) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        stream = Parts(iter([content]))
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=stream)

    error = await both(reply, CALLS["get"])
    assert isinstance(error, APIConnectionError)
    assert "content-encoding" in str(error)


# Time.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A monotonic clock that a test moves."""
    now = [time.monotonic()]
    monkeypatch.setattr(_flow, "monotonic", lambda: now[0])
    monkeypatch.setattr(_flow, "chance", lambda: 0.0)
    return now


async def test_a_retry_that_would_miss_the_deadline_is_not_waited_for(clock: list[float]) -> None:
    naps: list[float] = []

    def reply(request: httpx.Request) -> httpx.Response:
        return httpx.Response(503, json={})

    mgmt = Management(DOMAIN, auth="t", transport=httpx.MockTransport(reply), deadline=2.0)

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock[0] += seconds

    mgmt._dispatcher.http.sleep = sleep
    with pytest.raises(ServiceUnavailableError):
        mgmt.roles.get("r")
    assert naps == [0.5, 1.0], "the third wait of 2 s would end after the deadline"


async def test_after_the_deadline_nothing_is_sent(clock: list[float]) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        clock[0] += 5
        return httpx.Response(200, json={"access_token": "t", "expires_in": 60})

    options: Any = {"auth": ClientCredentials("c", "s"), "deadline": 4.0}
    error = await both(reply, CALLS["get"], **options)
    assert isinstance(error, APITimeoutError)
    assert str(error) == "the deadline has passed: roles.get"


async def test_the_timeout_of_a_request_is_what_the_deadline_leaves(script: Script) -> None:
    mgmt = Management(DOMAIN, auth="t", transport=httpx.MockTransport(script))
    mgmt.roles.get("r", request_options={"deadline": 3.0})
    assert 0 < script.last.extensions["timeout"]["read"] <= 3.0
    mgmt.roles.get("r", request_options={"deadline": 300.0})
    assert script.last.extensions["timeout"]["read"] == 30.0


async def test_a_stalled_transport_is_cut_off_at_the_deadline() -> None:
    class Stalled(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await anyio.sleep_forever()
            raise AssertionError

    mgmt = AsyncManagement(DOMAIN, auth="t", transport=Stalled(), deadline=0.05)
    with pytest.raises(APITimeoutError):
        await mgmt.roles.get("r")


def test_a_token_source_that_stalls_in_another_thread_is_not_waited_for(script: Script) -> None:
    go, begun = threading.Event(), threading.Event()

    def source() -> str:
        begun.set()
        go.wait()
        return "t"

    mgmt = Management(DOMAIN, auth=source, transport=httpx.MockTransport(script))
    thread = threading.Thread(target=mgmt.roles.get, args=("r",))
    thread.start()
    begun.wait()
    with pytest.raises(APITimeoutError, match="deadline"):
        mgmt.roles.get("r", request_options={"deadline": 0.01})
    go.set()
    thread.join()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-reset": str(10**14)},
        {"x-ratelimit-reset": "5000"},
        {"x-ratelimit-reset": "1010", "date": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ],
)
def test_throttling_waits_no_longer_than_a_retry_may(
    monkeypatch: pytest.MonkeyPatch, script: Script, headers: dict[str, str]
) -> None:
    now = 1_000.0
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        naps.append(seconds)
        now += seconds

    monkeypatch.setattr(_flow, "clock", lambda: now)
    script.answers = [
        httpx.Response(200, json={}, headers={"x-ratelimit-remaining": "0", **headers})
    ]
    mgmt = Management(
        DOMAIN, "t", transport=httpx.MockTransport(script), throttle=True, max_retry_delay=7.0
    )
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", sleep)
    for _ in range(3):
        mgmt.roles.get("r")
    assert naps == [7.0, 7.0]


def test_throttling_waits_again_where_others_were_first(
    monkeypatch: pytest.MonkeyPatch, script: Script
) -> None:
    """While this call waited for a refill, another took all of it."""
    now = 1_000.0
    naps: list[float] = []
    bucket = {"x-ratelimit-limit": "1", "x-ratelimit-remaining": "0"}

    def sleep(seconds: float) -> None:
        nonlocal now
        naps.append(seconds)
        now += seconds
        limiter = mgmt._dispatcher.core.limiter
        if len(naps) == 1 and limiter is not None:
            limiter.learn({**bucket, "x-ratelimit-reset": "1012"}, now)

    monkeypatch.setattr(_flow, "clock", lambda: now)
    script.answers = [httpx.Response(200, json={}, headers={**bucket, "x-ratelimit-reset": "1005"})]
    mgmt = Management(DOMAIN, "t", transport=httpx.MockTransport(script), throttle=True)
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", sleep)
    mgmt.roles.get("r")
    mgmt.roles.get("r")
    assert naps == [5.0, 7.0]


def test_a_429_of_far_away_raises_at_once(script: Script) -> None:
    script.answers = [httpx.Response(429, json={}, headers={"x-ratelimit-reset": str(10**14)})]
    mgmt = Management(DOMAIN, "t", transport=httpx.MockTransport(script))
    with pytest.raises(RateLimitError):
        mgmt.roles.get("r")


# Circles.


def checkpoint(cursors: list[str], items: int) -> Reply:
    count = iter(range(10**9))

    def reply(request: httpx.Request) -> httpx.Response:
        turn = next(count)
        assert turn < 1_000, "the list did not end"
        rows = [{"id": f"o{turn}-{n}"} for n in range(items)]
        cursor = cursors[turn % len(cursors)] if cursors else f"c{turn}"
        return httpx.Response(200, json={"organizations": rows, "next": cursor})

    return reply


@pytest.mark.parametrize(
    ("cursors", "items", "reason"),
    [
        (["A", "B"], 1, "returned to a cursor"),
        (["A", "B"], 0, "returned to a cursor"),
        (["A"], 1, "returned to a cursor"),
        ([str(n) for n in range(17)], 1, "returned to a cursor"),
        ([], 0, "100 empty pages"),
    ],
)
async def test_a_list_that_goes_in_circles_stops(
    cursors: list[str], items: int, reason: str
) -> None:
    mgmt = Management(DOMAIN, "t", transport=httpx.MockTransport(checkpoint(cursors, items)))
    with pytest.raises(PaginationError, match=reason):
        list(mgmt.organizations.list(take=1))
    twin = AsyncManagement(DOMAIN, "t", transport=httpx.MockTransport(checkpoint(cursors, items)))
    with pytest.raises(PaginationError, match=reason):
        async for _ in twin.organizations.list(take=1):
            pass


def test_a_server_that_ignores_the_page_is_noticed(script: Script) -> None:
    rows = [{"id": "r1"}, {"id": "r2"}]
    script.answers = [httpx.Response(200, json=rows)]
    mgmt = Management(DOMAIN, "t", transport=httpx.MockTransport(script))
    with pytest.raises(PaginationError, match="same page came twice"):
        list(mgmt.roles.list(per_page=2, include_totals=False))
    assert len(script.calls) == 2


def test_a_list_may_be_walked_twice(script: Script) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        place = int(request.url.params.get("from", "0"))
        body: dict[str, Any] = {"organizations": [{"id": f"o{place}"}]}
        return httpx.Response(200, json=body if place == 9 else {**body, "next": str(place + 1)})

    script.answers = [reply]
    page = Management(DOMAIN, "t", transport=httpx.MockTransport(script)).organizations.list(take=1)
    assert [org.id for org in page] == [org.id for org in page] == [f"o{n}" for n in range(10)]


def test_a_log_that_is_no_object_does_not_break_the_walk(script: Script) -> None:
    script.answers = [httpx.Response(200, json=["odd"]), httpx.Response(200, json=[])]
    mgmt = Management(DOMAIN, "t", transport=httpx.MockTransport(script))
    found: list[object] = [*mgmt.logs.list(from_="l0")]
    assert found == ["odd"]


def test_an_empty_log_id_is_refused() -> None:
    with pytest.raises(ValueError, match="from_ must not be empty"):
        Management(DOMAIN, "t").logs.list(from_="")


def test_a_real_server_that_closes_early_is_a_typed_error() -> None:
    def short(method: str, path: str, headers: dict[str, str]) -> Any:
        return 200, {"content-length": "500", "connection": "close"}, b'{"user_id":'

    with served(short) as origin:
        mgmt = Management(origin, auth="t", max_attempts=1, timeout=5.0)
        with pytest.raises(APIConnectionError):
            mgmt.users.get("x")

        async def twin() -> None:
            async with AsyncManagement(origin, auth="t", max_attempts=1, timeout=5.0) as client:
                with pytest.raises(APIConnectionError):
                    await client.users.get("x")

        asyncio.run(twin())
