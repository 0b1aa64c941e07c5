"""The API's error shape and wording."""

from __future__ import annotations

import pytest

from auth0_mgmt_testing.engine import messages
from auth0_mgmt_testing.engine.errors import APIError


def test_members_stand_in_the_api_s_order() -> None:
    body = APIError(404, "The user does not exist.", "inexistent_user").body()
    assert list(body.items()) == [
        ("statusCode", 404),
        ("error", "Not Found"),
        ("message", "The user does not exist."),
        ("errorCode", "inexistent_user"),
    ]


def test_an_error_code_may_be_absent() -> None:
    assert "errorCode" not in APIError(409, "exists").body()


@pytest.mark.parametrize(
    ("problem", "phrase"),
    [
        (messages.payload_too_large(1), "Payload Too Large"),
        (messages.uri_too_long(), "Request-URI Too Large"),
        (messages.too_many_requests(), "Too Many Requests"),
        (messages.missing_token(), "Unauthorized"),
    ],
)
def test_the_error_is_the_status_s_phrase(problem: APIError, phrase: str) -> None:
    assert problem.body()["error"] == phrase


def test_a_missing_scope_names_the_scopes_that_would_do() -> None:
    problem = messages.insufficient_scope(("read:users", "read:user_idp_tokens"))
    assert problem.status == 403
    assert problem.error_code == "insufficient_scope"
    assert problem.message == (
        "Insufficient scope, expected any of: read:users,read:user_idp_tokens"
    )


@pytest.mark.parametrize(
    ("place", "title", "code"),
    [
        ("body", "Payload", "invalid_body"),
        ("query", "Query", "invalid_query_string"),
        ("path", "Path", "invalid_uri"),
    ],
)
def test_validation_errors_name_their_place(place: messages.Place, title: str, code: str) -> None:
    problem = messages.invalid(place, "No enum match for: x", "a.b[0]")
    assert problem.message == (
        f"{title} validation error: 'No enum match for: x' on property a.b[0]."
    )
    assert problem.error_code == code


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (1.0, "integer"),
        (1.5, "number"),
        ("", "string"),
        ([], "array"),
        ({}, "object"),
    ],
)
def test_types_are_named_as_in_json(value: object, kind: str) -> None:
    assert messages.json_type(value) == kind
