"""What is sent to another host: when each attempt is due, and what became of it.

A document that is sent has the times at which rounds of attempts began in ``_rounds`` and the
results of attempts that were made in ``_results``, by number of the attempt; ``_delivered`` is true
once one succeeded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..state.clock import format_timestamp
from ..state.store import Doc

GAPS = (1.0, 1.0, 2.0, 4.0)
"""Seconds before each attempt of a round: the first comes after the event."""
LAST_ATTEMPT = sum(GAPS)
"""Seconds from an event to the last attempt of its first round."""
_MESSAGE = 50
"""Characters of an error message that are kept."""

Status: TypeAlias = Literal["pending", "delivered", "failed"]
Assumed: TypeAlias = Callable[[float], Doc | None]
"""The result of an attempt at a time that nobody made; None where somebody will make it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the delivery of a document is."""

    status: Status
    attempts: list[Doc]
    """The failed attempts and the begins of further rounds, as the API shows them."""
    due: int | None = None
    """The number of the attempt that is to be made now."""
    at: float = 0.0
    """When that attempt is due, or the next one; or when the document was delivered."""


def progress(doc: Doc, now: float, assumed: Assumed) -> Progress:
    """The status of a delivery at a time, with every attempt so far."""
    results: Doc = doc.get("_results") or {}
    attempts: list[Doc] = []
    for round_number, begun in enumerate(doc["_rounds"]):
        when: float = begun
        if round_number:
            attempts.append({"status": "retrying", "timestamp": format_timestamp(begun)})
        for number, gap in enumerate(GAPS, round_number * len(GAPS)):
            when += gap
            if when > now:
                return Progress("pending", attempts, at=when)
            result = results.get(str(number)) or assumed(when)
            if result is None:
                return Progress("pending", attempts, number, when)
            if result["status"] == "delivered":
                return Progress("delivered", attempts, at=when)
            attempts.append(result)
    return Progress("failed", attempts)


def failure(target: str, reason: str, when: float, duration: int) -> Doc:
    """The result of an attempt that failed. ``duration`` is in milliseconds."""
    message = f'Post "{target}": {reason}'
    kept = message if len(message) <= _MESSAGE else f"{message[: _MESSAGE - 4]} ..."
    return {
        "status": "failed",
        "error_message": kept,
        "timestamp": format_timestamp(when),
        "duration": duration,
    }


DELIVERED: Doc = {"status": "delivered"}


def with_result(doc: Doc, number: int, result: Doc) -> Doc:
    """The document with the result of an attempt."""
    results: Doc = {**(doc.get("_results") or {}), str(number): result}
    return {**doc, "_results": results, "_delivered": result["status"] == "delivered"}
