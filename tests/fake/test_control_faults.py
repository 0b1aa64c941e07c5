"""Faults: errors, late, lost, dropped and cut answers, through every door."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import BEARER


def roles(tenant: FakeTenant) -> int:
    return len(tenant.roles)


@pytest.mark.parametrize("name", ["roles.list", "get_roles", "GET /roles", "get /api/v2/roles"])
def test_an_operation_is_named_as_one_likes(
    tenant: FakeTenant, http: httpx.Client, name: str
) -> None:
    tenant.faults.add(name, status=503)
    assert http.get("/roles").status_code == 503
    assert http.get("/roles").status_code == 200


def test_path_parameters_may_have_any_name(tenant: FakeTenant, http: httpx.Client) -> None:
    fault = tenant.faults.add("GET /users/{who}", status=503)
    assert http.get("/users/auth0|1").status_code == 503
    assert fault.hits == 1


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("user.get", "users.get"),
        ("get_user_by_id", "get_users_by_id"),
        ("GET /user/{id}", "GET /users/{id}"),
    ],
)
def test_an_unknown_operation_is_refused_with_what_is_close(
    tenant: FakeTenant, name: str, hint: str
) -> None:
    with pytest.raises(ValueError, match="there is no operation") as refused:
        tenant.faults.add(name, status=503)
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            403,
            {
                "statusCode": 403,
                "error": "Forbidden",
                "message": "Insufficient scope, expected any of: read:roles",
                "errorCode": "insufficient_scope",
            },
        ),
        (
            429,
            {
                "statusCode": 429,
                "error": "Too Many Requests",
                "message": "Global limit has been reached",
                "errorCode": "too_many_requests",
            },
        ),
        (502, {"statusCode": 502, "error": "Bad Gateway", "message": "Bad Gateway"}),
    ],
)
def test_an_error_has_the_shape_and_the_usual_words_of_its_status(
    tenant: FakeTenant, http: httpx.Client, status: int, expected: dict[str, object]
) -> None:
    tenant.faults.add("roles.list", status=status)
    assert http.get("/roles").json() == expected


def test_a_429_says_when_to_come_again_by_the_tenants_clock(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    tenant.clock.freeze()
    tenant.faults.add("roles.list", status=429)
    reset = int(http.get("/roles").headers["x-ratelimit-reset"])
    assert 0 < reset - tenant.clock.time() <= 1


def test_message_code_headers_and_body_can_be_given(tenant: FakeTenant, http: httpx.Client) -> None:
    tenant.faults.add(
        "roles.list", status=409, message="no", error_code="nope", headers={"x-why": "test"}
    )
    tenant.faults.add("roles.list", status=502, body="<html>", skip=1)
    first, second = http.get("/roles"), http.get("/roles")
    assert (first.json()["message"], first.json()["errorCode"]) == ("no", "nope")
    assert first.headers["x-why"] == "test"
    assert (second.status_code, second.text) == (502, "<html>")


def test_a_fault_waits_strikes_so_many_times_and_counts(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    fault = tenant.faults.add("roles.list", status=500, skip=1, times=2)
    assert [http.get("/roles").status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    assert (fault.calls, fault.hits) == (5, 2)


def test_a_fault_without_end_ends_when_it_is_cleared(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    tenant.faults.add("roles.list", status=500, times=None)
    assert [http.get("/roles").status_code for _ in range(3)] == [500] * 3
    assert len(tenant.faults) == 1
    tenant.faults.clear()
    assert http.get("/roles").status_code == 200


def test_an_error_changes_nothing_unless_the_answer_only_was_lost(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    tenant.faults.add("roles.create", status=503)
    assert http.post("/roles", json={"name": "a"}).status_code == 503
    assert roles(tenant) == 0
    tenant.faults.add("roles.create", status=504, lose_response=True)
    assert http.post("/roles", json={"name": "a"}).status_code == 504
    assert roles(tenant) == 1
    assert http.post("/roles", json={"name": "a"}).status_code == 409


def test_a_dropped_connection_changes_nothing_and_a_lost_answer_does(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    tenant.faults.add("roles.create", drop_connection=True)
    with pytest.raises(httpx.ConnectError):
        http.post("/roles", json={"name": "a"})
    assert roles(tenant) == 0
    tenant.faults.add("roles.create", lose_response=True)
    with pytest.raises(httpx.RemoteProtocolError):
        http.post("/roles", json={"name": "a"})
    assert roles(tenant) == 1


def test_a_cut_body_breaks_off(tenant: FakeTenant, http: httpx.Client) -> None:
    tenant.faults.add("roles.create", truncate_body=5)
    with pytest.raises(httpx.RemoteProtocolError, match="received 5 bytes"):
        http.post("/roles", json={"name": "a"})
    assert roles(tenant) == 1


def test_faults_reach_patched_clients(tenant: FakeTenant) -> None:
    url = f"https://{tenant.domain}/api/v2/roles"
    tenant.faults.add("roles.list", drop_connection=True)
    tenant.faults.add("roles.list", truncate_body=1, skip=1)
    with tenant:
        with pytest.raises(httpx.ConnectError):
            httpx.get(url, headers=BEARER)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(url, headers=BEARER)
        assert httpx.get(url, headers=BEARER).json() == []


async def test_faults_reach_asynchronous_clients(tenant: FakeTenant) -> None:
    url = f"https://{tenant.domain}/api/v2/roles"
    tenant.faults.add("roles.list", lose_response=True)
    tenant.faults.add("roles.list", truncate_body=1, skip=1)
    async with httpx.AsyncClient(transport=tenant.async_transport(), headers=BEARER) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(url)
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get(url)


async def test_without_a_server_a_dropped_connection_is_an_error_of_the_application(
    tenant: FakeTenant,
) -> None:
    tenant.faults.add("roles.list", drop_connection=True)
    asgi = httpx.ASGITransport(app=tenant.asgi())
    async with httpx.AsyncClient(transport=asgi, base_url="http://any", headers=BEARER) as http:
        with pytest.raises(ConnectionResetError):
            await http.get("/api/v2/roles")


@pytest.mark.parametrize("frozen", [True, False])
def test_latency_moves_the_tenants_clock_and_nobody_sleeps(
    tenant: FakeTenant, http: httpx.Client, frozen: bool
) -> None:
    if frozen:
        tenant.clock.freeze()
    before = tenant.clock.time()
    tenant.faults.add("roles.list", latency=3600)
    assert http.get("/roles", timeout=None).status_code == 200
    assert 3600 <= tenant.clock.time() - before < 3700


def test_an_answer_that_is_later_than_the_client_waits_is_a_timeout(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    tenant.faults.add("roles.create", latency=30)
    with pytest.raises(httpx.ReadTimeout):
        http.post("/roles", json={"name": "a"}, timeout=5)
    assert roles(tenant) == 1


def test_the_token_endpoint_can_fail_in_its_own_shape(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    tenant.faults.add("oauth.token", status=429)
    answer = http.post(f"https://{tenant.domain}/oauth/token", data={})
    assert answer.status_code == 429
    assert answer.json() == {
        "error": "too_many_requests",
        "error_description": "Global limit has been reached",
    }


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "a fault needs an effect"),
        ({"status": 200}, "not an error status"),
        ({"message": "x"}, "give a status"),
        ({"drop_connection": True, "status": 500}, "has no response"),
        ({"status": 500, "times": 0}, "times is 1 or more"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    tenant: FakeTenant, options: Any, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        tenant.faults.add("roles.list", **options)


async def test_behind_asgi_a_stopped_clock_moves_on_and_a_running_one_waits(
    tenant: FakeTenant,
) -> None:
    asgi = httpx.ASGITransport(app=tenant.asgi())
    async with httpx.AsyncClient(transport=asgi, base_url="http://any", headers=BEARER) as http:
        before = tenant.clock.time()
        tenant.faults.add("roles.list", latency=0.01)
        assert (await http.get("/api/v2/roles")).status_code == 200
        assert tenant.clock.time() >= before + 0.01
        tenant.clock.freeze()
        stopped = tenant.clock.time()
        tenant.faults.add("roles.list", latency=3600)
        assert (await http.get("/api/v2/roles")).status_code == 200
        assert tenant.clock.time() == stopped + 3600
