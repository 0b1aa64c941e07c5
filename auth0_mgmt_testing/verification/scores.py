"""Scores of a replay, per operation and in total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from .callers import is_authentication
from .replay import Outcome

OUTSIDE = "outside the contract"
AUTHENTICATION = "Authentication API"
Verdict = Literal["matches", "differs", "no recording"]
UNDATED = "undated"
AGE = timedelta(days=2 * 365)
"""Recordings that are older than this, or have no date, are counted apart: APIs change."""


@dataclass(slots=True)
class Tally:
    """One operation's exchanges: how many, how many equal at each level, the newest date.

    Others do not count: ``preexisting`` are those about state from before the scenario,
    ``superseded`` those that newer tenants respond to otherwise, ``handmade`` those of recordings
    written by hand.
    """

    operation: str
    exchanges: int = 0
    scenarios: set[str] = field(default_factory=set[str])
    """The names of the scenarios that these exchanges are of."""
    aged: int = 0
    """How many of the exchanges are older than `AGE` before the newest of the whole run."""
    preexisting: int = 0
    superseded: int = 0
    handmade: int = 0
    status: int = 0
    shape: int = 0
    value: int = 0
    newest: datetime | None = None

    def add(self, outcome: Outcome, *, aged: bool = False) -> None:
        if outcome.silent:
            self.preexisting += outcome.silent == "preexisting"
            self.superseded += outcome.silent == "superseded"
            self.handmade += outcome.silent == "handmade"
            return
        verdict = outcome.verdict
        self.exchanges += 1
        self.scenarios.add(outcome.scenario)
        self.aged += aged
        self.status += verdict.status
        self.shape += verdict.shape
        self.value += verdict.value
        if outcome.recorded_at and (self.newest is None or outcome.recorded_at > self.newest):
            self.newest = outcome.recorded_at

    @property
    def verdict(self) -> Verdict:
        """Whether every exchange equals the recorded one in status, shape and value."""
        if not self.exchanges:
            return "no recording"
        return "matches" if self.value == self.exchanges else "differs"

    @property
    def scores(self) -> Scores | None:
        """None: no exchange counts."""
        if not self.exchanges:
            return None
        return Scores(*(n / self.exchanges for n in (self.status, self.shape, self.value)))

    def as_json(self) -> dict[str, Any]:
        return {
            "operation": self.operation,
            "verdict": self.verdict,
            "exchanges": self.exchanges,
            "scenarios": len(self.scenarios),
            "aged": self.aged,
            "preexisting": self.preexisting,
            "superseded": self.superseded,
            "handmade": self.handmade,
            "status": self.status,
            "shape": self.shape,
            "value": self.value,
            "newest": self.newest.date().isoformat() if self.newest else None,
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """Fractions between 0 and 1."""

    status: float
    shape: float
    value: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tallies of all operations that were replayed, and of requests outside of the contract."""

    operations: tuple[Tally, ...]
    outside: Tally | None
    authentication: Tally | None = None
    """Those of the Authentication API, of which the contract of the operations knows nothing."""

    @property
    def scores(self) -> Scores | None:
        """The mean over operations, so that often-recorded ones do not drown the rest.

        What is of no operation of the contract does not count, nor do operations without an exchange
        that counts. None: there is nothing to count.
        """
        each = [scores for tally in self.operations if (scores := tally.scores) is not None]
        if not each:
            return None
        return Scores(
            sum(score.status for score in each) / len(each),
            sum(score.shape for score in each) / len(each),
            sum(score.value for score in each) / len(each),
        )

    def worst_first(self) -> list[Tally]:
        """By value, shape and status; among equals the often-recorded first, unknown ones last."""

        def rank(tally: Tally) -> tuple[float, float, float, int, str]:
            scores = tally.scores or Scores(2, 2, 2)
            return scores.value, scores.shape, scores.status, -tally.exchanges, tally.operation

        return sorted(self.operations, key=rank)


def gather(outcomes: Iterable[Outcome]) -> Evidence:
    """Count outcomes per operation."""
    outcomes = list(outcomes)
    dates = [outcome.recorded_at for outcome in outcomes if outcome.recorded_at]
    limit = max(dates) - AGE if dates else None
    tallies: dict[str, Tally] = {}
    for outcome in outcomes:
        name, date = row_of(outcome), outcome.recorded_at
        aged = date is None or (limit is not None and date < limit)
        tallies.setdefault(name, Tally(name)).add(outcome, aged=aged)
    outside, authentication = tallies.pop(OUTSIDE, None), tallies.pop(AUTHENTICATION, None)
    rows = tuple(sorted(tallies.values(), key=lambda t: t.operation))
    return Evidence(rows, outside, authentication)


def row_of(outcome: Outcome) -> str:
    """The row of a report that an outcome counts in: its operation, or what it is else."""
    if outcome.operation is not None:
        return outcome.operation
    return AUTHENTICATION if is_authentication(outcome.target) else OUTSIDE


def by_year(outcomes: Iterable[Outcome]) -> dict[str, Evidence]:
    """Outcomes counted apart by the year of their recording; ``undated`` comes last."""
    years: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        date = outcome.recorded_at
        years.setdefault(UNDATED if date is None else str(date.year), []).append(outcome)
    return {year: gather(years[year]) for year in sorted(years)}
