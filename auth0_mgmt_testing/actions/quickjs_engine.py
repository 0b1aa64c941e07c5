"""QuickJS: a context for each run, without files, network, processes or clocks of its own."""

from __future__ import annotations

import json
import re
import time
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from ..errors import explain_missing_extra
from ..state.store import Doc
from .program import (
    ActionError,
    Fetch,
    Limits,
    Outcome,
    never_settles,
    out_of_memory,
    read_progress,
    read_result,
    timeout,
)
from .worker import STACK, run_in_worker

_NAME = "quickjs"
_STACK = STACK // 2
"""Bytes that nested calls may use."""
_GRACE = 0.25
"""Seconds that reading the result of a run may take."""


@cache
def _source(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text("utf-8")


_TIMERS = re.compile(r"\b(?:set|clear)(?:Timeout|Interval|Immediate)\b")


def _host(context: Any, code: str) -> Any:
    """What runs the code: the prelude, with the parts that the code names."""
    parts: list[str] = []
    if _TIMERS.search(code):
        parts.append(f"timers: {_source('timers.js').rstrip().removesuffix(';')}")
    if "fetch" in code:
        parts.append(f"fetch: {_source('fetch.js').rstrip().removesuffix(';')}")
    platform = context.eval(f"({{{', '.join(parts)}}})")
    return context.eval(_source("prelude.js"))(platform)


@cache
def load_engine() -> Any:
    """The engine's module; raises `MissingExtraError` where it is not installed."""
    with explain_missing_extra():
        return import_module(_NAME)


def run(start: Doc, limits: Limits, fetch: Fetch) -> Outcome:
    """Run an action; ``start`` is what the prelude begins with.

    Raises `MissingExtraError` where the engine is not installed.
    """
    engine = load_engine()
    return run_in_worker(lambda ask: _outcome(engine, start, limits, ask), fetch)


def _outcome(engine: Any, start: Doc, limits: Limits, fetch: Fetch) -> Outcome:
    context = engine.Context()
    context.set_max_stack_size(_STACK)
    context.set_memory_limit(limits.memory)
    host = _host(context, "\n".join((start["code"], *start["modules"].values())))
    watch = _Stopwatch(limits.time)
    try:
        error = _run(context, host, start, limits, fetch, watch)
    except engine.JSException as problem:
        error = _interrupted(str(problem), limits)
    except (ValueError, SystemError) as problem:  # the code broke what the prelude works with
        error = ActionError("Error", f"The action broke what it runs in: {problem}")
    if error is not None and watch.left <= 0:  # whatever the interruption broke
        error = timeout(limits.time)
    try:
        context.set_memory_limit(limits.memory + limits.memory // 4)
        context.set_time_limit(_GRACE)
        return read_result(error, host("result"))
    except (engine.JSException, ValueError, SystemError) as problem:
        return Outcome(error or _interrupted(str(problem), limits))


class _Stopwatch:
    """The time that a run has left: it computes, and it waits for responses."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.thread_time() + seconds

    @property
    def left(self) -> float:
        return self._ends - time.thread_time()

    def wait(self, fetch: Fetch, request: Doc) -> Doc:
        """Wait for a response; what passes meanwhile counts."""
        began, computed = time.monotonic(), time.thread_time()
        response = fetch(request)
        self._ends -= (time.monotonic() - began) - (time.thread_time() - computed)
        return response


def _run(
    context: Any, host: Any, start: Doc, limits: Limits, fetch: Fetch, watch: _Stopwatch
) -> ActionError | None:
    """Run to the end; returns the error that the code ended with."""
    operation, argument = "start", json.dumps(start)
    while True:
        if watch.left <= 0:
            return timeout(limits.time)
        context.set_time_limit(watch.left)
        host(operation, argument)
        while context.execute_pending_job():
            if watch.left <= 0:
                return timeout(limits.time)
        progress = read_progress(host("poll"))
        if progress.waited > limits.time * 1000:
            return timeout(limits.time)
        if progress.done:
            return _of_the_platform(progress.error, limits)
        for request in progress.requests:
            response = {"id": request["id"], **watch.wait(fetch, request)}
            context.set_time_limit(max(watch.left, 0.001))
            host("respond", json.dumps(response))
        if progress.requests:
            operation, argument = "continue", ""
        elif progress.timers:
            operation, argument = "tick", ""
        else:
            return never_settles()


def _of_the_platform(error: ActionError | None, limits: Limits) -> ActionError | None:
    """An error that the code met, as that of the platform where it lacked memory or time."""
    if error is not None and error.name == "InternalError":
        if error.message == "out of memory":
            return out_of_memory(limits.memory)
        if error.message == "interrupted":
            return timeout(limits.time)
    return error


def _interrupted(message: str, limits: Limits) -> ActionError:
    """What an exception outside of the action's own handling says."""
    first = message.partition("\n")[0]
    if "interrupted" in first:
        return timeout(limits.time)
    if "out of memory" in first:
        return out_of_memory(limits.memory)
    name, colon, text = first.partition(": ")
    return ActionError(name if colon else "Error", text if colon else first, message)
