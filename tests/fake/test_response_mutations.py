"""The mutation tool's faulty responses: what they are, and that a test of the operation notices."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from auth0_mgmt.resources import operations
from tools.mutations.responses import CHANGES, EXTRA, SAMPLE, callers_of

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


def test_tests_of_several_folders_notice_faulty_responses() -> None:
    program = """
from tools.mutations.responses import outcomes
suite = ["tests/contract/test_rules_configs.py", "tests/fake/test_rules.py"]
found = outcomes(suite, ["rules.create"])
assert any("tests/fake/test_rules.py" in each.noticed_by for each in found), found
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_callers_of_the_contract_suite_are_preferred() -> None:
    called = {
        "post_roles": {"tests": ["tests/fake/test_x.py::a", "tests/contract/test_roles.py::b"]},
        "get_roles": {"tests": ["tests/fake/test_x.py::c", "tests/server/test_y.py::d"]},
        "get_users": {"tests": ["tests/contract/test_users.py::e"]},
    }
    assert callers_of(called, ["roles.create"]) == ["tests/contract/test_roles.py::b"]
    assert callers_of(called, ["roles.list"]) == ["tests/fake/test_x.py::c"]
    assert len(callers_of(called, [])) == 3


def test_the_sample_names_operations() -> None:
    assert set(SAMPLE) <= {operation.name for operation in operations()}
