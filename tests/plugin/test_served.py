"""Mode ``server`` with a server that is there already: each test has a tenant of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer

from .conftest import Suite

MARKED = """
import pytest
from auth0_mgmt import ForbiddenError, InternalServerError, RateLimitError, ServerError

@pytest.mark.auth0_faults("roles.list", status=500, times=None)
@pytest.mark.auth0_clock("2030-01-01T00:00:00Z")
@pytest.mark.auth0_load({"users": [{"user_id": "auth0|ada", "email": "ada@example.com"}]})
def test_marks_hold_on_a_served_tenant(auth0_mgmt, auth0_tenant):
    with pytest.raises(InternalServerError):
        list(auth0_mgmt.with_options(max_attempts=1).roles.list())
    auth0_tenant.clear_faults()
    assert list(auth0_mgmt.roles.list()) == []
    assert str(auth0_mgmt.users.get("auth0|ada").created_at).startswith("2030-01-01")
    with auth0_tenant.fake.expect_changes(created={"roles": 1}):
        auth0_mgmt.roles.create(name="editor")
    auth0_tenant.reset()
    assert len(auth0_tenant.fake.roles) == 0

@pytest.mark.auth0_scopes("read:users")
def test_scopes_are_limited(auth0_mgmt):
    with pytest.raises(ForbiddenError):
        list(auth0_mgmt.roles.list())
    assert list(auth0_mgmt.users.list()) == []

def test_control_in_the_test(auth0_mgmt, auth0_fake):
    auth0_fake.rate_limits.enable(limit=1, per_second=1)
    impatient = auth0_mgmt.with_options(max_attempts=1)
    list(impatient.roles.list())
    with pytest.raises(RateLimitError):
        list(impatient.roles.list())
    auth0_fake.rate_limits.disable()
    auth0_fake.clock.freeze("2031-01-01T00:00:00Z")
    fault = auth0_fake.faults.add("users.get", status=503)
    auth0_fake.users.add(user_id="auth0|bob", email="bob@example.com")
    assert [user.created_at.year for user in impatient.users.list()] == [2031]
    with pytest.raises(ServerError):
        impatient.users.get("auth0|bob")
    assert fault.hits == 1
    auth0_fake.requests.assert_called("users.get")
    login = auth0_fake.log_in("auth0|bob")
    assert login.access_token

@pytest.fixture(scope="module")
def shared(auth0_share, request):
    with auth0_share(request) as shared:
        shared.factory.role(name="shared")
        yield shared

def test_shared_tenants(shared, auth0_mgmt):
    assert [role.name for role in shared.mgmt.roles.list()] == ["shared"]
    assert list(auth0_mgmt.roles.list()) == []

@pytest.mark.asyncio
async def test_asynchronous_clients(auth0_async_mgmt):
    assert [role async for role in await auth0_async_mgmt.roles.list()] == []
"""


@pytest.fixture(params=["http", "https"])
def server(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TenantServer]:
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path / "home"))
    with TenantServer(ServerOptions(tls=request.param == "https")).start() as server:
        yield server


def test_marks_work_on_a_tenant_of_another_process(suite: Suite, server: TenantServer) -> None:
    result = suite(MARKED, "--auth0=server", f"--auth0-url={server.url}")
    result.assert_outcomes(passed=5)
    assert server.app.names == [""]


def test_marks_work_on_the_server_of_the_run(suite: Suite) -> None:
    suite(MARKED, "--auth0=server").assert_outcomes(passed=5)


def test_a_server_that_is_not_trusted_is_an_error_that_names_the_cure(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path / "theirs"))
    with TenantServer(ServerOptions(tls=True)).start() as server:
        monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path / "mine"))
        result = suite(MARKED, "--auth0=server", f"--auth0-url={server.url}")
    result.assert_outcomes(errors=5)
    result.stdout.fnmatch_lines("*is not trusted*SSL_CERT_FILE*")


def test_a_url_where_nothing_is_served_is_an_error_that_says_so(suite: Suite) -> None:
    result = suite(MARKED, "--auth0=server", "-o", "auth0_url=http://127.0.0.1:9")
    result.assert_outcomes(errors=5)
    result.stdout.fnmatch_lines("*no fake tenant * at http://127.0.0.1:9*")
