"""Recordings of the Authentication API: what they take for granted is given to the fake."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from auth0_mgmt_testing.recordings.exchange import Exchange, RecordedRequest, RecordedResponse
from auth0_mgmt_testing.verification.replay import Outcome, replay
from auth0_mgmt_testing.verification.targets import FakeTarget

from .conftest import answer, scenario

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def asked(status: int, value: Any, **given: str) -> Outcome:
    request = RecordedRequest(
        "POST", "tenant.eu.auth0.com", "/oauth/token", FORM, urlencode(given).encode()
    )
    response: RecordedResponse = answer(status, value)
    [outcome] = replay(scenario(Exchange(request, response)), FakeTarget())
    return outcome


EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
CLIENT = {"client_id": "recorded-client", "client_secret": "recorded-secret"}
TOKEN = {"access_token": "t", "expires_in": 86400, "token_type": "Bearer"}


def test_a_client_and_the_api_that_it_calls_were_there() -> None:
    outcome = asked(
        200, TOKEN, grant_type="client_credentials", audience="https://api.example.com", **CLIENT
    )
    assert not outcome.silent
    assert outcome.verdict.status


def test_what_no_tenant_can_issue_again_says_nothing() -> None:
    given = {"subject_token": "t", "subject_token_type": "urn:ietf:params:oauth:token-type:jwt"}
    outcome = asked(200, TOKEN, grant_type=EXCHANGE, **given, **CLIENT)
    assert outcome.silent == "preexisting"


def test_a_token_of_another_issuer_is_taken_for_a_users() -> None:
    given = {"subject_token": "t", "subject_token_type": "urn:acme:legacy", "scope": "openid"}
    outcome = asked(200, TOKEN, grant_type=EXCHANGE, **given, **CLIENT)
    assert not outcome.silent
    assert outcome.verdict.differences == ()


def test_a_code_that_the_tenant_had_not_issued_is_refused_here_too() -> None:
    refusal = {"error": "invalid_grant", "error_description": "Invalid authorization code"}
    outcome = asked(403, refusal, grant_type="authorization_code", code="c", **CLIENT)
    assert not outcome.silent
    assert outcome.verdict.status


def test_a_caller_whom_the_tenant_did_not_know_is_not_given_to_the_fake() -> None:
    refusal = {"error": "invalid_client", "error_description": "Unknown client"}
    outcome = asked(401, refusal, grant_type="client_credentials", audience="a", **CLIENT)
    assert outcome.verdict.status


GRANT = "http://auth0.com/oauth/grant-type"
PENDING = {
    "error": "authorization_pending",
    "error_description": "Authorization pending: please repeat the request in a few seconds.",
}
SCOPED = {**TOKEN, "scope": "openid profile"}
OFFLINE = {**TOKEN, "scope": "openid profile offline_access"}
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.mark.parametrize(
    ("status", "value", "given"),
    [
        (200, TOKEN, {"grant_type": "authorization_code", "code": "c"}),
        (200, TOKEN, {"grant_type": "authorization_code", "code": "c", "code_verifier": "v"}),
        (200, OFFLINE, {"grant_type": "refresh_token", "refresh_token": "r"}),
        (
            200,
            {**OFFLINE, "refresh_token": "r"},
            {"grant_type": "refresh_token", "refresh_token": "r"},
        ),
        (
            200,
            TOKEN,
            {
                "grant_type": f"{GRANT}/passwordless/otp",
                "otp": "1",
                "realm": "email",
                "username": "a@example.com",
                "scope": "openid",
            },
        ),
        (200, SCOPED, {"grant_type": f"{GRANT}/mfa-otp", "mfa_token": "m", "otp": "1"}),
        (200, SCOPED, {"grant_type": f"{GRANT}/mfa-oob", "mfa_token": "m", "oob_code": "o"}),
        (
            200,
            SCOPED,
            {
                "grant_type": f"{GRANT}/mfa-oob",
                "mfa_token": "m",
                "oob_code": "o",
                "binding_code": "1",
            },
        ),
        (400, PENDING, {"grant_type": f"{GRANT}/mfa-oob", "mfa_token": "m"}),
        (
            200,
            {**SCOPED, "recovery_code": "r"},
            {"grant_type": f"{GRANT}/mfa-recovery-code", "mfa_token": "m"},
        ),
        (200, SCOPED, {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": "a"}),
        (
            403,
            {
                "error": "authorization_pending",
                "error_description": "User has yet to authorize device code.",
            },
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "d"},
        ),
        (
            200,
            SCOPED,
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "d"},
        ),
        (
            403,
            {
                "error": "access_denied",
                "error_description": "User cancelled the confirmation prompt.",
            },
            {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": "d"},
        ),
    ],
)
def test_what_the_tenant_had_issued_before_is_issued_again(
    status: int, value: Any, given: dict[str, str]
) -> None:
    outcome = asked(status, value, **given, **CLIENT)
    assert not outcome.silent
    assert outcome.verdict.differences == ()


def test_an_assertion_is_signed_with_a_key_that_the_fake_holds() -> None:
    given = {"client_assertion": "masked", "client_assertion_type": ASSERTION_TYPE}
    outcome = asked(
        200, TOKEN, grant_type="client_credentials", audience="a", client_id="recorded", **given
    )
    assert not outcome.silent
    assert outcome.verdict.differences == ()


def test_a_secret_that_the_recorder_left_out_of_a_header_is_sent() -> None:
    outcome = asked(200, TOKEN, grant_type="client_credentials", audience="a", client_id="recorded")
    assert not outcome.silent
    assert outcome.verdict.differences == ()


def called(
    method: str, path: str, status: int, value: Any, body: dict[str, Any] | None = None
) -> Outcome:
    raw = b"" if body is None else json.dumps(body).encode()
    request = RecordedRequest(method, "tenant.eu.auth0.com", path, JSON, raw)
    [outcome] = replay(scenario(Exchange(request, answer(status, value))), FakeTarget())
    return outcome


def test_a_token_that_the_recorder_left_out_of_a_header_is_issued() -> None:
    claims = {"sub": "auth0|ada", "email": "ada@example.com", "email_verified": True}
    outcome = called("GET", "/userinfo", 200, claims)
    assert not outcome.silent
    assert outcome.verdict.differences == ()


def test_a_user_who_enrolls_a_further_factor_has_one() -> None:
    shown = {"authenticator_type": "otp", "secret": "S", "barcode_uri": "otpauth://totp/x"}
    client = {"authenticator_types": ["otp"], **CLIENT}
    further = called("POST", "/mfa/associate", 200, shown, client)
    first = called("POST", "/mfa/associate", 200, {**shown, "recovery_codes": ["R"]}, client)
    assert not further.silent
    assert further.verdict.shape
    assert first.verdict.shape


def test_a_challenge_finds_the_factor_that_the_request_names() -> None:
    given = {"mfa_token": "m", "challenge_type": "oob", "authenticator_id": "sms|dev_x"}
    shown = {"challenge_type": "oob", "oob_code": "o", "binding_method": "prompt"}
    outcome = called("POST", "/mfa/challenge", 200, shown, {**given, **CLIENT})
    assert not outcome.silent
    assert outcome.verdict.differences == ()


def test_the_authenticators_of_a_user_are_those_that_the_response_lists() -> None:
    phone = {"authenticator_type": "oob", "oob_channel": "sms", "name": "XXXXXXX0100"}
    listed = [
        {"id": "recovery-code|dev_a", "authenticator_type": "recovery-code", "active": True},
        {"id": "sms|dev_b", "active": True, **phone},
        {"id": "totp|dev_c", "authenticator_type": "otp", "active": False},
    ]
    outcome = called("GET", "/mfa/authenticators", 200, listed)
    assert not outcome.silent
    assert outcome.verdict.shape


def test_an_authenticator_that_a_user_deleted_was_enrolled() -> None:
    outcome = called("DELETE", "/mfa/authenticators/push%7Cdev_b", 204, None)
    assert not outcome.silent
    assert outcome.verdict.status


def test_who_is_granted_openid_was_given_the_id_token_that_a_recorder_left_out() -> None:
    given = {"grant_type": "password", "username": "ada", "password": "correct horse battery"}
    outcome = asked(
        200, {**TOKEN, "scope": "openid profile email address phone"}, **given, **CLIENT
    )
    assert outcome.verdict.differences == ()


def test_a_user_of_a_passwordless_connection_had_verified_the_address() -> None:
    shown = {"_id": "6492b5a75bedeae7449299fa", "email": "a@example.com", "email_verified": True}
    given = {"connection": "email", "email": "a@example.com", "send": "code"}
    outcome = called("POST", "/passwordless/start", 200, shown, {**given, **CLIENT})
    assert outcome.verdict.differences == ()


def test_a_refusal_that_holds_a_token_was_written_by_hand() -> None:
    outcome = asked(401, {"access_token": "t"}, grant_type="authorization_code", code="c", **CLIENT)
    assert outcome.silent == "handmade"
