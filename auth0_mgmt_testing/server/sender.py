"""Sends what the tenants of a server deliver, while it runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from .served_tenant import ServedTenant

INTERVAL = 0.2
"""Seconds between two looks at what is due."""
_LOG = logging.getLogger("auth0_mgmt_testing")


class DeliverySender:
    """A thread that sends the tenants' deliveries as they are due, until it is closed."""

    def __init__(self, tenants: Callable[[], Iterable[ServedTenant]]) -> None:
        self._tenants = tenants
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="auth0-fake deliveries", daemon=True
            )
            self._thread.start()

    def _run(self) -> None:
        while not self._closed.wait(INTERVAL):
            for tenant in list(self._tenants()):
                try:
                    tenant.deliveries.send()
                except Exception:  # one tenant's trouble must not end the others' deliveries
                    _LOG.exception("deliveries of %s were not sent", tenant.domain)

    def close(self) -> None:
        """Stop, after the request that is being sent."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(timeout=1)
