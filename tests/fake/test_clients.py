"""Clients, APIs, grants and organizations of the fake tenant."""

from __future__ import annotations

from typing import Any

import httpx


def made(http: httpx.Client, path: str, body: dict[str, Any]) -> Any:
    answer = http.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_client_gets_what_a_live_tenant_fills_in(http: httpx.Client) -> None:
    client = made(http, "/clients", {"name": "Till", "app_type": "spa"})
    assert client["grant_types"] == ["authorization_code", "implicit", "refresh_token"]
    assert client["is_first_party"] is True
    assert len(client["client_id"]) == 32
    assert client.pop("encrypted") is True
    assert client["signing_keys"][0].pop("key")
    assert client["tenant"] == str(http.base_url.host).partition(".")[0]
    assert client["signing_keys"][0]["subject"] == f"/CN={http.base_url.host}"
    assert (client["global"], client["callback_url_template"]) == (False, False)
    assert client["cross_origin_auth"] is False
    assert http.get(f"/clients/{client['client_id']}").json() == client
    assert http.get("/clients").json()[-1]["signing_keys"][0]["subject"] == "deprecated"


def test_rotating_replaces_the_secret(http: httpx.Client) -> None:
    client = made(http, "/clients", {"name": "Till"})
    rotated = http.post(f"/clients/{client['client_id']}/rotate-secret").json()
    assert rotated["client_secret"] != client["client_secret"]


def test_an_api_is_found_by_its_identifier(http: httpx.Client) -> None:
    server = made(http, "/resource-servers", {"identifier": "https://till.example/"})
    found = http.get("/resource-servers/https%3A%2F%2Ftill.example%2F")
    assert found.json()["id"] == server["id"]
    again = http.post("/resource-servers", json={"identifier": "https://till.example/"})
    assert again.status_code == 409


def test_a_fresh_tenant_holds_the_management_api(http: httpx.Client) -> None:
    identifier = f"https://{http.base_url.host}/api/v2/"
    servers = {server["identifier"]: server for server in http.get("/resource-servers").json()}
    scopes = {scope["value"] for scope in servers[identifier]["scopes"]}
    assert {"read:users", "create:clients"} <= scopes


def test_deleting_a_client_takes_its_grants_along(http: httpx.Client) -> None:
    client = made(http, "/clients", {"name": "Till", "app_type": "non_interactive"})
    made(http, "/resource-servers", {"identifier": "https://till.example/"})
    grant = made(
        http,
        "/client-grants",
        {"client_id": client["client_id"], "audience": "https://till.example/", "scope": []},
    )
    assert http.delete(f"/clients/{client['client_id']}").status_code == 204
    assert http.get(f"/client-grants/{grant['id']}").status_code == 404


def test_an_organization_is_found_by_name_and_invites(http: httpx.Client) -> None:
    organization = made(http, "/organizations", {"name": "acme"})
    assert http.get("/organizations/name/acme").json()["id"] == organization["id"]
    login = {"organization_usage": "allow", "initiate_login_uri": "https://till.example/login"}
    client = made(http, "/clients", {"name": "Till", **login})
    place = f"/organizations/{organization['id']}/invitations"
    invitation = made(
        http,
        place,
        {
            "inviter": {"name": "Ada"},
            "invitee": {"email": "b@example.com"},
            "client_id": client["client_id"],
        },
    )
    assert invitation["ticket_id"] in invitation["invitation_url"]
    assert http.get(f"{place}/{invitation['id']}").json() == invitation
    assert http.delete(f"{place}/{invitation['id']}").status_code == 204
    assert http.get(f"{place}/{invitation['id']}").json()["errorCode"] == "inexistent_invitation"
