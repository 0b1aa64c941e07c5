"""When a call is retried, and after how long. Pure: clock and randomness are arguments."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ._errors import RateLimit

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_TRANSIENT = frozenset({408, 500, 502, 503, 504})
FIRST_DELAY = 0.5
LONGEST_BACKOFF = 20.0


def is_retryable(method: str, status: int | None, *, non_idempotent: bool) -> bool:
    """Whether another attempt may help; ``status`` None is a connection that failed.

    429 always (nothing was done); 408, 5xx and failures only for idempotent methods, or for all
    with ``non_idempotent``; never 409, and no other 4xx.
    """
    if status == 429:
        return True
    if status is not None and status not in _TRANSIENT:
        return False
    return non_idempotent or method in _IDEMPOTENT


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """Return a response's ``x-ratelimit-*`` figures; None where it has none."""
    figures = [_integer(headers.get(f"x-ratelimit-{n}")) for n in ("limit", "remaining", "reset")]
    return None if figures == [None, None, None] else RateLimit(*figures)


def server_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds from ``Retry-After``, else until ``x-ratelimit-reset``.

    The reset is an absolute time of the server's clock: it is measured against the response's own
    ``Date``, so that a skewed local clock does no harm.
    """
    given = headers.get("retry-after")
    if given is not None:
        seconds = _integer(given)
        if seconds is not None:
            return max(0.0, float(seconds))
        timestamp = _date(given)
        if timestamp is not None:
            return max(0.0, timestamp - server_time(headers, now))
    reset = _integer(headers.get("x-ratelimit-reset"))
    return None if reset is None else max(0.0, reset - server_time(headers, now))


def server_time(headers: Mapping[str, str], now: float) -> float:
    """Return the server's time of a response; ``now`` where it has no ``Date``."""
    timestamp = _date(headers.get("date"))
    return now if timestamp is None else timestamp


def backoff(attempt: int, chance: float) -> float:
    """Return the seconds before attempt ``attempt + 1``: doubling, less up to a half at random."""
    delay = float(min(FIRST_DELAY * 2 ** min(attempt - 1, 16), LONGEST_BACKOFF))
    return delay * (1 - chance / 2)


def _integer(text: str | None) -> int | None:
    try:
        return None if text is None else int(float(text))
    except (ValueError, OverflowError):
        return None


def _date(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
