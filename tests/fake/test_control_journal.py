"""The journal of requests, and the scopes that they needed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.observation.scopes import smallest_set


def test_every_request_is_noted_with_what_was_asked_and_answered(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.clock.freeze()
    mgmt.roles.create(name="admin")
    list(mgmt.roles.list(name_filter="adm"))
    with pytest.raises(NotFoundError):
        mgmt.roles.get("rol_9")
    created, listed, missed = tenant.requests
    assert (created.operation, created.method, created.path) == (
        "roles.create",
        "POST",
        "/api/v2/roles",
    )
    assert (created.json, created.status) == ({"name": "admin"}, 200)
    assert created.time == tenant.clock.time()
    assert listed.query["name_filter"] == "adm"
    assert (missed.params, missed.status) == ({"id": "rol_9"}, 404)


def test_a_call_is_asserted_by_a_part_of_what_was_sent(
    tenant: FakeTenant, mgmt: Management
) -> None:
    mgmt.roles.create(name="admin", description="all")
    list(mgmt.roles.list(name_filter="adm", include_totals=True))
    assert len(tenant.requests.assert_called("roles.create")) == 1
    tenant.requests.assert_called("POST /roles", times=1, json={"name": "admin"}, status=200)
    tenant.requests.assert_called("get_roles", query={"name_filter": "adm", "include_totals": True})
    tenant.requests.assert_not_called("roles.create", json={"name": "guest"})
    tenant.requests.assert_not_called("roles.delete")


def test_a_failed_assertion_tells_what_was_called_instead(
    tenant: FakeTenant, mgmt: Management
) -> None:
    mgmt.roles.create(name="admin")
    with pytest.raises(AssertionError) as failed:
        tenant.requests.assert_called("roles.create", json={"name": "guest"})
    assert str(failed.value) == (
        "roles.create(json={'name': 'guest'}) was called 0 times, not at least once.\n"
        "These were called:\n"
        '  roles.create: POST /api/v2/roles {"name": "admin"} → 200'
    )
    tenant.requests.clear()
    with pytest.raises(AssertionError, match=r"not 2 times\.\nNothing was called"):
        tenant.requests.assert_called("roles.create", times=2)


def test_an_unknown_operation_is_refused(tenant: FakeTenant) -> None:
    with pytest.raises(ValueError, match="did you mean 'roles"):
        tenant.requests.assert_not_called("role.create")
    with pytest.raises(ValueError, match=r"'users\.gte'") as refused:
        tenant.requests.assert_not_called("users.gte")
    assert str(refused.value).count("'users.get'") == 1


def test_secrets_are_compared_but_never_shown(tenant: FakeTenant, mgmt: Management) -> None:
    mgmt.users.create(
        connection="Username-Password-Authentication", email="a@b.com", password="S3cret!pw"
    )
    tenant.requests.assert_called("users.create", json={"password": "S3cret!pw"})
    (request,) = tenant.requests
    assert request.json["password"] == "[REDACTED]"
    assert request.headers["authorization"] == "[REDACTED]"
    for text in (repr(request), str(request), str(tenant.requests)):
        assert "S3cret!pw" not in text
    with pytest.raises(AssertionError) as failed:
        tenant.requests.assert_called("users.create", json={"password": "other-S3cret"})
    assert "S3cret" not in str(failed.value)


def test_the_token_endpoint_is_noted_without_its_secret(tenant: FakeTenant) -> None:
    form = b"grant_type=client_credentials&client_id=app&client_secret=hidden"
    media = {"content-type": "application/x-www-form-urlencoded"}
    tenant.send("POST", "/oauth/token", media, form)
    tenant.requests.assert_called("oauth.token", json={"client_id": "app"}, status=401)
    assert "hidden" not in str(tenant.requests)


def test_an_address_that_leads_nowhere_is_noted_too(tenant: FakeTenant) -> None:
    tenant.send("GET", "/nowhere?secret_token=x", {})
    (request,) = tenant.requests
    assert (request.operation, request.status) == (None, 404)
    assert "secret_token" not in str(request)


def test_only_the_last_thousand_are_kept(tenant: FakeTenant) -> None:
    for number in range(1_100):
        tenant.send("GET", f"/api/v2/roles/{number}", {})
    assert len(tenant.requests) == 1_000
    assert tenant.requests[0].params == {"id": "100"}


def test_the_scopes_of_a_run_are_the_fewest_that_let_all_of_it_through(
    tenant: FakeTenant, mgmt: Management
) -> None:
    list(mgmt.clients.list())
    mgmt.roles.create(name="admin")
    list(mgmt.roles.list())
    assert tenant.required_scopes() == ("create:roles", "read:clients", "read:roles")
    tenant.requests.clear()
    assert tenant.required_scopes() == ()


GROUPS = st.lists(st.frozensets(st.sampled_from("abcdefgh"), max_size=4), max_size=8)


@settings(deadline=None)
@given(GROUPS)
def test_a_smallest_set_meets_every_group_and_none_is_smaller(groups: list[frozenset[str]]) -> None:
    chosen = smallest_set(groups)
    asked = [group for group in groups if group]
    assert all(group & set(chosen) for group in asked)
    assert list(chosen) == sorted(set(chosen))
    smaller = [
        bits
        for number in range(256)
        if len(bits := {"abcdefgh"[bit] for bit in range(8) if number >> bit & 1}) < len(chosen)
    ]
    assert not any(all(group & bits for group in asked) for bits in smaller)


def test_many_scopes_are_met_by_a_good_set_that_is_always_the_same() -> None:
    groups = [(f"{a}", f"{b}") for a in range(20) for b in range(20, 40)]
    chosen = smallest_set(groups)
    assert chosen == smallest_set(reversed(groups))
    assert len(chosen) == 20
