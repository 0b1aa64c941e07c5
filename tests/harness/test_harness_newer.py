"""Where recordings of different ages disagree, the newer wins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from auth0_mgmt_testing.verification.compare import compare
from auth0_mgmt_testing.verification.identity import IdentityMap
from auth0_mgmt_testing.verification.replay import Outcome, Silent
from auth0_mgmt_testing.verification.superseded import dated, without_superseded

from .conftest import answer

NEW = {"name": "a", "flag": False}
"""What the tenant at hand answers."""


def outcome(year: int | None, recorded: Any, *, status: int = 200, client: str = "") -> Outcome:
    """A recording of that year, held against the tenant at hand."""
    was = answer(status, recorded)
    return Outcome(
        f"recorded in {year}",
        0,
        "GET",
        "/api/v2/roles/1",
        "get_roles_by_id",
        compare(was, answer(200, NEW), IdentityMap([], "here")),
        was,
        datetime(year, 1, 1, tzinfo=UTC) if year else None,
        client,
    )


def silent(*outcomes: Outcome) -> list[Silent]:
    return [each.silent for each in without_superseded(outcomes)]


def test_a_property_that_came_is_not_asked_of_the_older_recordings() -> None:
    old, newest = outcome(2023, {"name": "a"}), [outcome(2025, NEW), outcome(2026, NEW)]
    assert silent(old, *newest) == ["superseded", "", ""]


def test_one_newer_scenario_is_not_enough() -> None:
    assert silent(outcome(2023, {"name": "a"}), outcome(2025, NEW)) == ["", ""]


def test_only_recordings_of_the_same_kind_of_thing_are_compared() -> None:
    old = replace(outcome(2023, {"name": "a"}), request_kind="dict strategy=oidc")
    other = [
        replace(outcome(year, NEW), request_kind="dict strategy=auth0") for year in (2025, 2026)
    ]
    assert silent(old, *other) == ["", "", ""]
    same = [replace(each, request_kind=old.request_kind) for each in other]
    assert silent(old, *same) == ["superseded", "", ""]


def test_errors_are_compared_with_errors_alike() -> None:
    old = outcome(2023, {"name": "a"}, status=400)
    assert silent(old, outcome(2025, NEW), outcome(2026, NEW)) == ["", "", ""]


def test_a_property_that_went_likewise() -> None:
    old, newest = outcome(2023, {**NEW, "gone": 1}), [outcome(2025, NEW), outcome(2026, NEW)]
    assert silent(old, *newest) == ["superseded", "", ""]


def test_a_value_is_a_constant_only_where_several_scenarios_agree_on_it() -> None:
    old = [outcome(2022, {**NEW, "name": "x"}), outcome(2023, {**NEW, "name": "y"})]
    newer = [outcome(year, NEW) for year in (2024, 2025, 2026)]
    assert silent(*old, *newer) == ["superseded", "superseded", "", "", ""]
    assert silent(*old, *newer[1:]) == ["", "", "", ""]


def test_two_newer_scenarios_do_for_a_flag_of_which_all_older_ones_agree_on_another() -> None:
    old = [outcome(year, {**NEW, "flag": True}) for year in (2022, 2023)]
    newest = [outcome(2025, NEW), outcome(2026, NEW)]
    assert silent(*old, *newest) == ["superseded", "superseded", "", ""]


def test_a_status_that_changed_likewise() -> None:
    old, newest = outcome(2023, NEW, status=201), [outcome(2025, NEW), outcome(2026, NEW)]
    assert silent(old, *newest) == ["superseded", "", ""]


def test_the_newest_form_is_asked_for() -> None:
    assert silent(outcome(2023, NEW), outcome(2025, {"name": "a"})) == ["", ""]


def test_a_form_that_comes_and_goes_is_no_matter_of_age() -> None:
    old, new = {"name": "a"}, NEW
    recorded = [outcome(2022, old), outcome(2023, new), outcome(2024, old), outcome(2025, old)]
    assert silent(*recorded) == ["", "", "", ""]
    back = [outcome(2022, new), outcome(2023, old), outcome(2024, new), outcome(2025, new)]
    assert silent(*back) == ["", "", "", ""]


def test_only_what_is_superseded_in_full_says_nothing() -> None:
    assert silent(outcome(2023, {"name": "other"}), outcome(2025, NEW)) == ["", ""]


def test_undated_recordings_are_dated_by_their_client() -> None:
    old = outcome(None, {"name": "a"}, client="sdk/1.0")
    dated = outcome(2023, NEW, client="sdk/1.0")
    newest = outcome(2025, NEW, client="sdk/2.0")
    assert silent(old, newest) == ["", ""]
    judged = without_superseded([old, dated, newest])
    assert judged[0].recorded_at == dated.recorded_at


def test_an_undated_recording_is_no_younger_than_a_later_version_of_its_client() -> None:
    undated = outcome(None, {"name": "a"}, client="Client/1.9.0")
    later = outcome(2024, {"name": "a"}, client="Client/1.10.0")
    newest = [outcome(2025, NEW), outcome(2026, NEW)]
    assert silent(undated, later, *newest) == ["superseded", "superseded", "", ""]
    other = outcome(2024, {"name": "a"}, client="Another/1.10.0")
    assert silent(undated, other, *newest) == ["", "superseded", "", ""]


def test_an_undated_recording_of_the_latest_version_is_no_older_than_the_others() -> None:
    latest = outcome(None, NEW, client="Client/2.0.0")
    dated = outcome(2024, NEW, client="Client/1.0.0")
    older = outcome(2023, {"name": "a"}, client="Client/0.9.0")
    assert silent(latest, dated, older) == ["", "", "superseded"]


def test_an_exchange_that_names_no_client_was_recorded_by_the_scenarios() -> None:
    old = {"name": "a"}
    dated = outcome(2024, old, client="Client/1.0.0")
    newer, newest = outcome(2025, NEW), outcome(2026, NEW)
    named, nameless = outcome(None, old, client="Client/1.0.0"), outcome(None, old)
    assert silent(nameless, dated, newer, newest) == ["", "superseded", "", ""]
    assert silent(nameless, named, dated, newer, newest) == [*["superseded"] * 3, "", ""]


def test_versions_of_known_clients_date_recordings_that_stand_alone() -> None:
    alone = outcome(None, NEW, client="Go-Auth0/1.19.0")
    [dated_alone] = dated([alone])
    assert dated_alone.recorded_at == datetime(2025, 5, 6, tzinfo=UTC)


def test_a_date_in_a_response_of_a_known_version_does_not_date_the_versions_before() -> None:
    old_thing = outcome(2020, NEW, client="Go-Auth0/1.20.0")
    *_, undated = dated([old_thing, outcome(None, NEW, client="Go-Auth0/1.19.0")])
    assert undated.recorded_at == datetime(2025, 5, 6, tzinfo=UTC)
