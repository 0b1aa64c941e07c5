"""Reaching into a tenant's collections without requests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from auth0_mgmt import ConflictError
from auth0_mgmt_testing import FakeTenant, StateError


def test_what_is_put_in_is_completed_as_by_a_request(tenant: FakeTenant) -> None:
    user = tenant.users.add(email="Ada@example.com")
    assert user.email == "ada@example.com"
    assert user.nickname == "ada"
    assert user.user_id is not None
    assert user.user_id.startswith("auth0|")
    assert user.get("identities.0.connection") == "Username-Password-Authentication"
    assert [each.user_id for each in tenant.management().users.list()] == [user.user_id]


def test_ids_times_and_counts_can_be_given(tenant: FakeTenant) -> None:
    born = datetime(2020, 1, 2, tzinfo=UTC)
    user = tenant.users.add(
        user_id="auth0|1", email="ada@example.com", created_at=born, logins_count=4
    )
    assert (user.user_id, user.created_at, user.logins_count) == ("auth0|1", born, 4)
    assert tenant.management().users.get("auth0|1").logins_count == 4
    assert tenant.roles.add(id="rol_1", name="admin").id == "rol_1"
    assert tenant.clients.add(client_id="app", name="App").client_id == "app"


def test_a_users_connection_is_that_of_the_id(tenant: FakeTenant) -> None:
    tenant.connections.add(name="google", strategy="google-oauth2")
    user = tenant.users.add(user_id="google-oauth2|7", email="ada@example.com")
    assert user.user_id == "google-oauth2|7"
    assert user.get("identities.0.connection") == "google"
    with pytest.raises(StateError, match="no connection of strategy 'github'"):
        tenant.users.add(user_id="github|7", email="ada@example.com")


def test_a_collection_is_read_like_a_mapping(tenant: FakeTenant) -> None:
    tenant.roles.add(id="rol_1", name="admin")
    tenant.roles.add(id="rol_2", name="guest")
    assert len(tenant.roles) == 2
    assert [role.name for role in tenant.roles] == ["admin", "guest"]
    assert tenant.roles.keys() == ["rol_1", "rol_2"]
    assert "rol_1" in tenant.roles
    assert "rol_9" not in tenant.roles
    assert tenant.roles["rol_1"].name == "admin"
    assert tenant.roles.get("rol_9") is None
    with pytest.raises(KeyError, match="roles has no 'rol_9'"):
        tenant.roles["rol_9"]
    with pytest.raises(KeyError, match="roles has no 'rol_9'"):
        del tenant.roles["rol_9"]


def test_what_goes_takes_its_links_along(tenant: FakeTenant) -> None:
    tenant.roles.add(id="rol_1", name="admin")
    tenant.users.add(user_id="auth0|1", email="ada@example.com")
    with tenant.management() as mgmt:
        mgmt.users.roles.assign("auth0|1", roles=["rol_1"])
        del tenant.roles["rol_1"]
        assert list(mgmt.users.roles.list("auth0|1")) == []


def test_what_is_there_is_changed_as_by_a_request_and_beyond(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", email="ada@example.com", user_metadata={"a": 1})
    user = tenant.users.update("auth0|1", user_metadata={"b": 2}, logins_count=9)
    assert (user.user_metadata, user.logins_count) == ({"a": 1, "b": 2}, 9)
    with pytest.raises(KeyError):
        tenant.users.update("auth0|2", name="x")


def test_a_conflict_is_refused_and_changes_nothing(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", email="ada@example.com")
    with tenant.expect_changes():
        with pytest.raises(StateError, match="users: The user already exists"):
            tenant.users.add(email="ada@example.com")
        with pytest.raises(StateError, match="already exists"):
            tenant.users.add(user_id="auth0|1", email="bob@example.com")
    with tenant.management() as mgmt, pytest.raises(ConflictError):
        mgmt.users.create(
            connection="Username-Password-Authentication",
            email="ada@example.com",
            password="s3cret-Word",
        )


def test_a_wrong_or_missing_field_is_refused(tenant: FakeTenant) -> None:
    with pytest.raises(StateError, match="no field 'callback'; did you mean 'callbacks'"):
        tenant.clients.put({"name": "App", "callback": []})
    with pytest.raises(StateError, match="roles: name must be given"):
        tenant.roles.put({})


def test_what_no_request_creates_can_be_put_in(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|1", email="ada@example.com")
    event = tenant.logs.add(type="s", user_id="auth0|1", description="Success Login")
    assert event.log_id is not None
    session = tenant.sessions.add(user_id="auth0|1")
    with tenant.management() as mgmt:
        assert [each.type for each in mgmt.users.logs.list("auth0|1")] == ["s"]
        assert mgmt.stats.get_active_users_count() == 1
        assert session.id is not None
        assert mgmt.sessions.get(session.id).user_id == "auth0|1"


@pytest.mark.parametrize(
    "name",
    [
        "users", "clients", "roles", "organizations", "connections", "resource_servers",
        "client_grants", "actions", "rules", "hooks", "forms", "flows", "custom_domains",
        "log_streams", "event_streams", "network_acls", "groups", "sessions", "refresh_tokens",
        "jobs", "logs", "agents", "email_templates", "self_service_profiles",
        "user_attribute_profiles", "token_exchange_profiles", "connection_profiles",
        "client_profiles", "rate_limit_policies",
    ],
)  # fmt: skip
def test_every_collection_can_be_looked_through(tenant: FakeTenant, name: str) -> None:
    held = getattr(tenant, name)
    assert len(list(held)) == len(held)
    assert repr(held) == f"<{len(held)} {name} of {tenant.domain}>"
