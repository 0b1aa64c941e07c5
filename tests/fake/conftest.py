"""A fresh tenant on a clock of its own, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Clock, FakeTenant


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tenant(clock: Clock) -> FakeTenant:
    return FakeTenant(clock=clock)


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Iterator[Management]:
    with tenant.management() as client:
        yield client
