"""When calls are tried again, how long is waited, and pacing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt import (
    APIConnectionError,
    APITimeoutError,
    Management,
    RateLimitError,
    ServiceUnavailableError,
    _flow,
    _retry,
)
from auth0_mgmt._rate_limit import RateLimiter

from .conftest import DOMAIN, Script

OK = httpx.Response(200, json={})


def status(code: int, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(code, json={"statusCode": code}, headers=names)


def test_429_is_retried_for_every_method(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    script.answers = [status(429, retry_after="2"), OK]
    mgmt.roles.create(name="r")
    assert len(script.calls) == 2
    assert naps[0] == pytest.approx(2, abs=0.2)


@pytest.mark.parametrize("trouble", [408, 500, 502, 503, 504, "reset", "time-out"])
def test_trouble_is_retried_where_doing_it_twice_does_no_harm(
    mgmt: Management, script: Script, naps: list[float], trouble: Any
) -> None:
    failures = {"reset": httpx.ReadError("reset"), "time-out": httpx.ReadTimeout("slow")}
    failure = failures.get(trouble) or status(trouble)
    script.answers = [failure, failure, OK]
    mgmt.roles.get("r")
    assert len(script.calls) == 3
    assert naps == [0.5, 1.0]


def test_a_post_is_not_repeated_after_trouble_unless_asked(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    script.answers = [status(503), OK]
    with pytest.raises(ServiceUnavailableError):
        mgmt.roles.create(name="r")
    script.answers = [httpx.ReadError("reset"), OK]
    mgmt.roles.create(name="r", request_options={"retry_non_idempotent": True})
    assert len(naps) == 1


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 422, 501])
def test_what_another_try_would_not_better_is_not_retried(
    mgmt: Management, script: Script, naps: list[float], code: int
) -> None:
    script.answers = [status(code)]
    with pytest.raises(Exception, match=str(code)):
        mgmt.roles.delete("r")
    assert (len(script.calls), naps) == (1, [])


def test_after_the_last_attempt_the_error_is_raised(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    script.answers = [httpx.ConnectTimeout("slow")]
    with pytest.raises(APITimeoutError) as caught:
        mgmt.roles.get("r", request_options={"max_attempts": 2})
    assert len(script.calls) == 2
    assert caught.value.request is not None
    assert caught.value.request.operation == "roles.get"
    script.answers = [httpx.ConnectError("refused")]
    with pytest.raises(APIConnectionError, match=r"refused.*roles\.get"):
        mgmt.with_options(max_attempts=1).roles.get("r")


def test_an_answer_that_cannot_be_unpacked_is_our_own_error(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    script.answers = [
        lambda request: httpx.Response(
            200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip")
        )
    ]
    with pytest.raises(APIConnectionError, match="DecodingError"):
        mgmt.with_options(max_attempts=1).roles.get("r")


def test_a_wait_beyond_the_limit_raises_at_once_and_tells_it(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    script.answers = [status(429, retry_after="3600")]
    with pytest.raises(RateLimitError) as caught:
        mgmt.roles.get("r")
    assert (caught.value.retry_after, naps) == (3600.0, [])


def test_the_reset_is_measured_against_the_answers_own_date() -> None:
    headers = {"x-ratelimit-reset": "1700000010", "date": "Tue, 14 Nov 2023 22:13:20 GMT"}
    assert _retry.server_wait(headers, now=0.0) == 10
    assert _retry.server_wait({**headers, "retry-after": "3"}, now=0.0) == 3
    date = {"retry-after": "Tue, 14 Nov 2023 22:13:25 GMT", "date": headers["date"]}
    assert _retry.server_wait(date, now=0.0) == 5
    assert _retry.server_wait({"retry-after": "soon"}, now=0.0) is None
    assert _retry.server_wait({"x-ratelimit-reset": "5"}, now=9.0) == 0


def test_backoff_doubles_with_jitter_up_to_a_bound() -> None:
    assert [_retry.backoff(n, 0.0) for n in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert _retry.backoff(1, 1.0) == 0.25
    assert _retry.backoff(40, 0.0) == _retry.LONGEST_BACKOFF


def test_the_pacer_waits_for_the_reset_when_nothing_is_left() -> None:
    limiter = RateLimiter()
    assert limiter.reserve(100.0) == 0
    limiter.learn(
        {"x-ratelimit-limit": "2", "x-ratelimit-remaining": "1", "x-ratelimit-reset": "105"}, 100.0
    )
    assert limiter.reserve(100.0) == 0
    assert limiter.reserve(100.0) == 5
    assert limiter.reserve(105.0) == 0


def test_a_paced_bulk_job_never_meets_429(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A tenant with a bucket of 5, refilled each second, on a clock that only sleeping moves."""
    now = 1_000.0
    used: dict[int, int] = {}
    refused = 0

    def tenant(request: httpx.Request) -> httpx.Response:
        nonlocal refused
        second = int(now)
        used[second] = used.get(second, 0) + 1
        headers = {
            "x-ratelimit-limit": "5",
            "x-ratelimit-remaining": str(max(0, 5 - used[second])),
            "x-ratelimit-reset": str(second + 1),
        }
        if used[second] > 5:
            refused += 1
            return httpx.Response(429, json={}, headers=headers)
        return httpx.Response(200, json={}, headers=headers)

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(_flow, "clock", lambda: now)
    transport = httpx.MockTransport(tenant)
    with Management(DOMAIN, auth="token", transport=transport, throttle=True) as mgmt:
        monkeypatch.setattr(mgmt._dispatcher.http, "sleep", sleep)
        for _ in range(40):
            mgmt.roles.get("r")
    assert refused == 0
    assert now - 1_000 <= 8.5
