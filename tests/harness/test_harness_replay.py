"""Scenarios are replayed in order with identifiers mapped, and counted per operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auth0_mgmt_testing.recordings.exchange import RecordedResponse
from auth0_mgmt_testing.verification.compare import Comparison, Difference, Kind
from auth0_mgmt_testing.verification.operations import match
from auth0_mgmt_testing.verification.replay import Outcome, holds, replay
from auth0_mgmt_testing.verification.scores import Scores, by_year, gather

from .conftest import ScriptedTarget, exchange, scenario

OLD, NEW = "rol_recorded00000001", "rol_actual0000000002"


def test_ids_that_the_target_gives_out_are_used_in_later_requests() -> None:
    recorded = scenario(
        exchange("POST", "/roles", {"name": "a"}, 200, {"id": OLD, "name": "a"}),
        exchange("PATCH", f"/roles/{OLD}", {"description": OLD}, 200, {"id": OLD, "name": "a"}),
        exchange("DELETE", f"/roles/{OLD}", None, 204),
    )
    target = ScriptedTarget(
        (200, {"id": NEW, "name": "a"}), (200, {"id": NEW, "name": "a"}), (204, None)
    )
    outcomes = list(replay(recorded, target))
    assert target.resets == 1
    assert target.sent[1] == ("PATCH", f"/api/v2/roles/{NEW}", {"description": NEW})
    assert target.sent[2] == ("DELETE", f"/api/v2/roles/{NEW}", None)
    assert all(outcome.verdict.value for outcome in outcomes)
    assert [o.operation for o in outcomes] == [
        "post_roles",
        "patch_roles_by_id",
        "delete_roles_by_id",
    ]


def test_ids_of_listed_things_are_learned_by_name() -> None:
    recorded = scenario(
        exchange("GET", "/roles", None, 200, [{"id": OLD, "name": "default"}]),
        exchange("GET", f"/roles/{OLD}", None, 200, {"id": OLD, "name": "default"}),
    )
    target = ScriptedTarget(
        (200, [{"id": NEW, "name": "default"}]), (200, {"id": NEW, "name": "default"})
    )
    assert all(outcome.verdict.value for outcome in replay(recorded, target))
    assert target.sent[1][1] == f"/api/v2/roles/{NEW}"


class BrokenTarget(ScriptedTarget):
    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        raise RuntimeError("broken")


def test_a_target_that_breaks_is_a_difference_of_that_exchange() -> None:
    [outcome] = replay(scenario(exchange("GET", "/roles")), BrokenTarget())
    assert not outcome.verdict.status
    assert "broken" in outcome.verdict.differences[0].actual


def test_requests_are_matched_to_operations() -> None:
    assert match("GET", "/api/v2/users/auth0%7C1?fields=a") == "get_users_by_id"
    assert match("POST", "/oauth/token") is None
    assert match("GET", "/api/v2/nothing/of/the/kind") is None


def test_scenarios_are_found_by_the_operations_they_hold() -> None:
    recorded = scenario(exchange("GET", "/roles"))
    assert holds(recorded, frozenset({"get_roles"}))
    assert not holds(recorded, frozenset({"post_roles"}))


def outcome(operation: str | None, *kinds: Kind, day: int = 1, path: str = "/api/v2/x") -> Outcome:
    differences = tuple(Difference("x", kind, "a", "b") for kind in kinds)
    when = datetime(2025, 1, day, tzinfo=UTC)
    return Outcome(
        "s", 0, "GET", path, operation, Comparison(differences), RecordedResponse(200), when
    )


def test_scores_are_means_over_operations_not_over_exchanges() -> None:
    often = [outcome("get_roles") for _ in range(98)]
    evidence = gather([*often, outcome("post_roles", "value"), outcome("post_roles", day=9)])
    assert evidence.scores is not None
    assert evidence.scores.status == 1
    assert evidence.scores.value == pytest.approx(0.75)
    worst = evidence.worst_first()[0]
    assert worst.operation == "post_roles"
    assert worst.as_json() == {
        "operation": "post_roles",
        "verdict": "differs",
        "exchanges": 2,
        "scenarios": 1,
        "aged": 0,
        "preexisting": 0,
        "superseded": 0,
        "handmade": 0,
        "status": 2,
        "shape": 2,
        "value": 1,
        "newest": "2025-01-09",
    }


def test_what_is_outside_of_the_contract_is_counted_apart() -> None:
    evidence = gather([outcome(None, "status")])
    assert evidence.operations == ()
    assert evidence.scores is None
    assert evidence.outside is not None
    assert evidence.outside.exchanges == 1


def test_what_is_of_the_authentication_api_is_counted_apart() -> None:
    evidence = gather([outcome(None, path="/oauth/token"), outcome(None, "status")])
    assert evidence.authentication is not None
    assert evidence.authentication.scores == Scores(1, 1, 1)
    assert evidence.outside is not None
    assert evidence.outside.scores == Scores(0, 0, 0)


def test_scores_are_known_by_the_year_of_the_recordings() -> None:
    old = replace(outcome("get_roles", "shape"), recorded_at=datetime(2023, 5, 1, tzinfo=UTC))
    undated = replace(outcome("get_roles"), recorded_at=None)
    years = by_year([undated, outcome("get_roles"), old])
    assert list(years) == ["2023", "2025", "undated"]
    assert years["2023"].scores == Scores(1, 0, 0)
    assert years["2025"].scores == Scores(1, 1, 1)
