"""Mode ``server`` with a server that is there already: a tenant of it for each test."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from contextlib import closing, contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from .._credentials import Credentials
from ..adapters.local_authority import trust
from ..engine.tokens import management_audience
from ..remote import RemoteTenant
from ..remote.wire import AsyncPrefixedTransport, client_domain
from .fake import LIMITED
from .handle import TenantHandle
from .http import Unpooled, context
from .modes import Mode
from .tenant_spec import TenantSpec, apply_spec

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt import AsyncManagement, Management


class RemoteHandle(TenantHandle):
    """A fake tenant that another process serves, below a path of its server."""

    mode: Mode = "server"

    def __init__(self, fake: RemoteTenant, spec: TenantSpec, verify: ssl.SSLContext | bool) -> None:
        super().__init__()
        self._fake, self._verify = fake, verify
        found = fake.environment()
        own = found["AUTH0_CLIENT_ID"], found["AUTH0_CLIENT_SECRET"]
        self.admin_credentials = self.credentials = self._log_in(*own)
        if spec.scopes is not None:
            fake.require_issued_tokens = True
            self.credentials = self._log_in(*fake.admit(LIMITED, spec.scopes))
        apply_spec(fake, spec)
        self._start = fake.snapshot()

    @property
    def fake(self) -> RemoteTenant:
        return self._fake

    def _log_in(self, client_id: str, client_secret: str) -> Credentials:
        return Credentials(
            domain=self.fake.domain,
            url=self.fake.url,
            audience=management_audience(self.fake.domain),
            client_id=client_id,
            client_secret=client_secret,
        )

    def management(self, **options: Any) -> Management:
        from auth0_mgmt import Management

        client = Management(client_domain(self.fake.url), **self._options(options, self.transport))
        return self._afterwards.enter_context(client)

    def async_management(self, **options: Any) -> AsyncManagement:
        from auth0_mgmt import AsyncManagement

        options = self._options(options, self.async_transport)
        return AsyncManagement(client_domain(self.fake.url), **options)

    def admin(self) -> Management:
        return self.management(auth=self.admin_credentials.auth())

    def transport(self) -> httpx.BaseTransport:
        return self.fake.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        sender = AsyncPrefixedTransport(self.fake.url, self._verify, keep_alive=False)
        return Unpooled(sender)

    def reset(self) -> None:
        self.fake.restore(self._start)

    def advance(self, seconds: float) -> None:
        self.fake.clock.advance(seconds)

    def clear_faults(self) -> None:
        self.fake.faults.clear()
        self.fake.rate_limits.disable()


class RemoteBackend:
    """A server that other processes may use at the same time; each test has a tenant of its own."""

    def __init__(self, url: str) -> None:
        """Raises `ControlError` where no fake tenant is served at the URL."""
        # Made once, as it takes long; for plain HTTP the one that all backends share.
        self._verify = context() if (found := trust(url)) is True else found
        self._server = RemoteTenant(url, verify=self._verify)

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        name = f"test-{token_hex(6)}"
        try:
            with closing(RemoteHandle(self._server.tenant(name), spec, self._verify)) as handle:
                yield handle
        finally:
            self._server.remove_tenant(name)

    def close(self) -> None:
        """Close the connections; the server runs on."""
        self._server.close()
