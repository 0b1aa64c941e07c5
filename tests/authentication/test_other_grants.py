"""Password, passwordless, device code, CIBA, token exchange: each by what its client must show."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import (
    ADA,
    API,
    DATABASE,
    PASSWORD,
    Browser,
    add_exchange_profile,
    claims,
    enable,
    exchange,
    log_types,
)

REALM = "http://auth0.com/oauth/grant-type/password-realm"
OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"
CLIENT = {"client_id": "app", "client_secret": "app-secret"}
LOGIN = {"username": "ada@example.com", "password": PASSWORD}


# --- password ------------------------------------------------------------------------------------


def test_a_password_gets_tokens(tenant: FakeTenant, http: httpx.Client) -> None:
    response = exchange(http, "password", **LOGIN, audience=API, scope="openid read:things")
    body = response.json()
    assert claims(body["access_token"])["gty"] == "password"
    assert claims(body["access_token"])["scope"] == "openid read:things"
    assert log_types(tenant) == ["s", "sepft"]


def test_without_a_scope_all_of_the_api_are_granted(http: httpx.Client) -> None:
    body = exchange(http, "password", **LOGIN, audience=API).json()
    assert body["scope"] == "openid profile email address phone read:things write:things"


def test_a_realm_names_the_connection(http: httpx.Client) -> None:
    body = exchange(http, REALM, **LOGIN, realm=DATABASE, audience=API).json()
    assert claims(body["access_token"])["gty"] == "password-realm"
    assert exchange(http, REALM, **LOGIN, realm="nowhere").json()["error"] == "invalid_request"


def test_a_wrong_password_is_an_invalid_grant(tenant: FakeTenant, http: httpx.Client) -> None:
    response = exchange(http, "password", username="ada@example.com", password="no")
    assert response.status_code == 403
    assert response.json() == {
        "error": "invalid_grant",
        "error_description": "Wrong email or password.",
    }
    assert log_types(tenant) == ["fp", "fepft"]


def test_a_connection_that_is_not_enabled_lets_nobody_in(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    mgmt = tenant.management()
    found = next(iter(mgmt.connections.list()))
    mgmt.connections.clients.update(str(found.id), body=[{"client_id": "app", "status": False}])
    assert exchange(http, REALM, **LOGIN, realm=DATABASE).status_code == 400


def test_failures_block_the_user_and_an_unblock_lets_in(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    for _ in range(10):
        exchange(http, "password", username="ada@example.com", password="no")
    blocked = exchange(http, "password", **LOGIN)
    assert (blocked.status_code, blocked.json()["error"]) == (429, "too_many_attempts")
    mgmt = tenant.management()
    assert mgmt.user_blocks.list(ADA).blocked_for
    assert tenant.mailbox.latest(ADA and "ada@example.com").kind == "blocked_account"
    mgmt.user_blocks.delete(ADA)
    assert exchange(http, "password", **LOGIN).status_code == 200


def test_a_success_forgets_earlier_failures(http: httpx.Client) -> None:
    for _ in range(3):
        for _ in range(9):
            exchange(http, "password", username="ada@example.com", password="no")
        assert exchange(http, "password", **LOGIN).status_code == 200


def test_a_leaked_password_is_blocked_where_that_is_on(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    leaked = "AUTH0-TEST-some-password"
    tenant.users.add(user_id="auth0|bob", email="bob@example.com", password=leaked)
    given = {"username": "bob@example.com", "password": leaked}
    assert exchange(http, "password", **given).status_code == 200
    mgmt = tenant.management()
    mgmt.attack_protection.breached_password_detection.update(enabled=True, shields=["block"])
    refused = exchange(http, "password", **given)
    assert (refused.status_code, refused.json()["error"]) == (401, "password_leaked")
    assert "pwd_leak" in log_types(tenant)


# --- passwordless --------------------------------------------------------------------------------


@pytest.fixture
def mail(tenant: FakeTenant) -> str:
    tenant.management().connections.create(name="email", strategy="email")
    enable(tenant, "email", "app", "spa")
    return "grace@example.com"


def start(http: httpx.Client, **given: Any) -> httpx.Response:
    return http.post("/passwordless/start", json={**CLIENT, "connection": "email", **given})


def test_a_code_by_mail_logs_a_new_user_in(
    tenant: FakeTenant, http: httpx.Client, mail: str
) -> None:
    started = start(http, email=mail, send="code").json()
    assert set(started) == {"_id", "email", "email_verified"}
    code = tenant.mailbox.latest(mail).code
    body = exchange(http, OTP, realm="email", username=mail, otp=code, scope="openid email")
    told = claims(body.json()["id_token"])
    assert (told["email"], told["email_verified"]) == (mail, True)
    again = exchange(http, OTP, realm="email", username=mail, otp=code)
    assert (again.status_code, again.json()["error"]) == (403, "invalid_grant")


def test_three_wrong_codes_use_the_right_one_up(
    tenant: FakeTenant, http: httpx.Client, mail: str
) -> None:
    start(http, email=mail, send="code")
    code = tenant.mailbox.latest(mail).code
    for _ in range(3):
        wrong = exchange(http, OTP, realm="email", username=mail, otp="nope")
        assert wrong.json()["error_description"] == "Wrong email or verification code."
    assert exchange(http, OTP, realm="email", username=mail, otp=code).status_code == 403


def test_a_code_expires(tenant: FakeTenant, http: httpx.Client, mail: str, clock: Clock) -> None:
    start(http, email=mail, send="code")
    code = tenant.mailbox.latest(mail).code
    clock.advance(180)
    expired = exchange(http, OTP, realm="email", username=mail, otp=code)
    assert expired.json()["error_description"] == "The verification code has expired."


def test_a_link_logs_in(
    tenant: FakeTenant, http: httpx.Client, browser: Browser, mail: str
) -> None:
    parameters = {
        "redirect_uri": "https://app.example.com/callback",
        "state": "s-1",
        "scope": "openid",
    }
    start(http, email=mail, send="link", authParams=parameters)
    link = tenant.mailbox.latest(mail).link
    answer = browser.open(str(link)).answer
    assert answer["state"] == "s-1"
    assert exchange(http, "authorization_code", code=answer["code"]).status_code == 200


def test_a_connection_that_is_not_there_is_bad(http: httpx.Client) -> None:
    response = http.post(
        "/passwordless/start", json={**CLIENT, "connection": "sms", "phone_number": "+1555"}
    )
    assert (response.status_code, response.json()["error"]) == (400, "bad.connection")


# --- device --------------------------------------------------------------------------------------


def device_code(http: httpx.Client, **given: Any) -> dict[str, Any]:
    response = http.post("/oauth/device/code", data={**CLIENT, "scope": "openid", **given})
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_device_polls_until_its_user_has_let_it_in(
    tenant: FakeTenant, http: httpx.Client, browser: Browser, clock: Clock
) -> None:
    codes = device_code(http, audience=API)
    assert (codes["expires_in"], codes["interval"]) == (900, 5)
    poll = {"device_code": codes["device_code"]}
    pending = exchange(http, DEVICE, **poll)
    assert (pending.status_code, pending.json()["error"]) == (403, "authorization_pending")
    fast = exchange(http, DEVICE, **poll)
    assert (fast.status_code, fast.json()["error"]) == (429, "slow_down")
    browser.open(codes["verification_uri_complete"]).submit()
    assert codes["user_code"] in browser.page.text
    browser.submit()
    assert browser.screen == "/u/login/identifier"
    browser.log_in()
    assert browser.screen == "/device/success"
    clock.advance(5)
    body = exchange(http, DEVICE, **poll).json()
    assert claims(body["access_token"])["sub"] == ADA
    assert exchange(http, DEVICE, **poll).json()["error"] == "invalid_grant"
    assert "sede" in log_types(tenant)


def test_a_user_can_keep_a_device_out(http: httpx.Client, browser: Browser) -> None:
    codes = device_code(http)
    browser.open("/activate").submit(user_code=codes["user_code"].lower().replace("-", ""))
    browser.submit(action="cancel")
    refused = exchange(http, DEVICE, device_code=codes["device_code"]).json()
    assert refused["error"] == "access_denied"


def test_a_device_code_expires_once_then_is_invalid(http: httpx.Client, clock: Clock) -> None:
    code = device_code(http)["device_code"]
    clock.advance(900)
    assert exchange(http, DEVICE, device_code=code).json()["error"] == "expired_token"
    assert exchange(http, DEVICE, device_code=code).json()["error"] == "invalid_grant"


# --- CIBA ----------------------------------------------------------------------------------------


def ciba(http: httpx.Client, user_id: str = ADA, **given: Any) -> httpx.Response:
    hint = json.dumps({"format": "iss_sub", "iss": "https://x/", "sub": user_id})
    known = {**CLIENT, "scope": "openid", "binding_message": "Pay 5", "login_hint": hint}
    return http.post("/bc-authorize", data={**known, **given})


def test_a_user_approves_a_client_on_a_device(
    tenant: FakeTenant, http: httpx.Client, clock: Clock
) -> None:
    started = ciba(http).json()
    assert (started["expires_in"], started["interval"]) == (300, 5)
    poll = {"auth_req_id": started["auth_req_id"]}
    assert exchange(http, CIBA, **poll).json()["error"] == "authorization_pending"
    slow = exchange(http, CIBA, **poll)
    assert (slow.json()["error"], slow.headers["retry-after"]) == ("slow_down", "10")
    assert tenant.mailbox.latest(ADA).text == "Pay 5"
    tenant.decide_on_device(ADA)
    clock.advance(10)
    body = exchange(http, CIBA, **poll).json()
    assert claims(body["id_token"])["sub"] == ADA
    assert exchange(http, CIBA, **poll).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"scope": "profile"}, "invalid_request"),
        ({"user_id": "nobody"}, "unknown_user_id"),
        ({"binding_message": ""}, "invalid_request"),
        ({"login_hint": "ada"}, "invalid_request"),
    ],
)
def test_a_ciba_request_that_is_not_right_is_refused(
    http: httpx.Client, given: dict[str, Any], error: str
) -> None:
    response = ciba(http, **given)
    assert (response.status_code, response.json()["error"]) == (400, error)


# --- token exchange ------------------------------------------------------------------------------


EXCHANGE = """
exports.onExecuteCustomTokenExchange = async (event, api) => {
  const { subject_token, subject_token_type } = event.transaction;
  if (subject_token_type !== "urn:acme:legacy") throw new Error("wrong type");
  if (subject_token === "good") api.authentication.setUserById("auth0|ada");
  else if (subject_token === "new") {
    api.authentication.setUserByConnection(
      "Username-Password-Authentication",
      { user_id: "bob", email: "bob@example.com", name: "Bob" },
      { creationBehavior: "create_if_not_exists", updateBehavior: "none" }
    );
    api.authentication.setActor({ sub: "agent" });
    api.user.setAppMetadata("from", "legacy");
  } else api.access.rejectInvalidSubjectToken("bad token");
};
"""


@pytest.fixture
def profile(tenant: FakeTenant) -> str:
    return add_exchange_profile(tenant, EXCHANGE)


TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def test_a_token_is_exchanged_for_the_user_whom_the_profiles_code_sets(
    tenant: FakeTenant, http: httpx.Client, profile: str
) -> None:
    given = {"subject_token_type": profile, "audience": API}
    good = exchange(http, TOKEN_EXCHANGE, subject_token="good", **given)
    assert claims(good.json()["access_token"])["sub"] == ADA
    bad = exchange(http, TOKEN_EXCHANGE, subject_token="bad", **given)
    assert (bad.status_code, bad.json()["error"]) == (400, "invalid_request")
    assert bad.json()["error_description"] == "bad token"


def test_invalid_subject_tokens_count_towards_a_block_of_the_address(
    tenant: FakeTenant, http: httpx.Client, profile: str
) -> None:
    given = {"subject_token_type": profile, "audience": API}
    tenant.management().attack_protection.suspicious_ip_throttling.update(
        stage={"pre-custom-token-exchange": {"max_attempts": 2}}
    )
    statuses = [
        exchange(http, TOKEN_EXCHANGE, subject_token="bad", **given).status_code for _ in range(3)
    ]
    assert statuses == [400, 400, 429]


def test_code_of_a_token_exchange_creates_the_user_that_it_sets(
    tenant: FakeTenant, http: httpx.Client, profile: str
) -> None:
    given = {"subject_token_type": profile, "audience": API}
    for _ in range(2):
        done = exchange(http, TOKEN_EXCHANGE, subject_token="new", **given)
        held = claims(done.json()["access_token"])
        assert (held["sub"], held["act"]) == ("auth0|bob", {"sub": "agent"})
    assert tenant.users["auth0|bob"].app_metadata == {"from": "legacy"}


def test_a_reserved_type_of_token_is_not_exchanged(http: httpx.Client, profile: str) -> None:
    refused = exchange(
        http, TOKEN_EXCHANGE, subject_token="x", subject_token_type="urn:ietf:params:x"
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
