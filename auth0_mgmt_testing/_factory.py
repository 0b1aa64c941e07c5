"""Test data with unique names, removed after the test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    import pytest

    from auth0_mgmt import Management
    from auth0_mgmt.models.actions import Action
    from auth0_mgmt.models.client_grants import ClientGrant
    from auth0_mgmt.models.clients import Client
    from auth0_mgmt.models.log_streams import LogStream
    from auth0_mgmt.models.resource_servers import ResourceServer
    from auth0_mgmt.models.shared import Connection, Organization, Role
    from auth0_mgmt.models.users import User

    from .backends.handle import Backend, TenantHandle
    from .setup.user_actions import Login

P = ParamSpec("P")
M = TypeVar("M")

DATABASE = "Username-Password-Authentication"
"""The database connection that a new tenant has."""
_WITHOUT_PASSWORD = frozenset({"email", "sms"})
_GONE = frozenset({404, 410})
_CODE = "exports.onExecutePostLogin = async (event, api) => {};"


class Factory:
    """Creates test data and removes it after the test, the newest first.

    Each method takes the fields of the resource's ``create``, fills in required ones, and
    returns the created model. Names contain a tag of the test: the same in every run against a fake
    tenant or a cassette, another in each run against a live tenant.
    """

    def __init__(self, tenant: TenantHandle, test: str) -> None:
        self._tenant = tenant
        self._client: Management | None = None
        digest = hashlib.sha256(test.encode()).hexdigest()[:8]
        self._mark = f"{digest}-{tenant.run_id}" if tenant.run_id else digest
        self._made = 0
        self._removals: list[Callable[[], object]] = []

    @property
    def mgmt(self) -> Management:
        """The client that the factory uses, with all scopes."""
        if self._client is None:
            self._client = self._tenant.admin()
        return self._client

    def name(self, prefix: str = "test") -> str:
        """Return a unique name: the prefix, a tag of the test and a number.

        A prefix of letters, digits and hyphens gives a name of these only, as connections and
        organizations require.
        """
        self._made += 1
        return f"{prefix}-{self._mark}-{self._made}"

    def add_cleanup(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
        """Call a function after the test; a 404 counts as success.

        Strings among the arguments are recorded as ids that the application under test created,
        so that the guard of a live tenant allows their deletion.
        """
        self._tenant.add_created(
            *(one for one in (*args, *kwargs.values()) if isinstance(one, str))
        )
        self._removals.append(lambda: function(*args, **kwargs))

    # Resources.

    def user(self, **fields: Any) -> User:
        """A user of the default database, with an address at example.com and a password.

        No mail is sent: ``verify_email`` is False.
        """
        connection = fields.setdefault("connection", DATABASE)
        if "phone_number" not in fields:
            fields.setdefault("email", f"{self.name('user')}@example.com")
        if connection not in _WITHOUT_PASSWORD:
            fields.setdefault("password", self.password())
        if "email" in fields:
            fields.setdefault("verify_email", False)
        made = self.mgmt.users.create(**fields)
        return self._kept(made, self.mgmt.users, made.user_id)

    def client(self, **fields: Any) -> Client:
        """An application."""
        made = self.mgmt.clients.create(**self._named(fields, "client"))
        return self._kept(made, self.mgmt.clients, made.client_id)

    def role(self, **fields: Any) -> Role:
        """A role."""
        made = self.mgmt.roles.create(**self._named(fields, "role"))
        return self._kept(made, self.mgmt.roles, made.id)

    def organization(self, **fields: Any) -> Organization:
        """An organization."""
        made = self.mgmt.organizations.create(**self._named(fields, "organization"))
        return self._kept(made, self.mgmt.organizations, made.id)

    def connection(self, **fields: Any) -> Connection:
        """A connection: a database unless ``strategy`` is given."""
        fields.setdefault("strategy", "auth0")
        made = self.mgmt.connections.create(**self._named(fields, "connection"))
        return self._kept(made, self.mgmt.connections, made.id)

    def resource_server(self, **fields: Any) -> ResourceServer:
        """An API whose name equals its identifier."""
        name = self._named(fields, "api")["name"]
        fields.setdefault("identifier", f"https://{name}.example.com/")
        made = self.mgmt.resource_servers.create(**fields)
        return self._kept(made, self.mgmt.resource_servers, made.id)

    def client_grant(self, **fields: Any) -> ClientGrant:
        """A client grant; creates the client or the API unless given."""
        if "client_id" not in fields:
            fields["client_id"] = self.client(
                app_type="non_interactive", grant_types=["client_credentials"]
            ).client_id
        if "audience" not in fields:
            fields["audience"] = self.resource_server().identifier
        fields.setdefault("scope", [])
        made = self.mgmt.client_grants.create(**fields)
        return self._kept(made, self.mgmt.client_grants, made.id)

    def action(self, **fields: Any) -> Action:
        """An action after login that does nothing; a draft until it is deployed."""
        fields.setdefault("supported_triggers", [{"id": "post-login", "version": "v3"}])
        fields.setdefault("code", _CODE)
        made = self.mgmt.actions.create(**self._named(fields, "action"))
        # Deleted even where the test bound it to a trigger.
        self.add_cleanup(self.mgmt.actions.delete, _known(made.id), force=True)
        return made

    def log_stream(self, **fields: Any) -> LogStream:
        """A log stream to a webhook at example.com, unless ``type`` and ``sink`` are given."""
        fields.setdefault("type", "http")
        if fields["type"] == "http":
            fields.setdefault("sink", {"httpEndpoint": "https://logs.example.com/"})
        made = self.mgmt.log_streams.create(**self._named(fields, "log-stream"))
        return self._kept(made, self.mgmt.log_streams, made.id)

    def password(self) -> str:
        """Return a password that the strictest password policy accepts."""
        return f"Aa1!{self.name('password')}"

    # Clean-up.

    def _named(self, fields: dict[str, Any], prefix: str) -> dict[str, Any]:
        if "name" not in fields:
            fields["name"] = self.name(prefix)
        return fields

    def _kept(self, made: M, resource: Any, id: str | None) -> M:
        self.add_cleanup(resource.delete, _known(id))
        self._tenant.wait_until_readable(resource, _known(id))
        return made

    def close(self) -> None:
        """Remove everything, the newest first, also after failures.

        Errors are raised after every removal was tried: a single one as it is, several as a group;
        an interruption (Ctrl-C) comes first.
        """
        self._tenant.clear_faults()
        failures: list[Exception] = []
        interruption: BaseException | None = None
        while self._removals:
            try:
                _remove(self._removals.pop())
            except Exception as error:
                failures.append(error)
            except BaseException as error:
                interruption = error
        if interruption is not None:
            raise interruption
        if len(failures) == 1:
            raise failures[0]
        if failures:
            what = "; ".join(f"{type(error).__name__}: {error}" for error in failures)
            message = f"{len(failures)} objects could not be removed: {what}"
            raise ExceptionGroup(message, failures)


def _remove(removal: Callable[[], object]) -> None:
    from auth0_mgmt import APIStatusError

    try:
        removal()
    except APIStatusError as error:
        if error.status_code not in _GONE:
            raise


def _known(id: str | None) -> str:
    """Return the id of a created object; a response without one breaks the contract."""
    assert id, "the response to a create has no id"
    return id


@dataclass(frozen=True, slots=True)
class SharedTenant:
    """A tenant that the tests of a class, a module or a session share."""

    tenant: TenantHandle
    mgmt: Management
    """A client of the tenant, closed with it."""
    factory: Factory
    """Creates what all of these tests need; it is removed after the last."""


class ShareTenant(Protocol):
    """Opens a tenant for a fixture of any scope: ``with auth0_share(request) as shared``."""

    def __call__(self, request: pytest.FixtureRequest) -> AbstractContextManager[SharedTenant]: ...


@contextmanager
def share_tenant(backend: Backend, request: pytest.FixtureRequest) -> Generator[SharedTenant]:
    """Open a tenant for the scope of a fixture, as the marks of that scope specify it."""
    from .backends.markers import tenant_spec

    scope: pytest.Item = request.node
    name = f"{scope.nodeid or 'session'}::{request.fixturename}"
    folder = scope.path if scope.path.is_dir() else scope.path.parent
    spec = replace(tenant_spec(scope), test=name, folder=folder)
    failed = request.session.testsfailed
    with backend.tenant(spec) as tenant:
        factory = Factory(tenant, name)
        try:
            yield SharedTenant(tenant, tenant.management(), factory)
            if request.session.testsfailed > failed:
                tenant.mark_failed()
        finally:
            factory.close()


class UserToken:
    """Logs users in and returns their access tokens; see the fixture ``auth0_user_token``."""

    def __init__(self, tenant: TenantHandle, factory: Factory) -> None:
        self._tenant = tenant
        self._factory = factory

    def __call__(
        self,
        user: str | User | None = None,
        *,
        client: str | Client | None = None,
        audience: str | None = None,
        scope: str = "openid profile email",
        organization: str | None = None,
    ) -> str:
        """Return an access token of a user; arguments as in `FakeTenant.log_in`.

        ``user``: None creates one for the test. Raises `StateError` where the log-in is rejected.
        """
        return self.log_in(
            user, client=client, audience=audience, scope=scope, organization=organization
        ).access_token

    def log_in(self, user: str | User | None = None, **options: Any) -> Login:
        """Log in and return all of it: session, access, ID and refresh token."""
        from .errors import StateError

        fake = self._tenant.fake
        if fake is None:
            raise StateError("auth0_user_token needs a fake tenant: mark the test auth0_fake_only")
        return fake.log_in(self._factory.user() if user is None else user, **options)


def user_token(tenant: TenantHandle, factory: Factory) -> UserToken:
    """A tenant whose users can be logged in."""
    return UserToken(tenant, factory)
