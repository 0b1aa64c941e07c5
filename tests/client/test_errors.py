"""Errors: one class for each status, what they tell, what they keep to themselves."""

from __future__ import annotations

import pickle

import httpx
import pytest

import auth0_mgmt
from auth0_mgmt import APIStatusError, ForbiddenError, Management, ManagementError, NotFoundError
from auth0_mgmt._errors import STATUS_ERRORS

from .conftest import Script


@pytest.mark.parametrize(("code", "kind"), sorted(STATUS_ERRORS.items()))
def test_every_status_has_its_class(
    mgmt: Management, script: Script, code: int, kind: type[APIStatusError]
) -> None:
    script.answers = [httpx.Response(code, json={"statusCode": code, "error": "E", "message": "M"})]
    with pytest.raises(APIStatusError) as caught:
        mgmt.with_options(max_attempts=1).roles.create(name="r")
    error = caught.value
    assert type(error) is kind
    assert (error.status_code, error.error, error.message) == (code, "E", "M")
    assert str(error) == f"{code} M (roles.create)"


def test_an_unlisted_status_still_has_a_family(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(418, json={}), httpx.Response(599, text="<html>")]
    client = mgmt.with_options(max_attempts=1)
    with pytest.raises(APIStatusError, match="418"):
        client.roles.get("r")
    with pytest.raises(auth0_mgmt.ServerError, match="HTTP 599"):
        client.roles.get("r")


def test_an_error_tells_code_scopes_and_limits(mgmt: Management, script: Script) -> None:
    body = {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: read:users, read:users_app_metadata",
        "errorCode": "insufficient_scope",
    }
    script.answers = [httpx.Response(403, json=body, headers={"x-ratelimit-remaining": "7"})]
    with pytest.raises(ForbiddenError) as caught:
        mgmt.users.get("auth0|1")
    error = caught.value
    assert error.error_code == "insufficient_scope"
    assert error.required_scopes == ("read:users", "read:users_app_metadata")
    assert error.rate_limit is not None
    assert error.rate_limit.remaining == 7
    assert error.request is not None
    assert error.request.operation == "users.get"
    assert error.response.body == body


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"text"', b"null", b'{"message": 5}'])
def test_no_member_of_an_error_body_is_relied_on(
    mgmt: Management, script: Script, body: bytes
) -> None:
    script.answers = [httpx.Response(404, content=body)]
    with pytest.raises(NotFoundError, match=r"^404 .* \(roles\.get\)$"):
        mgmt.roles.get("r")


def test_the_text_of_an_error_holds_no_personal_data(mgmt: Management, script: Script) -> None:
    message = "The user ada@example.com (auth0|5f7c8ec7c33c6c004bbafe82, +15551234567) exists"
    script.answers = [httpx.Response(409, json={"message": message + "x" * 500})]
    with pytest.raises(auth0_mgmt.ConflictError) as caught:
        mgmt.users.create(connection="c", email="ada@example.com")
    assert str(caught.value).startswith("409 The user <email> (<user>, <phone>) exists")
    assert len(str(caught.value)) < 260
    assert caught.value.message.startswith(message)


def test_errors_survive_a_pickle(mgmt: Management, script: Script) -> None:
    script.answers = [httpx.Response(404, json={"message": "gone", "errorCode": "inexistent"})]
    with pytest.raises(NotFoundError) as caught:
        mgmt.roles.get("r")
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (str(twin), twin.error_code, twin.request) == (
        str(caught.value),
        "inexistent",
        caught.value.request,
    )
    for error in (
        auth0_mgmt.TokenError("access_denied", "no", 401),
        auth0_mgmt.APITimeoutError("late"),
        auth0_mgmt.EventStreamError("end", {"a": 1}),
    ):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_all_errors_have_one_root() -> None:
    errors = [value for name in auth0_mgmt.__all__ if name.endswith("Error")
              for value in [getattr(auth0_mgmt, name)]]  # fmt: skip
    assert len(errors) > 25
    assert all(issubclass(error, ManagementError) for error in errors)
