"""Why a request was refused: the request log names the rule, where it stands, what would be right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant

HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}
DATABASE = "Username-Password-Authentication"


def explained(
    tenant: FakeTenant, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, str]:
    content = b"" if body is None else json.dumps(body).encode()
    response = tenant.send(method, path, {**HEADERS, **headers}, content)
    explanation = tenant.requests[-1].explanation
    assert explanation.isascii()
    assert explanation.isprintable()
    assert not explanation or explanation not in response.body.decode()
    return response.status, explanation


@pytest.mark.parametrize(
    ("path", "body", "parts"),
    [
        ("clients", {"nam": "x"}, ["add 'name'", "did you mean 'name'?", "body: required"]),
        (
            "clients",
            {"name": "x", "app_type": "spaa"},
            ["'spa'", "did you mean 'spa'", "body.app_type"],
        ),
        ("clients", {"name": 3}, ["give a string", "body.name: type"]),
        ("organizations", {"name": "A B"}, ["organization-name", "1 to 50 characters", "format"]),
        ("users", {"connection": "x"}, [DATABASE, "resources/users.py:"]),
        (
            "users",
            {"connection": DATABASE, "email": "a@example.com", "password": "x"},
            ["policy", "8 characters", "connection_strategies/passwords.py:"],
        ),
        ("actions/modules", {"name": []}, ["a string that matches", "\\x00"]),
        ("tickets/password-change", {}, ["resources/tickets.py:", "rule on several properties"]),
    ],
)
def test_a_bad_request_names_rule_place_and_remedy(path: str, body: Any, parts: list[str]) -> None:
    status, explanation = explained(FakeTenant(), "POST", f"/api/v2/{path}", body)
    assert status == 400
    for part in parts:
        assert part in explanation


def test_a_conflict_names_the_document_that_is_there() -> None:
    tenant = FakeTenant()
    role = tenant.roles.add(name="editor")
    status, explanation = explained(tenant, "POST", "/api/v2/roles", {"name": "editor"})
    assert status == 409
    assert f"{role.id} of roles has this name" in explanation


def test_tokens_are_refused_with_what_they_lack() -> None:
    tenant = FakeTenant(require_issued_tokens=True)
    tenant.clock.freeze("2030-01-01T00:00:00Z")
    reader = f"Bearer {tenant.token('read:users', lifetime=60)}"
    status, explanation = explained(tenant, "GET", "/api/v2/roles", authorization=reader)
    assert status == 403
    assert "has: read:users; grant the client read:roles" in explanation
    tenant.clock.advance(61)
    status, explanation = explained(tenant, "GET", "/api/v2/users", authorization=reader)
    assert status == 401
    assert "expired at 2030-01-01T00:01:00.000Z" in explanation
    assert "clock shows 2030-01-01T00:01:01.000Z" in explanation
    status, explanation = explained(tenant, "GET", "/api/v2/users", authorization="")
    assert "Authorization: Bearer TOKEN" in explanation


def test_what_is_missing_is_traced_through_the_log() -> None:
    tenant = FakeTenant()
    role = tenant.roles.add(name="editor")
    path = f"/api/v2/roles/{role.id}"
    assert explained(tenant, "DELETE", path) == (200, "")
    assert explained(tenant, "GET", path) == (
        404,
        f"{role.id} was deleted by request 1 (roles.delete)",
    )
    assert explained(tenant, "GET", "/api/v2/roles/rol_x")[1] == "no request so far used rol_x"
    assert explained(tenant, "GET", "/nowhere")[1] == "no operation GET /nowhere"


DATABASE_USER = {"connection": DATABASE, "email": "a@example.com", "password": "Sup3r-secret-value"}


def created(tenant: FakeTenant, path: str, body: Any) -> Any:
    response = tenant.send("POST", f"/api/v2/{path}", HEADERS, json.dumps(body).encode())
    return json.loads(response.body)


def test_a_missing_document_is_that_of_the_body_where_that_is_the_one() -> None:
    tenant = FakeTenant()
    user = created(tenant, "users", DATABASE_USER)["user_id"]
    path = f"/api/v2/users/{user}/roles"
    status, explanation = explained(tenant, "POST", path, {"roles": ["rol_ABCDEFGH12345678"]})
    assert (status, explanation) == (404, "no request so far used rol_ABCDEFGH12345678")
    body = {"user_id": "auth0|nobody"}
    _, explanation = explained(tenant, "POST", "/api/v2/tickets/password-change", body)
    assert explanation == "no request so far used auth0|nobody"


def test_a_400_about_a_missing_document_names_it_too() -> None:
    tenant = FakeTenant()
    path = "/api/v2/token-exchange-profiles"
    body = {
        "name": "Legacy tokens",
        "subject_token_type": "https://example.com/legacy",
        "action_id": "1f2e3d4c-0000-4000-8000-000000000000",
        "type": "custom_authentication",
    }
    status, explanation = explained(tenant, "POST", path, body)
    assert status == 400
    assert explanation == f"no request so far used {body['action_id']}"


def test_a_body_that_is_no_json_is_explained_by_the_place() -> None:
    tenant = FakeTenant()
    response = tenant.send("POST", "/api/v2/roles", HEADERS, b'{"name": "a-secret" "x"}')
    explanation = tenant.requests[-1].explanation
    assert response.status == 400
    assert "line 1, column 21" in explanation
    assert "a-secret" not in explanation


def test_a_document_that_was_deleted_with_another_is_traced_to_that() -> None:
    tenant = FakeTenant()
    user = created(tenant, "users", DATABASE_USER)["user_id"]
    (connection,) = tenant.connections
    assert explained(tenant, "DELETE", f"/api/v2/connections/{connection.id}")[0] == 202
    _, explanation = explained(tenant, "GET", f"/api/v2/users/{user}")
    assert explanation == f"{user} was deleted by request 2 (connections.delete)"


def test_a_document_that_the_test_removed_is_not_said_to_be_deleted_by_a_request() -> None:
    tenant = FakeTenant()
    role = created(tenant, "roles", {"name": "editor"})["id"]
    del tenant.roles[role]
    _, explanation = explained(tenant, "GET", f"/api/v2/roles/{role}")
    wanted = f"{role} was created by request 1 (roles.create), and removed since without a request"
    assert explanation == wanted


def test_an_id_of_another_kind_or_with_a_typo_is_recognized() -> None:
    tenant = FakeTenant()
    role = str(tenant.roles.add(name="editor").id)
    _, explanation = explained(tenant, "GET", f"/api/v2/organizations/{role}")
    assert explanation == f"{role} is an id of roles, not of organizations"
    for typo in (role[:-1], role.upper(), role[:6] + "x" + role[7:]):
        _, explanation = explained(tenant, "GET", f"/api/v2/roles/{typo}")
        assert explanation == f"did you mean {role!r}?"


def test_what_was_never_set_is_said_to_be_so() -> None:
    for path in (
        "emails/provider",
        "branding/themes/default",
        "branding/templates/universal-login",
    ):
        status, explanation = explained(FakeTenant(), "GET", f"/api/v2/{path}")
        assert status == 404
        assert "so far" in explanation


@pytest.mark.parametrize(
    ("method", "path", "remedy"),
    [
        ("GET", "/api/v2/role", "did you mean GET /api/v2/roles?"),
        ("PUT", "/api/v2/roles", "this path takes GET and POST"),
        ("GET", "/nowhere", ""),
    ],
)
def test_a_path_that_is_none_is_compared_with_those_that_are(
    method: str, path: str, remedy: str
) -> None:
    _, explanation = explained(FakeTenant(), method, path)
    wanted = "; ".join(filter(None, (f"no operation {method} {path}", remedy)))
    assert explanation == wanted


def test_a_rule_on_several_properties_names_those_that_it_read() -> None:
    body = {
        "name": "x",
        "token_endpoint_auth_method": "none",
        "grant_types": ["client_credentials"],
    }
    status, explanation = explained(FakeTenant(), "POST", "/api/v2/clients", body)
    assert status == 400
    assert 'token_endpoint_auth_method is "none", grant_types is ["client_credentials"]' in (
        explanation
    )
    status, explanation = explained(
        FakeTenant(), "POST", "/api/v2/users", {**DATABASE_USER, "username": "ada"}
    )
    assert "connection.options.requires_username is not set" in explanation
    assert "Sup3r" not in explanation


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ("roles?page=20&per_page=100", "first 1000"),
        ("clients?from=nonsense&take=3", "next of an earlier page"),
    ],
)
def test_a_page_that_cannot_be_had_is_explained(query: str, remedy: str) -> None:
    status, explanation = explained(FakeTenant(), "GET", f"/api/v2/{query}")
    assert status == 400
    assert remedy in explanation


def test_every_conflict_names_what_is_there() -> None:
    tenant = FakeTenant()
    user = created(tenant, "users", DATABASE_USER)["user_id"]
    assert user in explained(tenant, "POST", "/api/v2/users", DATABASE_USER)[1]
    alias = {"name": "x", "client_aliases": ["an-alias"]}
    client = created(tenant, "clients", alias)["client_id"]
    assert client in explained(tenant, "POST", "/api/v2/clients", {**alias, "name": "y"})[1]


def test_a_page_of_the_login_that_refuses_is_explained() -> None:
    status, explanation = explained(FakeTenant(), "GET", "/authorize?client_id=nobody")
    assert status == 400
    assert "authentication/" in explanation


def test_faults_and_limits_own_up_to_their_refusals() -> None:
    tenant = FakeTenant()
    tenant.faults.add("roles.list", status=429)
    assert "fault" in explained(tenant, "GET", "/api/v2/roles")[1]
    tenant.rate_limits.enable(limit=1, per_second=1)
    statuses = [explained(tenant, "GET", "/api/v2/roles") for _ in range(2)]
    assert statuses[-1][0] == 429
    assert "rate limits" in statuses[-1][1]


def test_the_authentication_api_is_explained_too() -> None:
    status, explanation = explained(
        FakeTenant(), "POST", "/oauth/token", {"grant_type": "client_credentials"}
    )
    assert status == 400
    assert "authentication/" in explanation


def test_an_explanation_holds_no_secret() -> None:
    tenant = FakeTenant()
    secret = "Sup3r-secret-value"
    _, explanation = explained(
        tenant, "POST", "/api/v2/clients", {"client_secret": secret, "nam": 1}
    )
    assert secret not in explanation
    body = {"connection": DATABASE, "email": "a@example.com", "password": secret[:6]}
    assert secret[:6] not in explained(tenant, "POST", "/api/v2/users", body)[1]
