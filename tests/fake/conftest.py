"""A fresh tenant on a clock of its own, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Clock, FakeTenant


@pytest.fixture
def clock() -> Clock:
    """Stands still unless a test moves it."""
    clock = Clock()
    clock.freeze()
    return clock


@pytest.fixture
def tenant(clock: Clock) -> FakeTenant:
    """Strict: a parameter that the fake does not act on fails the test."""
    return FakeTenant(clock=clock, strict=True)


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
        headers={"authorization": "Bearer any"},
    ) as client:
        yield client
