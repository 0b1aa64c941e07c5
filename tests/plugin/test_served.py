"""Mode ``server`` with a server that is there already: each test has a tenant of its own."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer

from .conftest import Suite

MARKED = """
import pytest
from auth0_mgmt import ForbiddenError, InternalServerError

@pytest.mark.auth0_faults("roles.list", status=500, times=None)
@pytest.mark.auth0_clock("2030-01-01T00:00:00Z")
@pytest.mark.auth0_load({"users": [{"user_id": "auth0|ada", "email": "ada@example.com"}]})
def test_marks_hold_on_a_served_tenant(auth0_mgmt, auth0_tenant):
    with pytest.raises(InternalServerError):
        list(auth0_mgmt.with_options(max_attempts=1).roles.list())
    auth0_tenant.clear_faults()
    assert list(auth0_mgmt.roles.list()) == []
    assert str(auth0_mgmt.users.get("auth0|ada").created_at).startswith("2030-01-01")
    assert auth0_tenant.base_url.startswith(URL + "/t/test-")
    with auth0_tenant.fake.expect_changes(created={"roles": 1}):
        auth0_mgmt.roles.create(name="editor")
    auth0_tenant.reset()
    assert len(auth0_tenant.fake.roles) == 0

@pytest.mark.auth0_scopes("read:users")
def test_scopes_are_limited(auth0_mgmt):
    with pytest.raises(ForbiddenError):
        list(auth0_mgmt.roles.list())
    assert list(auth0_mgmt.users.list()) == []

@pytest.mark.asyncio
async def test_asynchronous_clients(auth0_async_mgmt):
    assert [role async for role in await auth0_async_mgmt.roles.list()] == []
"""


@pytest.fixture
def server() -> Iterator[TenantServer]:
    with TenantServer(ServerOptions()).start() as server:
        yield server


def test_marks_work_on_a_tenant_of_another_process(suite: Suite, server: TenantServer) -> None:
    text = MARKED.replace("URL", repr(server.url))
    result = suite(text, "--auth0=server", f"--auth0-url={server.url}")
    result.assert_outcomes(passed=3)
    left = httpx.get(f"{server.url}/__fake/tenants").json()
    assert [tenant["name"] for tenant in left] == [""]


def test_a_url_where_nothing_is_served_is_an_error_that_says_so(suite: Suite) -> None:
    result = suite(MARKED, "--auth0=server", "-o", "auth0_url=http://127.0.0.1:9")
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines("*no fake tenant * at http://127.0.0.1:9*")
