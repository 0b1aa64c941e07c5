"""The respx door: every httpx client in the process that calls the tenant's domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import respx

from .transport import exchange

if TYPE_CHECKING:
    from ..tenant import FakeTenant


def patch(tenant: FakeTenant) -> respx.MockRouter:
    """A respx router with one catch-all route for the tenant; other hosts go their own way."""
    router = respx.MockRouter(assert_all_called=False, assert_all_mocked=False)

    def answer(request: httpx.Request) -> httpx.Response:
        return exchange(tenant, request, request.read())

    router.route(host=tenant.domain.partition(":")[0]).mock(side_effect=answer)
    router.route().pass_through()
    return router
