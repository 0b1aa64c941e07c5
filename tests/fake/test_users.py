"""Users and what hangs on them: profiles, identities, roles, permissions, mails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Clock, FakeTenant, StateError

from .conftest import BEARER, new_user


def test_a_profile_is_completed_from_the_address(mgmt: Management) -> None:
    user = mgmt.users.get(new_user(mgmt, "Ada@Example.com"))
    assert (user.email, user.name, user.nickname) == ("ada@example.com", "ada@example.com", "ada")
    assert user.email_verified is False
    assert user.picture is not None
    assert user.picture.startswith("https://s.gravatar.com/avatar/")
    assert user.user_id is not None
    assert user.user_id.startswith("auth0|")


def test_no_two_users_of_a_connection_share_an_address(mgmt: Management) -> None:
    new_user(mgmt, "ada@example.com")
    with pytest.raises(ConflictError, match="already exists"):
        new_user(mgmt, "ADA@example.com")


def test_metadata_merges_on_its_first_level_and_null_deletes(mgmt: Management) -> None:
    who = new_user(mgmt, "ada@example.com", user_metadata={"a": {"x": 1}, "b": 2, "c": 3})
    changed = mgmt.users.update(who, user_metadata={"a": {"y": 1}, "b": None})
    assert changed.user_metadata == {"a": {"y": 1}, "c": 3}
    assert not mgmt.users.update(who, user_metadata={}).user_metadata


def test_users_are_searched_and_found_by_address(mgmt: Management) -> None:
    new_user(mgmt, "ada@example.com")
    bob = new_user(mgmt, "bob@example.org")
    assert [u.user_id for u in mgmt.users.list(q='email.domain:"example.org"')] == [bob]
    assert len(list(mgmt.users.list())) == 2


def test_deleting_a_user_twice_succeeds(mgmt: Management) -> None:
    who = new_user(mgmt, "ada@example.com")
    mgmt.users.delete(who)
    mgmt.users.delete(who)
    with pytest.raises(NotFoundError, match="inexistent_user"):
        mgmt.users.get(who)


def test_a_linked_user_is_no_user_of_its_own_until_it_is_unlinked(tenant: FakeTenant) -> None:
    with tenant.management() as mgmt:
        first, second = new_user(mgmt, "a@example.com"), new_user(mgmt, "b@example.com")

    def send(method: str, path: str, body: Any = None) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {**BEARER, "content-type": "application/json"}
        return tenant.send(method, f"/api/v2/users/{path}", headers, raw)

    linked = send("POST", f"{first}/identities", {"provider": "auth0", "user_id": second})
    assert linked.status == 201
    assert [each["profileData"]["email"] for each in linked.json()] == [
        "a@example.com",
        "b@example.com",
    ]
    assert send("GET", second).status == 404
    own = second.partition("|")[2]
    assert len(send("DELETE", f"{first}/identities/auth0/{own}").json()) == 1
    assert send("GET", second).json()["email"] == "b@example.com"
    assert send("DELETE", f"{first}/identities/auth0/{first.partition('|')[2]}").status == 400


def test_a_verification_job_is_pending_until_the_clock_moves(
    mgmt: Management, clock: Clock
) -> None:
    clock.freeze()
    who = new_user(mgmt, "ada@example.com")
    job = mgmt.jobs.verification_email.create(user_id=who)
    assert job.id is not None
    assert mgmt.jobs.get(job.id).status == "pending"
    clock.advance(2)
    assert mgmt.jobs.get(job.id).status == "completed"


def test_a_role_lists_its_users_and_goes_with_the_user(mgmt: Management) -> None:
    who, role = new_user(mgmt, "ada@example.com"), mgmt.roles.create(name="admin")
    assert role.id is not None
    mgmt.users.roles.assign(who, roles=[role.id])
    assert [each.user_id for each in mgmt.roles.users.list(role.id)] == [who]
    assert [each.name for each in mgmt.users.roles.list(who)] == ["admin"]
    mgmt.users.delete(who)
    assert list(mgmt.roles.users.list(role.id)) == []


def test_a_permission_through_a_role_names_the_role_as_its_source(mgmt: Management) -> None:
    api = "https://api.example.com/"
    mgmt.resource_servers.create(identifier=api, name="API", scopes=[{"value": "read:it"}])
    who, role = new_user(mgmt, "ada@example.com"), mgmt.roles.create(name="admin")
    assert role.id is not None
    given = {"resource_server_identifier": api, "permission_name": "read:it"}
    mgmt.request("POST", f"/roles/{role.id}/permissions", json={"permissions": [given]})
    mgmt.users.roles.assign(who, roles=[role.id])
    (shown,) = mgmt.users.permissions.list(who)
    assert shown.permission_name == "read:it"
    sources = shown.model_dump()["sources"]
    assert [each["source_type"] for each in sources] == ["ROLE"]


def test_a_user_of_an_unknown_connection_is_refused(mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="connection does not exist"):
        mgmt.users.create(connection="nowhere", email="ada@example.com", password="s3cret-Word")


def test_an_exact_search_finds_what_a_look_at_every_user_would() -> None:
    with FakeTenant().management() as mgmt:
        for name in ("ada", "bob"):
            mgmt.users.create(
                connection="Username-Password-Authentication",
                email=f"{name}@example.com",
                password="S3cret!pw-x",
            )
        assert [user.email for user in mgmt.users.list(q='email:"ADA@example.com"')] == [
            "ada@example.com"
        ]
        assert len(mgmt.users.list(q='email:"ada@example.com" OR email:"bob@example.com"')) == 2
        assert len(mgmt.users.list(q='email:"ada@example.com" AND name:"bob"')) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "An0ther-word", "email": "b@example.com"},
        {"username": "ada", "email": "b@example.com"},
        {"username": "ada", "password": "An0ther-word"},
    ],
)
def test_some_things_are_not_changed_at_once(mgmt: Management, changes: dict[str, str]) -> None:
    who = new_user(mgmt, "ada@example.com")
    with pytest.raises(BadRequestError, match="simultaneously"):
        mgmt.request("PATCH", f"/users/{who}", json=changes)
    assert mgmt.users.get(who).email == "ada@example.com"


def test_users_are_found_by_everything_that_they_log_in_with(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", username="ada", phone_number="+15550100001")
    tenant.users.add(user_id="auth0|2", username="bob")
    with tenant.management() as mgmt:
        for q in ("username:ada", 'phone_number:"+15550100001"', "identities.user_id:1"):
            assert [user.user_id for user in mgmt.users.list(q=q)] == ["auth0|1"]


def test_a_verification_ticket_verifies_the_address_once(
    tenant: FakeTenant, mgmt: Management
) -> None:
    who = new_user(mgmt, "ada@example.com")
    ticket = mgmt.tickets.verify_email(user_id=who).ticket
    assert ticket is not None
    tenant.redeem_ticket(ticket)
    assert mgmt.users.get(who).email_verified is True
    assert [event.type for event in mgmt.users.logs.list(who)] == ["sv"]
    with pytest.raises(StateError, match="used"):
        tenant.redeem_ticket(ticket)


def test_a_password_ticket_changes_the_password_until_it_is_old(
    tenant: FakeTenant, mgmt: Management, clock: Clock
) -> None:
    clock.freeze()
    who = new_user(mgmt, "ada@example.com")
    first, second = (
        mgmt.tickets.change_password(user_id=who, ttl_sec=60, mark_email_as_verified=True).ticket
        or ""
        for _ in range(2)
    )
    tenant.redeem_ticket(first, password="An0ther-word")
    user = mgmt.users.get(who)
    assert user.email_verified is True
    assert user.last_password_reset is not None
    clock.advance(60)
    with pytest.raises(StateError, match="expired"):
        tenant.redeem_ticket(second, password="An0ther-word")
