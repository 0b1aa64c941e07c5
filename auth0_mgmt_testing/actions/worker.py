"""Threads whose stack is large enough for an engine, whatever the stack of the calling thread is."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from ..state.store import Doc
from .program import Fetch

T = TypeVar("T")

STACK = 8 * 1_048_576
"""Bytes of a worker's stack."""
_KEPT = 4
"""Idle workers that are kept for the next action."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A request of the code, and where its response is put."""

    request: Doc
    reply: SimpleQueue[Doc]


class _Worker:
    """A thread that does one thing after another."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        with _STARTING:
            before = threading.stack_size(STACK)
            try:
                threading.Thread(target=self._work, name="actions", daemon=True).start()
            finally:
                threading.stack_size(before)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def submit(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)

    def end(self) -> None:
        """End the thread when it has nothing more to do."""
        self._jobs.put(None)


_STARTING = threading.Lock()
_IDLE: list[_Worker] = []


def _after_fork_in_child() -> None:
    """A forked process has no threads but its own."""
    _STARTING.release()
    _IDLE.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_STARTING.acquire,
        after_in_parent=_STARTING.release,
        after_in_child=_after_fork_in_child,
    )


def run_in_worker(work: Callable[[Fetch], T], fetch: Fetch) -> T:
    """Do something in a worker and return its result, or raise what it raises.

    ``work`` receives a `Fetch` that calls ``fetch`` in the caller's thread.
    """
    inbox: SimpleQueue[_Question | Future[T]] = SimpleQueue()

    def ask(request: Doc) -> Doc:
        question = _Question(request, SimpleQueue())
        inbox.put(question)
        return question.reply.get()

    def job() -> None:
        done: Future[T] = Future()
        try:
            done.set_result(work(ask))
        except Exception as error:
            done.set_exception(error)
        inbox.put(done)

    try:
        worker = _IDLE.pop()
    except IndexError:
        worker = _Worker()
    worker.submit(job)
    while isinstance(item := inbox.get(), _Question):
        response: Doc = {"error": "fetch failed"}
        try:
            response = fetch(item.request)
        finally:
            item.reply.put(response)
    if len(_IDLE) < _KEPT:
        _IDLE.append(worker)
    else:
        worker.end()
    return item.result()
