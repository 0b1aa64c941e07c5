"""What the recorded tenant held before, given to the fake under ``--strict``."""

from __future__ import annotations

import json
from typing import Any

from auth0_mgmt_testing.verification.earlier import EarlierState, earlier_state
from auth0_mgmt_testing.verification.replay import Outcome, replay
from auth0_mgmt_testing.verification.targets import FakeTarget

from .conftest import exchange, scenario

ROLE = {"id": "rol_EarlierEarlier01", "name": "editor", "description": "d", "type": "tenant"}
AT = f"/roles/{ROLE['id']}"


def strictly(*exchanges: Any) -> list[Outcome]:
    return list(replay(scenario(*exchanges), FakeTarget(), strict=True))


def silent(outcomes: list[Outcome]) -> list[str]:
    return [outcome.silent for outcome in outcomes]


def differing(outcomes: list[Outcome]) -> list[int]:
    return [each.position for each in outcomes if not each.silent and not each.verdict.value]


def test_a_document_from_before_is_changed_read_and_deleted() -> None:
    changed = {**ROLE, "name": "author"}
    outcomes = strictly(
        exchange("GET", "/roles", None, 200, [ROLE]),
        exchange("PATCH", AT, {"name": "author"}, 200, changed),
        exchange("GET", AT, None, 200, changed),
        exchange("DELETE", AT, None, 200, {}),
        exchange("GET", "/roles", None, 200, []),
    )
    assert silent(outcomes) == ["preexisting", "", "", "", ""]
    assert differing(outcomes) == []


def test_what_the_fake_does_otherwise_with_it_counts() -> None:
    outcomes = strictly(
        exchange("GET", AT, None, 200, ROLE),
        exchange("PATCH", AT, {"name": "author"}, 200, {**ROLE, "name": "another"}),
    )
    assert differing(outcomes) == [1]


def test_what_the_scenario_made_is_not_from_before() -> None:
    made = exchange("POST", "/roles", {"name": "editor", "description": "d"}, 200, ROLE)
    found = earlier_state([made, exchange("GET", AT, None, 200, ROLE)])
    assert found == EarlierState()


def test_settings_from_before_are_what_was_not_written() -> None:
    path = "/branding"
    colors = {"primary": "#111111", "page_background": "#222222"}
    patch = {"logo_url": "https://example.com/l.png"}
    found = earlier_state(
        [
            exchange("PATCH", path, patch, 200, {**patch, "colors": colors, "internal": 1}),
            exchange("GET", path, None, 200, {**patch, "colors": colors}),
            exchange("PATCH", path, {"colors": colors}, 200, {**patch, "colors": colors}),
        ]
    )
    assert found.settings == {"branding": {"colors": colors}}
    assert found.sources == {1}


def test_settings_are_read_by_their_fields_and_documents_are_not() -> None:
    provider = {"name": "mandrill", "enabled": False}
    path = "/emails/provider?fields=name,enabled&include_fields=true"
    settings = earlier_state([exchange("GET", path, None, 200, provider)]).settings
    assert list(settings.values()) == [provider]
    role = exchange("GET", f"{AT}?fields=name,id", None, 200, {"id": ROLE["id"], "name": "a"})
    assert earlier_state([role]) == EarlierState()


def test_settings_that_were_not_there_are_not_from_before() -> None:
    path = "/emails/provider"
    provider = {"name": "sendgrid", "enabled": True, "default_from_address": "a@example.com"}
    absent = exchange("GET", path, None, 404, {"message": "no"})
    read = exchange("GET", path, None, 200, provider)
    assert earlier_state([absent, read]).settings == {}
    assert earlier_state([read]).settings == {"email_provider": provider}


def test_a_read_shows_more_of_a_document_than_a_list_does() -> None:
    whole = {**ROLE, "more": 1}
    found = earlier_state(
        [exchange("GET", "/roles", None, 200, [ROLE]), exchange("GET", AT, None, 200, whole)]
    )
    assert found.documents == {"roles": {ROLE["id"]: whole}}
    assert found.sources == {0}


def test_a_document_takes_the_place_of_the_fresh_tenants_of_the_same_name() -> None:
    database = {
        "id": "con_EarlierEarlier01",
        "name": "Username-Password-Authentication",
        "strategy": "auth0",
        "options": {"brute_force_protection": False},
    }
    target = FakeTarget()
    target.reset()
    assert target.restore(earlier_state([exchange("GET", "/connections", None, 200, [database])]))
    headers = {"authorization": target.authorization()}
    listed = json.loads(target.send("GET", "/api/v2/connections", headers, b"").body)
    assert [each["id"] for each in listed] == [database["id"]]
    assert listed[0]["options"] == database["options"]


def test_the_tenants_host_is_the_targets() -> None:
    host = "https://recorded.eu.auth0.com/x"
    found = earlier_state(
        [exchange("GET", AT, None, 200, {**ROLE, "description": host})],
        lambda text: text.replace("recorded.eu.auth0.com", "here.example.com"),
    )
    assert found.documents["roles"][str(ROLE["id"])]["description"] == "https://here.example.com/x"


def test_a_user_below_whose_address_something_was_found_is_there() -> None:
    path = "/users/auth0%7Cearlier/authentication-methods"
    outcomes = strictly(exchange("GET", path, None, 200, []))
    assert differing(outcomes) == []
