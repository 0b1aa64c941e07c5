"""A pytest inside of pytest, to look at what the plugin does to somebody else's suite."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from importlib import import_module

import pytest

from auth0_mgmt import AsyncManagement, UnauthorizedError
from auth0_mgmt_testing.backends.factories import make_backend
from auth0_mgmt_testing.backends.modes import Mode
from auth0_mgmt_testing.backends.tenant_spec import TenantSpec

# Modules that are imported late: once, before `pytester` restores what was imported.
for name in ("_factory", "backends.cassette", "backends.live"):
    import_module(f"auth0_mgmt_testing.{name}")

Suite = Callable[..., pytest.RunResult]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner runs see nothing of how this one was started."""
    for name in ("AUTH0_TENANT_MODE", "AUTH0_DOMAIN", "AUTH0_ALLOW_LIVE", "AUTH0_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session", autouse=True)
def everything_is_imported() -> None:
    """The inner runs forget what they import first, and most of it cannot be imported twice."""
    modes: tuple[Mode, ...] = ("fake", "server")
    for mode in modes:
        with closing(make_backend(mode)) as made, made.tenant(TenantSpec(scopes=())) as tenant:
            tenant.admin().roles.list()
            asyncio.run(refused(tenant.async_management(auth="opaque")))


async def refused(mgmt: AsyncManagement) -> None:
    async with mgmt:
        with pytest.raises(UnauthorizedError):
            await mgmt.roles.list()


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    """Writes a test file and runs it: ``suite(source, "--auth0=server")``."""
    pytester.makeini(
        "[pytest]\naddopts = --strict-markers -p no:cacheprovider "
        "-p no:schemathesis -p no:hypothesispytest\nfilterwarnings = error\n"
        "asyncio_default_fixture_loop_scope = function\n"
    )

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess(*options, no_reraise_ctrlc=True)

    return run
