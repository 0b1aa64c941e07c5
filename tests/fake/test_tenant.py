"""The tenant as a whole: doors, state, and what a request may and may not change."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from auth0_mgmt import (
    BadRequestError,
    ConflictError,
    Management,
    NotFoundError,
    UnauthorizedError,
)
from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import BEARER


def test_what_is_created_can_be_read_changed_listed_and_deleted(mgmt: Management) -> None:
    role = mgmt.roles.create(name="admin")
    assert role.id is not None
    assert role.id.startswith("rol_")
    assert mgmt.roles.update(role.id, description="all").description == "all"
    assert mgmt.roles.get(role.id).name == "admin"
    assert [each.id for each in mgmt.roles.list(name_filter="ADM")] == [role.id]
    mgmt.roles.delete(role.id)
    with pytest.raises(NotFoundError, match="The role does not exist"):
        mgmt.roles.get(role.id)


def test_a_refused_request_changes_nothing(tenant: FakeTenant, mgmt: Management) -> None:
    mgmt.roles.create(name="admin")
    with tenant.expect_changes():
        with pytest.raises(ConflictError):
            mgmt.roles.create(name="admin")
        with pytest.raises(BadRequestError, match="Missing required property: name"):
            mgmt.request("POST", "/roles", json={"nam": "x"})


def test_a_snapshot_is_restored_and_a_fork_goes_its_own_way(
    tenant: FakeTenant, mgmt: Management
) -> None:
    mgmt.roles.create(name="first")
    moment = tenant.snapshot()
    twin = tenant.fork()
    mgmt.roles.create(name="second")
    assert [role.name for role in twin.management().roles.list()] == ["first"]
    tenant.restore(moment)
    assert [role.name for role in mgmt.roles.list()] == ["first"]
    tenant.reset()
    assert list(mgmt.roles.list()) == []


def test_the_same_seed_gives_the_same_ids() -> None:
    def first(seed: int) -> str | None:
        return FakeTenant(random_seed=seed).management().roles.create(name="x").id

    assert first(1) == first(1)
    assert first(1) != first(2)


def test_every_door_leads_to_the_same_state(tenant: FakeTenant) -> None:
    url = f"https://{tenant.domain}/api/v2/roles"
    with tenant:
        assert httpx.post(url, headers=BEARER, json={"name": "a"}).status_code == 200
    with httpx.Client(transport=tenant.transport()) as http:
        assert [role["name"] for role in http.get(url, headers=BEARER).json()] == ["a"]


async def test_the_asynchronous_doors_lead_there_too(tenant: FakeTenant) -> None:
    async with tenant.async_management() as mgmt:
        await mgmt.roles.create(name="a")
    asgi = httpx.ASGITransport(app=tenant.asgi())
    async with httpx.AsyncClient(transport=asgi, base_url="http://any.host") as http:
        assert len((await http.get("/api/v2/roles", headers=BEARER)).json()) == 1
        assert (await http.get("/__fake/health")).json()["status"] == "ok"
        assert (await http.post("/__fake/reset")).status_code == 204
        assert (await http.get("/api/v2/roles", headers=BEARER)).json() == []
        assert (await http.get("/nowhere")).status_code == 404


def test_many_threads_lose_no_update(tenant: FakeTenant) -> None:
    def create(number: int) -> None:
        tenant.send(
            "POST",
            "/api/v2/roles",
            {**BEARER, "content-type": "application/json"},
            b'{"name": "r%d"}' % number,
        )

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(200)))
    assert len(tenant.roles) == 200


def test_a_strict_tenant_takes_no_opaque_token() -> None:
    with (
        FakeTenant(require_issued_tokens=True).management() as mgmt,
        pytest.raises(UnauthorizedError),
    ):
        mgmt.roles.list()


def test_a_missing_token_is_refused(tenant: FakeTenant) -> None:
    assert tenant.send("GET", "/api/v2/roles", {}).status == 401


def test_the_clock_stands_still_moves_on_and_never_back() -> None:
    clock = Clock()
    clock.freeze()
    moment = clock.time()
    clock.advance(90)
    assert clock.time() == moment + 90
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(-1)


def test_a_role_that_goes_takes_its_links_along(tenant: FakeTenant, mgmt: Management) -> None:
    role = mgmt.roles.create(name="admin")
    user = mgmt.users.create(
        connection="Username-Password-Authentication", email="ada@example.com", password="S3cret!pw"
    )
    assert role.id is not None
    assert user.user_id is not None
    mgmt.users.roles.assign(user.user_id, roles=[role.id])
    assert [each.id for each in mgmt.users.roles.list(user.user_id)] == [role.id]
    mgmt.roles.delete(role.id)
    assert list(mgmt.users.roles.list(user.user_id)) == []


def test_an_empty_list_acts_on_its_parameters_like_a_full_one() -> None:
    with FakeTenant(unsupported_parameters="error").management() as mgmt:
        assert list(mgmt.rules.list(fields="name", include_fields=True)) == []


def test_lists_keep_the_order_of_creation_whatever_comes_between(tenant: FakeTenant) -> None:
    for name in "abc":
        tenant.roles.add(name=name)

    def names(of: FakeTenant) -> list[str | None]:
        return [role.name for role in of.roles]

    assert names(tenant) == ["a", "b", "c"]
    before, twin = tenant.snapshot(), tenant.fork()
    with tenant.management() as mgmt, twin.management() as other:
        with pytest.raises(ConflictError):
            mgmt.roles.create(name="a")
        mgmt.roles.create(name="d")
        other.roles.create(name="e")
        assert [role.name for role in mgmt.roles.list()] == ["a", "b", "c", "d"]
        assert [role.name for role in other.roles.list()] == ["a", "b", "c", "e"]
        mgmt.roles.delete(tenant.roles.keys()[1])
        mgmt.roles.update(tenant.roles.keys()[0], description="first")
        mgmt.roles.create(name="b")
        assert [role.name for role in mgmt.roles.list(per_page=2, page=1)] == ["d", "b"]
    assert names(tenant) == ["a", "c", "d", "b"]
    tenant.restore(before)
    tenant.roles.add(name="f")
    assert (names(tenant), names(twin)) == (["a", "b", "c", "f"], ["a", "b", "c", "e"])


def test_forks_that_write_at_once_do_not_see_each_other(tenant: FakeTenant) -> None:
    tenant.roles.add(name="first")
    assert len(list(tenant.roles)) == 1
    twins = [tenant.fork() for _ in range(4)]

    def write(twin: FakeTenant) -> None:
        for number in range(50):
            twin.roles.add(name=f"r{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, twins))
    expected = ["first", *(f"r{number}" for number in range(50))]
    assert all([role.name for role in twin.roles] == expected for twin in twins)
    assert len(tenant.roles) == 1


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_tenant_is_forked_and_never_copied(tenant: FakeTenant, way: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"fork\(\)"):
        way(tenant)


def test_leaving_a_tenant_that_was_not_entered_says_so(tenant: FakeTenant) -> None:
    with pytest.raises(RuntimeError, match="was not entered"):
        tenant.__exit__(None, None, None)


def test_a_clock_stands_at_a_moment_given_as_text() -> None:
    clock = Clock()
    clock.freeze("2030-01-01T00:00:00Z")
    assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)
    with pytest.raises(
        ValueError, match="'tomorrow' is not a timestamp like '2026-01-01T00:00:00Z'"
    ):
        clock.freeze("tomorrow")
    assert repr(clock) == "<Clock 2030-01-01T00:00:00.000Z, frozen>"
