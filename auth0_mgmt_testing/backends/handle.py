"""`TenantHandle`: the interface of a test's tenant in every mode."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .._credentials import Credentials
from .modes import Mode

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt import AsyncManagement, Management
    from auth0_mgmt._auth import Auth

    from ..remote import RemoteTenant
    from ..tenant import FakeTenant
    from .tenant_spec import TenantSpec

T = TypeVar("T")

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class TenantHandle(ABC):
    """A tenant for one test. Its clients are closed with it."""

    mode: Mode
    """The mode of the run."""
    credentials: Credentials
    """The credentials of the test and of the application under test."""
    admin_credentials: Credentials
    """Credentials with all scopes, whatever scopes the test has."""
    options: Mapping[str, Any] = {}
    """Options of all of the tenant's clients, as `auth0_mgmt.Management` takes them."""

    dry_run_writes: tuple[str, ...] = ()
    """After a dry run: what the test would have written to a live tenant."""
    run_id: str = ""
    """Distinguishes the names of this run from those of others; empty: names may repeat."""

    def __init__(self) -> None:
        self._afterwards = ExitStack()

    @property
    def fake(self) -> FakeTenant | RemoteTenant | None:
        """The fake tenant itself, with all of its controls; None in other modes."""
        return None

    @property
    def domain(self) -> str:
        """The tenant's host name, as it appears in documents and tokens."""
        return self.credentials.domain

    @property
    def base_url(self) -> str:
        """The URL of the tenant, without a path."""
        return self.credentials.url

    def management(self, **options: Any) -> Management:
        """Return a client with `credentials`; options as in `auth0_mgmt.Management`."""
        from auth0_mgmt import Management

        client = Management(self.base_url, **self._options(options, self.transport))
        return self._afterwards.enter_context(client)

    def async_management(self, **options: Any) -> AsyncManagement:
        """Return an asynchronous client. It keeps no connections, so it need not be closed."""
        from auth0_mgmt import AsyncManagement

        return AsyncManagement(self.base_url, **self._options(options, self.async_transport))

    def _options(self, given: dict[str, Any], transport: Callable[[], Any]) -> dict[str, Any]:
        options = {
            "auth": self.auth(),
            "audience": self.credentials.audience,
            **self.options,
            **given,
        }
        if options.get("http_client") is None:
            options.setdefault("transport", transport())
        return options

    def auth(self) -> Auth:
        """The default ``auth`` of clients."""
        return self.credentials.auth()

    def admin(self) -> Management:
        """Return a client with all scopes, whatever scopes the test itself has."""
        return self.management(auth=self.admin_credentials.auth())

    @abstractmethod
    def transport(self) -> httpx.BaseTransport:
        """The transport to the tenant."""

    @abstractmethod
    def async_transport(self) -> httpx.AsyncBaseTransport:
        """The asynchronous transport to the tenant."""

    @abstractmethod
    def reset(self) -> None:
        """Restore the initial state; where the tenant cannot do that, the test is skipped."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Let this much of the tenant's time pass."""

    def clear_faults(self) -> None:  # noqa: B027 - most tenants have no faults
        """Remove the faults that the test added."""

    def mark_failed(self) -> None:  # noqa: B027 - most tenants conclude nothing from a test
        """Note that the test has failed: its requests may be incomplete."""

    def wait_until_readable(self, resource: Any, id: str) -> None:  # noqa: B027 - most tenants are at once
        """Wait until something just created can be read by its id."""

    def add_created(self, *ids: str) -> None:  # noqa: B027 - only a live tenant needs it
        """Record ids that the test created, though not by a client of this handle."""

    def eventually(self, function: Callable[[], T], timeout: float = 30.0) -> T:
        """Call a function until it succeeds; return its result.

        It has not succeeded while it raises AssertionError or NotFoundError, or returns False.
        Between two calls the tenant's time passes: a fake's clock advances without sleeping.
        ``timeout``: seconds of the tenant's time; after them the last error is raised.
        """
        from auth0_mgmt import NotFoundError

        waited, pause = 0.0, _FIRST_PAUSE
        while True:
            failure: Exception
            try:
                value = function()
                if value is not False:
                    return value
                failure = AssertionError("the function returned False")
            except (AssertionError, NotFoundError) as error:
                failure = error
            if waited >= timeout:
                failure.add_note(f"still failing after {timeout:g} s of the tenant's time")
                raise failure
            self.advance(pause)
            waited += pause
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def close(self) -> None:
        """Close the clients that this handle created."""
        self._afterwards.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.mode} {self.domain}>"


class Backend(Protocol):
    """Provides the tenants of one process's run, one for each test."""

    def tenant(self, spec: TenantSpec) -> AbstractContextManager[TenantHandle]:
        """Return a context manager of a tenant that meets a test's specification."""
        ...

    def close(self) -> None:
        """Close what the tenants share."""
        ...
