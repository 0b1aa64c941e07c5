"""Mode ``fake``: a tenant in this process's memory, fresh for each test."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from .._credentials import Credentials
from ..engine.tokens import management_audience
from ..server.served_tenant import ServedTenant, ServerClient
from .handle import TenantHandle
from .modes import Mode
from .tenant_spec import TenantSpec, apply_spec

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt import Management
    from auth0_mgmt._auth import Auth

OPAQUE = "fake-token"
"""A token with all scopes of a fake tenant, unless it requires issued tokens."""
LIMITED = "Limited client of a test"


class FakeHandle(TenantHandle):
    """A fake tenant: in process here, behind HTTP in `server.ServerHandle`."""

    mode: Mode = "fake"

    def __init__(self, fake: ServedTenant, spec: TenantSpec, url: str = "") -> None:
        super().__init__()
        self._fake = fake
        self._url = url or f"https://{fake.domain}"
        self.admin_credentials = self.credentials = self._log_in(fake.own_client)
        if spec.scopes is not None:
            fake.require_issued_tokens = True
            self.credentials = self._log_in(fake.admit(LIMITED, spec.scopes))
        apply_spec(fake, spec)
        self._start = fake.snapshot()

    @property
    def fake(self) -> ServedTenant:
        return self._fake

    def _log_in(self, client: ServerClient) -> Credentials:
        return Credentials(
            domain=self.fake.domain,
            url=self._url,
            audience=management_audience(self.fake.domain),
            client_id=client.client_id,
            client_secret=client.client_secret,
        )

    def auth(self) -> Auth:
        """Return an opaque token, at no cost, unless the test sets scopes."""
        return super().auth() if self.fake.require_issued_tokens else OPAQUE

    def admin(self) -> Management:
        return super().admin() if self.fake.require_issued_tokens else self.management()

    def transport(self) -> httpx.BaseTransport:
        return self.fake.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return self.fake.async_transport()

    def reset(self) -> None:
        self.fake.restore(self._start)

    def advance(self, seconds: float) -> None:
        self.fake.clock.advance(seconds)

    def clear_faults(self) -> None:
        self.fake.faults.clear()
        self.fake.rate_limits.disable()


class FakeBackend:
    """Creates a new fake tenant for each test; it serves every HTTP client in the process."""

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        fake = ServedTenant()
        with fake, closing(FakeHandle(fake, spec)) as handle:
            yield handle

    def close(self) -> None:
        """Do nothing: nothing is shared."""
