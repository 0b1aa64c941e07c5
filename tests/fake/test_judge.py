"""Requests are judged by the contract, in the API's own wording."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth0_mgmt_testing import contract
from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.validation import BODY_LIMIT, ValidatedRequest, request_validator

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def check(
    operation: str,
    *,
    path: dict[str, str] | None = None,
    query: list[tuple[str, str]] | None = None,
    body: Any = None,
    media: str = JSON,
) -> ValidatedRequest:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return request_validator().check(operation, path or {}, query or [], media, data)


def refused(operation: str, **request: Any) -> APIError:
    with pytest.raises(APIError) as caught:
        check(operation, **request)
    return caught.value


def test_a_good_request_comes_back_with_typed_values() -> None:
    query = [("page", "1"), ("include_totals", "true"), ("q", "name:a")]
    judged = check("get_users", query=query)
    assert judged.query == {"page": 1, "include_totals": True, "q": "name:a"}
    assert check("post_roles", body={"name": "r"}).body == {"name": "r"}


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("post_roles", {}, "'Missing required property: name'."),
        (
            "post_roles",
            {"name": 1},
            "'Expected type string but found type integer' on property name.",
        ),
        ("post_roles", {"name": "r", "x": 1}, "'Additional properties not allowed: x'."),
        ("post_roles", [], "'Expected type object but found type array'."),
        ("post_roles", None, "'Expected type object but found type null'."),
        (
            "post_clients",
            {"name": "c", "app_type": "x"},
            "'No enum match for: x' on property app_type.",
        ),
        (
            "post_clients",
            {"name": "c", "initiate_login_uri": "http://x"},
            "'Object didn't pass validation for format "
            "absolute-https-uri-with-placeholders-or-empty: http://x' on property "
            "initiate_login_uri.",
        ),
        (
            "post_user_roles",
            {"roles": [""]},
            "'String is too short (0 chars), minimum 1' on property roles[0].",
        ),
        (
            "post_clients",
            {"name": "<"},
            "'String does not match pattern ^[^<>]+$: <' on property name.",
        ),
        (
            "post_user_roles",
            {"roles": []},
            "'Array is too short (0), minimum 1' on property roles.",
        ),
        (
            "post_role_permission_assignment",
            {"permissions": [{"permission_name": "a"}]},
            "'Missing required property: resource_server_identifier' on property permissions[0].",
        ),
    ],
)
def test_a_body_that_does_not_fit_is_refused(operation: str, body: Any, message: str) -> None:
    problem = refused(operation, path={"id": "rol_1"}, body=body)
    assert problem.status == 400
    assert problem.message == f"Payload validation error: {message}"
    assert problem.error_code == "invalid_body"


def test_a_parent_s_error_comes_before_its_children_s() -> None:
    problem = refused("post_roles", body={"description": 1, "y": 1})
    assert "Missing required property: name" in problem.message


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ([("per_page", "101")], "'Value 101 is greater than maximum 100' on property per_page."),
        ([("page", "-1")], "'Value -1 is less than minimum 0' on property page."),
        ([("page", "x")], "'Expected type integer but found type string' on property page."),
        (
            [("include_totals", "x")],
            "'Expected type boolean but found type string' on property include_totals.",
        ),
        ([("foo", "1")], "'Additional properties not allowed: foo'."),
    ],
)
def test_a_query_that_does_not_fit_is_refused(query: list[tuple[str, str]], message: str) -> None:
    problem = refused("get_users", query=query)
    assert problem.message == f"Query validation error: {message}"
    assert problem.error_code == "invalid_query_string"


def test_a_required_query_parameter_is_asked_for() -> None:
    problem = refused("get_users-by-email")
    assert problem.message == "Query validation error: 'Missing required property: email'."


def test_a_repeated_parameter_is_a_list_and_a_single_one_too() -> None:
    assert check("get_connections", query=[("strategy", "auth0")]).query == {"strategy": ["auth0"]}
    both = [("strategy", "auth0"), ("strategy", "samlp")]
    assert check("get_connections", query=both).query == {"strategy": ["auth0", "samlp"]}


def test_a_path_parameter_is_judged() -> None:
    problem = refused("get_custom-text_by_language", path={"prompt": "x", "language": "en"})
    assert problem.error_code == "invalid_uri"
    assert problem.message == ("Path validation error: 'No enum match for: x' on property prompt.")


def test_broken_json_is_refused() -> None:
    problem = refused("post_roles", body=b"{")
    assert (problem.status, problem.message) == (400, "Invalid request payload JSON format")


def test_a_body_over_one_megabyte_is_refused() -> None:
    assert refused("post_roles", body=b" " * (BODY_LIMIT + 1)).status == 413


def test_an_operation_may_have_a_smaller_limit() -> None:
    assert refused("put_universal-login", body=b" " * 102_401).status == 413


def test_an_overlong_query_is_refused() -> None:
    assert refused("get_users", query=[("q", "a" * 10_000)]).status == 414


def test_another_media_type_is_refused() -> None:
    assert refused("post_roles", body=b"<a/>", media="text/xml").status == 415


def test_a_form_is_read_where_the_contract_lists_it() -> None:
    assert check("post_roles", body=b"name=r&description=d", media=FORM).body == {
        "name": "r",
        "description": "d",
    }


def test_an_upload_is_read_part_by_part() -> None:
    lines = ["--b", 'Content-Disposition: form-data; name="connection_id"', "", "con_" + "a" * 16]
    lines += ["--b", 'Content-Disposition: form-data; name="upsert"', "", "true"]
    head = 'Content-Disposition: form-data; name="users"; filename="users.json"'
    lines += ["--b", head, "Content-Type: application/json", "", '[{"email": "é"}]', "--b--", ""]
    media = "multipart/form-data; boundary=b"
    body = check("post_users-imports", body="\r\n".join(lines).encode(), media=media).body
    assert body["upsert"] is True
    assert json.loads(body["users"]) == [{"email": "é"}]


def test_what_live_tenants_take_is_taken() -> None:
    path = {"id": "c"}
    assert check("patch_clients_by_id", path=path, body={"addons": None}).body == {"addons": None}
    server = {"identifier": "urn:a", "token_lifetime_for_web": 7200}
    assert check("post_resource-servers", body=server).body == server


def test_what_live_tenants_refuse_is_refused() -> None:
    match = {"auth0_managed": ["a.b", "a.b"]}
    rule = {"action": {"block": True}, "scope": "management", "match": match}
    body = {"description": "d", "active": True, "priority": 1, "rule": rule}
    assert (
        "Array items are not unique (indexes 0 and 1)"
        in refused("post_network-acls", body=body).message
    )


def test_every_deviation_says_why_and_points_at_something() -> None:
    keys = {
        name
        for family in contract.schema_documents()
        for name in contract.schema_document(family).names()
    }
    for deviation in contract.deviations():
        assert deviation.reason
        assert "*" in deviation.target or deviation.target in keys, deviation.target


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"connection":"c","user_metadata":{"a":NaN}}',
        b'{"connection":"c","user_metadata":{"a":1e999}}',
        b'{"connection":"c","user_metadata":{"a":"\\ud800"}}',
        b"\xff",
    ],
    ids=["deep", "nan", "infinite", "half a pair", "no utf-8"],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    problem = refused("post_users", body=body)
    assert (problem.status, problem.error_code) == (400, "invalid_body")


def test_a_whole_surrogate_pair_is_text() -> None:
    body = b'{"connection":"c","email":"a@b.co","nickname":"\\ud83d\\ude00"}'
    assert check("post_users", body=body).body["nickname"] == "\U0001f600"


@pytest.mark.parametrize("text", ["1e2", "1.0", "1_000", "nan", "inf", " 1", "9" * 5_000])
def test_an_integer_in_a_query_is_plain_digits(text: str) -> None:
    problem = refused("get_users", query=[("page", text)])
    assert (problem.status, problem.error_code) == (400, "invalid_query_string")
