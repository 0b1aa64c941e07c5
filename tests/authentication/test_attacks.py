"""What an attacker tries: each is refused, and leaves no door open."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import (
    ADA,
    API,
    CALLBACK,
    PASSWORD,
    Browser,
    claims,
    exchange,
    exchange_code,
    log_types,
)


@pytest.fixture
def code(browser: Browser) -> str:
    scope = "openid offline_access"
    return browser.authorize(audience=API, scope=scope).log_in().answer["code"]


@pytest.mark.parametrize("verifier", ["b" * 43, "", None])
def test_a_wrong_or_missing_verifier_gets_nothing(
    http: httpx.Client, code: str, verifier: str | None
) -> None:
    response = exchange_code(http, code, code_verifier=verifier)
    assert (response.status_code, response.json()["error"]) == (403, "invalid_grant")


def test_a_verifier_for_a_request_without_a_challenge_is_refused(
    browser: Browser, http: httpx.Client
) -> None:
    query = {"code_challenge": "", "code_challenge_method": ""}
    code = browser.authorize(**query).log_in().answer["code"]
    assert exchange_code(http, code).json()["error"] == "invalid_grant"


def test_a_public_client_must_use_pkce(browser: Browser) -> None:
    answer = browser.authorize("spa", code_challenge="", code_challenge_method="").answer
    assert answer["error"] == "invalid_request"


def test_a_replayed_code_gets_nothing_and_revokes_what_it_had_got(
    tenant: FakeTenant, http: httpx.Client, code: str
) -> None:
    first = exchange_code(http, code).json()
    second = exchange_code(http, code)
    assert (second.status_code, second.json()) == (
        403,
        {"error": "invalid_grant", "error_description": "Invalid authorization code"},
    )
    refresh = exchange(http, "refresh_token", refresh_token=first["refresh_token"])
    assert refresh.status_code == 403
    assert "feacft" in log_types(tenant)


def test_a_code_expires(http: httpx.Client, code: str, clock: Clock) -> None:
    clock.advance(600)
    assert exchange_code(http, code).json()["error"] == "invalid_grant"


def test_another_clients_code_gets_nothing(http: httpx.Client, code: str) -> None:
    given = {"grant_type": "authorization_code", "client_id": "spa", "code": code}
    response = http.post("/oauth/token", data={**given, "code_verifier": "a" * 43})
    assert response.json()["error"] == "invalid_grant"
    assert exchange_code(http, code).status_code == 200


def test_a_wrong_redirect_uri_at_the_token_endpoint_is_refused(
    http: httpx.Client, code: str
) -> None:
    response = exchange_code(http, code, redirect_uri="https://evil.example.com/")
    assert response.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example.com/callback",
        "https://app.example.com/callback/../evil",
        "https://app.example.com/callback?x=1",
        "https://app.example.com.evil.com/callback",
        "https://app.example.com@evil.com/callback",
        "http://app.example.com/callback",
        "https://app.example.com/callback#fragment",
        "javascript:alert(1)",
        "//evil.example.com",
        "http://[",
        "https://app.example.com:x/callback",
    ],
)
def test_no_error_and_no_code_is_sent_to_an_address_that_is_not_listed(
    browser: Browser, redirect_uri: str
) -> None:
    page = browser.authorize(redirect_uri=redirect_uri)
    assert page.left_for is None
    assert page.page.status_code in (400, 403)


def test_a_wildcard_stands_for_one_label_only(tenant: FakeTenant, browser: Browser) -> None:
    tenant.management().clients.update("app", callbacks=["https://*.example.com/cb"])
    assert (
        browser.authorize(redirect_uri="https://a.example.com/cb").screen == "/u/login/identifier"
    )
    for wrong in ("https://a.b.example.com/cb", "https://a.evil.com/.example.com/cb"):
        assert browser.authorize(redirect_uri=wrong).page.status_code == 403


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.example.com/",
        "//evil.example.com",
        "javascript:alert(1)",
        "https://app.example.com/other",
        "http://[",
    ],
)
@pytest.mark.parametrize("path", ["/v2/logout", "/oidc/logout"])
def test_a_log_out_leads_to_listed_addresses_only(
    browser: Browser, path: str, return_to: str
) -> None:
    name = "returnTo" if path == "/v2/logout" else "post_logout_redirect_uri"
    page = browser.open(path, client_id="app", **{name: return_to})
    assert page.left_for is None
    assert page.page.status_code == 400


def test_a_token_without_a_signature_is_no_token(tenant: FakeTenant, http: httpx.Client) -> None:
    login = tenant.log_in(ADA, client="app", audience=API)
    kid = jwt.get_unverified_header(login.access_token)["kid"]
    for algorithm, key in (("none", ""), ("HS256", "x" * 64)):
        forged = jwt.encode(claims(login.access_token), key, algorithm, headers={"kid": kid})
        response = http.get("/userinfo", headers={"authorization": f"Bearer {forged}"})
        assert response.status_code == 401


def test_an_expired_token_is_no_token(tenant: FakeTenant, http: httpx.Client, clock: Clock) -> None:
    login = tenant.log_in(ADA, client="app", audience=API)
    clock.advance(86_400)
    response = http.get("/userinfo", headers={"authorization": f"Bearer {login.access_token}"})
    assert response.status_code == 401


def test_another_tenants_token_is_no_token(http: httpx.Client, clock: Clock) -> None:
    other = FakeTenant("other.eu.auth0.com", clock=clock)
    other.users.add(user_id=ADA, email="ada@example.com")
    other.resource_servers.add(identifier=API, name="API")
    token = other.log_in(ADA, audience=API).access_token
    response = http.get("/userinfo", headers={"authorization": f"Bearer {token}"})
    assert response.status_code == 401


def test_a_users_token_does_not_open_the_management_api(tenant: FakeTenant) -> None:
    login = tenant.log_in(ADA, client="app", audience=API)
    sent = {"authorization": f"Bearer {login.access_token}"}
    assert tenant.send("GET", "/api/v2/users", sent).status == 401


def test_the_response_names_its_issuer_so_that_none_is_mixed_up(
    tenant: FakeTenant, browser: Browser
) -> None:
    assert browser.authorize().log_in().answer["iss"] == f"https://{tenant.domain}/"
    discovery = tenant.send("GET", "/.well-known/openid-configuration", {}).json()
    assert discovery["authorization_response_iss_parameter_supported"] is True


# --- the log-in form -----------------------------------------------------------------------------


def login_form(browser: Browser) -> tuple[str, dict[str, str]]:
    form = browser.authorize().form
    return str(browser.page.url), {
        **form.fields,
        "username": "ada@example.com",
        "password": PASSWORD,
    }


def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    url, data = login_form(browser)
    del data["csrf_token"]
    response = browser.client.post(url, data=data)
    assert response.status_code == 403


def test_a_form_from_another_browser_is_refused(tenant: FakeTenant, browser: Browser) -> None:
    """A log-in that the attacker began must not log the victim's browser in."""
    url, data = login_form(browser)
    with httpx.Client(transport=tenant.transport()) as victim:
        response = victim.post(url, data=data)
    assert response.status_code == 400
    assert tenant.management().users.get(ADA).logins_count is None


