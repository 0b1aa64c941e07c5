"""httpx transports: the fake as an own client's wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from ..tenant import FakeTenant


def exchange(tenant: FakeTenant, request: httpx.Request, body: bytes) -> httpx.Response:
    """Ask the tenant what an httpx request asks."""
    answer = tenant.send(
        request.method, request.url.raw_path.decode("ascii"), dict(request.headers), body
    )
    return httpx.Response(
        answer.status, headers=answer.headers, content=answer.body, request=request
    )


class Transport(httpx.BaseTransport):
    """For ``httpx.Client(transport=…)``."""

    def __init__(self, tenant: FakeTenant) -> None:
        self._tenant = tenant

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return exchange(self._tenant, request, request.read())


class AsyncTransport(httpx.AsyncBaseTransport):
    """For ``httpx.AsyncClient(transport=…)``."""

    def __init__(self, tenant: FakeTenant) -> None:
        self._tenant = tenant

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return exchange(self._tenant, request, await request.aread())
