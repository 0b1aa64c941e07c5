"""Mode ``live``: a real tenant, where only objects of the run itself are changed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from .._credentials import Credentials
from ..live.created_resources import CreatedResources
from ..live.write_guard import AsyncGuardedTransport, GuardedTransport, WriteGuard, guard_client
from . import http
from .handle import TenantHandle
from .modes import Mode
from .tenant_spec import TenantSpec


class LiveHandle(TenantHandle):
    """A live tenant for one test; its clients are guarded and throttled."""

    mode: Mode = "live"
    options: Mapping[str, Any] = {"throttle": True}

    def __init__(
        self, credentials: Credentials, spec: TenantSpec, created: CreatedResources, run: str
    ) -> None:
        super().__init__()
        self.run_id = run
        self.admin_credentials = self.credentials = credentials
        self._guard = WriteGuard(created, spec.allow_changes)
        if spec.scopes is not None:
            self.credentials = self._limited(spec.scopes)

    def _limited(self, scopes: tuple[str, ...]) -> Credentials:
        """Return credentials of a new client that is granted only some scopes."""
        mgmt = self.admin()
        client = mgmt.clients.create(
            name=f"Limited client of a test {secrets.token_hex(8)}",
            app_type="non_interactive",
            grant_types=["client_credentials"],
        )
        client_id = client.client_id or ""
        mgmt.client_grants.create(
            client_id=client_id, audience=self.admin_credentials.audience, scope=list(scopes)
        )
        return Credentials(
            domain=self.admin_credentials.domain,
            url=self.admin_credentials.url,
            audience=self.admin_credentials.audience,
            client_id=client_id,
            client_secret=client.client_secret or "",
        )

    def transport(self) -> httpx.BaseTransport:
        return GuardedTransport(http.transport(), self._guard)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return AsyncGuardedTransport(http.async_transport(), self._guard)

    def _options(self, given: dict[str, Any], transport: Callable[[], Any]) -> dict[str, Any]:
        """Also guard a transport or HTTP client of the test itself."""
        options = super()._options(given, transport)
        own = given.get("transport")
        if isinstance(own, httpx.BaseTransport):
            options["transport"] = GuardedTransport(own, self._guard)
        elif isinstance(own, httpx.AsyncBaseTransport):
            options["transport"] = AsyncGuardedTransport(own, self._guard)
        if given.get("http_client") is not None:
            guard_client(given["http_client"], self._guard)
        return options

    def add_created(self, *ids: str) -> None:
        self._guard.add(*ids)

    def reset(self) -> None:
        pytest.skip("a live tenant cannot be reset")

    def advance(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait_until_readable(self, resource: Any, id: str) -> None:
        """Wait until every server of the tenant returns what was created."""
        self.eventually(partial(resource.get, id))

    def close(self) -> None:
        """Put back the settings that the test changed, delete what it created."""
        with ExitStack() as steps:  # the last first, all of them even after failures
            steps.callback(super().close)
            mgmt = self.admin()
            steps.callback(self._guard.remove_created, mgmt)
            steps.callback(self._guard.restore, mgmt)


class LiveBackend:
    """All tests of a run share the tenant; each process records what it created."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._created = CreatedResources()
        self._run = secrets.token_hex(4)

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        with closing(LiveHandle(self._credentials, spec, self._created, self._run)) as handle:
            yield handle

    def close(self) -> None:
        """Do nothing: only the record of created resources is shared."""
