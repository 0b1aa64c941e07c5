"""Verify recordings against a target: load, replay, collect; optionally in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from ..recordings.exchange import Scenario
from ..recordings.importers import find, load
from .form_changes import without_earlier_forms
from .replay import Outcome, holds, replay
from .scores import Evidence, gather
from .superseded import dated, without_superseded
from .targets import FakeTarget, Target, UrlTarget


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """The options of a run: recordings, target and rules.

    ``only``: operations; scenarios without any of them are left out, and only their outcomes
    are reported. ``scenario``: a glob over scenario names. ``against``: a URL; None is the fake.
    """

    only: frozenset[str] = frozenset()
    scenario: str = "*"
    against: str | None = None
    strict: bool = False
    dated_forms: bool = True
    """Whether what only shows a recording's age is left out: known changes of forms, and what
    newer recordings supersede."""
    since: date | None = None
    """Only recordings from this day on count; those without a date do not then."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a run; ``outcomes`` in the order of the recordings."""

    outcomes: tuple[Outcome, ...]
    scenarios: int
    evidence: Evidence = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "evidence", gather(self.outcomes))


def verify(
    paths: Sequence[Path],
    plan: VerifyOptions | None = None,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Replay all recordings under these paths.

    ``progress`` is called with the number of files done and in total. With more than one job the files are
    shared among processes; a URL is one tenant, so it takes one job. Raises `RecordingFormatError` for a
    file that is not a recording and `TargetError` for a URL that must not be used.
    """
    plan = plan or VerifyOptions()
    files = list(find(paths))
    outcomes: list[Outcome] = []
    scenarios = 0
    worth_it = jobs > 1 and len(files) > _CHUNK and not plan.against
    results = _spread(files, plan, jobs) if worth_it else _run(files, plan)
    for done, (count, found) in enumerate(results, 1):
        scenarios += count
        outcomes += found
        if progress is not None:
            progress(done, len(files))
    counted = tuple(dated(outcomes))
    if plan.dated_forms and not plan.strict:
        counted = without_superseded(list(without_earlier_forms(counted)))
    return Report(tuple(_from(plan.since, counted)), scenarios)


def chosen_scenarios(paths: Sequence[Path], plan: VerifyOptions) -> Iterator[Scenario]:
    """The scenarios under these paths that a run replays.

    Raises `RecordingFormatError` for a file that is no recording.
    """
    for path, name in find(paths):
        yield from (scenario for scenario in load(path, name) if _chosen(scenario, plan))


def _from(day: date | None, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    for outcome in outcomes:
        when = outcome.recorded_at
        if day is None or (when is not None and when.date() >= day):
            yield outcome


_CHUNK = 8

_Files = Sequence[tuple[Path, str]]
_Result = tuple[int, list[Outcome]]


def _run(files: _Files, plan: VerifyOptions) -> Iterator[_Result]:
    target: Target = UrlTarget(plan.against) if plan.against else FakeTarget()
    try:
        for path, name in files:
            yield _replay_file(path, name, plan, target)
    finally:
        target.close()


def _replay_file(path: Path, name: str, plan: VerifyOptions, target: Target) -> _Result:
    chosen = [scenario for scenario in load(path, name) if _chosen(scenario, plan)]
    outcomes = [
        outcome
        for scenario in chosen
        for outcome in replay(scenario, target, strict=plan.strict)
        if not plan.only or outcome.operation in plan.only
    ]
    return len(chosen), outcomes


def _chosen(scenario: Scenario, plan: VerifyOptions) -> bool:
    return fnmatch(scenario.name, plan.scenario) and (not plan.only or holds(scenario, plan.only))


_worker: Target | None = None


def _in_worker(path: Path, name: str, plan: VerifyOptions) -> _Result:
    global _worker
    if _worker is None:
        _worker = FakeTarget()
    return _replay_file(path, name, plan, _worker)


def _spread(files: _Files, plan: VerifyOptions, jobs: int) -> Iterator[_Result]:
    # Not `concurrent.futures.ProcessPoolExecutor`: that attribute is kept when a test runner
    # (pytester) drops modules and imports them again, and its workers can't be pickled then.
    from concurrent.futures.process import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(
            _in_worker,
            [path for path, _ in files],
            [name for _, name in files],
            [plan] * len(files),
            chunksize=_CHUNK,
        )
