"""When a call is tried again, and after how long. Pure: clocks and chance are given."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ._errors import RateLimit

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_TRANSIENT = frozenset({408, 500, 502, 503, 504})
FIRST_DELAY = 0.5
LONGEST_BACKOFF = 20.0


def is_retryable(method: str, status: int | None, *, unsafe: bool) -> bool:
    """Whether another try may help: ``status`` None is a connection that failed.

    429 always (nothing was done); 408, 5xx and failures only where doing it twice does no harm,
    or where asked; never 409, and no other 4xx.
    """
    if status == 429:
        return True
    if status is not None and status not in _TRANSIENT:
        return False
    return unsafe or method in _IDEMPOTENT


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The ``x-ratelimit-*`` figures of an answer; None where it carries none."""
    figures = [_integer(headers.get(f"x-ratelimit-{n}")) for n in ("limit", "remaining", "reset")]
    return None if figures == [None, None, None] else RateLimit(*figures)


def server_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the answer asks to wait: ``Retry-After`` first, then ``x-ratelimit-reset``.

    The reset is an absolute time of the server's clock: the answer's own ``Date`` is what it is
    measured against, so a skewed clock here does no harm.
    """
    given = headers.get("retry-after")
    if given is not None:
        seconds = _integer(given)
        if seconds is not None:
            return max(0.0, float(seconds))
        moment = _date(given)
        if moment is not None:
            return max(0.0, moment - server_time(headers, now))
    reset = _integer(headers.get("x-ratelimit-reset"))
    return None if reset is None else max(0.0, reset - server_time(headers, now))


def server_time(headers: Mapping[str, str], now: float) -> float:
    """The server's time as its answer tells; ``now`` where it does not."""
    moment = _date(headers.get("date"))
    return now if moment is None else moment


def backoff(attempt: int, chance: float) -> float:
    """Seconds before try number ``attempt + 1``: doubling, with up to a half taken off by chance."""
    delay = float(min(FIRST_DELAY * 2 ** (attempt - 1), LONGEST_BACKOFF))
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
    except (ValueError, TypeError):
        return None
