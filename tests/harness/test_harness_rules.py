"""Which test holds which rule of verification: what counts, what says nothing, what is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from auth0_mgmt_testing.verification.compare import Comparison, Difference
from auth0_mgmt_testing.verification.replay import Outcome, replay
from auth0_mgmt_testing.verification.scores import gather
from tools.evidence.collect import collect

from ..rule_tables import absent
from .conftest import ScriptedTarget, exchange, scenario

RULES: Mapping[str, tuple[str, ...]] = {
    # --- superseded and dated forms ---
    "superseded: by operation and what was sent": (
        "harness/test_harness_newer.py::test_only_recordings_of_the_same_kind_of_thing_are_compared",
    ),
    "superseded: errors with errors": (
        "harness/test_harness_newer.py::test_errors_are_compared_with_errors_alike",
    ),
    "superseded: two newest scenarios": (
        "harness/test_harness_newer.py::test_one_newer_scenario_is_not_enough",
    ),
    "superseded: a clean switch": (
        "harness/test_harness_newer.py::test_a_form_that_comes_and_goes_is_no_matter_of_age",
        "harness/test_harness_newer.py::test_the_newest_form_is_asked_for",
    ),
    "dated forms: recordings of one age alone": (
        "harness/test_harness_form_changes.py"
        "::test_a_member_that_came_later_is_not_asked_of_older_recordings",
        "harness/test_harness_form_changes.py"
        "::test_another_success_since_a_day_says_nothing_before_it",
    ),
    "dated forms: two scenarios of each and a clean switch": (
        "harness/test_harness_form_changes.py"
        "::test_a_change_needs_two_scenarios_of_each_form_and_a_clean_switch",
        "harness/test_harness_form_changes.py::test_what_has_fewer_recordings_names_another_source",
    ),
    # --- what was there before ---
    "before: a write about it gives out nothing": (
        "harness/test_harness_before.py::test_a_write_about_something_from_before_gives_out_nothing",
    ),
    "before: an item's own id only": (
        "harness/test_harness_no_evidence.py"
        "::test_a_thing_that_a_request_only_refers_to_may_be_from_before",
    ),
    "before: an invented member counts": (
        "harness/test_harness_before.py::test_a_member_that_only_the_target_shows_counts",
    ),
    "before: never a fixed catalogue": (
        "harness/test_harness_before.py::test_fixed_catalogues_are_never_from_before",
    ),
    "before: an empty PATCH writes nothing": (
        "harness/test_harness_before.py::test_an_empty_patch_writes_nothing",
    ),
    "before: only a POST writes the address below": (
        "harness/test_harness_before.py::test_only_a_post_writes_the_address_below_it",
    ),
    # --- the conditions of a recording ---
    "conditions: the clock": (
        "harness/test_harness_conditions.py::test_the_clock_moves_on_by_what_was_recorded",
        "harness/test_harness_conditions.py::test_a_repeated_read_waits_for_the_next_task",
        "harness/test_harness_conditions.py"
        "::test_a_repeated_deletion_tells_whether_the_first_one_was_done",
    ),
    "conditions: a missing scope": (
        "harness/test_harness_conditions.py"
        "::test_a_recorded_missing_scope_is_replayed_with_a_token_without_it",
    ),
    "conditions: the plan": (
        "harness/test_harness_conditions.py"
        "::test_a_recorded_refusal_of_the_plan_is_replayed_on_a_tenant_of_that_plan",
    ),
    "hosts: the tenant's as a whole": (
        "harness/test_harness_no_evidence.py"
        "::test_the_tenants_host_is_replaced_as_a_whole_whatever_its_region",
    ),
    "recorders: dropped members of clients": (
        "harness/test_harness_rewritten.py::test_what_a_recorder_drops_is_not_held_against_a_tenant",
        "harness/test_harness_rewritten.py"
        "::test_in_a_document_that_names_its_tenant_every_member_counts",
    ),
    "recorders: recordings made by hand": (
        "harness/test_harness_no_evidence.py"
        "::test_recordings_with_ids_that_no_tenant_gives_out_are_no_evidence",
    ),
    "issuers: discovery documents of others": (
        "harness/test_harness_no_evidence.py"
        "::test_what_only_the_issuers_document_tells_says_nothing",
    ),
    # --- what is reported ---
    "evidence: verdicts, scenarios, newest date, aged": (
        "harness/test_harness_rules.py::test_evidence_names_verdict_scenarios_date_and_age",
    ),
    "evidence: property-tested where a success was drawn": (
        "harness/test_harness_rules.py::test_an_operation_that_was_only_refused_is_not_property_tested",
    ),
    "reports: JUnit": (
        "harness/test_harness_verify_command.py::test_junit_names_each_exchange_that_differs",
    ),
    "reports: SARIF": (
        "harness/test_harness_verify_command.py::test_sarif_has_a_result_for_each_kind_of_difference",
    ),
    "reports: annotations": (
        "harness/test_harness_verify_command.py::test_github_shows_an_annotation_for_each_cause",
    ),
    "reports: a baseline": (
        "harness/test_harness_verify_command.py"
        "::test_a_baseline_is_written_once_and_then_to_be_reached",
    ),
    "reports: HAR": (
        "harness/test_harness_verify_command.py::test_recordings_are_written_as_har_without_secrets",
    ),
    "reports: what remains, by cause": (
        "harness/test_harness_verify_command.py::test_remaining_differences_are_grouped_by_cause",
    ),
}
"""Every rule, by a short title, with the tests that hold it."""


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_test(rule: str) -> None:
    assert RULES[rule]
    assert absent(RULES[rule]) == []


def outcome(scenario_name: str, day: datetime | None, *, equal: bool = True) -> Outcome:
    target = ScriptedTarget((200, {}))
    [found] = replay(scenario(exchange("GET", "/roles/x", None, 200, {})), target)
    difference = Difference("a", "value", "1", "2")
    verdict = Comparison(() if equal else (difference,))
    return replace(found, scenario=scenario_name, recorded_at=day, verdict=verdict)


def test_evidence_names_verdict_scenarios_date_and_age() -> None:
    new, old = datetime(2026, 6, 1, tzinfo=UTC), datetime(2023, 6, 1, tzinfo=UTC)
    alike = [outcome("a", new), outcome("a", new), outcome("b", old), outcome("c", None)]
    [tally] = gather(alike).operations
    found = tally.as_json()
    assert {name: found[name] for name in ("verdict", "scenarios", "newest", "aged")} == {
        "verdict": "matches",
        "scenarios": 3,
        "newest": "2026-06-01",
        "aged": 2,
    }
    [tally] = gather([*alike, outcome("d", new, equal=False)]).operations
    assert tally.verdict == "differs"
    [tally] = gather([replace(outcome("a", new), silent="preexisting")]).operations
    assert tally.verdict == "no recording"


def test_an_operation_that_was_only_refused_is_not_property_tested() -> None:
    drawn = "tests/properties/test_machine.py::test_x"
    called = {
        "get_roles": {"tests": [drawn], "negative": []},
        "post_roles": {"tests": [], "negative": [drawn]},
    }
    rows = {row.operation: row for row in collect(called, {})}
    assert rows["get_roles"].properties
    assert not rows["post_roles"].properties
