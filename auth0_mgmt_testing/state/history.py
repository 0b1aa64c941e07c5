"""Search lag: searches lag behind writes, as on a live tenant."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

from .store import State

_KEPT = 1_000
"""The number of kept versions; with more writes within the lag it becomes shorter."""


class StateHistory:
    """The newest versions of a state, each with the time since which it is valid.

    Versions share structure, so one more costs a reference. Looking back takes no lock: the list
    only grows, and it is replaced by a shorter one, never cut.
    """

    def __init__(self, state: State) -> None:
        self._versions: list[tuple[float, State]] = [(float("-inf"), state)]

    def __len__(self) -> int:
        return len(self._versions)

    def add(self, now: float, state: State) -> None:
        """Add a version that is valid from ``now``; called by one writer at a time."""
        last, before = self._versions[-1]
        if now < last:  # the clock was set back: drop later versions
            self._versions = [(float("-inf"), before)]
        self._versions.append((now, state))
        if len(self._versions) > 2 * _KEPT:
            self._versions = self._versions[-_KEPT:]

    def at(self, time: float) -> State:
        """Return the version that was valid at a time; at the earliest the oldest known."""
        versions = self._versions
        return versions[max(bisect_right(versions, time, key=itemgetter(0)) - 1, 0)][1]
