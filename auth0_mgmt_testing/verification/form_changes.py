"""Known changes of responses, by date: ``form_changes.toml``.

They allow recordings of one age to be verified alone. A difference of exactly such a form is left out
where the recording is from before the change; everything else of the exchange counts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from auth0_mgmt._json import is_array, is_object

from ..recordings.exchange import parse_body
from .compare import Comparison, Difference
from .operations import row, variants
from .replay import Outcome

_LABEL = re.compile(r"\[[^\]]*\]")
_LISTED = re.compile(r"^\w*\[\]\.")


Source = Literal["recordings", "contract", "report"]
"""What shows the new form."""


@dataclass(frozen=True, slots=True)
class FormChange:
    """A member that documents gained, lost or show differently.

    ``since``: the first day of the new form, in UTC.
    """

    segments: frozenset[str]
    member: str
    form: Literal["added", "removed", "changed"]
    since: date
    about: frozenset[str] = frozenset()
    """Kinds of requests that it applies to (see `operations.request_kind`); empty: all."""
    methods: frozenset[str] = frozenset()
    """Methods of the requests that it is about; all if none is named."""
    source: Source = "recordings"

    def __str__(self) -> str:
        where = "/".join(sorted(self.segments))
        kinds = sorted(self.methods) + sorted(self.about)
        return " ".join([str(self.since), where, self.member, self.form, *kinds])

    def concerns(self, outcome: Outcome) -> bool:
        """Whether an outcome is of the documents that it is about."""
        operation = row(outcome.method, outcome.target)
        return (
            operation is not None
            and _kind(operation.path) in self.segments
            and (not self.methods or outcome.method in self.methods)
            and (not self.about or not self.about.isdisjoint(_about(outcome)))
        )

    def explains(self, difference: Difference) -> bool:
        """Whether a difference is that the recording has the old form and the target the new."""
        if difference.kind != "shape":
            return False
        changed = {
            "added": difference.invented,
            "removed": difference.actual == "absent",
            "changed": True,
        }
        return (
            changed[self.form] and _LISTED.sub("", _LABEL.sub("[]", difference.path)) == self.member
        )


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A success that has another status since a day, in UTC."""

    operations: frozenset[str]
    was: int
    now: int
    since: date
    source: Source = "recordings"

    def __str__(self) -> str:
        return f"{self.since} {', '.join(sorted(self.operations))} {self.was} → {self.now}"

    def concerns(self, outcome: Outcome) -> bool:
        """Whether an outcome is of its operations."""
        return outcome.operation in self.operations

    def explains(self, difference: Difference) -> bool:
        """Whether a difference is that the recording has the old status and the target the new."""
        return (
            difference.kind == "status"
            and difference.recorded == str(self.was)
            and difference.actual.partition(" ")[0] == str(self.now)
        )


@cache
def status_changes() -> tuple[StatusChange, ...]:
    """All known changes of statuses, from the package data."""
    return tuple(
        StatusChange(
            frozenset(entry["operations"]),
            entry["was"],
            entry["now"],
            entry["since"],
            entry.get("source", "recordings"),
        )
        for entry in _known()["status"]
    )


@cache
def _known() -> dict[str, list[dict[str, Any]]]:
    text = files(__name__.rpartition(".")[0]).joinpath("form_changes.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def form_changes() -> tuple[FormChange, ...]:
    """All known changes, as the package holds them."""
    return tuple(
        FormChange(
            frozenset(entry["segments"]),
            entry["member"],
            entry["form"],
            entry["since"],
            frozenset(entry.get("about", ())),
            frozenset(entry.get("methods", ())),
            entry.get("source", "recordings"),
        )
        for entry in _known()["change"]
    )


def without_earlier_forms(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes without differences due to the recording's age; undated ones stay."""
    changes: tuple[FormChange | StatusChange, ...] = (*form_changes(), *status_changes())
    for outcome in outcomes:
        when = outcome.recorded_at
        if when is None or not outcome.verdict.differences:
            yield outcome
            continue
        later = [each for each in changes if when < _start(each.since) and each.concerns(outcome)]
        differences = tuple(
            difference
            for difference in outcome.verdict.differences
            if not any(change.explains(difference) for change in later)
        )
        yield replace(outcome, verdict=Comparison(differences))


def _about(outcome: Outcome) -> set[str]:
    """Return the kinds of an outcome's request, or of its list's items."""
    found = set(outcome.request_kind.split())
    body = parse_body(outcome.recorded.body)
    lists = [body, *body.values()] if is_object(body) else [body]
    for item in (item for each in lists if is_array(each) for item in each):
        found.update(variants(item))
    return found


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _kind(path: str) -> str:
    """The last fixed segment of an operation's path."""
    return next(part for part in reversed(path.split("/")) if not part.startswith("{"))
