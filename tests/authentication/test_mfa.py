"""Second factors: by the MFA API with a token, and by the pages."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pyotp.totp import TOTP

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import ADA, PASSWORD, Browser, claims, exchange, exchange_code, log_types

REALM = "http://auth0.com/oauth/grant-type/password-realm"
OTP = "http://auth0.com/oauth/grant-type/mfa-otp"
OOB = "http://auth0.com/oauth/grant-type/mfa-oob"
RECOVERY = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
CLIENT = {"client_id": "app", "client_secret": "app-secret"}


@pytest.fixture
def tenant(tenant: FakeTenant) -> FakeTenant:
    mgmt = tenant.management()
    mgmt.guardian.policies.set(body=["all-applications"])
    for factor in ("otp", "sms", "push-notification", "recovery-code"):
        mgmt.guardian.factors.set(factor, enabled=True)
    return tenant


def first_factor(http: httpx.Client) -> dict[str, Any]:
    response = exchange(
        http,
        REALM,
        realm="Username-Password-Authentication",
        username="ada@example.com",
        password=PASSWORD,
        scope="openid",
    )
    assert response.status_code == 403, response.text
    return dict(response.json())


def associate(http: httpx.Client, token: str, **given: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"}
    response = http.post("/mfa/associate", json={**CLIENT, **given}, headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


def enroll_app(http: httpx.Client, clock: Clock) -> tuple[str, list[str]]:
    """Enrol an authenticator app; returns its secret and the recovery codes."""
    token = first_factor(http)["mfa_token"]
    enrolled = associate(http, token, authenticator_types=["otp"])
    code = TOTP(enrolled["secret"]).at(int(clock.time()))
    assert exchange(http, OTP, mfa_token=token, otp=code).status_code == 200
    return enrolled["secret"], enrolled["recovery_codes"]


def test_a_user_without_a_factor_is_asked_to_enrol_one(http: httpx.Client) -> None:
    body = first_factor(http)
    assert body["error"] == "mfa_required"
    kinds = [each["type"] for each in body["mfa_requirements"]["enroll"]]
    assert kinds == ["otp", "phone", "push-notification"]


def test_an_app_is_enrolled_then_challenged(http: httpx.Client, clock: Clock) -> None:
    secret, _ = enroll_app(http, clock)
    clock.advance(60)
    body = first_factor(http)
    assert {"type": "otp"} in body["mfa_requirements"]["challenge"]
    token = body["mfa_token"]
    challenge = http.post(
        "/mfa/challenge", json={**CLIENT, "mfa_token": token, "challenge_type": "otp"}
    )
    assert challenge.json() == {"challenge_type": "otp"}
    wrong = exchange(http, OTP, mfa_token=token, otp="000000")
    assert wrong.json()["error"] == "invalid_grant"
    code = TOTP(secret).at(int(clock.time()))
    right = exchange(http, OTP, mfa_token=token, otp=code)
    assert claims(right.json()["id_token"])["amr"] == ["mfa"]
    assert exchange(http, OTP, mfa_token=token, otp=code).status_code == 403


def test_an_mfa_token_expires_after_ten_minutes(http: httpx.Client, clock: Clock) -> None:
    secret, _ = enroll_app(http, clock)
    token = first_factor(http)["mfa_token"]
    clock.advance(600)
    code = TOTP(secret).at(int(clock.time()))
    response = exchange(http, OTP, mfa_token=token, otp=code)
    assert (response.status_code, response.json()["error"]) == (401, "expired_token")


def test_a_phone_is_enrolled_by_the_code_that_it_receives(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    token = first_factor(http)["mfa_token"]
    enrolled = associate(
        http, token, authenticator_types=["oob"], oob_channels=["sms"], phone_number="+15550100"
    )
    assert enrolled["binding_method"] == "prompt"
    code = tenant.mailbox.latest("+15550100", kind="mfa_code").code
    given = {"mfa_token": token, "oob_code": enrolled["oob_code"]}
    assert exchange(http, OOB, **given, binding_code="nope").status_code == 403
    assert exchange(http, OOB, **given, binding_code=code).status_code == 200
    listed = tenant.management().users.authentication_methods.list(ADA)
    assert {each.type for each in listed} == {"phone", "recovery-code"}


def test_a_push_is_approved_or_rejected_on_the_device(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    token = first_factor(http)["mfa_token"]
    enrolled = associate(http, token, authenticator_types=["oob"], oob_channels=["auth0"])
    given = {"mfa_token": token, "oob_code": enrolled["oob_code"]}
    pending = exchange(http, OOB, **given)
    assert (pending.status_code, pending.json()["error"]) == (400, "authorization_pending")
    tenant.decide_on_device(ADA)
    assert exchange(http, OOB, **given).status_code == 200
    token = first_factor(http)["mfa_token"]
    challenge = http.post(
        "/mfa/challenge", json={**CLIENT, "mfa_token": token, "challenge_type": "oob"}
    ).json()
    assert set(challenge) == {"challenge_type", "oob_code"}
    tenant.decide_on_device(ADA, approve=False)
    rejected = exchange(http, OOB, mfa_token=token, oob_code=challenge["oob_code"])
    assert rejected.json() == {
        "error": "access_denied",
        "error_description": "MFA Authorization rejected.",
    }


def test_a_recovery_code_works_once_and_gives_the_next(http: httpx.Client, clock: Clock) -> None:
    _, codes = enroll_app(http, clock)
    token = first_factor(http)["mfa_token"]
    response = exchange(http, RECOVERY, mfa_token=token, recovery_code=codes[0])
    assert response.status_code == 200
    following = response.json()["recovery_code"]
    assert following != codes[0]
    token = first_factor(http)["mfa_token"]
    assert exchange(http, RECOVERY, mfa_token=token, recovery_code=codes[0]).status_code == 403
    assert exchange(http, RECOVERY, mfa_token=token, recovery_code=following).status_code == 200


def test_authenticators_are_listed_and_deleted(http: httpx.Client, clock: Clock) -> None:
    enroll_app(http, clock)
    headers = {"authorization": f"Bearer {first_factor(http)['mfa_token']}"}
    listed = http.get("/mfa/authenticators", headers=headers).json()
    assert [each["authenticator_type"] for each in listed] == ["otp", "recovery-code"]
    path = f"/mfa/authenticators/{listed[0]['id'].replace('|', '%7C')}"
    assert http.delete(path, headers=headers).status_code == 204
    assert http.delete(path, headers=headers).status_code == 404


def test_the_mfa_api_needs_an_mfa_token(http: httpx.Client) -> None:
    assert http.get("/mfa/authenticators").status_code == 401


def test_pages_enrol_an_app_then_ask_for_its_code(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, clock: Clock
) -> None:
    browser.authorize().log_in()
    assert browser.screen == "/u/mfa-challenge"
    secret = browser.page.text.partition("<code>")[2].partition("</code>")[0]
    wrong = browser.submit(code="000000")
    assert wrong.form.alerts == ["The code is not valid."]
    browser.submit(code=TOTP(secret).at(int(clock.time())))
    assert browser.screen == "/u/mfa-new-recovery-code"
    body = exchange_code(http, browser.submit().answer["code"]).json()
    assert claims(body["id_token"])["amr"] == ["mfa"]
    clock.advance(60)
    browser.authorize(prompt="login").log_in()
    assert "<code>" not in browser.page.text
    answer = browser.submit(code=TOTP(secret).at(int(clock.time())), remember="true").answer
    assert "code" in answer
    assert "code" in browser.authorize(prompt="login").log_in().answer  # remembered here
    assert {"gd_enrollment_complete", "gd_auth_succeed", "gd_auth_failed"} <= set(log_types(tenant))


def test_a_second_factor_is_no_silent_log_in(browser: Browser) -> None:
    browser.authorize().log_in()
    assert browser.authorize(prompt="none").answer["error"] == "login_required"
