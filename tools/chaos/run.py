"""Many faults through both clients, and what came of them."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from auth0_mgmt import AsyncManagement, Management, ManagementError

from .server import FAULTS, ChaosServer

READS: dict[str, Callable[[Any, Any], Any]] = {
    "users.get": lambda mgmt, options: mgmt.users.get("u", request_options=options),
    "roles.list": lambda mgmt, options: mgmt.roles.list(request_options=options),
    "users.delete": lambda mgmt, options: mgmt.users.delete("u", request_options=options),
}
WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "roles.create": lambda mgmt, options: mgmt.roles.create(name="r", request_options=options),
    "roles.update": lambda mgmt, options: mgmt.roles.update("r", name="s", request_options=options),
}
CALLS = {**READS, **WRITES}
TIMEOUT = 0.3
"""Seconds of patience with a stalled connection."""
LIMIT = 2**20
"""The largest response that is accepted."""
HANG = 20.0
"""Seconds after which a call counts as hanging."""


@dataclass
class Report:
    """What came of the calls."""

    faults: Counter[str] = field(default_factory=Counter[str])
    outcomes: Counter[str] = field(default_factory=Counter[str])
    untyped: list[str] = field(default_factory=list[str])
    doubled: list[str] = field(default_factory=list[str])
    hangs: list[str] = field(default_factory=list[str])
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether nothing went wrong on the client's side."""
        return not (self.untyped or self.doubled or self.hangs)

    def lines(self) -> list[str]:
        """The figures, for people."""
        total = sum(self.faults.values())
        lines = [
            f"{total:,} faults of {len(self.faults)} kinds in {self.seconds:.0f} s",
            f"  untyped errors  {len(self.untyped)}",
            f"  doubled writes  {len(self.doubled)}",
            f"  hangs           {len(self.hangs)}",
        ]
        lines += [f"    {count:>7,} {name}" for name, count in self.outcomes.most_common()]
        return lines + [f"  {text}" for text in (self.untyped + self.doubled + self.hangs)[:20]]


def plan(count: int, seed: int) -> list[tuple[str, str, str]]:
    """So many calls (number, operation, fault), every pair of both in turn, in random order."""
    pairs = [(call, fault) for fault in FAULTS for call in CALLS]
    chosen = [(str(n), *pairs[n % len(pairs)]) for n in range(count)]
    random.Random(seed).shuffle(chosen)
    return chosen


def _no_time(seconds: float) -> None: ...


def run(count: int, *, seed: int = 0, workers: int = 16) -> Report:
    """Make so many calls that each meet a fault, half with each client."""
    report, calls = Report(), plan(count, seed)
    begun = time.monotonic()
    with ChaosServer() as server:
        options: Any = {"timeout": TIMEOUT, "max_response_bytes": LIMIT, "max_retry_delay": 1.0}
        with (
            Management(server.origin, auth="token", **options) as mgmt,
            ThreadPoolExecutor(workers) as pool,
        ):
            mgmt._dispatcher.http.sleep = _no_time  # pyright: ignore[reportPrivateUsage]
            for each in pool.map(partial(_one, mgmt), calls[::2]):
                _note(report, *each)
        asyncio.run(_tasks(server.origin, options, calls[1::2], workers, report))
        for number, call, fault in calls:
            # A 429 is retried, since nothing was done; this server only pretends so.
            if call in WRITES and server.effects[number] > 1 and not fault.startswith("429"):
                report.doubled.append(f"{call} took effect {server.effects[number]} times: {fault}")
    report.seconds = time.monotonic() - begun
    return report


def _options(number: str, fault: str) -> Any:
    return {"headers": {"x-call": number, "x-fault": fault}}


def _note(report: Report, call: str, fault: str, outcome: str, took: float) -> None:
    report.faults[fault] += 1
    report.outcomes[outcome.removeprefix("!")] += 1
    if outcome.startswith("!"):
        report.untyped.append(f"{call}: {fault}: {outcome[1:]}")
    if took > HANG:
        report.hangs.append(f"{call}: {fault}: {took:.1f} s")


def _one(mgmt: Management, call: tuple[str, str, str]) -> tuple[str, str, str, float]:
    number, name, fault = call
    begun = time.monotonic()
    try:
        CALLS[name](mgmt, _options(number, fault))
        outcome = "success"
    except ManagementError as error:
        outcome = type(error).__name__
    except Exception as error:
        outcome = f"!{error!r}"
    return name, fault, outcome, time.monotonic() - begun


async def _tasks(
    origin: str, options: Any, calls: list[tuple[str, str, str]], workers: int, report: Report
) -> None:
    waiting = iter(calls)

    async def worker(mgmt: AsyncManagement) -> None:
        for number, name, fault in waiting:
            begun = time.monotonic()
            try:
                async with asyncio.timeout(HANG + 1):
                    await CALLS[name](mgmt, _options(number, fault))
                outcome = "success"
            except ManagementError as error:
                outcome = type(error).__name__
            except Exception as error:
                outcome = f"!{error!r}"
            _note(report, name, fault, outcome, time.monotonic() - begun)

    async def no_time(delay: float) -> None: ...

    async with AsyncManagement(origin, auth="token", **options) as mgmt:
        mgmt._dispatcher.http.sleep = no_time  # pyright: ignore[reportPrivateUsage]
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(worker(mgmt))
