"""Collect, operation by operation, what speaks for the fake; never summed into one figure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.verification.scores import Tally, Verdict
from auth0_mgmt_testing.verification.verify import verify

SUITES = {
    "contract": ("tests/contract/",),
    "sdk": ("tests/sdk/",),
    "properties": ("tests/properties/test_machine.py", "tests/properties/test_relations.py"),
}
"""Which tests drive what, by where they are: those that send the same requests in every run."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Recorded exchanges of live tenants, and how many the fake responds to alike."""

    exchanges: int = 0
    status: int = 0
    shape: int = 0
    value: int = 0
    newest: str | None = None
    scenarios: int = 0
    aged: int = 0
    """Exchanges that are more than two years older than the newest recording, or undated."""

    @classmethod
    def of(cls, tally: Tally) -> Recorded:
        newest = tally.newest.date().isoformat() if tally.newest else None
        return cls(
            tally.exchanges,
            tally.status,
            tally.shape,
            tally.value,
            newest,
            len(tally.scenarios),
            tally.aged,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One operation. ``refused``: a contract test makes it return an error."""

    operation: str
    name: str
    behaviour: str
    recorded: Recorded = field(default_factory=Recorded)
    contract: bool = False
    refused: bool = False
    sdk: bool = False
    properties: bool = False

    @property
    def verdict(self) -> Verdict:
        """*matches*: there are recordings, and the fake's responses equal them all in value."""
        if not self.recorded.exchanges:
            return "no recording"
        return "matches" if self.recorded.value == self.recorded.exchanges else "differs"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "verdict": self.verdict}


def collect(
    called: Mapping[str, Mapping[str, list[str]]], recorded: dict[str, Recorded]
) -> list[Row]:
    """A row for each operation, in the order of the client's names.

    ``called``: what `tests/operations_called.py` wrote; ``recorded``: see `replayed`.
    """
    return [
        _row(operation, called.get(operation.id, {}), recorded.get(operation.id, Recorded()))
        for operation in sorted(operations(), key=lambda row: row.name)
    ]


def _row(operation: Operation[Any], called: Mapping[str, list[str]], recorded: Recorded) -> Row:
    behaviour = registry().behaviours.get(operation.name)
    driven = {
        suite: any(test.startswith(where) for test in called.get("tests", ()))
        for suite, where in SUITES.items()
    }
    refused = any(test.startswith(SUITES["contract"]) for test in called.get("negative", ()))
    return Row(
        operation.id,
        operation.name,
        behaviour.kind if behaviour else "none",
        recorded,
        refused=refused,
        **driven,
    )


def replayed(recordings: Path) -> dict[str, Recorded]:
    """What replaying the recordings under a folder came to, by operation."""
    report = verify([recordings], jobs=2)
    return {tally.operation: Recorded.of(tally) for tally in report.evidence.operations}


def published(file: Path) -> dict[str, Recorded]:
    """The same, as it was published last: for where the recordings are not at hand."""
    rows = json.loads(file.read_text("utf-8"))["operations"]
    return {row["operation"]: Recorded(**row["recorded"]) for row in rows}
