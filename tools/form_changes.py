"""Count what recordings show of the known changes of forms (``form_changes.toml``).

``python -m tools.form_changes FOLDER`` prints, for each change, in how many scenarios it excuses a
difference and how many later ones show the new form. It ends with 1 where a change breaks the
policy: two scenarios on each side, or another source for the new form, and a clean switch: in no
later scenario does the fake differ from the recording as it does from the older ones.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt_testing.recordings.exchange import parse_body
from auth0_mgmt_testing.verification.form_changes import (
    FormChange,
    StatusChange,
    form_changes,
    status_changes,
)
from auth0_mgmt_testing.verification.replay import Outcome
from auth0_mgmt_testing.verification.superseded import at, dated
from auth0_mgmt_testing.verification.verify import VerifyOptions, verify

ENOUGH = 2
"""So many scenarios have to show a form."""


@dataclass(slots=True)
class Shown:
    """The scenarios that differ from the fake by a change before its day and since, and those that
    show the new form since."""

    old: set[str] = field(default_factory=set[str])
    new: set[str] = field(default_factory=set[str])
    unclean: set[str] = field(default_factory=set[str])

    def breaches(self, source: str) -> list[str]:
        """What speaks against the entry."""
        found: list[str] = []
        for name, scenarios in (("old", self.old), ("new", self.new)):
            if source == "recordings" and len(scenarios) < ENOUGH:
                found.append(f"the {name} form is in {len(scenarios)} scenarios")
        if not self.old:
            found.append("it excuses nothing")
        if self.unclean:
            found.append(f"the fake differs later, too: {', '.join(sorted(self.unclean)[:3])}")
        return found


def count(change: FormChange | StatusChange, outcomes: Iterable[Outcome]) -> Shown:
    """What dated outcomes show of a change."""
    shown = Shown()
    for outcome in outcomes:
        if outcome.recorded_at is None or not change.concerns(outcome):
            continue
        later = outcome.recorded_at.date() >= change.since
        if any(map(change.explains, outcome.verdict.differences)):
            (shown.unclean if later else shown.old).add(outcome.scenario)
        elif later and _has_new_form(change, outcome):
            shown.new.add(outcome.scenario)
    return shown


def _has_new_form(change: FormChange | StatusChange, outcome: Outcome) -> bool:
    if isinstance(change, StatusChange):
        return outcome.recorded.status == change.now
    if outcome.recorded.status >= 400:
        return False
    head, _, last = change.member.rpartition(".")
    parts = head.split(".") if head else []
    parents = [
        parent
        for document in _documents(parse_body(outcome.recorded.body))
        for parent in at(document, parts)
        if is_object(parent)
    ]
    if change.form == "removed":
        return any(last not in parent for parent in parents)
    return any(last.removesuffix("[]") in parent for parent in parents)


def _documents(body: Any) -> Iterator[Mapping[str, Any]]:
    """The document that a body is, or those that it lists."""
    if is_object(body):
        yield body
    for items in body.values() if is_object(body) else [body]:
        if is_array(items):
            yield from (item for item in items if is_object(item))


def main(arguments: list[str]) -> int:
    """0: every change holds the policy; 1: one does not; 2: no folder of recordings."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m tools.form_changes FOLDER", file=sys.stderr)
        return 2
    report = verify([Path(arguments[0])], VerifyOptions(dated_forms=False), jobs=2)
    outcomes = [outcome for outcome in dated(report.outcomes) if outcome.silent != "handmade"]
    broken = 0
    changes: tuple[FormChange | StatusChange, ...] = (*form_changes(), *status_changes())
    for change in changes:
        shown = count(change, outcomes)
        breaches = shown.breaches(change.source)
        broken += bool(breaches)
        print(f"{change}: {len(shown.old)} old, {len(shown.new)} new ({change.source})")
        for breach in breaches:
            print(f"    {breach}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
