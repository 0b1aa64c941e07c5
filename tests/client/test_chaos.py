"""A small run of ``python -m tools.chaos``: every fault with every call once."""

from __future__ import annotations

import tools.chaos.run as chaos
from auth0_mgmt import Management
from tools.chaos.run import CALLS, plan, run
from tools.chaos.server import FAULTS, ChaosServer


def test_every_fault_ends_in_a_typed_error_and_no_write_is_doubled() -> None:
    report = run(len(FAULTS) * len(CALLS), seed=7)
    assert report.untyped == []
    assert report.doubled == []
    assert report.hangs == []
    assert set(report.faults) == set(FAULTS)
    assert report.outcomes["APIConnectionError"] > 10


def test_a_client_that_repeats_writes_is_noticed() -> None:
    calls = [call for call in plan(len(FAULTS) * len(CALLS), 0) if call[1] == "roles.create"]
    with ChaosServer() as server:
        with Management(server.origin, auth="t", retry_non_idempotent=True) as mgmt:
            mgmt._dispatcher.http.sleep = chaos._no_time
            for call in calls:
                if call[2] in ("close in the body", "reset before a response"):
                    chaos._one(mgmt, call)
        assert sorted(server.effects.values()) == [2, 2]
