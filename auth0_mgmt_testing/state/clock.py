"""The tenant's clock: real by default, frozen or moved by a test."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache


class Clock:
    """The tenant's clock, the source of all times of the fake.

    ``freeze`` stops it, ``advance`` moves it forward (frozen or running), ``resume`` lets it run
    from its present time.
    """

    __slots__ = ("_frozen", "_offset")

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = 0.0
        self._frozen: float | None = None
        if start is not None:
            self.freeze(start)

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time() + self._offset if self._frozen is None else self._frozen

    def now(self) -> datetime:
        """The tenant's time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    @property
    def frozen(self) -> bool:
        """Whether the clock is frozen."""
        return self._frozen is not None

    def freeze(self, at: datetime | str | None = None) -> None:
        """Freeze the clock, now or at a given time, also as ISO 8601 (a naive one is in UTC).

        Raises ValueError for a string that is not a timestamp.
        """
        if at is None:
            self._frozen = self.time()
        else:
            at = parse_timestamp(at) if isinstance(at, str) else at
            self._frozen = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()

    def resume(self) -> None:
        """Let a frozen clock run from its present time."""
        if self._frozen is not None:
            self._offset = self._frozen - time.time()
            self._frozen = None

    def advance(self, delta: timedelta | float) -> None:
        """Advance the clock by a timedelta or by seconds; never back.

        Raises ValueError for a negative amount.
        """
        seconds = delta.total_seconds() if isinstance(delta, timedelta) else float(delta)
        if seconds < 0:
            raise ValueError("the clock only moves forward; freeze(at) sets an earlier time")
        if self._frozen is None:
            self._offset += seconds
        else:
            self._frozen += seconds

    def __repr__(self) -> str:
        return f"<Clock {format_timestamp(self.time())}, {'frozen' if self.frozen else 'running'}>"

    def copy(self) -> Clock:
        twin = Clock()
        twin._offset, twin._frozen = self._offset, self._frozen
        return twin


_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""Seconds since the epoch between which there are dates (years 1 to 9999)."""


def parse_timestamp(text: str) -> datetime:
    """Parse an ISO 8601 timestamp. Raises ValueError for any other string."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a timestamp like '2026-01-01T00:00:00Z'") from None


def format_timestamp(seconds: float) -> str:
    """Format as ISO 8601 in UTC with milliseconds, as nearly all of the API does.

    A time before the year 1 or after 9999 is the first or the last one.
    """
    microseconds = round(min(max(seconds, _FIRST), _LAST) * 1_000_000)
    whole, rest = divmod(microseconds, 1_000_000)
    return f"{_whole_seconds(whole)}.{rest // 1000:03d}Z"


@lru_cache(maxsize=64)
def _whole_seconds(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")
