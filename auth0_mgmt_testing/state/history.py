"""Search lag: what searches see trails what was written, as it does on a live tenant."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

from .store import State

_KEPT = 1_000
"""Versions that are remembered; with more writes than this within the lag it becomes shorter."""


class StateHistory:
    """The newest versions of a state, each from the moment that it held.

    Versions share structure, so one more costs a reference. Looking back takes no lock: the list
    only grows, and it is replaced by a shorter one, never cut.
    """

    def __init__(self, state: State) -> None:
        self._versions: list[tuple[float, State]] = [(float("-inf"), state)]

    def __len__(self) -> int:
        return len(self._versions)

    def add(self, now: float, state: State) -> None:
        """A new version holds from ``now`` on; called by one writer at a time."""
        last, before = self._versions[-1]
        if now < last:  # the clock was set back: what was later never was
            self._versions = [(float("-inf"), before)]
        self._versions.append((now, state))
        if len(self._versions) > 2 * _KEPT:
            self._versions = self._versions[-_KEPT:]

    def at(self, moment: float) -> State:
        """The version that held at a moment; the oldest known where it was before all."""
        versions = self._versions
        return versions[max(bisect_right(versions, moment, key=itemgetter(0)) - 1, 0)][1]
