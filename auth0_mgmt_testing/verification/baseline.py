"""A baseline: no operation may score worse than when it was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from pathlib import Path

from auth0_mgmt._json import is_object

from .scores import Evidence

_LEVELS = ("status", "shape", "value")
_TOLERANCE = 1e-6
Baseline = Mapping[str, Mapping[str, float]]


def as_baseline(evidence: Evidence) -> str:
    """The scores of every operation that has some, as JSON."""
    operations = {
        tally.operation: dict(zip(_LEVELS, (round(s, 6) for s in astuple(scores)), strict=True))
        for tally in evidence.operations
        if (scores := tally.scores) is not None
    }
    return json.dumps({"operations": operations}, indent=1, sort_keys=True) + "\n"


def read_baseline(file: Path) -> Baseline:
    """The operations' scores. Raises ValueError for a file that is no baseline, OSError."""
    document = json.loads(file.read_text("utf-8"))
    operations = document.get("operations") if is_object(document) else None
    if not is_object(operations) or not all(map(is_object, operations.values())):
        raise ValueError("not a baseline of `auth0-fake verify`")
    return operations


def worse(evidence: Evidence, baseline: Baseline) -> Iterator[str]:
    """A line for each operation and level below the baseline; what is missing is not worse."""
    for tally in evidence.operations:
        scores, before = tally.scores, baseline.get(tally.operation)
        if scores is None or before is None:
            continue
        for level, score in zip(_LEVELS, astuple(scores), strict=True):
            was = before.get(level, 0.0)
            if score < was - _TOLERANCE:
                yield f"{tally.operation}: {level} {score:.4f}, was {was:.4f}"
