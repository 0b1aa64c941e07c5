"""Requests of every operation, drawn from the contract and next to it: no 5xx, nothing undeclared.

The suite sends a few of each operation and many of a part of them; both differ from day to day.
``AUTH0_FUZZ_SEED`` repeats a day's (the seed is in the failure). `make fuzz` sends many of all.
"""

from __future__ import annotations

import os
from datetime import date
from typing import Any

import pytest

from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.errors import ResponseContractError
from tools.fuzz import run, tenant
from tools.fuzz.run import Report, fuzz

SEED = int(os.environ.get("AUTH0_FUZZ_SEED") or date.today().toordinal())
FEW, MANY, PART = 4, 40, 16
OPERATIONS = sorted(operations(), key=lambda operation: operation.name)
"""All of them; those at every sixteenth place, a place further each day, are drawn many times."""


@pytest.mark.parametrize("place", range(len(OPERATIONS)), ids=[each.name for each in OPERATIONS])
def test_any_request_gets_a_sound_response_and_some_succeed(place: int) -> None:
    operation, report = OPERATIONS[place], Report()
    examples = MANY if place % PART == SEED % PART else FEW
    fuzz(operation, report, examples, seeded=SEED)
    assert (report.failures, report.undeclared) == ({}, {}), f"AUTH0_FUZZ_SEED={SEED}"
    assert operation.name in report.succeeded, f"AUTH0_FUZZ_SEED={SEED}: {report.rejected}"


ROLES = next(operation for operation in OPERATIONS if operation.name == "roles.list")


def fuzz_on(faulty: FakeTenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fuzz this tenant in place of a fork."""

    def fork(tenant: FakeTenant) -> FakeTenant:
        return faulty

    monkeypatch.setattr(run, "validating_fork", fork)


@pytest.mark.parametrize("kind", ["raises", "undeclared"])
def test_a_faulty_response_is_reported(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    class Faulty(FakeTenant):
        def send(self, *request: Any, **more: Any) -> Any:
            if kind == "undeclared":
                raise ResponseContractError("roles.list: an extra member")
            response = super().send(*request, **more)
            response.status = 500
            return response

    fuzz_on(Faulty(), monkeypatch)
    report = Report()
    fuzz(ROLES, report, 2)
    assert not report.clean
    assert bool(report.failures) == (kind == "raises")
    assert "1 of 1 operations succeeded" not in report.lines([ROLES])


def test_the_tenant_contains_something_for_every_path() -> None:
    arguments = tenant.furnished().arguments
    for operation in OPERATIONS:
        assert operation.path.count("{") == len(arguments[operation.id]), operation.name


def test_an_undeclared_error_status_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Teapot(FakeTenant):
        def send(self, *request: Any, **more: Any) -> Any:
            response = super().send("GET", "/api/v2/nowhere", request[2])
            response.status = 418
            return response

    fuzz_on(Teapot(), monkeypatch)
    report = Report()
    fuzz(ROLES, report, 2)
    assert "roles.list: status 418" in report.undeclared
