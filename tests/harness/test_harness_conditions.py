"""The conditions of a recording: scopes, plan and time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth0_mgmt_testing.recordings.importers import load
from auth0_mgmt_testing.verification.conditions import traits
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


@pytest.mark.parametrize("second", [202, 204])
def test_a_repeated_deletion_tells_whether_the_first_one_was_done(second: int) -> None:
    made = {"id": "con_recordedRecorded", "name": "c", "strategy": "okta"}
    path = "/connections/con_recordedRecorded"
    deleted = {"deleted_at": "2026-01-01T00:00:00.000Z"}
    for seconds in (0.0, 5.0):
        calls = [
            exchange("POST", "/connections", {"name": "c", "strategy": "okta"}, 201, made),
            exchange("DELETE", path, None, 202, deleted),
            exchange("DELETE", path, None, second, deleted if second == 202 else None),
        ]
        timed = scenario(*(replace(call, duration=seconds) for call in calls))
        outcomes = list(replay(timed, FakeTarget()))
        assert [outcome.verdict.status for outcome in outcomes] == [True] * 3


def test_go_vcr_tells_how_long_a_response_took(write: Any) -> None:
    request = {"method": "GET", "url": "https://t.auth0.com/api/v2/roles"}
    calls = [
        {"request": request, "response": {"code": 200, "body": "[]", "duration": duration}}
        for duration in ("341.5ms", "1m2s", 250_000_000, None)
    ]
    [found] = load(write("a.yaml", {"version": 2, "interactions": calls}))
    assert [each.duration for each in found.exchanges] == [0.3415, 62, 0.25, 0]


def test_invitations_lead_to_the_login_route_that_the_recorded_tenant_had() -> None:
    organization = {"id": "org_recorded00000001", "name": "acme"}
    client = {"client_id": "recordedRECORDEDrecorded00000001", "name": "app"}
    invited = {
        "client_id": client["client_id"],
        "inviter": {"name": "A"},
        "invitee": {"email": "b@example.com"},
    }
    url = "https://app.example.com/login?invitation=t"
    asked = scenario(
        exchange("POST", "/organizations", {"name": "acme"}, 201, organization),
        exchange("POST", "/clients", {"name": "app", "organization_usage": "allow"}, 201, client),
        exchange(
            "POST",
            f"/organizations/{organization['id']}/invitations",
            invited,
            201,
            {**invited, "id": "uinv_recorded00000001", "invitation_url": url},
        ),
    )
    assert traits(asked.exchanges) == {"login_route"}
    assert [outcome.verdict.status for outcome in replay(asked, FakeTarget())] == [True] * 3


def test_a_login_route_that_the_scenario_wrote_is_none_of_before() -> None:
    route = {"initiate_login_uri": "https://app.example.com/login"}
    url = "https://app.example.com/login?invitation=t"
    made = exchange("POST", "/organizations/o/invitations", {}, 201, {"invitation_url": url})
    assert traits([made]) == {"login_route"}
    assert traits([exchange("POST", "/clients", route, 201, {}), made]) == frozenset()


ACTION = {
    "name": "a",
    "supported_triggers": [{"id": "post-login", "version": "v3"}],
    "code": "",
    "dependencies": [{"name": "lodash", "version": "4.0.0", "registry_url": "https://r.example"}],
}


def test_actions_are_built_when_the_recording_shows_them_built() -> None:
    id = "00000000-0000-4000-8000-00000000000a"
    read = f"/actions/actions/{id}"
    asked = scenario(
        exchange("POST", "/actions/actions", ACTION, 201, {"id": id, "status": "pending"}),
        exchange("GET", read, None, 200, {"id": id, "status": "building"}),
        exchange("GET", read, None, 200, {"id": id, "status": "building"}),
        exchange("GET", read, None, 200, {"id": id, "status": "built"}),
        exchange("POST", f"{read}/deploy", None, 200, {"status": "built"}),
    )
    target = FakeTarget()
    for _ in range(2):
        outcomes = list(replay(asked, target))
        assert all(outcome.verdict.status for outcome in outcomes)
        differences = [str(d) for outcome in outcomes for d in outcome.verdict.differences]
        assert not [text for text in differences if "at status:" in text]
    at_once = exchange("GET", read, None, 200, {"id": id, "status": "built"})
    *_, last = replay(scenario(asked.exchanges[0], at_once), target)
    assert not [d for d in last.verdict.differences if d.path == "status"]


def test_the_clock_moves_on_to_the_end_of_a_job_whose_results_are_shown() -> None:
    job = "/jobs/job_recorded00000001"
    read_so: list[tuple[str, Any, list[float | None]]] = [
        (job, {"status": "pending"}, [0.0]),
        (job, {"status": "completed"}, [0.0, None]),
        (f"{job}/errors", [], [0.0, None]),
    ]
    for path, body, expected in read_so:
        made, read = exchange("POST", "/jobs/x", {}, 202), exchange("GET", path, None, 200, body)
        target = ScriptedTarget((202, None), (200, body))
        list(replay(scenario(made, read), target))
        assert target.waits == expected


def test_nobody_waits_for_what_comes_in_hours() -> None:
    target = FakeTarget()
    target.reset()
    body = json.dumps({"format": "json"}).encode()
    headers = {"authorization": target.authorization(), "content-type": "application/json"}
    job = json.loads(target.send("POST", "/api/v2/jobs/users-exports", headers, body).body)
    for _ in range(5):  # its end, and no further: it is forgotten a day later
        target.advance(None)
    read = target.send("GET", f"/api/v2/jobs/{job['id']}", headers, b"")
    assert json.loads(read.body)["status"] == "completed"
