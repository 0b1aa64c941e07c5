"""Refresh tokens of named devices are device credentials; both end together."""

from __future__ import annotations

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant

from .conftest import ADA, API, DATABASE, EVERY_GRANT, PASSWORD, Browser, exchange, exchange_code

SCOPE = "openid offline_access"


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


@pytest.fixture
def token(mgmt: Management, http: httpx.Client, browser: Browser) -> str:
    """A refresh token of a named device, got by a page."""
    mgmt.clients.update("app", app_type="native", grant_types=EVERY_GRANT)
    browser.authorize(scope=SCOPE, audience=API, device="Ada's phone").log_in()
    found: str = exchange_code(http, browser.answer["code"]).json()["refresh_token"]
    return found


def is_good(http: httpx.Client, token: str) -> bool:
    return exchange(http, "refresh_token", refresh_token=token).is_success


def test_a_named_device_is_a_credential(mgmt: Management, token: str) -> None:
    (found,) = mgmt.device_credentials.list(user_id=ADA).items
    assert str(found.id).startswith("dcr_")
    assert found.device_name == "Ada's phone"
    assert (found.type, found.user_id, found.client_id) == ("refresh_token", ADA, "app")
    assert found.device_id
    assert mgmt.device_credentials.list(type="refresh_token").items
    assert not mgmt.device_credentials.list(type="public_key").items


def test_a_log_in_without_a_device_makes_no_credential(
    mgmt: Management, http: httpx.Client, browser: Browser
) -> None:
    browser.authorize(scope=SCOPE, audience=API).log_in()
    assert exchange_code(http, browser.answer["code"]).json()["refresh_token"]
    assert not mgmt.device_credentials.list(user_id=ADA).items


def test_a_device_without_a_refresh_token_is_no_credential(
    mgmt: Management, browser: Browser, http: httpx.Client
) -> None:
    browser.authorize(device="Ada's phone").log_in()
    exchange_code(http, browser.answer["code"])
    assert not mgmt.device_credentials.list(user_id=ADA).items


@pytest.mark.parametrize("realm", [None, DATABASE])
def test_a_password_grant_names_a_device(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client, realm: str | None
) -> None:
    kind = "password" if realm is None else "http://auth0.com/oauth/grant-type/password-realm"
    response = exchange(
        http,
        kind,
        username="ada@example.com",
        password=PASSWORD,
        scope=SCOPE,
        audience=API,
        realm=realm,
        device="tablet",
    )
    assert response.json()["refresh_token"]
    assert [each.device_name for each in mgmt.device_credentials.list(user_id=ADA)] == ["tablet"]


def test_a_rotating_token_is_a_credential_of_that_type(
    mgmt: Management, http: httpx.Client, token: str
) -> None:
    mgmt.clients.update(
        "app", refresh_token={"rotation_type": "rotating", "expiration_type": "expiring"}
    )
    rotated = exchange(http, "refresh_token", refresh_token=token).json()["refresh_token"]
    (found,) = mgmt.device_credentials.list(user_id=ADA).items
    assert found.type == "rotating_refresh_token"
    mgmt.device_credentials.delete(str(found.id))
    assert not is_good(http, rotated)


def test_deleting_a_credential_revokes_its_refresh_token(
    mgmt: Management, http: httpx.Client, token: str
) -> None:
    assert is_good(http, token)
    (found,) = mgmt.device_credentials.list(user_id=ADA).items
    mgmt.device_credentials.delete(str(found.id))
    assert not is_good(http, token)
    assert not mgmt.users.refresh_token.list(ADA).items


def test_revoking_a_refresh_token_deletes_its_credential(
    mgmt: Management, http: httpx.Client, token: str
) -> None:
    sent = {"client_id": "app", "client_secret": "app-secret", "token": token}
    http.post("/oauth/revoke", data=sent).raise_for_status()
    assert not mgmt.device_credentials.list(user_id=ADA).items


def test_deleting_a_refresh_token_deletes_its_credential(mgmt: Management, token: str) -> None:
    (held,) = mgmt.users.refresh_token.list(ADA).items
    mgmt.refresh_tokens.delete(str(held.id))
    assert not mgmt.device_credentials.list(user_id=ADA).items


def test_a_deleted_user_leaves_no_credentials(mgmt: Management, token: str) -> None:
    mgmt.users.delete(ADA)
    assert not mgmt.device_credentials.list(client_id="app").items
