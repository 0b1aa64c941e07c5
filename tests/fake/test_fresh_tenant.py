"""What a tenant shows of which nobody has written anything yet."""

from __future__ import annotations

import httpx
import pytest

from .conftest import DATABASE

LIFETIMES = (
    "session_lifetime",
    "idle_session_lifetime",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
)


@pytest.mark.parametrize("name", [*LIFETIMES, "oidc_logout"])
def test_a_setting_is_shown_once_it_is_set(http: httpx.Client, name: str) -> None:
    value = {"rp_logout_end_session_endpoint_discovery": True} if name == "oidc_logout" else 24
    assert name not in http.get("/tenants/settings").json()
    assert name not in http.patch("/tenants/settings", json={"friendly_name": "x"}).json()
    assert http.patch("/tenants/settings", json={name: value}).json()[name] == value
    assert http.get("/tenants/settings").json()[name] == value


def test_only_reads_show_which_resource_parameter_profile_holds(http: httpx.Client) -> None:
    name = "resource_parameter_profile"
    assert http.get("/tenants/settings").json()[name] == "audience"
    assert name not in http.patch("/tenants/settings", json={"friendly_name": "x"}).json()
    given = {name: "compatibility"}
    assert http.patch("/tenants/settings", json=given).json()[name] == "compatibility"


def test_the_default_database_identifies_its_users_by_their_address(http: httpx.Client) -> None:
    options = http.get(f"/connections?name={DATABASE}").json()[0]["options"]
    assert "attributes" not in options
    assert options["passwordPolicy"] == "good"
    assert "password_options" not in options
    assert options["disable_self_service_change_password"] is False
    user = {"connection": DATABASE, "email": "a@example.com", "password": "Correct-Horse-7"}
    refused = http.post("/users", json={**user, "username": "ada"})
    assert refused.status_code == 400
    assert "requires_username" in refused.json()["message"]
    assert http.post("/users", json=user).status_code == 201


def test_the_management_api_lists_no_scopes_of_early_access(http: httpx.Client) -> None:
    [api] = [each for each in http.get("/resource-servers").json() if each.get("is_system")]
    listed = {scope["value"] for scope in api["scopes"]}
    assert "read:clients" in listed
    assert not {"create:agents", "read:agents"} & listed
    client = http.post("/clients", json={"name": "x", "app_type": "non_interactive"}).json()
    grant = {"client_id": client["client_id"], "audience": api["identifier"]}
    granted = http.post("/client-grants", json={**grant, "scope": ["read:agents"]})
    assert granted.status_code == 201


def test_a_template_of_user_attributes_names_no_claim_for_the_zone(http: httpx.Client) -> None:
    template = http.get("/user-attribute-profiles/templates/auth0-generic").json()
    attributes = template["template"]["user_attributes"]
    shown = {
        name: attributes[name]["strategy_overrides"]["okta"]["oidc_mapping"]
        for name in ("federated_locale", "federated_zoneinfo")
    }
    assert shown == {
        "federated_locale": {"mapping": "${context.userinfo.locale}", "display_name": "locale"},
        "federated_zoneinfo": {"mapping": "${context.userinfo.zoneinfo}"},
    }