def test_a_log_in_gives_the_browser_a_new_cookie(browser: Browser) -> None:
    """Who planted a cookie before the log-in has no session after it."""
    browser.authorize()
    before = browser.client.cookies["auth0"]
    browser.log_in()
    assert browser.client.cookies["auth0"] != before
    browser.client.cookies.set("auth0", before, domain=browser.page.url.host)


def test_the_cookie_is_for_the_server_alone(tenant: FakeTenant) -> None:
    query = f"client_id=app&response_type=code&redirect_uri={CALLBACK}"
    over_tls = tenant.send("GET", f"/authorize?{query}", {"host": tenant.domain})
    flags = over_tls.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "Secure", "SameSite=None"} <= set(flags)
    plain = tenant.send("GET", f"/authorize?{query}", {"host": "localhost:8400"})
    flags = plain.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax"} <= set(flags)
    assert "Secure" not in flags


def test_no_site_may_frame_a_page(browser: Browser) -> None:
    headers = browser.authorize().page.headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_flow_cannot_skip_the_log_in(browser: Browser) -> None:
    browser.authorize()
    state = browser.page.url.query.decode()
    for screen in ("consent", "mfa", "mfa-enroll", "organization-picker"):
        page = browser.open(f"/u/{screen}?{state}")
        assert page.left_for is not None, screen
        assert "error=invalid_request" in page.left_for
        browser.authorize()
        state = browser.page.url.query.decode()


