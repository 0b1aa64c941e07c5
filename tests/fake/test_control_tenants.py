"""Tenants side by side: threads, tasks, forks, doors, and what they keep in memory."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import respx

from auth0_mgmt import AsyncManagement, Management
from auth0_mgmt_testing import FakeTenant

from .conftest import BEARER

JSON = {**BEARER, "content-type": "application/json"}


def in_threads(work: Callable[[int], object], times: int, threads: int = 8) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(times)))


# Threads and tasks.


def test_many_threads_on_one_document_lose_no_update(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", email="ada@example.com")

    def note(number: int) -> None:
        body = b'{"user_metadata": {"n%d": true}}' % number
        assert tenant.send("PATCH", "/api/v2/users/auth0%7C1", JSON, body).status == 200

    in_threads(note, 200)
    assert len(tenant.users["auth0|1"].user_metadata or {}) == 200


def test_of_many_threads_that_want_one_name_one_gets_it(tenant: FakeTenant) -> None:
    statuses = [0] * 64

    def create(number: int) -> None:
        answer = tenant.send("POST", "/api/v2/roles", JSON, b'{"name": "admin"}')
        statuses[number] = answer.status

    in_threads(create, 64)
    assert sorted(statuses) == [200] + [409] * 63


def test_arranging_and_requests_mix(tenant: FakeTenant) -> None:
    def create(number: int) -> None:
        if number % 2:
            tenant.roles.add(name=f"r{number}")
        else:
            tenant.send("POST", "/api/v2/roles", JSON, b'{"name": "r%d"}' % number)

    in_threads(create, 200)
    assert len(tenant.roles) == 200
    assert len(set(tenant.roles.keys())) == 200


def test_readers_see_one_state_whatever_is_written_meanwhile(tenant: FakeTenant) -> None:
    moment = tenant.snapshot()

    def work(number: int) -> None:
        if number % 10 == 0:
            tenant.restore(moment)
        elif number % 3 == 0:
            twin = tenant.fork()
            assert twin.send("GET", "/api/v2/roles", BEARER).status == 200
        elif number % 3 == 1:
            tenant.send("POST", "/api/v2/roles", JSON, b'{"name": "r%d"}' % number)
        else:
            names = [r["name"] for r in tenant.send("GET", "/api/v2/roles", BEARER).json()]
            assert len(names) == len(set(names))

    in_threads(work, 300)
    tenant.restore(moment)
    assert tenant.snapshot() == moment


async def test_many_tasks_lose_no_update(tenant: FakeTenant) -> None:
    async with tenant.async_management() as mgmt:
        await asyncio.gather(*(mgmt.roles.create(name=f"r{number}") for number in range(100)))
    assert len(tenant.roles) == 100


def test_faults_are_counted_by_all_threads_together(tenant: FakeTenant) -> None:
    fault = tenant.faults.add("roles.list", status=503, times=10)
    statuses: list[int] = []
    in_threads(lambda _: statuses.append(tenant.send("GET", "/api/v2/roles", BEARER).status), 100)
    assert (statuses.count(503), fault.hits, fault.calls) == (10, 10, 100)


# Memory.


def sizes(tenant: FakeTenant) -> dict[str, int]:
    """How many entries there are in all that a tenant holds on to, by what leads to it."""
    found: dict[str, int] = {}
    seen: set[int] = set()
    queue: list[tuple[str, Any, int]] = [("tenant", tenant, 0)]
    while queue:
        name, thing, depth = queue.pop()
        if id(thing) in seen or depth > 6:
            continue
        seen.add(id(thing))
        if hasattr(thing, "__len__") and not isinstance(thing, (str, bytes, type)):
            found[name] = found.get(name, 0) + len(thing)
        for inner in gc.get_referents(thing):
            if not isinstance(inner, (type, str, bytes, int, float)) and not callable(inner):
                queue.append((f"{name}.{type(inner).__name__}", inner, depth + 1))
    return found


def busy(tenant: FakeTenant, rounds: range) -> None:
    """Requests of every kind that is remembered somewhere."""
    for number in rounds:
        tenant.send("POST", "/api/v2/roles", JSON, b'{"name": "r%d"}' % number)
        tenant.send("GET", f"/api/v2/roles?name_filter={number}", BEARER)
        tenant.send("GET", f"/api/v2/clients/{number}", BEARER)
        tenant.send("POST", "/oauth/token", {}, b"grant_type=client_credentials&client_id=x")
        del tenant.roles[tenant.roles.keys()[0]]


def test_what_a_tenant_keeps_is_bounded(tenant: FakeTenant) -> None:
    tenant.search_delay = 0.001
    for _ in range(9_900):
        tenant.logs.add(type="s")
    busy(tenant, range(250))
    assert 9_000 <= len(tenant.logs) <= 10_000
    assert len(tenant.requests) == 1_000
    before = sum(sizes(tenant).values())
    busy(tenant, range(250, 500))
    assert 9_000 <= len(tenant.logs) <= 10_000
    assert len(tenant.requests) == 1_000
    assert sum(sizes(tenant).values()) < before * 1.3


# Forks.


def test_a_fork_shares_what_there_is_and_nothing_that_comes(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", email="ada@example.com")
    tenant.clock.freeze()
    twin = tenant.fork()
    assert twin.snapshot() == tenant.snapshot()
    twin.users.add(user_id="auth0|2", email="bob@example.com")
    twin.clock.advance(60)
    twin.faults.add("roles.list", status=503)
    assert tenant.users.keys() == ["auth0|1"]
    assert twin.clock.time() == tenant.clock.time() + 60
    assert tenant.send("GET", "/api/v2/roles", BEARER).status == 200


def test_a_reset_keeps_the_controls(tenant: FakeTenant) -> None:
    tenant.faults.add("roles.list", status=503)
    tenant.roles.add(name="admin")
    tenant.reset()
    assert len(tenant.roles) == 0
    assert tenant.send("GET", "/api/v2/roles", BEARER).status == 503
    assert tenant.snapshot() == FakeTenant().snapshot()


# Patching.


def names(domain: str) -> list[str]:
    return [
        role["name"] for role in httpx.get(f"https://{domain}/api/v2/roles", headers=BEARER).json()
    ]


def test_two_tenants_are_patched_at_once() -> None:
    with FakeTenant("a.eu.auth0.com") as first, FakeTenant("b.us.auth0.com") as second:
        first.roles.add(name="of a")
        second.roles.add(name="of b")
        assert names("a.eu.auth0.com") == ["of a"]
        assert names("b.us.auth0.com") == ["of b"]


def test_leaving_the_inner_tenant_leaves_the_outer_patched() -> None:
    with FakeTenant("a.eu.auth0.com") as outer:
        outer.roles.add(name="outer")
        with FakeTenant("b.us.auth0.com"):
            assert names("a.eu.auth0.com") == ["outer"]
        assert names("a.eu.auth0.com") == ["outer"]


def test_of_two_tenants_of_one_domain_the_inner_answers() -> None:
    with FakeTenant() as outer:
        outer.roles.add(name="outer")
        with FakeTenant() as inner:
            inner.roles.add(name="inner")
            assert names(inner.domain) == ["inner"]
        assert names(outer.domain) == ["outer"]


def test_one_tenant_can_be_entered_twice(tenant: FakeTenant) -> None:
    with tenant:
        with tenant:
            assert names(tenant.domain) == []
        assert names(tenant.domain) == []


def test_a_tenant_and_routes_of_ones_own_live_together(tenant: FakeTenant) -> None:
    with respx.mock(assert_all_called=False) as mine:
        mine.get("https://api.example.com/").respond(204)
        with tenant:
            assert httpx.get("https://api.example.com/").status_code == 204
            assert names(tenant.domain) == []
        assert httpx.get("https://api.example.com/").status_code == 204


def test_routes_of_ones_own_may_be_set_inside(tenant: FakeTenant) -> None:
    with tenant, respx.mock(assert_all_mocked=False) as mine:
        mine.get("https://api.example.com/").respond(204)
        assert httpx.get("https://api.example.com/").status_code == 204
        assert names(tenant.domain) == []


async def test_synchronous_and_asynchronous_clients_are_patched_alike(tenant: FakeTenant) -> None:
    with tenant:
        with Management(tenant.domain, auth="any") as mgmt:
            mgmt.roles.create(name="admin")
        async with AsyncManagement(tenant.domain, auth="any") as mgmt:
            assert [role.name async for role in mgmt.roles.list()] == ["admin"]


def test_leaving_after_an_error_restores_as_well(tenant: FakeTenant) -> None:
    with pytest.raises(ZeroDivisionError), tenant:
        raise ZeroDivisionError
    with FakeTenant("b.us.auth0.com") as other:
        assert names(other.domain) == []


# Arguments.


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"domain": "https://x.auth0.com/"}, "'https://x.auth0.com/' is no host name"),
        ({"domain": ""}, "'' is no host name"),
        ({"domain": "x.auth0.com/api"}, "is no host name"),
        ({"unsupported_parameters": "no"}, "'no': give 'warn' or 'error'"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        FakeTenant(**options)
