"""A fresh tenant on a clock of its own, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Clock, FakeTenant

BEARER = {"authorization": "Bearer any"}
DATABASE = "Username-Password-Authentication"
"""The connection that every fresh tenant has."""


@pytest.fixture
def clock() -> Clock:
    """Stands still unless a test moves it."""
    clock = Clock()
    clock.freeze()
    return clock


@pytest.fixture
def tenant(clock: Clock) -> FakeTenant:
    """Strict: a parameter that the fake does not act on fails the test."""
    return FakeTenant(clock=clock, unsupported_parameters="error")


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Iterator[Management]:
    with tenant.management() as client:
        yield client


@pytest.fixture
def http(tenant: FakeTenant) -> Iterator[httpx.Client]:
    """A bare client, for what `mgmt` would not send or not show."""
    with httpx.Client(
        transport=tenant.transport(),
        base_url=f"https://{tenant.domain}/api/v2",
        headers=BEARER,
    ) as client:
        yield client


def new_user(
    mgmt: Management, email: str = "ada@example.com", connection: str = DATABASE, **more: Any
) -> str:
    """A user of a database; gives the id."""
    user = mgmt.users.create(
        connection=connection, email=email, password="correct-Horse-7-battery", **more
    )
    assert user.user_id is not None
    return user.user_id
