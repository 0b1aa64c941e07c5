"""The respx adapter: every httpx client in the process that calls the tenant's domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import respx
from respx.mocks import HTTPCoreMocker
from respx.models import AllMockedAssertionError, PassThrough

from .transport import exchange

if TYPE_CHECKING:
    from ._protocol import RequestHandler


class TenantRouter(respx.MockRouter):
    """Handles the requests to one tenant's host and leaves other hosts alone.

    Respx tries its routers in order; the first that accepts a request handles it. The newest
    tenant comes first, before all other routers, so a catch-all router does not take the
    tenant's requests. A request to another host goes to the routers after it; where there is
    no other, it is sent normally.
    """

    def __init__(self, tenant: RequestHandler) -> None:
        super().__init__(assert_all_called=False, assert_all_mocked=False, using="httpcore")
        self.host = tenant.domain.partition(":")[0].lower()
        self._tenant = tenant

    def start(self) -> None:
        super().start()
        HTTPCoreMocker.routers.remove(self)
        HTTPCoreMocker.routers.insert(0, self)

    def handler(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == self.host:
            return exchange(self._tenant, request, request.content)
        others = (router for router in HTTPCoreMocker.routers if router is not self)
        if any(not isinstance(o, TenantRouter) or o.host == request.url.host for o in others):
            raise AllMockedAssertionError(f"RESPX: {request!r} not mocked!")
        raise PassThrough("no tenant's host", request=request, origin=_NO_ROUTE)

    async def async_handler(self, request: httpx.Request) -> httpx.Response:
        return self.handler(request)


_NO_ROUTE = respx.Route()
"""The route that respx requires of a request that passes through."""


def patch(tenant: RequestHandler) -> respx.MockRouter:
    """A router for the tenant, to be started and stopped."""
    return TenantRouter(tenant)
