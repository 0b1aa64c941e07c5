"""Mode ``server``: a fake tenant behind real HTTP, on a loopback port of this process."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from ..adapters import server
from ..adapters.asgi import Receive, Scope, Send
from ..adapters.server import ServedTenant
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
    """A fake tenant whose clients sign in and call over HTTP."""

    mode: Mode = "server"

    def auth(self) -> Auth:
        return self.credentials.auth()

    def admin(self) -> Management:
        return self.management(auth=self.full.auth())

    def transport(self) -> httpx.BaseTransport:
        return http.transport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return http.async_transport()


class ServerBackend:
    """One server for the whole run; behind it stands a new tenant for each test."""

    def __init__(self) -> None:
        import uvicorn

        self._tenant = ServedTenant()
        self._listener = server.listen("127.0.0.1", 0)
        self._url = server.url(self._listener)
        self._server = uvicorn.Server(server.configured(self._answer))
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name="auth0-fake-server", daemon=True
        )
        self._thread.start()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._tenant.asgi()(scope, receive, send)

    @contextmanager
    def tenant(self, wishes: TenantSpec) -> Generator[TenantHandle, None, None]:
        self._tenant = ServedTenant()
        with closing(ServerHandle(self._tenant, wishes, self._url)) as handle:
            yield handle

    def close(self) -> None:
        """Stop the server and wait until it has."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()
