"""An opt-in limiter that paces calls by the tenant's own ``x-ratelimit-*`` headers."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from ._fork import register
from ._retry import rate_limit, server_time


class RateLimiter:
    """Computes how long to wait before a call so that the tenant does not respond 429.

    It learns the bucket from responses: when nothing is left, calls wait for the reset, and
    several callers share what the next refill is expected to bring. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._remaining: int | None = None
        self._reset = 0.0
        register(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    def reserve(self, now: float) -> float:
        """Return the seconds to wait before sending; 0: the place in the bucket is taken."""
        with self._lock:
            if self._remaining is None:
                return 0.0
            if now >= self._reset:
                self._remaining = None
                return 0.0
            self._remaining -= 1
            if self._remaining >= 0:
                return 0.0
            return self._reset - now

    def learn(self, headers: Mapping[str, str], now: float) -> None:
        """Note what a response says of the bucket."""
        found = rate_limit(headers)
        if found is None or found.remaining is None or found.reset is None:
            return
        reset = now + max(0.0, found.reset - server_time(headers, now))
        with self._lock:
            if self._remaining is None or reset > self._reset + 0.5:
                self._remaining = found.remaining
            else:
                self._remaining = min(self._remaining, found.remaining)
            self._reset = reset
