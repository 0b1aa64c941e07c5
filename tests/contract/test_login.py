"""Logging in by the Authentication API, over users and clients of the Management API."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory, TenantHandle

CALLBACK = "https://app.example.com/callback"
PASSWORD = "Long enough 4 everybody!"  # of the user that the tests log in
REALM = "http://auth0.com/oauth/grant-type/password-realm"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()[:43]


@dataclass
class App:
    """An application, its database with one user, and a browser."""

    http: httpx.Client
    client_id: str
    client_secret: str
    database: str
    email: str

    def exchange(self, grant_type: str, **given: Any) -> httpx.Response:
        own = {"client_id": self.client_id, "client_secret": self.client_secret}
        return self.http.post("/oauth/token", data={"grant_type": grant_type, **own, **given})

    def log_in(self, scope: str = "openid email") -> httpx.Response:
        return self.exchange(
            REALM, username=self.email, password=PASSWORD, realm=self.database, scope=scope
        )


@pytest.fixture
def app(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> Iterator[App]:
    client = auth0_factory.client(
        app_type="regular_web",
        callbacks=[CALLBACK],
        grant_types=["authorization_code", "refresh_token", "password", REALM],
        token_endpoint_auth_method="client_secret_post",
    )
    database = auth0_factory.connection(strategy="auth0")
    auth0_mgmt.connections.clients.update(
        database.id, body=[{"client_id": client.client_id, "status": True}]
    )
    user = auth0_factory.user(connection=database.name, password=PASSWORD)
    with httpx.Client(
        transport=auth0_tenant.transport(), base_url=auth0_tenant.base_url, timeout=30
    ) as http:
        yield App(http, client.client_id, str(client.client_secret), database.name, str(user.email))


def test_a_password_gives_tokens_that_userinfo_takes(app: App, auth0_mgmt: Management) -> None:
    tokens = app.log_in().raise_for_status().json()
    assert tokens["token_type"] == "Bearer"
    bearer = {"authorization": f"Bearer {tokens['access_token']}"}
    info = app.http.get("/userinfo", headers=bearer).raise_for_status().json()
    assert info["email"] == app.email
    [user] = auth0_mgmt.users.list_users_by_email(email=app.email)
    assert user.logins_count == 1


def test_a_wrong_password_is_refused(app: App) -> None:
    refused = app.exchange(REALM, username=app.email, password="wrong", realm=app.database)
    assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant")


def test_a_refresh_token_is_exchanged_until_it_is_revoked(app: App) -> None:
    tokens = app.log_in("openid offline_access").raise_for_status().json()
    refresh_token = tokens["refresh_token"]
    assert app.exchange("refresh_token", refresh_token=refresh_token).status_code == 200
    own = {"client_id": app.client_id, "client_secret": app.client_secret}
    assert app.http.post("/oauth/revoke", json={**own, "token": refresh_token}).status_code == 200
    refused = app.exchange("refresh_token", refresh_token=refresh_token)
    assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant")


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def test_a_browser_logs_in_with_a_code_and_pkce(app: App) -> None:
    parameters = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "state": "abc",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "connection": app.database,
    }
    to_login = app.http.get("/authorize", params=parameters)
    assert to_login.status_code == 302
    page = app.http.get(to_login.headers["location"])
    form = {**hidden(page.text), "username": app.email, "password": PASSWORD, "action": "default"}
    done = app.http.post(page.url, data=form)
    while done.status_code == 302 and not done.headers["location"].startswith(CALLBACK):
        done = app.http.get(done.headers["location"])
    while done.status_code == 200 and 'value="accept"' in done.text:
        done = app.http.post(done.url, data={**hidden(done.text), "action": "accept"})
    back = httpx.URL(done.headers["location"])
    assert back.params["state"] == "abc"
    given = {"code": back.params["code"], "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    tokens = app.exchange("authorization_code", **given).raise_for_status().json()
    assert {"access_token", "id_token", "token_type", "expires_in"} <= set(tokens)


@pytest.mark.parametrize(
    "change", [{"redirect_uri": "https://evil.example.com"}, {"client_id": "x"}]
)
def test_a_request_that_cannot_be_trusted_is_not_redirected(
    app: App, change: dict[str, str]
) -> None:
    parameters = {"client_id": app.client_id, "response_type": "code", "redirect_uri": CALLBACK}
    refused = app.http.get("/authorize", params={**parameters, **change})
    assert 400 <= refused.status_code < 500
    assert "location" not in refused.headers


def test_the_keys_and_the_endpoints_are_discovered(app: App) -> None:
    found = app.http.get("/.well-known/openid-configuration").raise_for_status().json()
    assert found["token_endpoint"].endswith("/oauth/token")
    keys = app.http.get(found["jwks_uri"]).raise_for_status().json()["keys"]
    assert {"kid", "kty", "use", "n", "e"} <= set(keys[0])
