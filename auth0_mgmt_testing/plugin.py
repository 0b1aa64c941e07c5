"""The pytest plugin: one suite, run against a fake tenant, a server, cassettes or a live tenant.

Nothing heavy is imported here: a run that does not use the fixtures pays for options and marks
only. `tenants` knows how a tenant is made, `factory` what a test puts into it.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from .tenants import modes

if TYPE_CHECKING:
    from auth0_mgmt import AsyncManagement, Management

    from .factory import Factory
    from .tenants.cassette import Shelf
    from .tenants.handle import Credentials, Maker, TenantHandle

MARKS = (
    "auth0_scopes(*scopes): the token of the test has these scopes of the Management API only",
    "auth0_seed(source): the tenant holds at the start what a YAML or JSON file (relative to the "
    "test's folder) or a mapping says, as tenant.seed reads it",
    "auth0_faults(*operations, **fault): calls of these operations fail, as tenant.faults.add says",
    "auth0_clock(moment): the tenant's clock stands at this moment, given in ISO 8601",
    "fake_only: the test needs a fake tenant (modes fake and server)",
    "live_only: the test needs a live tenant (modes live and record)",
    "needs(*entitlements): the tenant's plan must have these; a live tenant's are told by "
    "--auth0-entitlements",
)

CASSETTE_AGE = 365
"""Days for which a cassette is trusted where nothing else is said."""

_mode = pytest.StashKey[modes.Mode]()
_unfinished = pytest.StashKey[bool]()
"""Whether the test has failed, or was skipped on its way."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("auth0", "tenants of the Auth0 Management API")
    group.addoption(
        "--auth0",
        metavar="MODE",
        help=f"the tenant that tests run against: {', '.join(modes.MODES)} (default: fake); "
        f"also the environment variable {modes.VARIABLE} and the ini option auth0_mode",
    )
    group.addoption(
        "--auth0-cassette-age",
        metavar="DAYS",
        type=int,
        help=f"cassettes that are older fail (default: {CASSETTE_AGE}; 0: any age will do); also "
        "the ini option auth0_cassette_age",
    )
    parser.addini("auth0_mode", "the tenant that tests run against, see --auth0", default="")
    parser.addini("auth0_cassettes", "the folder of the cassettes", default="cassettes")
    parser.addini("auth0_cassette_age", "see --auth0-cassette-age", default=str(CASSETTE_AGE))


def pytest_configure(config: pytest.Config) -> None:
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    try:
        named = modes.chosen(config.getoption("--auth0"), os.environ, config.getini("auth0_mode"))
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[_mode] = named or "fake"


def pytest_report_header(config: pytest.Config) -> str | None:
    mode = config.stash[_mode]
    return None if mode == "fake" else f"auth0: mode {mode}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if any(item.iter_markers()):
        from .tenants.marks import reason_to_skip

        reason = reason_to_skip(item, item.config.stash[_mode])
        if reason:
            pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not report.passed:
        item.stash[_unfinished] = True
    return report


def _shelf(config: pytest.Config) -> Shelf:
    """Where the cassettes are, and how old they may be."""
    from datetime import timedelta

    from .tenants.cassette import Shelf

    given = config.getoption("--auth0-cassette-age")
    try:
        days = int(config.getini("auth0_cassette_age") if given is None else given)
    except ValueError:
        raise pytest.UsageError("auth0_cassette_age is a number of days") from None
    folder = config.rootpath / config.getini("auth0_cassettes")
    return Shelf(folder, timedelta(days=days) if days else None)


@pytest.fixture(scope="session")
def _auth0_maker(pytestconfig: pytest.Config) -> Iterator[Maker]:
    """What this process's tenants are made by."""
    from .tenants.makers import maker

    made = maker(pytestconfig.stash[_mode], _shelf(pytestconfig))
    yield made
    made.close()


@pytest.fixture
def auth0_tenant(request: pytest.FixtureRequest, _auth0_maker: Maker) -> Iterator[TenantHandle]:
    """The tenant of this test, as its marks wish it; see `tenants.handle.TenantHandle`."""
    from .tenants.marks import wishes

    with _auth0_maker.tenant(wishes(request.node)) as tenant:
        yield tenant
        if request.node.stash.get(_unfinished, False):
            tenant.failed()


@pytest.fixture
def auth0_credentials(auth0_tenant: TenantHandle) -> Credentials:
    """What the application under test signs in with."""
    return auth0_tenant.credentials


@pytest.fixture
def auth0_mgmt(auth0_tenant: TenantHandle) -> Management:
    """A client of the tenant, closed after the test."""
    return auth0_tenant.management()


@pytest.fixture
def auth0_async_mgmt(auth0_tenant: TenantHandle) -> Iterator[AsyncManagement]:
    """The same, asynchronous, for whatever runs the test's event loop."""
    from .tenants.wire import finish

    mgmt = auth0_tenant.async_management()
    yield mgmt
    finish(mgmt.close())


@pytest.fixture
def auth0_factory(request: pytest.FixtureRequest, auth0_tenant: TenantHandle) -> Iterator[Factory]:
    """Makes users, clients, roles …, which are removed after the test."""
    from .factory import Factory

    factory = Factory(auth0_tenant, request.node.nodeid)
    yield factory
    factory.close()
