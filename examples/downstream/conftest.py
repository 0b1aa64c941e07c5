"""The application under test, signed in to whatever tenant the run is against."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from members import Members

from auth0_mgmt_testing import Credentials


@pytest.fixture
def members(auth0_credentials: Credentials) -> Iterator[Members]:
    app = Members.from_environment(auth0_credentials.environment())
    yield app
    app.close()
