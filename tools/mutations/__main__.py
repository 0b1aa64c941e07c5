"""Run the contract suite on one faulty fake after another; exit with 1 if a fault survives.

``--responses``: the faults are in the responses of each operation (`tools.mutations.responses`).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from . import responses
from .declared import CONTRACT as SUITE
from .declared import MUTATIONS, Mutation
from .plugin import VARIABLE

PROJECT = Path(__file__).resolve().parents[2]
SITE = Path(__file__).with_name("site")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_INTERRUPTED = 2
ENOUGH = 0.95
"""The share of faulty responses that has to be noticed."""
_PATIENCE = 240.0
"""Seconds that a run of the fake as it is may take."""
_SLOWER = 4
"""How many times as long a run of a faulty one may take, besides `_LEEWAY` seconds.

What it may compute is limited, too (`plugin.CPU_SECONDS`).
"""
_LEEWAY = 20.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a mutation: what noticed it; empty: it survived."""

    mutation: Mutation
    noticed_by: str = ""


def _run(
    mutation: Mutation | None, *arguments: str, patience: float = _PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Run a module; raises TimeoutExpired, when all processes that it started have been ended."""
    environment = {
        **os.environ,
        VARIABLE: mutation.name if mutation else "",
        "PYTHONPATH": os.pathsep.join((str(SITE), str(PROJECT))),
    }
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=patience)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def _suite(mutation: Mutation | None, tests: str, patience: float = _PATIENCE) -> str:
    """The first test that fails on the faulty fake; raises where the run itself went wrong.

    None: the fake as it is.
    """
    quick = ("-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "tools.mutations.plugin")
    try:
        done = _run(mutation, "pytest", *quick, tests, patience=patience)
    except subprocess.TimeoutExpired:
        return f"{tests} did not end within {patience:.0f} seconds"
    if failed := _FAILED.findall(done.stdout):  # tests print runs of their own before
        return str(failed[-1])
    if done.returncode < 0:
        return f"{tests} was stopped by signal {-done.returncode}"
    if done.returncode >= _INTERRUPTED:
        raise RuntimeError(f"pytest went wrong\n{done.stdout}\n{done.stderr}")
    return ""


@dataclass
class _Baseline:
    """The suites on the fake as it is: what fails there proves nothing of a faulty one."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])
    failing: list[str] = field(default_factory=list[str])

    def run(self, tests: str) -> None:
        """Run tests; those that fail once and not again met a busy machine."""
        begun = time.monotonic()
        if _suite(None, tests) and (failed := _suite(None, tests)):
            self.failing.append(failed)
        self.seconds[tests] = time.monotonic() - begun

    def patience(self, mutation: Mutation) -> float:
        """Seconds that a run with a fault may take."""
        tests = mutation.tests()
        return _LEEWAY + _SLOWER * self.seconds.get(tests, self.seconds.get(SUITE, _PATIENCE))


def _scores(mutation: Mutation | None, recordings: Path) -> list[float]:
    done = _run(mutation, "tools.mutations.replay", str(recordings))
    if done.returncode:
        raise RuntimeError(f"the recordings could not be replayed:\n{done.stderr}")
    scores: list[float] = json.loads(done.stdout)
    return scores


def _outcome(
    mutation: Mutation, recordings: Path | None, unbroken: list[float], patience: float
) -> Outcome:
    first = mutation.tests()
    for tests in (first, SUITE) if mutation.suite == SUITE else (first,):
        if noticed := _suite(mutation, tests, patience):
            return Outcome(mutation, noticed)
    if recordings is not None and mutation.suite == SUITE:
        broken = _scores(mutation, recordings)
        if any(now < was for now, was in zip(broken, unbroken, strict=True)):
            return Outcome(mutation, f"the recordings: {unbroken} became {broken}")
    return Outcome(mutation)


def outcomes(
    mutations: list[Mutation], recordings: Path | None, baseline: _Baseline, jobs: int
) -> Iterator[Outcome]:
    """What became of each fault, as it is known."""
    unbroken = _scores(None, recordings) if recordings is not None else []

    def outcome(mutation: Mutation) -> Outcome:
        return _outcome(mutation, recordings, unbroken, baseline.patience(mutation))

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(outcome, mutations)


def _responses(names: Sequence[str], called: Path | None, jobs: int) -> int:
    """0: enough of the faulty responses were noticed; 1: too few, or there were none."""
    suite = [SUITE]
    if called is not None and called.is_file():
        suite = responses.callers_of(json.loads(called.read_text("utf-8")), names)
    found = responses.outcomes(suite, names, jobs)
    for outcome in found:
        if not outcome.noticed_by:
            print(f"{outcome.operation}, {outcome.change} {outcome.member}: SURVIVED")
    noticed = sum(bool(outcome.noticed_by) for outcome in found)
    share = noticed / len(found) if found else 0.0
    operations = len({outcome.operation for outcome in found})
    print(
        f"{noticed} of {len(found)} faulty responses were noticed ({share:.1%}), "
        f"of {operations} operations"
    )
    return 0 if share >= ENOUGH else 1


def main(arguments: list[str] | None = None) -> int:
    """0: every fault was noticed; 1: one survived, or the suite fails anyway; 2: no such fault."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutations", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="FAULT", help="only these (default: all)")
    parser.add_argument("--recordings", type=Path, metavar="FOLDER")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--responses", action="store_true", help="faulty responses instead; FAULT is an operation"
    )
    parser.add_argument(
        "--sample", action="store_true", help="with --responses: a few operations of every kind"
    )
    parser.add_argument(
        "--called",
        type=Path,
        metavar="FILE",
        help="with --responses: which tests call what, as pytest --auth0-operations=FILE wrote it",
    )
    given = parser.parse_args(arguments)
    if given.responses:
        names = responses.SAMPLE if given.sample else given.names
        return _responses(names, given.called, given.jobs)
    chosen = [each for each in MUTATIONS if not given.names or each.name in given.names]
    if not chosen:
        print("no such fault; there are:", *(each.name for each in MUTATIONS), sep="\n  ")
        return 2
    for mutation in chosen:
        mutation.found()
    recordings: Path | None = given.recordings
    if recordings is not None and not recordings.is_dir():
        print(f"{recordings} is not at hand: the contract suite alone has to notice")
        recordings = None
    suites = {SUITE if each.suite == SUITE else each.tests() for each in chosen}
    baseline = _Baseline()
    with ThreadPoolExecutor(given.jobs) as pool:
        list(pool.map(baseline.run, sorted(suites)))
    if baseline.failing:
        print(f"{baseline.failing[0]} fails on the fake as it is: it can't tell a faulty one")
        return 1
    survivors = 0
    for outcome in outcomes(chosen, recordings and recordings.resolve(), baseline, given.jobs):
        survivors += not outcome.noticed_by
        print(f"{outcome.mutation.name}: {outcome.noticed_by or 'SURVIVED'}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} faults were noticed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
