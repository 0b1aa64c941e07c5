"""The mutation tool's faulty responses: what they are, and that a test of the operation notices."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tools.mutations.responses import CHANGES, EXTRA

BODY: dict[str, Any] = {"id": "rol_1", "name": "admin"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("extra", {**BODY, EXTRA: True}),
        ("dropped", {"name": "admin"}),
        ("mistyped", {**BODY, "id": [{"wrong": 1}]}),
    ],
)
def test_each_change_makes_one_fault(change: str, expected: dict[str, Any]) -> None:
    body = dict(BODY)
    assert CHANGES[change](body, "id") == expected
    assert body == BODY


def test_the_contract_suite_notices_faulty_responses() -> None:
    program = """
import json
from tools.mutations.responses import outcomes
found = outcomes(["tests/contract/test_roles.py"], ["roles.create"])
print(json.dumps([[each.change, each.noticed_by] for each in found]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert [change for change, _ in found] == list(CHANGES)
    assert all("test_roles.py" in noticed_by for _, noticed_by in found)
