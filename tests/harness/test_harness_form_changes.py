"""Known changes of forms, by date."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth0_mgmt.resources import operations
from auth0_mgmt_testing.verification.form_changes import (
    FormChange,
    form_changes,
    status_changes,
    without_earlier_forms,
)
from auth0_mgmt_testing.verification.replay import Outcome, replay
from tools.form_changes import count

from .conftest import ScriptedTarget, exchange, scenario

ROLE = {"id": "rol_AAAAAAAAAAAAAAA1", "name": "a"}
SINCE = datetime(2026, 8, 7, tzinfo=UTC)


def told(recorded: Any, actual: Any, at: datetime | None, path: str = "/roles/x") -> list[str]:
    one = replace(exchange("GET", path, None, 200, recorded), recorded_at=at)
    [outcome] = without_earlier_forms(replay(scenario(one), ScriptedTarget((200, actual))))
    return [difference.path for difference in outcome.verdict.differences]


@pytest.mark.parametrize(
    ("at", "expected"),
    [(SINCE - timedelta(seconds=1), []), (SINCE, ["type"]), (None, ["type"])],
)
def test_a_member_that_came_later_is_not_asked_of_older_recordings(
    at: datetime | None, expected: list[str]
) -> None:
    assert told(ROLE, {**ROLE, "type": "tenant"}, at) == expected


def test_items_of_lists_are_documents_of_the_same_kind() -> None:
    before = SINCE - timedelta(days=1)
    typed = {**ROLE, "type": "tenant"}
    assert told([ROLE], [typed], before, "/roles") == []
    assert told({"roles": [ROLE], "total": 1}, {"roles": [typed], "total": 1}, before) == []


def test_everything_else_of_the_exchange_counts() -> None:
    before = SINCE - timedelta(days=1)
    actual = {**ROLE, "type": "tenant", "more": 1}
    assert told(ROLE, actual, before) == ["more"]
    assert told({**ROLE, "type": "tenant"}, ROLE, before) == ["type"]
    assert told(ROLE, {**ROLE, "type": "tenant"}, before, "/users/x") == ["type"]


def test_what_is_shown_otherwise_since_a_day_says_nothing_before_it() -> None:
    def domain(name: str) -> dict[str, Any]:
        return {"domain": "a.example", "verification": {"methods": [{"name": name}]}}

    day = datetime(2024, 5, 1, tzinfo=UTC)
    path = "/custom-domains/x"
    assert told(domain("cname"), domain("CNAME"), day - timedelta(seconds=1), path) == []
    assert told(domain("cname"), domain("CNAME"), day, path) == [
        "verification.methods[name=cname]",
        "verification.methods[name=CNAME]",
    ]


def test_a_change_may_be_one_of_certain_kinds_of_things() -> None:
    before = datetime(2025, 11, 5, tzinfo=UTC)
    ticket = {"provisioning_ticket_url": "https://t.example/p"}
    for kind, expected in (("waad", []), ("ad", ["provisioning_ticket_url"])):
        about = {"name": "a", "strategy": kind}
        assert told({**about, **ticket}, about, before, "/connections/x") == expected


def test_a_change_of_certain_kinds_of_things_applies_to_lists_of_them() -> None:
    before = datetime(2026, 5, 27, tzinfo=UTC)
    settings: dict[str, Any] = {"options": {"assertion_decryption_settings": {}}}
    for kind, differences in (("samlp", 0), ("ad", 1)):
        about: dict[str, Any] = {"name": "a", "strategy": kind, "options": {}}
        recorded, actual = {"connections": [about]}, {"connections": [{**about, **settings}]}
        assert len(told(recorded, actual, before, "/connections")) == differences


@pytest.mark.parametrize("change", form_changes(), ids=lambda change: change.member)
def test_every_entry_names_a_form_and_a_day(change: FormChange) -> None:
    assert change.form in ("added", "removed", "changed")
    assert change.segments
    assert change.since < datetime.now(UTC).date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("was", "now", "at", "expected"),
    [
        (200, 201, datetime(2024, 9, 22, tzinfo=UTC), True),
        (200, 201, datetime(2024, 9, 23, tzinfo=UTC), False),
        (200, 201, None, False),
        (200, 204, datetime(2024, 9, 22, tzinfo=UTC), False),
        (201, 200, datetime(2024, 9, 22, tzinfo=UTC), False),
    ],
)
def test_another_success_since_a_day_says_nothing_before_it(
    was: int, now: int, at: datetime | None, expected: bool
) -> None:
    made = replace(exchange("POST", "/flows", {"name": "f"}, was, {}), recorded_at=at)
    [outcome] = without_earlier_forms(replay(scenario(made), ScriptedTarget((now, {}))))
    assert outcome.verdict.status == expected


def test_a_change_of_status_is_one_of_known_operations_to_one_of_the_contract() -> None:
    for change in status_changes():
        for name in change.operations:
            [operation] = [each for each in operations() if each.id == name]
            assert change.now in operation.success_statuses
            assert change.was not in operation.success_statuses


def test_a_change_may_be_one_of_certain_methods() -> None:
    before = datetime(2026, 7, 23, tzinfo=UTC)
    made = {"name": "a", "strategy": "okta"}
    listed: dict[str, Any] = {**made, "enabled_clients": []}
    for method, expected in (("GET", []), ("POST", ["enabled_clients"])):
        path = "/connections/x" if method == "GET" else "/connections"
        one = replace(exchange(method, path, None, 200, listed), recorded_at=before)
        [outcome] = without_earlier_forms(replay(scenario(one), ScriptedTarget((200, made))))
        assert [each.path for each in outcome.verdict.differences] == expected


def seen(*recorded: tuple[str, datetime, Any]) -> list[Outcome]:
    """Reads of a role that shows a type on the target."""
    found: list[Outcome] = []
    for name, at, body in recorded:
        one = replace(exchange("GET", "/roles/x", None, 200, body), recorded_at=at)
        found += replay(scenario(one), ScriptedTarget((200, {**ROLE, "type": "tenant"})))
        found[-1] = replace(found[-1], scenario=name)
    return found


TYPED = {**ROLE, "type": "tenant"}
OLD, NEW = SINCE - timedelta(days=9), SINCE + timedelta(days=9)


@pytest.mark.parametrize(
    ("outcomes", "source", "breaches"),
    [
        (
            seen(("a", OLD, ROLE), ("b", OLD, ROLE), ("c", NEW, TYPED), ("d", NEW, TYPED)),
            "recordings",
            0,
        ),
        (seen(("a", OLD, ROLE), ("b", OLD, ROLE), ("c", NEW, TYPED)), "recordings", 1),
        (seen(("a", OLD, ROLE), ("c", NEW, TYPED), ("d", NEW, TYPED)), "recordings", 1),
        (seen(("a", OLD, ROLE)), "contract", 0),
        (seen(("a", OLD, ROLE), ("c", NEW, ROLE)), "contract", 1),
        (seen(("c", NEW, TYPED)), "contract", 1),
    ],
)
def test_a_change_needs_two_scenarios_of_each_form_and_a_clean_switch(
    outcomes: list[Outcome], source: str, breaches: int
) -> None:
    change = FormChange(frozenset({"roles"}), "type", "added", SINCE.date())
    assert len(count(change, outcomes).breaches(source)) == breaches


def test_what_has_fewer_recordings_names_another_source() -> None:
    sources = {each.source for each in form_changes()} | {each.source for each in status_changes()}
    assert sources == {"recordings", "contract", "report"}
