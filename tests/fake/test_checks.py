"""Rules of one property against another, and against what the tenant holds."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .test_clients import made


def refused(response: httpx.Response, message: str, code: str | None, status: int = 400) -> None:
    body = response.json()
    assert (response.status_code, body["message"], body.get("errorCode")) == (status, message, code)


@pytest.fixture
def client(http: httpx.Client) -> Any:
    return made(http, "/clients", {"name": "Till"})


def place(client: dict[str, Any]) -> str:
    return f"/clients/{client['client_id']}"


# --- clients -----------------------------------------------------------------------------------


NO_METHOD = (
    'Application must not have Token Endpoint Authentication Method set to "none" when '
    "client_credentials grant type is enabled"
)


def test_a_client_without_a_secret_cannot_use_client_credentials(http: httpx.Client) -> None:
    body = {"name": "a", "token_endpoint_auth_method": "none"}
    refused(
        http.post("/clients", json={**body, "grant_types": ["client_credentials"]}),
        NO_METHOD,
        "invalid_body",
    )
    plain = made(http, "/clients", body)
    assert "client_credentials" not in plain["grant_types"]
    changed = http.patch(place(plain), json={"grant_types": ["client_credentials"]})
    refused(changed, NO_METHOD, "invalid_body")
    assert http.get(place(plain)).json()["grant_types"] == plain["grant_types"]


def test_a_client_without_a_secret_cannot_have_a_trusted_address(http: httpx.Client) -> None:
    body = {
        "name": "a",
        "token_endpoint_auth_method": "none",
        "is_token_endpoint_ip_header_trusted": True,
    }
    response = http.post("/clients", json=body)
    assert response.status_code == 400
    assert "can only be set true on clients that require authentication" in response.text


def test_an_empty_login_address_is_none(http: httpx.Client, client: dict[str, Any]) -> None:
    http.patch(place(client), json={"initiate_login_uri": "https://a.example/login"})
    changed = http.patch(place(client), json={"initiate_login_uri": ""})
    assert "initiate_login_uri" not in changed.json()


def test_public_third_party_clients_rotate_expiring_tokens(http: httpx.Client) -> None:
    body = {
        "name": "x",
        "app_type": "spa",
        "is_first_party": False,
        "token_endpoint_auth_method": "none",
    }
    shown = made(http, "/clients", body)
    assert shown["oidc_conformant"] is True
    assert shown["third_party_security_mode"] == "permissive"
    assert shown["jwt_configuration"] == {"secret_encoded": False, "lifetime_in_seconds": 36000}
    assert shown["refresh_token"] == {
        "rotation_type": "rotating",
        "expiration_type": "expiring",
        "leeway": 0,
        "token_lifetime": 2592000,
        "infinite_token_lifetime": False,
        "infinite_idle_token_lifetime": False,
        "idle_token_lifetime": 1296000,
    }


def test_strict_third_party_clients_get_the_stricter_defaults(http: httpx.Client) -> None:
    body = {
        "name": "x",
        "app_type": "regular_web",
        "is_first_party": False,
        "token_endpoint_auth_method": "client_secret_post",
        "third_party_security_mode": "strict",
        "redirection_policy": "open_redirect_protection",
    }
    shown = made(http, "/clients", body)
    assert shown["client_id"].startswith("tpc_")
    assert len(shown["client_id"]) == 26
    assert shown["grant_types"] == ["authorization_code"]
    assert shown["jwt_configuration"]["lifetime_in_seconds"] == 3600
    tokens = shown["refresh_token"]
    assert (tokens["rotation_type"], tokens["expiration_type"]) == ("non-rotating", "expiring")
    assert (tokens["infinite_token_lifetime"], tokens["infinite_idle_token_lifetime"]) == (
        True,
        False,
    )


def test_chosen_expiring_tokens_are_finite(http: httpx.Client) -> None:
    chosen = {"rotation_type": "non-rotating", "expiration_type": "expiring"}
    tokens = made(http, "/clients", {"name": "x", "refresh_token": chosen})["refresh_token"]
    assert tokens["infinite_token_lifetime"] is False
    assert tokens["infinite_idle_token_lifetime"] is False


def test_session_transfer_is_completed_merged_and_removed(http: httpx.Client) -> None:
    given = {"enforce_online_refresh_tokens": True, "enforce_cascade_revocation": True}
    made_one = made(http, "/clients", {"name": "x", "session_transfer": given})
    complete: dict[str, Any] = {
        "can_create_session_transfer_token": False,
        "allowed_authentication_methods": [],
        "enforce_device_binding": "ip",
        "allow_refresh_token": False,
        **given,
    }
    assert made_one["session_transfer"] == complete
    patch = {"session_transfer": {"can_create_session_transfer_token": True}}
    changed = http.patch(place(made_one), json=patch).json()
    assert changed["session_transfer"] == complete | patch["session_transfer"]
    gone = http.patch(place(made_one), json={"session_transfer": None}).json()
    assert "session_transfer" not in gone


def test_a_client_has_two_credentials_at_most(http: httpx.Client, client: dict[str, Any]) -> None:
    key = {"credential_type": "public_key", "pem": "-----BEGIN PUBLIC KEY-----"}
    path = f"{place(client)}/credentials"
    for _ in range(2):
        assert http.post(path, json=key).status_code == 201
    refused(http.post(path, json=key), "A client can have a maximum of 2 credentials", None)
    other = made(http, "/clients", {"name": "Other"})
    assert http.post(f"{place(other)}/credentials", json=key).status_code == 201


# --- grants ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [True, False])
def test_all_scopes_of_a_system_api_cannot_be_granted(
    http: httpx.Client, client: dict[str, Any], value: bool
) -> None:
    grant = {
        "client_id": client["client_id"],
        "audience": f"https://{http.base_url.host}/api/v2/",
        "allow_all_scopes": value,
    }
    refused(
        http.post("/client-grants", json=grant),
        "`allow_all_scopes` cannot be provided when `audience` is a system API",
        "invalid_body",
    )


def test_a_grant_of_all_scopes_lists_none(http: httpx.Client, client: dict[str, Any]) -> None:
    made(http, "/resource-servers", {"identifier": "https://till.example/"})
    grant = made(
        http,
        "/client-grants",
        {"client_id": client["client_id"], "audience": "https://till.example/", "scope": []},
    )
    path = f"/client-grants/{grant['id']}"
    changed = http.patch(path, json={"allow_all_scopes": True})
    assert changed.status_code == 200
    assert "scope" not in changed.json()
    assert "scope" not in http.get(path).json()
    both = http.patch(path, json={"allow_all_scopes": True, "scope": []})
    assert both.status_code == 400


# --- connections -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (
            {
                "options": {
                    "requires_username": True,
                    "attributes": {"email": {"identifier": {"active": True}}},
                }
            },
            "Cannot set both options.attributes and options.requires_username",
            "invalid_body",
        ),
        (
            {"cross_app_access_requesting_app": {"active": True}},
            "Cross App Access Requesting App is not supported for this connection.",
            "operation_not_supported",
        ),
    ],
)
def test_what_a_database_cannot_have_is_refused(
    http: httpx.Client, body: dict[str, Any], message: str, code: str
) -> None:
    refused(
        http.post("/connections", json={"name": "db", "strategy": "auth0", **body}), message, code
    )


def test_the_uniqueness_of_addresses_is_fixed_when_they_become_an_attribute(
    http: httpx.Client,
) -> None:
    def email(**more: Any) -> dict[str, Any]:
        return {"options": {"attributes": {"email": {"identifier": {"active": True}, **more}}}}

    plain = made(http, "/connections", {"name": "plain", "strategy": "auth0"})
    refused(
        http.patch(f"/connections/{plain['id']}", json=email(unique=False)),
        "cannot add non-unique email attribute",
        "invalid_body",
    )
    name = {"username": {"identifier": {"active": True}}}
    shared = email(unique=False, identifier={"active": False})
    shared["options"]["attributes"] |= name
    database = made(http, "/connections", {"name": "shared", "strategy": "auth0", **shared})
    omitted = email(identifier={"active": False})
    omitted["options"]["attributes"] |= name
    refused(
        http.patch(f"/connections/{database['id']}", json=omitted),
        "cannot patch unique property on email attribute",
        "invalid_body",
    )


def test_clients_of_a_connection_are_changed_fifty_at_a_time(
    http: httpx.Client, client: dict[str, Any]
) -> None:
    database = made(http, "/connections", {"name": "db", "strategy": "auth0"})
    entries = [{"client_id": client["client_id"], "status": True}] * 51
    assert http.patch(f"/connections/{database['id']}/clients", json=entries).status_code == 400


@pytest.mark.parametrize("strategy", ["okta", "oidc"])
def test_a_deletion_that_is_under_way_is_accepted_again(
    http: httpx.Client, tenant: FakeTenant, strategy: str
) -> None:
    options = {"client_id": "a", "client_secret": "b", "domain": "acme.okta.com"}
    made_one = made(http, "/connections", {"name": "c", "strategy": strategy, "options": options})
    first = http.delete(f"/connections/{made_one['id']}")
    again = http.delete(f"/connections/{made_one['id']}")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    tenant.clock.advance(3600)
    assert http.delete(f"/connections/{made_one['id']}").status_code == 204


# --- organizations -----------------------------------------------------------------------------


def test_only_databases_with_membership_support_sign_up(http: httpx.Client) -> None:
    organization = made(http, "/organizations", {"name": "acme"})["id"]
    database = made(http, "/connections", {"name": "db", "strategy": "auth0"})["id"]
    social = made(http, "/connections", {"name": "git", "strategy": "github"})["id"]
    path = f"/organizations/{organization}/enabled_connections"
    text = (
        "Only database connections with assign_membership_on_login = true support "
        "is_signup_enabled = true."
    )
    body = {"connection_id": database, "assign_membership_on_login": False}
    refused(http.post(path, json={**body, "is_signup_enabled": True}), text, "invalid_body")
    made(http, path, body)
    refused(
        http.patch(f"{path}/{database}", json={"is_signup_enabled": True}), text, "invalid_body"
    )
    both = {"assign_membership_on_login": True, "is_signup_enabled": True}
    assert http.patch(f"{path}/{database}", json=both).status_code == 200
    refused(http.post(path, json={"connection_id": social, **both}), text, "invalid_body")


def test_an_invitation_needs_a_client_for_organizations_and_a_login_address(
    http: httpx.Client, client: dict[str, Any]
) -> None:
    organization = made(http, "/organizations", {"name": "acme"})["id"]
    body = {
        "inviter": {"name": "Ada"},
        "invitee": {"email": "b@example.com"},
        "client_id": client["client_id"],
    }
    path = f"/organizations/{organization}/invitations"
    refused(
        http.post(path, json=body),
        f"The specified client_id ({client['client_id']}) does not allow organizations.",
        "invalid_body",
    )
    http.patch(place(client), json={"organization_usage": "allow"})
    refused(
        http.post(path, json=body),
        "A default login route is required to generate the invitation url.",
        "invalid_body",
    )
    http.patch("/tenants/settings", json={"default_redirection_uri": "https://a.example/in"})
    assert http.post(path, json=body).status_code == 201


def test_absent_organizations_and_their_domains(http: httpx.Client) -> None:
    text = "No organization found by that id or name"
    missing = "/organizations/org_0000000000000000"
    refused(http.get(missing), text, None, 404)
    refused(http.delete(missing), text, None, 404)
    organization = made(http, "/organizations", {"name": "acme"})["id"]
    domain = f"/organizations/{organization}/discovery-domains/ord_1111111111111111111111"
    refused(http.get(domain), "No organization domain found by that id", None, 404)
    assert http.delete(domain).status_code == 204


# --- other families ----------------------------------------------------------------------------


def test_a_redirecting_rule_needs_an_address(http: httpx.Client) -> None:
    rule = {"action": {"redirect": True}, "match": {"asns": [1]}, "scope": "tenant"}
    body = {"description": "a", "active": False, "priority": 1, "rule": rule}
    refused(
        http.post("/network-acls", json=body),
        "Payload validation error: Action type of `redirect` requires a `redirect_uri`",
        "invalid_body",
    )


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@example.com"},
        {"user_id": "auth0|1", "email": "a@example.com"},
        {"user_id": "auth0|1", "result_url": "https://a.example/", "client_id": "x"},
    ],
)
def test_a_password_ticket_names_one_user_and_one_place_to_go(
    http: httpx.Client, body: dict[str, Any]
) -> None:
    assert http.post("/tickets/password-change", json=body).status_code == 400


def test_pages_of_the_tenant_are_merged(http: httpx.Client) -> None:
    page = {"enabled": True, "html": "<h>"}
    http.patch("/tenants/settings", json={"change_password": page, "guardian_mfa_page": page})
    off = {"change_password": {"enabled": False}, "guardian_mfa_page": {"enabled": False}}
    changed = http.patch("/tenants/settings", json=off).json()
    assert changed["change_password"] == {"enabled": False, "html": "<h>"}
    assert changed["guardian_mfa_page"] == {"enabled": False, "html": "<h>"}


def test_an_empty_redirection_address_is_none(http: httpx.Client) -> None:
    http.patch("/tenants/settings", json={"default_redirection_uri": "https://a.example"})
    changed = http.patch("/tenants/settings", json={"default_redirection_uri": ""})
    assert "default_redirection_uri" not in changed.json()
    assert "default_redirection_uri" not in http.get("/tenants/settings").json()


def test_a_sandbox_that_there_is_not_is_refused(http: httpx.Client) -> None:
    assert http.patch("/tenants/settings", json={"sandbox_version": "8"}).status_code == 400


def test_a_system_api_keeps_its_name(http: httpx.Client) -> None:
    api = made(http, "/resource-servers", {"identifier": "urn:auth0:express-configure"})
    assert api["name"] == "Okta OIN Express Configuration API"
    assert [scope["value"] for scope in api["scopes"]] == [
        "express_configure:sso",
        "express_configure:scim",
    ]
    path = f"/resource-servers/{api['id']}"
    assert http.patch(path, json={"name": "Mine"}).status_code == 400
    assert http.get(path).json()["name"] == api["name"]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, {}),
        (
            {"colors": {"primary": "#F8F8F2", "page_background": "#222221"}},
            {
                "colors": {"primary": "#F8F8F2", "page_background": "#222221"},
                "identifier_first": True,
            },
        ),
    ],
)
def test_settings_that_the_contract_does_not_name_are_kept(
    http: httpx.Client, given: dict[str, Any], shown: dict[str, Any]
) -> None:
    changed = http.patch("/tenants/settings", json={"universal_login": given})
    assert changed.status_code == 200
    assert changed.json()["universal_login"] == shown
    assert http.get("/tenants/settings").json()["universal_login"] == given


def test_azure_ad_maps_other_attributes_than_the_rest(http: httpx.Client) -> None:
    options = {"client_id": "a", "client_secret": "b", "tenant_domain": "acme.example"}
    body = {"name": "azure", "strategy": "waad", "options": options}
    connection = made(http, "/connections", body)
    assert "app_domain" not in connection["options"]
    assert "provisioning_ticket_url" not in connection
    shown = http.post(f"/connections/{connection['id']}/scim-configuration").json()
    mapping = {each["scim"]: each["auth0"] for each in shown["mapping"]}
    assert len(mapping) == 30
    assert mapping["userName"] == "upn"
    assert mapping['emails[type eq "work"].value'] == "email"


def test_the_management_api_lists_its_scopes_with_descriptions(http: httpx.Client) -> None:
    found = http.get(f"/resource-servers/https%3A%2F%2F{http.base_url.host}%2Fapi%2Fv2%2F").json()
    described = {scope["value"]: scope["description"] for scope in found["scopes"]}
    assert described["read:client_grants"] == "Read Client Grants"
    assert described["update:custom_domains"] == "Update custom domain configurations"
    assert len(described) >= 273


def test_a_profile_without_configuration_shows_null(http: httpx.Client) -> None:
    profile = made(http, "/connection-profiles", {"name": "plain"})
    assert profile["connection_config"] is None
    shown = http.get(f"/connection-profiles/{profile['id']}").json()
    assert (shown["connection_config"], shown["strategy_overrides"]) == (None, None)


def test_a_key_for_encryption_is_shown_by_its_thumbprint(http: httpx.Client) -> None:
    pem = http.get("/keys/signing").json()[0]["cert"]
    key = {"name": "k", "alg": "RSA-OAEP-256", "pem": pem}
    encryption = {"format": "compact-nested-jwe", "encryption_key": key}
    body = {"identifier": "https://a.example/", "token_encryption": encryption}
    shown = made(http, "/resource-servers", body)["token_encryption"]["encryption_key"]
    assert len(shown.pop("thumbprint_sha256")) == 43
    assert shown == {"name": "k", "alg": "RSA-OAEP-256"}


def test_what_an_organization_shows_of_clients_and_grants(
    http: httpx.Client, client: dict[str, Any]
) -> None:
    http.patch(place(client), json={"organization_usage": "allow"})
    organization = made(http, "/organizations", {"name": "acme"})["id"]
    link = {"clients": [{"client_id": client["client_id"], "use_for_member_access": True}]}
    (shown,) = made(http, f"/organizations/{organization}/clients", link)
    assert shown["client"]["organization_usage"] == "allow"
    made(http, "/resource-servers", {"identifier": "https://a.example/"})
    grant: dict[str, Any] = {
        "client_id": client["client_id"],
        "audience": "https://a.example/",
        "scope": [],
        "organization_usage": "allow",
        "allow_any_organization": True,
    }
    key = made(http, "/client-grants", grant)["id"]
    path = f"/organizations/{organization}/client-grants"
    assert made(http, path, {"grant_id": key}) == {"grant_id": key, **grant}


def test_texts_of_absent_things(http: httpx.Client) -> None:
    refused(
        http.get("/client-grants/cgr_0000000000000000"),
        "The grant does not exist.",
        "inexistent_client_grant",
        404,
    )
    refused(
        http.get("/token-exchange-profiles/tep_0000000000000000"),
        "Token exchange profile not found.",
        None,
        404,
    )


def test_a_connection_takes_its_own_users_along_only(http: httpx.Client) -> None:
    connections = [
        made(http, "/connections", {"name": name, "strategy": "auth0"}) for name in ("a", "b")
    ]
    for name in ("a", "b"):
        user = {"email": "x@example.com", "password": "Correct-Horse-9-Battery", "connection": name}
        made(http, "/users", user)
    http.delete(f"/connections/{connections[0]['id']}")
    (left,) = http.get("/users").json()
    assert left["identities"][0]["connection"] == "b"
