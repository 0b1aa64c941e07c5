"""Mode ``live``: a real tenant, changed only by what the run itself created there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from . import wire
from .guard import AsyncGuardedTransport, Guard, GuardedTransport
from .handle import Credentials, TenantHandle
from .ledger import Ledger
from .modes import Mode
from .wishes import Wishes


class LiveHandle(TenantHandle):
    """A live tenant for one test; its clients go through a guard and keep to the rate limit."""

    mode: Mode = "live"
    options: Mapping[str, Any] = {"rate_limit": True}

    def __init__(self, credentials: Credentials, wishes: Wishes, ledger: Ledger, run: str) -> None:
        super().__init__()
        self.run = run
        self.full = self.credentials = credentials
        self._guard = Guard(ledger, wishes.may_change)
        if wishes.scopes is not None:
            self.credentials = self._limited(wishes.scopes)

    def _limited(self, scopes: tuple[str, ...]) -> Credentials:
        """Credentials of a client of our own that may ask for some scopes only."""
        mgmt = self.admin()
        client = mgmt.clients.create(
            name=f"Limited client of a test {secrets.token_hex(8)}",
            app_type="non_interactive",
            grant_types=["client_credentials"],
        )
        client_id = client.client_id or ""
        self._afterwards.callback(partial(mgmt.clients.delete, client_id))
        mgmt.client_grants.create(
            client_id=client_id, audience=self.full.audience, scope=list(scopes)
        )
        return Credentials(
            domain=self.full.domain,
            url=self.full.url,
            audience=self.full.audience,
            client_id=client_id,
            client_secret=client.client_secret or "",
        )

    def transport(self) -> httpx.BaseTransport:
        return GuardedTransport(wire.transport(), self._guard)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return AsyncGuardedTransport(wire.async_transport(), self._guard)

    def reset(self) -> None:
        pytest.skip("a live tenant cannot be reset")

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)

    def settle(self, resource: Any, id: str) -> None:
        """A tenant may need a moment until each of its servers knows what was created."""
        self.eventually(partial(resource.get, id))

    def close(self) -> None:
        """Put back the settings that the test changed, remove its limited client."""
        try:
            self._guard.restore(self.admin())
        finally:
            super().close()


class LiveMaker:
    """All tests of a run share the tenant; each process knows what it created itself."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._ledger = Ledger()
        self._run = secrets.token_hex(4)

    @contextmanager
    def tenant(self, wishes: Wishes) -> Generator[TenantHandle, None, None]:
        with closing(LiveHandle(self._credentials, wishes, self._ledger, self._run)) as handle:
            yield handle

    def close(self) -> None:
        """Nothing is shared but knowledge."""
