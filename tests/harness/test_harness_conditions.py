"""The conditions of a recording: scopes, plan and time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from auth0_mgmt_testing.recordings.importers import load
from auth0_mgmt_testing.verification.replay import replay
from auth0_mgmt_testing.verification.targets import FakeTarget

from .conftest import ScriptedTarget, exchange, scenario

SCOPE = {
    "statusCode": 403,
    "error": "Forbidden",
    "message": "Insufficient scope, expected any of: read:roles",
    "errorCode": "insufficient_scope",
}
BOTS = "/attack-protection/bot-detection"
UPGRADE = {
    "statusCode": 403,
    "error": "Forbidden",
    "message": "Please upgrade your subscription to use bot detection",
    "errorCode": "insufficient_entitlement",
}


def test_a_recorded_missing_scope_is_replayed_with_a_token_without_it() -> None:
    refused, read = exchange("GET", "/roles", None, 403, SCOPE), exchange("GET", "/clients")
    scripted = ScriptedTarget((403, SCOPE), (200, None))
    list(replay(scenario(refused, read), scripted))
    assert scripted.withheld == [("read:roles",), ()]
    [outcome, _] = replay(scenario(refused, read), FakeTarget())
    assert outcome.verdict.value


def test_a_recorded_refusal_of_the_plan_is_replayed_on_a_tenant_of_that_plan() -> None:
    refused = exchange("GET", BOTS, None, 403, UPGRADE)
    target = FakeTarget()
    [outcome] = replay(scenario(refused), target)
    assert outcome.verdict.value
    [outcome] = replay(scenario(exchange("GET", BOTS, None, 200, {})), target)
    assert outcome.verdict.status


def test_a_feature_that_worked_once_is_part_of_the_plan() -> None:
    both = scenario(exchange("GET", BOTS, None, 200, {}), exchange("PATCH", BOTS, {}, 403, UPGRADE))
    target = ScriptedTarget((200, {}), (200, {}))
    list(replay(both, target))
    assert target.unavailable == frozenset()


def test_users_of_the_default_database_have_usernames_where_the_recorded_ones_had() -> None:
    body = {
        "connection": "Username-Password-Authentication",
        "email": "ada@example.com",
        "password": "Correct-Horse-7-Battery",
    }
    named = exchange("POST", "/users", {**body, "username": "ada"}, 201, {"username": "ada"})
    plain = exchange("POST", "/users", body, 201, {"email": "ada@example.com"})
    target = FakeTarget()
    for each in (named, plain, named):
        [outcome] = replay(scenario(each), target)
        assert outcome.verdict.status


def test_a_domain_is_not_the_primary_one_where_the_recorded_tenant_held_one_before() -> None:
    body = {"domain": "a.example.com", "type": "auth0_managed_certs"}
    for primary in (False, True, False):
        shown = {**body, "primary": primary}
        created = exchange("POST", "/custom-domains", body, 201, shown)
        [outcome] = replay(scenario(created), FakeTarget())
        assert "primary" not in {each.path for each in outcome.verdict.differences}


def test_the_clock_moves_on_by_what_was_recorded() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start, start + timedelta(seconds=7), None, None]
    calls = [
        replace(exchange("GET", f"/roles/{index}"), recorded_at=time, duration=0.5)
        for index, time in enumerate(times)
    ]
    target = ScriptedTarget(*[(200, None)] * 4)
    list(replay(scenario(*calls), target))
    assert target.waits == [7, 0.5, 0.5]


def test_a_repeated_read_waits_for_the_next_task() -> None:
    read, write = exchange("GET", "/roles"), exchange("POST", "/roles", {"name": "a"})
    target = ScriptedTarget(*[(200, None)] * 4)
    list(replay(scenario(read, read, write, read), target))
    assert [wait for wait in target.waits if wait is None] == [None]


def test_go_vcr_tells_how_long_a_response_took(write: Any) -> None:
    request = {"method": "GET", "url": "https://t.auth0.com/api/v2/roles"}
    calls = [
        {"request": request, "response": {"code": 200, "body": "[]", "duration": duration}}
        for duration in ("341.5ms", "1m2s", 250_000_000, None)
    ]
    [found] = load(write("a.yaml", {"version": 2, "interactions": calls}))
    assert [each.duration for each in found.exchanges] == [0.3415, 62, 0.25, 0]
