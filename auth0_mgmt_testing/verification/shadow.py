"""The shadow: a fake tenant that receives the same requests as a live one, while an application runs.

`Shadow` compares in a thread of its own, after the live responses were sent: it can neither
delay nor break them. `adapters.proxy` is its source.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ..recordings.exchange import Exchange, RecordedResponse
from ..recordings.scrubbing import hide_both
from .replay import Follower, Outcome
from .report import as_difference
from .targets import FakeTarget, Target
from .verify import Report

_REFUSED = frozenset({401, 403, 429})
"""Errors of the caller's token and rate, which the fake does not know."""
_QUEUE = 10_000
_PATIENCE = 30.0
"""Seconds for pending comparisons when the shadow is closed."""

Notify = Callable[[Outcome], None]


class Shadow:
    """Repeats a live tenant's requests on a fake one and reports how the responses compare.

    ``hosts`` are the live tenant's host names; ``notify`` is called with each outcome, in a thread
    of the shadow's. Secrets and personal data are replaced by pseudonyms in all reports.
    """

    def __init__(self, hosts: Iterable[str], notify: Notify, target: Target | None = None) -> None:
        self._target = target or FakeTarget()
        hosts = list(hosts)
        self._follower = Follower(
            "shadow", hosts, self._target, seen=partial(hide_both, host=self._target.domain)
        )
        self._tell = notify
        self._waiting: queue.Queue[Exchange | None] = queue.Queue(_QUEUE)
        self._outcomes: list[Outcome] = []
        self.refused = 0
        """Exchanges that failed on the live tenant: they are not repeated on the fake."""
        self.lost = 0
        """Exchanges that were dropped because the queue was full or the comparison failed."""
        self._thread = threading.Thread(target=self._work, name="auth0-shadow", daemon=True)
        self._thread.start()

    def add(self, exchange: Exchange) -> None:
        """Queue an exchange for comparison; never blocks."""
        if exchange.response.status in _REFUSED or exchange.response.status >= 500:
            self.refused += 1
            return
        try:
            self._waiting.put_nowait(exchange)
        except queue.Full:
            self.lost += 1

    def _work(self) -> None:
        while (exchange := self._waiting.get()) is not None:
            try:
                outcome = self._follower.follow(exchange, datetime.now(UTC))
                # The summary needs no bodies, and the session may be long.
                self._outcomes.append(
                    replace(outcome, recorded=RecordedResponse(exchange.response.status))
                )
                self._tell(outcome)
            except Exception:
                # Neither the application nor the rest of the session may be affected.
                self.lost += 1

    def close(self) -> Report:
        """Compare what is left and return the summary."""
        self._waiting.put(None)
        self._thread.join(_PATIENCE)
        self._target.close()
        return Report(tuple(self._outcomes), 1)


def line(outcome: Outcome) -> str:
    """An outcome with differences, for people: one line each."""
    before = " (preexisting)" if outcome.silent else ""
    head = f"{outcome.method} {outcome.target} ({outcome.operation}){before}: "
    return "\n".join(f"{head}{difference}" for difference in outcome.verdict.differences)


def record(outcome: Outcome) -> str:
    """An outcome with differences as a line of JSON."""
    document: dict[str, Any] = {
        "at": outcome.recorded_at.isoformat() if outcome.recorded_at else None,
        "operation": outcome.operation,
        "method": outcome.method,
        "target": outcome.target,
        "preexisting": bool(outcome.silent),
        "differences": [as_difference(difference) for difference in outcome.verdict.differences],
    }
    return json.dumps(document, ensure_ascii=False)
