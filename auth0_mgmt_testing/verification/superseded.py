"""Superseded responses: where recordings of different ages disagree, the newer wins.

A response is *superseded* where newer tenants respond otherwise: from some date on every recording
of the same request agrees on another form (a status, a property that appeared or disappeared, a constant),
no older one has that form, and the target responds in it. Comparing the target with the old form
would require both forms at once.

*The same request* is one of the same operation and kind (strategy, type of
application, type of body). Errors are compared with errors of the same status only. A form counts
as the newest where at least two scenarios agree on it.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from datetime import date as day
from functools import cache
from importlib.resources import files
from typing import TypeAlias

from auth0_mgmt._json import is_array, is_object

from ..recordings.exchange import NOT_JSON, parse_body
from .compare import Difference, Kind
from .identity import canonical
from .replay import Outcome

_LABEL = re.compile(r"\[[^\]]*\]")
_ABSENT = frozenset({"absent"})
_AGREEING = 2
"""The number of newest scenarios that must agree on a form."""
_CONSTANT = 3
"""The number that must agree on a value for it to be a constant; `_AGREEING` is enough for a
flag of which all older recordings agree on another."""
_ERRORS = 400
_FLAGS = frozenset({"True", "False", "None"})
_Form: TypeAlias = frozenset[str]
_Place: TypeAlias = tuple[str, Kind]
_Client: TypeAlias = tuple[str, tuple[int, ...]]
_Group: TypeAlias = tuple[str | None, str, int]


def without_superseded(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes in their order; those that differ only in a superseded form do not count."""
    found = tuple(dated(outcomes))
    groups: dict[_Group, list[int]] = defaultdict(list)
    for index, outcome in enumerate(found):
        if outcome.operation is not None and not outcome.silent:
            groups[_group(outcome)].append(index)
    silenced: set[int] = set()
    for indexes in groups.values():
        silenced.update(_superseded({index: found[index] for index in indexes}))
    return tuple(
        replace(outcome, silent="superseded") if index in silenced else outcome
        for index, outcome in enumerate(found)
    )


def _group(outcome: Outcome) -> _Group:
    """What an outcome is compared with: the same request, and errors with errors alike."""
    status = outcome.recorded.status
    return outcome.operation, outcome.request_kind, status if status >= _ERRORS else 0


def _superseded(outcomes: dict[int, Outcome]) -> Iterator[int]:
    """Of one group's outcomes: those of which every difference is superseded."""
    since: dict[_Place, datetime | None] = {}
    for index, outcome in outcomes.items():
        date = outcome.recorded_at
        if outcome.verdict.value or date is None:
            continue
        for difference in outcome.verdict.differences:
            place = _place(difference)
            if place not in since:
                since[place] = _settled(outcomes.values(), place)
            settled = since[place]
            if settled is None or date >= settled:
                break
        else:
            yield index


def _settled(outcomes: Iterable[Outcome], place: _Place) -> datetime | None:
    """Return since when every recording has the target's form at this place."""
    known = [
        (
            outcome.recorded_at,
            outcome.scenario,
            form,
            place in map(_place, outcome.verdict.differences),
        )
        for outcome in outcomes
        if outcome.recorded_at is not None and (form := _form(outcome, place)) is not None
    ]
    known.sort(key=lambda entry: entry[0], reverse=True)
    settled: datetime | None = None
    newest: _Form | None = None
    scenarios: set[str] = set()
    older: set[_Form] = set()
    for date, scenario, form, differs in known:
        if older or (newest is not None and form != newest):
            older.add(form)
        elif differs:
            return None
        else:
            newest, settled = form, date
            scenarios.add(scenario)
    if newest is None or newest in older or len(scenarios) < _AGREEING:
        return None
    turned = len(older) == 1 and _FLAGS.issuperset(newest.union(*older))
    constant = len(scenarios) >= _CONSTANT or turned
    return settled if place[1] != "value" or constant else None


def _place(difference: Difference) -> _Place:
    return _LABEL.sub("[]", difference.path), difference.kind


def _form(outcome: Outcome, place: _Place) -> _Form | None:
    """Return a recording's value at a place; None where it shows none."""
    path, kind = place
    recorded = outcome.recorded
    if kind == "status":
        return frozenset({str(recorded.status)})
    body = parse_body(recorded.body)
    if body is NOT_JSON:
        return _ABSENT if not path else None
    head, _, last = path.rpartition(".")
    parents = [value for value in at(body, head.split(".") if head else []) if is_object(value)]
    if not parents or last.endswith("[]"):
        return None
    return frozenset(
        text
        for parent in parents
        for text in (
            [_told(value, kind) for value in at(parent, [last])] if last in parent else _ABSENT
        )
    )


def at(value: object, parts: Sequence[str]) -> Iterator[object]:
    """Every value at a path; ``[]`` after a name selects each item."""
    if not parts:
        yield value
        return
    name = parts[0].removesuffix("[]")
    below = value.get(name) if is_object(value) and name else value
    if parts[0].endswith("[]"):
        if is_array(below):
            for item in below:
                yield from at(item, parts[1:])
    elif is_object(value) and name in value:
        yield from at(below, parts[1:])


def _told(value: object, kind: Kind) -> str:
    return type(value).__name__ if kind == "shape" else canonical(repr(value))


def dated(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Undated outcomes take the known date of the client that recorded them.

    That is the earliest date of the same or a later version of it, for a client that has a later
    version was there before it; of a version later than all that are dated, the newest of those.
    An outcome that names no client was recorded by the one of its scenario. Dates of versions are
    those of ``client_versions.toml``, and of the outcomes for versions later than those.
    """
    found = list(outcomes)
    known = dict(_versions())
    newest = {name: max(its for other, its in known if other == name) for name, _ in known}
    clients: dict[str, str] = {}
    for outcome in found:
        if outcome.client:
            clients[outcome.scenario] = outcome.client
            if outcome.recorded_at is not None:
                client = _client(outcome.client)
                if client[1] > newest.get(client[0], ()) or client[0] not in newest:
                    first = known.get(client, outcome.recorded_at)
                    known[client] = min(outcome.recorded_at, first)

    @cache
    def first_day(client: str) -> datetime | None:
        name, version = _client(client)
        same = {its: date for (other, its), date in known.items() if other == name}
        later = [date for its, date in same.items() if its >= version]
        return min(later, default=max(same.values(), default=None))

    return [
        replace(outcome, recorded_at=first_day(outcome.client or clients.get(outcome.scenario, "")))
        if outcome.recorded_at is None
        else outcome
        for outcome in found
    ]


@cache
def _versions() -> dict[_Client, datetime]:
    """The first days of clients' versions, from the package data."""
    text = files(__name__.rpartition(".")[0]).joinpath("client_versions.toml").read_text("utf-8")
    clients: dict[str, dict[str, day]] = tomllib.loads(text)
    return {
        _client(f"{name}/{version}"): datetime(first.year, first.month, first.day, tzinfo=UTC)
        for name, versions in clients.items()
        for version, first in versions.items()
    }


def _client(agent: str) -> _Client:
    """A ``User-Agent`` as name and version; what has no version is all name."""
    name, _, version = agent.rpartition("/")
    numbers = version.split(".")
    if not name or not all(map(str.isdecimal, numbers)):
        return agent, ()
    return name, tuple(map(int, numbers))