def test_the_picker_logs_nobody_in_where_it_is_off(tenant: FakeTenant, browser: Browser) -> None:
    browser.authorize()
    fields = browser.form.fields
    url = str(browser.page.url.copy_with(path="/u/picker"))
    response = browser.client.post(url, data={**fields, "user_id": ADA}, follow_redirects=False)
    assert "error=invalid_request" in response.headers["location"]
    assert list(tenant.management().users.sessions.list(ADA)) == []


def test_parameters_must_not_be_repeated(http: httpx.Client) -> None:
    body = "grant_type=client_credentials&client_id=app&client_id=spa"
    sent = {"content-type": "application/x-www-form-urlencoded"}
    response = http.post("/oauth/token", content=body, headers=sent)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


# --- what is shown of requests -------------------------------------------------------------------


def test_the_request_log_shows_no_secret_of_a_log_in(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    scope = "openid offline_access"
    code = browser.authorize(audience=API, scope=scope).log_in().answer["code"]
    body = exchange_code(http, code).json()
    exchange(http, "refresh_token", refresh_token=body["refresh_token"])
    http.get("/userinfo", headers={"authorization": f"Bearer {body['access_token']}"})
    shown = "".join(
        f"{each} {each!r} {each.headers} {each.query} {each.json}" for each in tenant.requests
    )
    secrets = [PASSWORD, "app-secret", "a" * 43, browser.client.cookies["auth0"]]
    for secret in [*secrets, body["refresh_token"], body["access_token"], body["id_token"]]:
        assert secret not in shown
    assert PASSWORD not in repr(tenant.management().logs.list(per_page=50))


# --- scripts of other origins ---------------------------------------------------------------------


def test_a_browser_may_call_the_token_endpoint_without_credentials(http: httpx.Client) -> None:
    origin = {"origin": "https://app.example.com"}
    preflight = http.request(
        "OPTIONS",
        "/oauth/token",
        headers={
            **origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,auth0-client",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == origin["origin"]
    assert preflight.headers["access-control-allow-headers"] == "content-type,auth0-client"
    answer = http.post("/oauth/token", data={"grant_type": "x"}, headers=origin)
    assert answer.headers["access-control-allow-origin"] == origin["origin"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/authorize", "/u/login", "/u/login/identifier", "/oidc/logout", "/bc-authorize"]
)
def test_no_script_may_read_a_page(http: httpx.Client, path: str) -> None:
    headers: dict[str, Any] = {
        "origin": "https://evil.example.com",
        "access-control-request-method": "POST",
    }
    assert http.request("OPTIONS", path, headers=headers).status_code == 404
    response = http.get(path, headers=headers)
    assert "access-control-allow-origin" not in response.headers
    assert urlsplit(str(response.url)).path == path


@pytest.mark.parametrize(
    "path",
    [
        "/activate",
        "/continue",
        "/lo/reset",
        "/authorize",
        "/u/login",
        "/u/login/password",
        "/u/signup/identifier",
        "/u/consent",
        "/oidc/logout",
    ],
)
@pytest.mark.parametrize(
    ("media", "content"),
    [
        ("application/json", b"\xff\xfe"),
        ("application/json", b"["),
        ("application/json", b"[1]"),
        ("application/json", b"[" * 50_000),
        ("application/x-www-form-urlencoded", b"state=a&state=b"),
    ],
)
def test_a_body_that_cannot_be_read_gets_an_error_page(
    http: httpx.Client, path: str, media: str, content: bytes
) -> None:
    response = http.post(path, content=content, headers={"content-type": media})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")
