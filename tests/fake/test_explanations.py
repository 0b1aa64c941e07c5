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
