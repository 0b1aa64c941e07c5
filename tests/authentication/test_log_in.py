"""Tokens without a page: `FakeTenant.log_in`, and what others make of them."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from auth0_mgmt_testing import FakeTenant, StateError

from .conftest import ADA, API, claims, enable, log_types


def signing_key(tenant: FakeTenant, token: str) -> Any:
    """The key that the tenant publishes for a token."""
    published = tenant.send("GET", "/.well-known/jwks.json", {}).json()
    return jwt.PyJWKSet.from_dict(published)[str(jwt.get_unverified_header(token)["kid"])].key


def test_the_access_token_is_for_the_api_with_the_scopes_that_it_has(tenant: FakeTenant) -> None:
    login = tenant.log_in(ADA, client="app", audience=API, scope="openid read:things fly")
    options: Any = {"verify_exp": False, "verify_iat": False}
    key = signing_key(tenant, login.access_token)
    found = jwt.decode(login.access_token, key, ["RS256"], audience=API, options=options)
    assert (found["sub"], found["azp"], found["scope"]) == (ADA, "app", "openid read:things")
    assert found["iss"] == f"https://{tenant.domain}/"
    assert login.scope == "openid read:things"


def test_the_id_token_tells_what_the_scopes_allow(tenant: FakeTenant) -> None:
    login = tenant.log_in(ADA, client="app", scope="openid email")
    assert login.id_token is not None
    told = claims(login.id_token)
    assert told["email"] == "ada@example.com"
    assert "name" not in told
    assert told["sid"] == login.session_id


def test_rbac_cuts_scopes_and_tells_permissions(tenant: FakeTenant) -> None:
    mgmt = tenant.management()
    server = next(each for each in mgmt.resource_servers.list() if each.identifier == API)
    mgmt.resource_servers.update(
        str(server.id), enforce_policies=True, token_dialect="access_token_authz"
    )
    role = tenant.roles.add(name="reader")
    mgmt.roles.permissions.add(
        str(role.id),
        permissions=[{"resource_server_identifier": API, "permission_name": "read:things"}],
    )
    scope = "openid read:things write:things"
    before = claims(tenant.log_in(ADA, client="app", audience=API, scope=scope).access_token)
    assert (before["scope"], before["permissions"]) == ("openid", [])
    mgmt.users.roles.assign(ADA, roles=[str(role.id)])
    after = claims(tenant.log_in(ADA, client="app", audience=API, scope=scope).access_token)
    assert (after["scope"], after["permissions"]) == ("openid read:things", ["read:things"])


def test_an_organization_is_in_both_tokens_with_its_roles_permissions(tenant: FakeTenant) -> None:
    mgmt = tenant.management()
    organization = tenant.organizations.add(name="acme")
    with pytest.raises(StateError, match="is not part of"):
        tenant.log_in(ADA, client="app", organization=organization.id)
    mgmt.organizations.members.create(str(organization.id), members=[ADA])
    login = tenant.log_in(ADA, client="app", audience=API, organization="acme")
    assert login.id_token is not None
    assert claims(login.access_token)["org_id"] == organization.id
    assert claims(login.id_token)["org_id"] == organization.id
    assert "org_name" not in claims(login.id_token)
    mgmt.tenants.settings.update(allow_organization_name_in_authentication_api=True)
    named = tenant.log_in(ADA, client="app", audience=API, organization="acme")
    assert claims(named.access_token)["org_name"] == "acme"


def test_models_name_user_and_client_as_well_as_ids(tenant: FakeTenant) -> None:
    mgmt = tenant.management()
    login = tenant.log_in(mgmt.users.get(ADA), client=mgmt.clients.get("app"), audience=API)
    assert claims(login.access_token)["azp"] == "app"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"client": "nobody"}, "The client does not exist"),
        ({"audience": "urn:nobody"}, "Service not enabled within domain"),
        ({"organization": "nobody"}, "does not exist"),
        ({"connection": "nobody"}, "does not exist"),
    ],
)
def test_what_does_not_exist_is_named(tenant: FakeTenant, given: Any, message: str) -> None:
    with pytest.raises(StateError, match=message):
        tenant.log_in(ADA, **given)


def test_a_blocked_user_does_not_get_in_which_is_only_logged(tenant: FakeTenant) -> None:
    tenant.management().users.update(ADA, blocked=True)
    with tenant.expect_changes(), pytest.raises(StateError, match="blocked"):
        tenant.log_in(ADA, client="app")
    assert log_types(tenant) == ["f"]


def test_no_secret_is_shown_or_exported(tenant: FakeTenant) -> None:
    login = tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    assert login.refresh_token is not None
    assert login.access_token not in repr(login)
    assert login.refresh_token not in repr(login)
    whole = repr(tenant.export(secrets=True))
    assert login.refresh_token not in whole
    assert login.access_token not in whole


def test_tokens_of_users_work_after_an_export_and_its_load(tenant: FakeTenant) -> None:
    login = tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    twin = FakeTenant(clock=tenant.clock)
    twin.load(tenant.export(secrets=True))
    enable(twin, "Username-Password-Authentication", "app")
    body = (
        "grant_type=refresh_token&client_id=app&client_secret=app-secret"
        f"&refresh_token={login.refresh_token}"
    )
    sent = {"content-type": "application/x-www-form-urlencoded"}
    assert twin.send("POST", "/oauth/token", sent, body.encode()).status == 200
