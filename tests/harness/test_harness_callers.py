"""Recordings of the Authentication API: what they take for granted is given to the fake."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from auth0_mgmt_testing.recordings.exchange import Exchange, RecordedRequest, RecordedResponse
from auth0_mgmt_testing.verification.replay import Outcome, replay
from auth0_mgmt_testing.verification.targets import FakeTarget

from .conftest import answer, scenario

FORM = {"content-type": "application/x-www-form-urlencoded"}


def asked(status: int, value: Any, **given: str) -> Outcome:
    request = RecordedRequest(
        "POST", "tenant.eu.auth0.com", "/oauth/token", FORM, urlencode(given).encode()
    )
    response: RecordedResponse = answer(status, value)
    [outcome] = replay(scenario(Exchange(request, response)), FakeTarget())
    return outcome


CLIENT = {"client_id": "recorded-client", "client_secret": "recorded-secret"}
TOKEN = {"access_token": "t", "expires_in": 86400, "token_type": "Bearer"}


def test_a_client_and_the_api_that_it_calls_were_there() -> None:
    outcome = asked(
        200, TOKEN, grant_type="client_credentials", audience="https://api.example.com", **CLIENT
    )
    assert not outcome.silent
    assert outcome.verdict.status


def test_a_code_that_was_issued_before_says_nothing() -> None:
    outcome = asked(200, TOKEN, grant_type="authorization_code", code="c", **CLIENT)
    assert outcome.silent == "preexisting"


def test_a_code_that_the_tenant_had_not_issued_is_refused_here_too() -> None:
    refusal = {"error": "invalid_grant", "error_description": "Invalid authorization code"}
    outcome = asked(403, refusal, grant_type="authorization_code", code="c", **CLIENT)
    assert not outcome.silent
    assert outcome.verdict.status
