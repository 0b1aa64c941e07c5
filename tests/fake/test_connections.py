"""Connections, profiles, domains and streams of the fake tenant, seen through the client."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import Clock


def _create(http: httpx.Client, path: str, **body: Any) -> dict[str, Any]:
    answer = http.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    created: dict[str, Any] = answer.json()
    return created


def test_a_fresh_tenant_has_the_default_database(http: httpx.Client) -> None:
    (only,) = http.get("/connections", params={"strategy": "auth0"}).json()
    assert only["name"] == "Username-Password-Authentication"


def test_a_connection_is_completed_by_its_strategy(http: httpx.Client) -> None:
    made = _create(http, "/connections", name="windows", strategy="windowslive")
    assert made["id"].startswith("con_")
    assert made["realms"] == ["windows"]
    assert made["options"] == {"signin": True, "scope": ["wl.signin"]}


def test_two_connections_cannot_share_a_name(http: httpx.Client) -> None:
    _create(http, "/connections", name="twice", strategy="github")
    again = http.post("/connections", json={"name": "twice", "strategy": "github"})
    assert again.status_code == 409


@pytest.mark.parametrize("strategy", ["github", "okta", "auth0"])
def test_deleting_a_connection_is_accepted_until_it_is_done(
    http: httpx.Client, clock: Clock, strategy: str
) -> None:
    path = f"/connections/{_create(http, '/connections', name='a', strategy=strategy)['id']}"
    accepted = http.delete(path)
    assert accepted.status_code == 202
    assert http.get(path).json()["errorCode"] == "inexistent_connection"
    again = http.delete(path)
    assert (again.status_code, again.json()) == (202, accepted.json())
    clock.advance(1)
    assert http.delete(path).status_code == 204
    assert http.delete("/connections/con_AAAAAAAAAAAAAAAA").status_code == 204


def test_clients_are_enabled_and_disabled_one_by_one(http: httpx.Client) -> None:
    path = f"/connections/{_create(http, '/connections', name='a', strategy='github')['id']}"
    one, two = (_create(http, "/clients", name=name)["client_id"] for name in ("one", "two"))
    change = [{"client_id": one, "status": True}, {"client_id": two, "status": True}]
    assert http.patch(f"{path}/clients", json=change).status_code == 204
    http.patch(f"{path}/clients", json=[{"client_id": one, "status": False}])
    assert http.get(f"{path}/clients").json() == {"clients": [{"client_id": two}]}


def test_a_scim_configuration_begins_with_the_default_mapping(http: httpx.Client) -> None:
    path = f"/connections/{_create(http, '/connections', name='a', strategy='okta')['id']}"
    assert http.get(f"{path}/scim-configuration").status_code == 404
    made = http.post(f"{path}/scim-configuration").json()
    default = http.get(f"{path}/scim-configuration/default-mapping").json()
    assert made["mapping"] == default["mapping"]


def test_rotating_keys_makes_the_next_one_current(http: httpx.Client) -> None:
    path = f"/connections/{_create(http, '/connections', name='a', strategy='okta')['id']}/keys"
    _, following = http.get(path).json()
    fresh = http.post(f"{path}/rotate").json()
    current = next(key for key in http.get(path).json() if key.get("current"))
    assert current["kid"] == following["kid"]
    assert fresh["next"] is True


def test_a_webhook_secret_is_never_read_back(http: httpx.Client) -> None:
    secret = {"method": "bearer", "token": "hidden"}
    place = {"webhook_endpoint": "https://example.com", "webhook_authorization": secret}
    made = _create(
        http,
        "/event-streams",
        name="hook",
        subscriptions=[{"event_type": "user.created"}],
        destination={"type": "webhook", "configuration": place},
    )
    answer = http.get(f"/event-streams/{made['id']}")
    assert "hidden" not in answer.text


def test_an_unknown_profile_is_named_in_the_answer(http: httpx.Client) -> None:
    answer = http.get("/self-service-profiles/ssp_1111111111111111111111")
    assert answer.json()["message"] == "Profile with ID: ssp_1111111111111111111111 not found"
