"""What a test holds, whatever tenant stands behind it."""

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

    from ..server.served_tenant import ServedTenant
    from .tenant_spec import TenantSpec

T = TypeVar("T")

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


class TenantHandle(ABC):
    """A tenant for one test. Clients that it gives are closed with it."""

    mode: Mode
    """The mode of the run."""
    credentials: Credentials
    """What the test, and the application under test, sign in with."""
    admin_credentials: Credentials
    """What may do everything, whatever scopes the test has."""
    options: Mapping[str, Any] = {}
    """Options of all of the tenant's clients, as `auth0_mgmt.Management` takes them."""

    dry_run_writes: tuple[str, ...] = ()
    """Of a dry run, when it is over: what the test would have written to a live tenant."""
    run_id: str = ""
    """What sets the names of this run apart from those of others; empty: names may repeat."""

    def __init__(self) -> None:
        self._afterwards = ExitStack()

    @property
    def fake(self) -> ServedTenant | None:
        """The fake tenant behind it, with all of its control; None where none is."""
        return None

    @property
    def domain(self) -> str:
        """The tenant's host name, as its documents and tokens name it."""
        return self.credentials.domain

    @property
    def base_url(self) -> str:
        """Where the tenant is reached, without a path."""
        return self.credentials.url

    def management(self, **options: Any) -> Management:
        """A client that signs in with `credentials`; options as `auth0_mgmt.Management`'s."""
        from auth0_mgmt import Management

        client = Management(self.base_url, **self._options(options, self.transport))
        return self._afterwards.enter_context(client)

    def async_management(self, **options: Any) -> AsyncManagement:
        """The same, asynchronous. It keeps no connection, so nothing is lost if it is not closed."""
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
        """How clients sign in where nothing else is said."""
        return self.credentials.auth()

    def admin(self) -> Management:
        """A client that may do everything, whatever scopes the test itself has."""
        return self.management(auth=self.admin_credentials.auth())

    @abstractmethod
    def transport(self) -> httpx.BaseTransport:
        """What carries requests to the tenant."""

    @abstractmethod
    def async_transport(self) -> httpx.AsyncBaseTransport:
        """What carries asynchronous requests to the tenant."""

    @abstractmethod
    def reset(self) -> None:
        """Back to what the test found; where the tenant cannot do that, the test is skipped."""

    @abstractmethod
    def advance(self, seconds: float) -> None:
        """Let so much of the tenant's time go by."""

    def clear_faults(self) -> None:  # noqa: B027 - most tenants have no faults
        """Take away what the test put in the way of requests."""

    def mark_failed(self) -> None:  # noqa: B027 - most tenants conclude nothing from a test
        """The test has failed: what it asked is not all that it would have."""

    def wait_until_readable(self, resource: Any, id: str) -> None:  # noqa: B027 - most tenants are at once
        """Wait until something just created can be read by its id."""

    def add_created(self, *ids: str) -> None:  # noqa: B027 - only a live tenant asks
        """Take these ids for created by the test, though not by a client of this handle."""

    def eventually(self, function: Callable[[], T], timeout: float = 30.0) -> T:
        """Call a function until what it looks for is there; gives what it returned.

        Not there yet is what raises AssertionError or NotFoundError, and what returns False.
        Between two calls the tenant's time goes by: a fake's clock moves on and nobody sleeps.
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
                failure.add_note(f"it was still so after {timeout:g} s of the tenant's time")
                raise failure
            self.advance(pause)
            waited += pause
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def close(self) -> None:
        """Close the clients that were given."""
        self._afterwards.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.mode} {self.domain}>"


class Backend(Protocol):
    """Makes the tenants of one process's run, one for each test."""

    def tenant(self, wishes: TenantSpec) -> AbstractContextManager[TenantHandle]:
        """A tenant as a test wishes it, there while the context lasts."""
        ...

    def close(self) -> None:
        """Let go of what the tenants share."""
        ...
