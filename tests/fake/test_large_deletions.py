"""Deleting a connection of very many users: no request waits for all of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant

HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}
MANY = 1_050


def crowd(count: int) -> tuple[FakeTenant, str]:
    """A tenant whose clock stands, with so many users of one connection and one of another."""
    tenant = FakeTenant()
    tenant.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    people = tenant.connections.add(name="people", strategy="auth0")
    tenant.load({
        "users": [{"user_id": f"auth0|{n}", "email": f"u{n}@example.com", "connection": "people"}
                  for n in range(count)]
    })  # fmt: skip
    tenant.users.add(user_id="auth0|kept", email="kept@example.com")
    return tenant, str(people.id)


def delete(tenant: FakeTenant, connection: str) -> None:
    response = tenant.send("DELETE", f"/api/v2/connections/{connection}", HEADERS)
    assert response.status == 202
    assert tenant.send("GET", f"/api/v2/connections/{connection}", HEADERS).status == 404


def total(tenant: FakeTenant) -> int:
    body: Any = tenant.send("GET", "/api/v2/users?include_totals=true", HEADERS).json()
    assert body["total"] == len(tenant.users)
    return int(body["total"])


def test_users_of_a_small_connection_are_gone_at_once() -> None:
    tenant, connection = crowd(1_000)
    delete(tenant, connection)
    assert tenant.users.keys() == ["auth0|kept"]


def test_users_of_a_large_connection_go_in_parts() -> None:
    tenant, connection = crowd(MANY)
    delete(tenant, connection)
    assert total(tenant) == MANY + 1
    seen: list[int] = []
    while (left := total(tenant)) > 1:
        seen.append(left)
        tenant.clock.advance(3600)  # however long nothing is requested, one part at a time
    assert seen == list(range(1_051, 1, -100))
    assert tenant.users.keys() == ["auth0|kept"]
    assert sum(event.type == "sdu" for event in tenant.logs) == MANY


def test_a_new_connection_of_the_same_name_keeps_its_users() -> None:
    tenant, connection = crowd(MANY)
    delete(tenant, connection)
    tenant.connections.add(name="people", strategy="auth0")
    tenant.users.add(user_id="auth0|new", email="new@example.com", connection="people")
    for _ in range(20):
        tenant.clock.advance(1)
        total(tenant)
    assert tenant.users.keys() == ["auth0|kept", "auth0|new"]


@pytest.mark.parametrize("path", ["users/auth0%7C1049", "users/auth0%7C1049/roles"])
def test_users_that_are_still_there_can_be_read(path: str) -> None:
    tenant, connection = crowd(MANY)
    delete(tenant, connection)
    assert tenant.send("GET", f"/api/v2/{path}", HEADERS).status == 200
    for _ in range(12):
        tenant.clock.advance(1)
        total(tenant)
    assert tenant.send("GET", f"/api/v2/{path}", HEADERS).status == 404
