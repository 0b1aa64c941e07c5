"""What writing through the API leaves in the tenant's logs."""

from __future__ import annotations

import pytest

from auth0_mgmt import ConflictError, Management
from auth0_mgmt_testing import FakeTenant

from .conftest import BEARER


def test_a_write_is_logged_with_what_was_asked_and_answered(mgmt: Management) -> None:
    role = mgmt.roles.create(name="admin")
    (event,) = mgmt.logs.list()
    assert (event.type, event.description) == ("sapi", "Create a role")
    assert event.get("details.request.method") == "post"
    assert event.get("details.request.path") == "/api/v2/roles"
    assert event.get("details.request.body") == {"name": "admin"}
    assert event.get("details.response.statusCode") == 200
    assert event.get("details.response.body.id") == role.id
    assert event.get("user_agent", "").startswith("auth0-mgmt")
    assert event.log_id is not None
    assert mgmt.logs.get(event.log_id).to_dict() == event.to_dict()


def test_reading_is_not_logged(mgmt: Management) -> None:
    list(mgmt.roles.list())
    assert list(mgmt.logs.list()) == []


def test_a_refused_write_is_logged_as_a_failure(mgmt: Management) -> None:
    mgmt.roles.create(name="admin")
    with pytest.raises(ConflictError):
        mgmt.roles.create(name="admin")
    failed = [event for event in mgmt.logs.list() if event.type == "fapi"]
    assert [event.get("details.response.statusCode") for event in failed] == [409]
    assert failed[0].get("details.response.body.errorCode") == "role_conflict"


def test_the_client_of_a_token_is_named(tenant: FakeTenant) -> None:
    tenant.clients.add(
        client_id="app", name="App", client_secret="s3cret", grant_types=["client_credentials"]
    )
    audience = f"https://{tenant.domain}/api/v2/"
    tenant.client_grants.add(client_id="app", audience=audience, scope=["create:roles"])
    form = "grant_type=client_credentials&client_id=app&client_secret=s3cret&audience="
    media = {"content-type": "application/x-www-form-urlencoded"}
    token = tenant.send("POST", "/oauth/token", media, (form + audience).encode()).json()
    with tenant.management(auth=token["access_token"]) as mgmt:
        mgmt.roles.create(name="admin")
    assert [event.get("client_id") for event in tenant.logs if event.type == "sapi"] == ["app"]


def test_secrets_are_not_in_the_logs(tenant: FakeTenant, mgmt: Management) -> None:
    mgmt.users.create(
        connection="Username-Password-Authentication", email="a@b.com", password="S3cret!pw"
    )
    body = tenant.send("GET", "/api/v2/logs", BEARER).body
    assert b"a@b.com" in body
    assert b"S3cret!pw" not in body


def test_a_users_logs_tell_what_the_user_did(tenant: FakeTenant, mgmt: Management) -> None:
    user = mgmt.users.create(
        connection="Username-Password-Authentication", email="a@b.com", password="S3cret!pw"
    )
    assert user.user_id is not None
    mgmt.users.update(user.user_id, name="x")
    tenant.log_in(user.user_id)
    told = [event.type for event in mgmt.users.logs.list(user.user_id)]
    assert told == ["s"]  # what was done through this API names no user


def test_a_correlation_id_is_kept_up_to_64_characters(tenant: FakeTenant) -> None:
    headers = {
        **BEARER,
        "content-type": "application/json",
        "X-Correlation-ID": "x" * 70,
    }
    tenant.send("POST", "/api/v2/roles", headers, b'{"name": "admin"}')
    (event,) = tenant.logs
    assert event.get("references.correlation_id") == "x" * 64


def test_nested_operations_are_told_in_words(tenant: FakeTenant, mgmt: Management) -> None:
    organization = mgmt.organizations.create(name="acme")
    tenant.users.add(user_id="auth0|1", email="a@b.com")
    assert organization.id is not None
    mgmt.organizations.members.create(organization.id, members=["auth0|1"])
    told = [event.description for event in tenant.logs]
    assert told == ["Create an organization", "Create a member of an organization"]
