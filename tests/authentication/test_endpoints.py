"""Log-out, databases, registration, discovery, and what is refused with its reason."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import ADA, API, DATABASE, PASSWORD, Browser, exchange, exchange_code, log_types

BYE = "https://app.example.com/bye"


# --- log-out -------------------------------------------------------------------------------------


def test_a_log_out_ends_the_session(tenant: FakeTenant, browser: Browser) -> None:
    browser.authorize().log_in()
    browser.open("/v2/logout", client_id="app", returnTo=f"{BYE}?from=here")
    assert browser.left_for == f"{BYE}?from=here"
    assert list(tenant.management().users.sessions.list(ADA)) == []
    assert browser.authorize(prompt="none").answer["error"] == "login_required"
    assert log_types(tenant)[-2:] == ["slo", "fsa"]


def test_a_log_out_without_an_address_says_ok(browser: Browser) -> None:
    assert browser.open("/v2/logout").page.text == "OK"


def test_an_id_token_logs_its_session_out_at_once(
    browser: Browser, http: httpx.Client, tenant: FakeTenant
) -> None:
    body = exchange_code(http, browser.authorize().log_in().answer["code"]).json()
    hint = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": BYE, "state": "s"}
    assert browser.open("/oidc/logout", **hint).left_for == f"{BYE}?state=s"
    assert list(tenant.management().users.sessions.list(ADA)) == []


def test_without_a_hint_the_user_confirms_the_log_out(browser: Browser, tenant: FakeTenant) -> None:
    browser.authorize().log_in()
    browser.open("/oidc/logout", client_id="app", post_logout_redirect_uri=BYE)
    assert browser.page.status_code == 200
    assert len(list(tenant.management().users.sessions.list(ADA))) == 1
    assert browser.submit().left_for == BYE
    assert list(tenant.management().users.sessions.list(ADA)) == []


def test_a_hint_for_another_client_is_refused(browser: Browser, http: httpx.Client) -> None:
    body = exchange_code(http, browser.authorize().log_in().answer["code"]).json()
    hint = {"id_token_hint": body["id_token"], "client_id": "spa"}
    assert browser.open("/oidc/logout", **hint).page.status_code == 400


# --- databases -----------------------------------------------------------------------------------


def sign_up(http: httpx.Client, **given: Any) -> httpx.Response:
    known = {"client_id": "app", "connection": DATABASE, "email": "eve@example.com"}
    known["password"] = "Long enough 4 this!"
    return http.post("/dbconnections/signup", json={**known, **given})


def test_a_sign_up_makes_a_user_who_can_log_in(tenant: FakeTenant, http: httpx.Client) -> None:
    body = sign_up(http, user_metadata={"plan": "free"}).json()
    assert list(body)[:3] == ["_id", "email", "email_verified"]
    user = tenant.management().users.get(f"auth0|{body['_id']}")
    assert user.user_metadata == {"plan": "free"}
    given = {"username": "eve@example.com", "password": "Long enough 4 this!"}
    assert exchange(http, "password", **given).status_code == 200


@pytest.mark.parametrize("name", ["email", "username", "password", "name", "nickname"])
@pytest.mark.parametrize("value", [{"a": "b"}, ["a"], 1])
def test_a_sign_up_takes_strings_only(
    tenant: FakeTenant, http: httpx.Client, name: str, value: Any
) -> None:
    with tenant.expect_changes():
        response = sign_up(http, **{name: value})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ["/oauth/token", "/bc-authorize", "/mfa/challenge", "/oauth/par"])
@pytest.mark.parametrize("value", [r'"\ud800"', "1e999", "NaN", r'{"\udfff": 1}'])
def test_json_that_is_no_text_or_no_number_is_refused(
    http: httpx.Client, path: str, value: str
) -> None:
    sent = {"content-type": "application/json"}
    response = http.post(path, content=f'{{"client_id": {value}}}', headers=sent)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_a_login_hint_that_is_nested_too_deep_is_refused(http: httpx.Client) -> None:
    given = {"client_id": "app", "client_secret": "app-secret", "scope": "openid"}
    hint = {"binding_message": "1", "login_hint": "[" * 50_000}
    response = http.post("/bc-authorize", data={**given, **hint})
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


def test_a_second_sign_up_does_not_say_why_it_fails(http: httpx.Client) -> None:
    sign_up(http)
    again = sign_up(http)
    assert again.status_code == 400
    assert again.json() == {
        "name": "BadRequestError",
        "code": "invalid_signup",
        "description": "Invalid sign up",
        "statusCode": 400,
    }


@pytest.mark.parametrize(
    ("options", "password", "code"),
    [
        ({"passwordPolicy": "good"}, "alllowercase", "invalid_password"),
        ({"passwordPolicy": "good"}, "Short1!", "invalid_password"),
        ({"passwordPolicy": "excellent"}, "Repeated111!", "invalid_password"),
        (
            {"passwordPolicy": "low", "password_no_personal_info": {"enable": True}},
            "eve-loves-apples",
            "password_no_user_info_error",
        ),
        (
            {"passwordPolicy": "low", "password_dictionary": {"enable": True, "dictionary": []}},
            "letmein",
            "password_dictionary_error",
        ),
    ],
)
def test_passwords_follow_the_connections_policy(
    tenant: FakeTenant, http: httpx.Client, options: dict[str, Any], password: str, code: str
) -> None:
    mgmt = tenant.management()
    found = next(iter(mgmt.connections.list()))
    mgmt.connections.update(str(found.id), options=options)
    refused = sign_up(http, password=password)
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert sign_up(http, password="G00d-enough-for-all").status_code == 200


def test_the_weak_password_is_told_rule_by_rule(http: httpx.Client) -> None:
    body = sign_up(http, password="weak").json()
    assert (body["name"], body["message"]) == ("PasswordStrengthError", "Password is too weak")
    assert body["description"]["rules"][0]["verified"] is False
    assert body["policy"].startswith("* At least 8 characters")


def test_a_connection_may_take_no_sign_ups(tenant: FakeTenant, http: httpx.Client) -> None:
    mgmt = tenant.management()
    found = next(iter(mgmt.connections.list()))
    mgmt.connections.update(str(found.id), options={"disable_signup": True})
    assert sign_up(http).status_code == 400


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_a_new_password_is_asked_for_without_telling_who_exists(
    tenant: FakeTenant, http: httpx.Client, email: str
) -> None:
    given = {"client_id": "app", "connection": DATABASE, "email": email}
    response = http.post("/dbconnections/change_password", json=given)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text == "We've just sent you an email to reset your password."
    assert len(tenant.mailbox.to(email)) == (1 if email == "ada@example.com" else 0)


def test_a_connection_of_other_clients_is_not_found(http: httpx.Client) -> None:
    assert sign_up(http, connection="nowhere").status_code == 400


# --- registration and discovery ------------------------------------------------------------------


def test_a_client_registers_itself_where_that_is_on(tenant: FakeTenant, http: httpx.Client) -> None:
    given = {"client_name": "Robot", "redirect_uris": ["https://robot.example.com/cb"]}
    assert http.post("/oidc/register", json=given).status_code == 403
    mgmt = tenant.management()
    mgmt.tenants.settings.update(flags={"enable_dynamic_client_registration": True})
    body = http.post("/oidc/register", json=given).json()
    client = mgmt.clients.get(body["client_id"])
    assert (client.name, client.is_first_party) == ("Robot", False)
    assert http.post("/oidc/register", json={"redirect_uris": []}).status_code == 400


def test_discovery_advertises_what_is_answered(tenant: FakeTenant, http: httpx.Client) -> None:
    document = http.get("/.well-known/openid-configuration").json()
    for name, value in document.items():
        if not name.endswith(("_endpoint", "_uri")):
            continue
        path = str(value).removeprefix(f"https://{tenant.domain}")
        statuses = {http.get(path).status_code, http.post(path, data={}).status_code}
        assert statuses != {404}, name


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.1:8400", "[::1]:8400"])
def test_a_served_tenant_names_the_address_that_it_was_reached_at(
    tenant: FakeTenant, host: str
) -> None:
    document = tenant.send("GET", "/.well-known/openid-configuration", {"host": host}).json()
    assert document["issuer"] == f"http://{host}/"
    assert document["token_endpoint"] == f"http://{host}/oauth/token"
    stranger = tenant.send("GET", "/.well-known/openid-configuration", {"host": "evil.com"})
    assert stranger.json()["issuer"] == f"https://{tenant.domain}/"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            {"redirect_uri": "https://other.example.com/"},
            "is none of the client's callbacks: https",
        ),
        ({"client_id": "nobody"}, "Unknown client: nobody"),
        ({"client_id": "bare"}, "connections.clients.update"),
        ({"prompt": "none"}, "Login required"),
    ],
)
def test_the_request_log_explains_why_a_log_in_does_not_begin(
    tenant: FakeTenant, browser: Browser, query: dict[str, str], said: str
) -> None:
    tenant.clients.add(
        client_id="bare", name="Bare", callbacks=["https://app.example.com/callback"]
    )
    browser.authorize(**query)
    assert said in tenant.requests[-1].explanation


@pytest.mark.parametrize(
    ("client", "said"),
    [
        ({"client_id": "nobody", "client_secret": "x"}, "no client of this id"),
        ({"client_id": "app", "client_secret": "x"}, "client_secret is wrong"),
        ({"client_id": "app"}, "client_secret is wrong or missing"),
        ({"client_id": "spa", "client_secret": "x"}, "does not authenticate by a secret"),
    ],
)
def test_only_the_request_log_says_what_is_wrong_with_a_client(
    tenant: FakeTenant, http: httpx.Client, client: dict[str, str], said: str
) -> None:
    http.post("/oauth/token", data={**client, "grant_type": "client_credentials"})
    assert said in tenant.requests[-1].explanation


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/oauth/ro"),
        ("POST", "/delegation"),
        ("POST", "/users/auth0%7C1/impersonate"),
        ("POST", "/tokeninfo"),
        ("POST", "/oauth/access_token"),
        ("GET", "/samlp/app"),
        ("GET", "/samlp/metadata/app"),
        ("GET", "/wsfed/app"),
        ("POST", "/login/callback"),
        ("POST", "/login/unlink"),
    ],
)
def test_what_the_fake_does_not_do_it_says(http: httpx.Client, method: str, path: str) -> None:
    response = http.request(method, path)
    assert response.status_code == 501
    assert response.json()["error"] == "not_implemented"
    assert len(response.json()["error_description"]) > 20


def test_a_failed_request_leaves_no_half_done_work(tenant: FakeTenant, http: httpx.Client) -> None:
    before = tenant.snapshot()
    given = {"username": "ada@example.com", "password": PASSWORD, "audience": "urn:nobody"}
    assert exchange(http, "password", **given).status_code == 403
    changed = tenant.changes_since(before)
    assert not changed.updated.get("users")
    assert API
