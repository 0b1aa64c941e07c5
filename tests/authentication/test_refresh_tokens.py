"""Refresh tokens: rotation with leeway, reuse, lifetimes, revocation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import ADA, API, exchange, log_types


@pytest.fixture
def token(tenant: FakeTenant) -> str:
    rotate(tenant)
    login = tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    assert login.refresh_token is not None
    return login.refresh_token


def rotate(tenant: FakeTenant, **rules: Any) -> None:
    settings: Any = {
        "rotation_type": "rotating",
        "expiration_type": "expiring",
        "leeway": 0,
        **rules,
    }
    settings.setdefault("token_lifetime", 3600)
    settings.setdefault("infinite_token_lifetime", False)
    settings.setdefault("infinite_idle_token_lifetime", True)
    tenant.management().clients.update("app", refresh_token=settings)


def refresh(http: httpx.Client, token: str, **given: Any) -> httpx.Response:
    return exchange(http, "refresh_token", refresh_token=token, **given)


def test_each_exchange_gives_a_new_token(http: httpx.Client, token: str) -> None:
    second = refresh(http, token).json()["refresh_token"]
    assert second != token
    assert refresh(http, second).status_code == 200


def test_a_reused_token_revokes_the_whole_family(
    tenant: FakeTenant, http: httpx.Client, token: str
) -> None:
    second = refresh(http, token).json()["refresh_token"]
    reused = refresh(http, token)
    assert (reused.status_code, reused.json()["error"]) == (403, "invalid_grant")
    assert reused.json()["error_description"] == "Unknown or invalid refresh token."
    assert refresh(http, second).status_code == 403
    assert "ferrt" in log_types(tenant)
    assert list(tenant.management().users.refresh_token.list(ADA)) == []


def test_the_direct_predecessor_works_within_the_leeway(
    tenant: FakeTenant, http: httpx.Client, token: str, clock: Clock
) -> None:
    rotate(tenant, leeway=10)
    refresh(http, token)
    clock.advance(9)
    assert refresh(http, token).status_code == 200
    clock.advance(11)
    assert refresh(http, token).status_code == 403


def test_a_token_expires_in_all(http: httpx.Client, token: str, clock: Clock) -> None:
    second = refresh(http, token).json()["refresh_token"]
    clock.advance(3600)
    assert refresh(http, second).status_code == 403


def test_a_token_that_is_not_used_expires_idle(
    tenant: FakeTenant, http: httpx.Client, clock: Clock
) -> None:
    rotate(tenant, idle_token_lifetime=60, infinite_idle_token_lifetime=False)
    login = tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    clock.advance(59)
    second = refresh(http, str(login.refresh_token)).json()["refresh_token"]
    clock.advance(59)
    assert refresh(http, second).status_code == 200
    clock.advance(61)
    assert refresh(http, second).status_code == 403


def test_another_clients_token_is_unknown(http: httpx.Client, token: str) -> None:
    response = http.post(
        "/oauth/token",
        data={"grant_type": "refresh_token", "client_id": "spa", "refresh_token": token},
    )
    assert (response.status_code, response.json()["error"]) == (403, "invalid_grant")
    assert refresh(http, token).status_code == 200


def test_scopes_that_were_never_granted_are_not_given(http: httpx.Client, token: str) -> None:
    body = refresh(http, token, scope="openid write:things").json()
    assert body["scope"] == "openid"


def test_a_token_revoked_by_either_api_is_worth_nothing(
    tenant: FakeTenant, http: httpx.Client, token: str
) -> None:
    form = {"client_id": "app", "client_secret": "app-secret", "token": token}
    revoked = http.post("/oauth/revoke", data=form)
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert refresh(http, token).status_code == 403
    again = tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    tenant.management().refresh_tokens.delete(str(again.refresh_token_id))
    assert refresh(http, str(again.refresh_token)).status_code == 403


def test_a_blocked_users_token_is_worth_nothing(
    tenant: FakeTenant, http: httpx.Client, token: str
) -> None:
    tenant.management().users.update(ADA, blocked=True)
    assert refresh(http, token).status_code == 403


def test_a_user_has_two_hundred_tokens_at_most(tenant: FakeTenant, http: httpx.Client) -> None:
    first = tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    for _ in range(200):
        tenant.log_in(ADA, client="app", audience=API, scope="offline_access")
    assert refresh(http, str(first.refresh_token)).status_code == 403
