"""Rate limits: buckets, headers, refusals and what the tenant logs of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import BEARER

START = datetime(2025, 6, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


def ask(tenant: FakeTenant, path: str = "/roles") -> int:
    return tenant.send("GET", f"/api/v2{path}", BEARER).status


def test_nothing_is_limited_unless_asked(tenant: FakeTenant) -> None:
    answer = tenant.send("GET", "/api/v2/roles", BEARER)
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


def test_every_answer_tells_what_is_left_and_an_empty_bucket_refuses(tenant: FakeTenant) -> None:
    tenant.rate_limits.enable(limit=2, per_second=1)
    first = tenant.send("GET", "/api/v2/roles", BEARER)
    second = tenant.send("GET", "/api/v2/roles", {})
    third = tenant.send("GET", "/api/v2/roles", BEARER)
    assert [first.status, second.status, third.status] == [200, 401, 429]
    assert first.headers["x-ratelimit-limit"] == "2"
    assert [answer.headers["x-ratelimit-remaining"] for answer in (first, second, third)] == [
        "1",
        "0",
        "0",
    ]
    assert third.headers["x-ratelimit-reset"] == str(int(START.timestamp()) + 1)
    assert third.json() == {
        "statusCode": 429,
        "error": "Too Many Requests",
        "message": "Global limit has been reached",
        "errorCode": "too_many_requests",
    }


def test_a_bucket_gains_at_each_full_second_and_never_more_than_it_holds(
    tenant: FakeTenant,
) -> None:
    tenant.clock.freeze(START.replace(microsecond=900_000))
    tenant.rate_limits.enable(limit=3, per_second=2)
    assert [ask(tenant) for _ in range(4)] == [200, 200, 200, 429]
    tenant.clock.advance(0.2)
    assert [ask(tenant) for _ in range(3)] == [200, 200, 429]
    tenant.clock.advance(60)
    assert [ask(tenant) for _ in range(4)] == [200, 200, 200, 429]


def test_a_plan_limits_groups_of_endpoints_by_the_minute(tenant: FakeTenant) -> None:
    tenant.rate_limits.enable("essentials")
    assert [ask(tenant, "/clients") for _ in range(6)] == [200] * 5 + [429]
    assert ask(tenant, "/connections") == 200
    assert ask(tenant) == 200
    reset = tenant.send("GET", "/api/v2/clients", BEARER).headers["x-ratelimit-reset"]
    assert int(reset) == START.timestamp() + 60
    tenant.clock.advance(60)
    assert ask(tenant, "/clients") == 200


def test_the_tenants_bucket_comes_before_the_endpoints(tenant: FakeTenant) -> None:
    tenant.rate_limits.enable("enterprise-nonproduction")
    first = tenant.send("GET", "/api/v2/clients?q=name:x", BEARER)
    assert first.headers["x-ratelimit-limit"] == "5"
    assert [ask(tenant) for _ in range(10)] == [200] * 9 + [429]


def test_the_token_endpoint_has_a_bucket_and_words_of_its_own(tenant: FakeTenant) -> None:
    tenant.rate_limits.enable("free")
    answers = [tenant.send("POST", "/oauth/token", {}) for _ in range(31)]
    assert [answer.status for answer in answers] == [400] * 30 + [429]
    assert answers[-1].json()["error"] == "too_many_requests"
    assert ask(tenant) == 200


def test_going_over_is_logged_once_for_a_bucket(tenant: FakeTenant) -> None:
    tenant.rate_limits.enable(limit=5, per_second=5)
    for _ in range(9):
        ask(tenant)
    assert [event.type for event in tenant.logs] == ["api_limit_warning", "api_limit"]
    tenant.clock.advance(1)
    for _ in range(9):
        ask(tenant)
    assert [event.type for event in tenant.logs].count("api_limit") == 2


def test_limits_are_filled_up_and_turned_off(tenant: FakeTenant) -> None:
    tenant.rate_limits.enable(limit=1)
    assert [ask(tenant), ask(tenant)] == [200, 429]
    tenant.rate_limits.reset()
    assert [ask(tenant), ask(tenant)] == [200, 429]
    tenant.rate_limits.disable()
    assert ask(tenant) == 200


@pytest.mark.parametrize(
    ("plan", "options", "reason"),
    [
        ("fre", {}, "there is no plan 'fre'; did you mean 'free'"),
        (None, {}, "give a plan, or a limit"),
        ("free", {"limit": 1}, "give a plan, or a limit"),
        ("free", {"per_second": 1}, "leave out per_second"),
        (None, {"limit": 0}, "1 or more"),
    ],
)
def test_wrong_limits_are_refused(tenant: FakeTenant, plan: Any, options: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        tenant.rate_limits.enable(plan, **options)
