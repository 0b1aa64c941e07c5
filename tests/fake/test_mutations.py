"""The mutation tool's declared faults: each has a place, and tests that ought to notice it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutations.declared import MUTATIONS, Mutation

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_every_fault_has_a_place_and_tests(mutation: Mutation) -> None:
    owner, name = mutation.found()
    right = getattr(owner, name)
    assert mutation.change(right) is not right
    assert (ROOT / mutation.suite / mutation.first).is_file()


@pytest.mark.parametrize(
    "suite",
    [
        "tests/contract",
        "tests/fake",
        "tests/authentication",
        "tests/server",
        "tests/client",
        "tests/plugin",
        "tests/cassettes",
    ],
)
def test_faults_are_declared_for_every_part(suite: str) -> None:
    assert any(mutation.suite == suite for mutation in MUTATIONS)
