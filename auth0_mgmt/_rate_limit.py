"""An opt-in limiter that paces calls by the tenant's own ``x-ratelimit-*`` headers."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from ._retry import rate_limit, server_time


class Pacer:
    """Says how long to wait before a call so that the tenant need not answer 429.

    It learns the bucket from the answers: when nothing is left, calls wait for the reset, and
    several callers share what the next refill is expected to bring. Safe under threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._remaining: int | None = None
        self._reset = 0.0

    def reserve(self, now: float) -> float:
        """Seconds to wait before sending; the place in the queue is taken."""
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
        """Take in what an answer says of the bucket."""
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
