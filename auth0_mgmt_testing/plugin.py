"""The pytest plugin: one suite, run against a fake tenant, a server, cassettes or a live tenant.

Nothing heavy is imported here: a run that does not use the fixtures pays for options and marks
only. `backends` provides the tenant, `_factory` the test data.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .backends import modes, plugin_session

if TYPE_CHECKING:
    from auth0_mgmt import AsyncManagement, Management

    from ._credentials import Credentials
    from ._factory import Factory, ShareTenant, UserToken
    from .backends.handle import Backend, TenantHandle
    from .remote import RemoteTenant
    from .server.launch import TenantServer
    from .tenant import FakeTenant

MARKS = (
    "auth0_scopes(*scopes): the token of the test has these scopes of the Management API only",
    "auth0_load(source): the tenant starts with the data of a YAML or JSON file (relative to the "
    "test's folder) or a mapping, as in tenant.load",
    "auth0_faults(*operations, **fault): calls of these operations fail, with the arguments of tenant.faults.add",
    "auth0_clock(timestamp): the tenant's clock is frozen at this ISO 8601 timestamp",
    "auth0_allow_changes(*operations): in live mode these operations may change what the run did not "
    "create; settings are put back after the test",
    "auth0_fake_only: the test needs a fake tenant (modes fake and server)",
    "auth0_live_only: the test needs a live tenant (mode live, and record from one)",
    "auth0_requires(*entitlements): the tenant's plan must have these; a live tenant's are given by "
    "--auth0-entitlements",
)

_run = pytest.StashKey[plugin_session.PluginSession]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("auth0", "tenants of the Auth0 Management API")
    group.addoption(
        "--auth0",
        metavar="MODE",
        help=f"the tenant that tests run against: {', '.join(modes.MODES)} (default: fake); "
        f"also the environment variable {modes.VARIABLE} and the ini option auth0_mode",
    )
    group.addoption(
        "--auth0-url",
        metavar="URL",
        help="with --auth0=server: a server that is there already (auth0-fake serve), of which each "
        f"test gets a tenant; also the environment variable {plugin_session.URL_VARIABLE} and the ini "
        "option auth0_url",
    )
    group.addoption(
        "--auth0-dry-run",
        action="store_true",
        help="with --auth0=live: run on the fake, and list what would be written, test by test",
    )
    group.addoption(
        "--auth0-entitlements",
        metavar="NAMES",
        help="the entitlements of the live tenant's plan, comma-separated: tests that need more are skipped",
    )
    group.addoption(
        "--auth0-record-from",
        choices=("server", "live"),
        default="server",
        help="with --auth0=record: the tenant that is recorded, a fake server (the default) or a live tenant",
    )
    group.addoption(
        "--auth0-cassette-age",
        metavar="DAYS",
        type=int,
        help=f"cassettes that are older fail (default: {plugin_session.CASSETTE_AGE}; 0: any age will do); "
        "also the ini option auth0_cassette_age",
    )
    parser.addini("auth0_cassettes", "the folder of the cassettes", default="cassettes")
    parser.addini(
        "auth0_cassette_age", "see --auth0-cassette-age", default=str(plugin_session.CASSETTE_AGE)
    )
    parser.addini(
        "auth0_cassette_allow",
        "texts that cassettes may hold although they look secret, one a line; * is any text",
        type="linelist",
    )
    parser.addini("auth0_url", "see --auth0-url", default="")
    parser.addini("auth0_mode", "the tenant that tests run against, see --auth0", default="")
    parser.addini("auth0_entitlements", "see --auth0-entitlements", type="args")
    parser.addini(
        "auth0_domains",
        "domains of real tenants, besides *.auth0.com, that only a live run may call",
        type="args",
    )


def pytest_configure(config: pytest.Config) -> None:
    for mark in MARKS:
        config.addinivalue_line("markers", mark)
    config.stash[_run] = plugin_session.PluginSession(config)
    config.pluginmanager.register(config.stash[_run], "auth0-run")


@pytest.fixture(scope="session")
def _auth0_backend(pytestconfig: pytest.Config) -> Backend:
    """The backend that creates this process's tenants.

    Tenants are registered with it so that, if Ctrl-C interrupts a teardown, pytest closes them
    at the end of the session.
    """
    from .errors import MissingExtraError, explain_missing_extra

    try:
        with explain_missing_extra():
            return pytestconfig.stash[_run].backend()
    except MissingExtraError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def auth0_tenant(request: pytest.FixtureRequest, _auth0_backend: Backend) -> Iterator[TenantHandle]:
    """The tenant of this test, as its marks specify it; see `TenantHandle`."""
    from .backends.markers import tenant_spec

    item: pytest.Item = request.node
    with _auth0_backend.tenant(tenant_spec(item)) as tenant:
        yield tenant
        if item.stash.get(plugin_session.UNFINISHED, False):
            tenant.mark_failed()
    if tenant.dry_run_writes:
        item.user_properties.append((plugin_session.WRITES, "\n".join(tenant.dry_run_writes)))


@pytest.fixture
def auth0_fake(auth0_tenant: TenantHandle) -> FakeTenant | RemoteTenant:
    """The fake tenant behind ``auth0_tenant``: its clock, faults, request log, mailbox and state.

    A test that uses it is skipped in modes without a fake tenant, as if marked auth0_fake_only.
    """
    if auth0_tenant.fake is None:
        pytest.skip(f"mode {auth0_tenant.mode}: there is no fake tenant")
    return auth0_tenant.fake


@pytest.fixture(scope="session")
def auth0_share(_auth0_backend: Backend) -> ShareTenant:
    """Opens a tenant for a fixture of your own of any scope: ``with auth0_share(request) as …``.

    Yields a `SharedTenant` with ``tenant``, ``mgmt`` and ``factory``. Marks of the class or module
    specify it; tests that change it see each other's changes.
    """
    from ._factory import share_tenant

    return lambda request: share_tenant(_auth0_backend, request)


@pytest.fixture
def auth0_credentials(auth0_tenant: TenantHandle) -> Credentials:
    """The credentials of the application under test."""
    return auth0_tenant.credentials


@pytest.fixture
def auth0_mgmt(auth0_tenant: TenantHandle) -> Management:
    """A client of the tenant, closed after the test."""
    return auth0_tenant.management()


@pytest.fixture
def auth0_async_mgmt(auth0_tenant: TenantHandle) -> Iterator[AsyncManagement]:
    """An asynchronous client of the tenant, for any event loop of the test."""
    from .backends.http import finish

    mgmt = auth0_tenant.async_management()
    yield mgmt
    finish(mgmt.close())


@pytest.fixture
def auth0_factory(request: pytest.FixtureRequest, auth0_tenant: TenantHandle) -> Iterator[Factory]:
    """Creates users, clients, roles …, which are removed after the test."""
    from ._factory import Factory

    factory = Factory(auth0_tenant, request.node.nodeid)
    yield factory
    factory.close()


@pytest.fixture
def auth0_server() -> Iterator[TenantServer]:
    """A fake tenant served over HTTPS at a free port, in every mode: for tools and browsers.

    ``.url``, ``.tenant`` (its `FakeTenant`), ``.environment()`` (the variables of a client, those
    for TLS included).
    """
    from .server.launch import ServerOptions, TenantServer

    with TenantServer(ServerOptions(tls=True)) as server:
        yield server.start()


@pytest.fixture
def auth0_user_token(auth0_tenant: TenantHandle, auth0_factory: Factory) -> UserToken:
    """Returns users' access tokens: ``auth0_user_token(user, audience=…, scope=…)``.

    Without a user, one is created for the test. Arguments as in `FakeTenant.log_in`; needs a tenant
    that tests can log users in to (modes fake and server).
    """
    from ._factory import user_token

    return user_token(auth0_tenant, auth0_factory)
