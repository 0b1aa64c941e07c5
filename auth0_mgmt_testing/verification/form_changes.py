"""Known changes of what responses hold, by date: ``form_changes.toml``.

They let recordings of one age be verified alone. A difference of exactly such a form is left out
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


@dataclass(frozen=True, slots=True)
class FormChange:
    """A member that documents gained, lost or show otherwise.

    ``since``: the first day of the new form, in UTC.
    """

    segments: frozenset[str]
    member: str
    form: Literal["added", "removed", "changed"]
    since: date
    about: frozenset[str] = frozenset()
    """Kinds of things that it is about (see `operations.asked`); all if none is named."""

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

    def explains(self, difference: Difference) -> bool:
        """Whether a difference is that the recording has the old status and the target the new."""
        return (
            difference.kind == "status"
            and difference.recorded == str(self.was)
            and difference.actual.partition(" ")[0] == str(self.now)
        )


@cache
def status_changes() -> tuple[StatusChange, ...]:
    """All known changes of statuses, as the package holds them."""
    return tuple(
        StatusChange(frozenset(entry["operations"]), entry["was"], entry["now"], entry["since"])
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
        )
        for entry in _known()["change"]
    )


def without_earlier_forms(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """The outcomes without differences that only tell the recording's age; undated ones stay."""
    for outcome in outcomes:
        known = _applicable(outcome)
        if not known or not outcome.verdict.differences:
            yield outcome
            continue
        differences = tuple(
            difference
            for difference in outcome.verdict.differences
            if not any(change.explains(difference) for change in known)
        )
        yield replace(outcome, verdict=Comparison(differences))


def _applicable(outcome: Outcome) -> list[FormChange | StatusChange]:
    """The changes that came after an outcome was recorded, of its kind of document."""
    operation, recorded = row(outcome.method, outcome.target), outcome.recorded_at
    if operation is None or recorded is None:
        return []
    kind, about = _kind(operation.path), _about(outcome)
    return [
        *(
            change
            for change in form_changes()
            if kind in change.segments
            and recorded < _start(change.since)
            and (not change.about or not change.about.isdisjoint(about))
        ),
        *(
            change
            for change in status_changes()
            if operation.id in change.operations and recorded < _start(change.since)
        ),
    ]


def _about(outcome: Outcome) -> set[str]:
    """The kinds of things that an outcome is about, or that its list holds."""
    found = set(outcome.asked.split())
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
