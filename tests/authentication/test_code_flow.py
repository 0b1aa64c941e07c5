"""The authorization code flow, by the pages that a user sees."""

from __future__ import annotations

import httpx
import pytest

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import ADA, API, Browser, claims, exchange, exchange_code, log_types


def test_a_user_logs_in_and_the_client_gets_tokens(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    browser.authorize(audience=API, nonce="n-1", scope="openid profile email read:things")
    assert browser.screen == "/u/login/identifier"
    answer = browser.log_in().answer
    assert answer["state"] == "xyz"
    response = exchange_code(http, answer["code"])
    assert response.status_code == 200, response.text
    body = response.json()
    assert body["token_type"] == "Bearer"
    assert "scope" not in body  # it is what was asked for
    told = claims(body["id_token"])
    assert (told["sub"], told["aud"], told["nonce"]) == (ADA, "app", "n-1")
    assert told["email"] == "ada@example.com"
    access = claims(body["access_token"])
    assert access["aud"] == [API, f"https://{tenant.domain}/userinfo"]
    assert access["azp"] == "app"
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert http.get("/userinfo", headers=headers).json()["sub"] == ADA


def test_a_log_in_is_recorded_once_where_the_management_api_shows_it(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    code = browser.authorize().log_in().answer["code"]
    exchange_code(http, code)
    mgmt = tenant.management()
    user = mgmt.users.get(ADA)
    assert (user.logins_count, user.last_ip) == (1, "127.0.0.1")
    assert [each.user_id for each in mgmt.users.sessions.list(ADA)] == [ADA]
    assert log_types(tenant) == ["s", "seacft"]


def test_a_session_logs_in_without_a_page(browser: Browser) -> None:
    browser.authorize().log_in()
    again = browser.authorize("spa", prompt="none")
    assert "code" in again.answer


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_a_prompt_asks_for_the_password_in_spite_of_a_session(
    browser: Browser, prompt: str
) -> None:
    browser.authorize().log_in()
    assert browser.authorize(prompt=prompt).screen == "/u/login/identifier"


def test_a_session_that_is_older_than_max_age_does_not_do(browser: Browser, clock: Clock) -> None:
    browser.authorize().log_in()
    clock.advance(60)
    assert "code" in browser.authorize(max_age="60").answer
    clock.advance(1)
    assert browser.authorize(max_age="60").screen == "/u/login/identifier"


def test_no_session_is_told_to_a_client_that_allows_no_page(browser: Browser) -> None:
    assert browser.authorize(prompt="none").answer["error"] == "login_required"


def test_a_wrong_password_is_shown_logged_and_counted(tenant: FakeTenant, browser: Browser) -> None:
    page = browser.authorize().log_in(password="wrong")
    assert page.page.status_code == 400
    assert page.form.alerts == ["Wrong username or password"]
    assert log_types(tenant) == ["fp"]
    assert "code" in page.log_in().answer


def test_userinfo_answers_an_opaque_token_too(browser: Browser, http: httpx.Client) -> None:
    body = exchange_code(http, browser.authorize().log_in().answer["code"]).json()
    assert body["access_token"].count(".") == 0
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert http.get("/userinfo", headers=headers).json()["name"] == "Ada Lovelace"


def test_an_unknown_bearer_is_told_so(http: httpx.Client) -> None:
    response = http.get("/userinfo", headers={"authorization": "Bearer nonsense"})
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_token"


def test_a_refresh_token_gives_new_tokens_with_fewer_scopes(
    browser: Browser, http: httpx.Client
) -> None:
    scope = "openid profile offline_access read:things"
    code = browser.authorize(audience=API, scope=scope).log_in().answer["code"]
    body = exchange_code(http, code).json()
    again = exchange(
        http, "refresh_token", refresh_token=body["refresh_token"], scope="openid read:things"
    ).json()
    assert again["scope"] == "openid read:things"
    assert "refresh_token" not in again
    assert claims(again["access_token"])["scope"] == "openid read:things"
