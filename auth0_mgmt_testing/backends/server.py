"""Mode ``server``: a fake tenant behind real HTTP, on a loopback port of this process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..server.launch import ServerOptions, TenantServer
from ..server.served_tenant import ServedTenant
from . import http
from .fake import FakeHandle
from .handle import TenantHandle
from .modes import Mode
from .tenant_spec import TenantSpec

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt import Management
    from auth0_mgmt._auth import Auth


class ServerHandle(FakeHandle):
    """A fake tenant whose clients authenticate and call over HTTP."""

    mode: Mode = "server"

    def auth(self) -> Auth:
        return self.credentials.auth()

    def admin(self) -> Management:
        return self.management(auth=self.admin_credentials.auth())

    def transport(self) -> httpx.BaseTransport:
        return http.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return http.async_transport()


class ServerBackend:
    """One server for the whole run, with a new tenant for each test.

    Tenants that are open at the same time (shared by a class, a module) have servers of their own.
    """

    def __init__(self) -> None:
        self._servers = [_started()]
        self._idle = [*self._servers]

    @contextmanager
    def tenant(self, spec: TenantSpec) -> Generator[TenantHandle, None, None]:
        if not self._idle:
            self._servers.append(_started())
            self._idle.append(self._servers[-1])
        server = self._idle.pop()
        tenant = ServedTenant(urlsplit(server.url).netloc)
        server.app.put("", tenant)
        try:
            with closing(ServerHandle(tenant, spec, server.url)) as handle:
                yield handle
        finally:
            self._idle.append(server)
        if tenant.failure is not None:  # the test saw a response of 500 at most
            raise tenant.failure

    def close(self) -> None:
        """Stop the servers and wait until they have."""
        for server in self._servers:
            server.close()


def _started() -> TenantServer:
    return TenantServer(ServerOptions(trust_actions=True)).start()
