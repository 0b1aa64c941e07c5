"""Group the differences that remain by what likely causes them.

A cause is an operation, the place of the difference without the names of list items, and what
is there on either side: two statuses with the target's message, or a member that one side
lacks, or two types. Values are not part of a cause; the first example shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from auth0_mgmt._json import is_object

from ..recordings.exchange import parse_body
from .compare import Difference
from .identity import canonical
from .replay import Outcome

_LABEL = re.compile(r"\[[^\]]*\]")
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|<[^>]*>""")


@dataclass(slots=True)
class Cause:
    """One cause: how many exchanges and scenarios show it, and the first of them."""

    operation: str
    request_kind: str
    kind: str
    what: str
    example: str
    scenario: str
    position: int
    """Where the example is from."""
    exchanges: int = 0
    scenarios: set[str] = field(default_factory=set[str])

    def as_json(self) -> dict[str, Any]:
        """The cause as shown in a report."""
        return {
            "operation": self.operation,
            "request_kind": self.request_kind,
            "kind": self.kind,
            "what": self.what,
            "exchanges": self.exchanges,
            "scenarios": len(self.scenarios),
            "example": self.example,
        }


def causes(outcomes: Iterable[Outcome]) -> list[Cause]:
    """Return the causes of all counted differences: statuses first, then the most frequent.

    An exchange counts once for each of its causes. What is outside the contract is left out.
    """
    found: dict[tuple[str, str, str], Cause] = {}
    for outcome in outcomes:
        if outcome.silent or outcome.operation is None:
            continue
        seen: set[tuple[str, str, str]] = set()
        for difference in outcome.verdict.differences:
            what = _what(outcome, difference)
            key = outcome.operation, difference.kind, what
            if key in seen:
                continue
            seen.add(key)
            if key not in found:
                example = f"{outcome.scenario} #{outcome.position}: {difference}"
                found[key] = Cause(
                    outcome.operation,
                    outcome.request_kind,
                    difference.kind,
                    what,
                    example,
                    outcome.scenario,
                    outcome.position,
                )
            found[key].exchanges += 1
            found[key].scenarios.add(outcome.scenario)
    order = ("status", "shape", "value")
    return sorted(
        found.values(),
        key=lambda cause: (order.index(cause.kind), -cause.exchanges, cause.operation),
    )


def _what(outcome: Outcome, difference: Difference) -> str:
    if difference.kind == "status":
        status, _, text = difference.actual.partition(" ")
        return f"{difference.recorded} ≠ {status} {_message(outcome, text)}".rstrip()
    place = _LABEL.sub("[]", difference.path) or "the body"
    if difference.kind == "value":
        return place
    if difference.recorded == "absent":
        return f"{place}: only the target has it"
    if difference.actual == "absent":
        return f"{place}: the target lacks it"
    return f"{place}: another type"


def _message(outcome: Outcome, actual: str) -> str:
    """The message of the side with the error, without names."""
    recorded = parse_body(outcome.recorded.body)
    body: Any = recorded if outcome.recorded.status >= 400 else parse_body(actual.encode())
    side = "recorded" if outcome.recorded.status >= 400 else "target"
    text = body.get("message") if is_object(body) else None
    return f"({side}: {_QUOTED.sub('…', canonical(text))})" if isinstance(text, str) else ""
