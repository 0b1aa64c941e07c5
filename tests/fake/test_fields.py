"""``fields`` and ``include_fields``."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.engine.query.fields import project

USER: dict[str, Any] = {
    "user_id": "auth0|1",
    "email": "ada@example.com",
    "app_metadata": {"plan": "gold", "seats": {"max": 3, "used": 1}},
    "identities": [{"connection": "a", "user_id": "1"}, {"connection": "b", "user_id": "2"}],
}


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ("email", {"email": "ada@example.com"}),
        ("email, user_id", {"user_id": "auth0|1", "email": "ada@example.com"}),
        (["email"], {"email": "ada@example.com"}),
        ("app_metadata.plan", {"app_metadata": {"plan": "gold"}}),
        ("app_metadata.seats.max", {"app_metadata": {"seats": {"max": 3}}}),
        ("app_metadata,app_metadata.plan", {"app_metadata": USER["app_metadata"]}),
        ("identities.connection", {"identities": [{"connection": "a"}, {"connection": "b"}]}),
        ("nothing", {}),
    ],
)
def test_included_fields_are_all_that_is_shown(
    fields: str | list[str], shown: dict[str, Any]
) -> None:
    assert project(USER, fields, True) == shown


def test_excluded_fields_are_all_that_is_missing() -> None:
    shown = project(USER, "email,app_metadata.seats.max,identities.user_id,nothing", False)
    assert shown == {
        "user_id": "auth0|1",
        "app_metadata": {"plan": "gold", "seats": {"used": 1}},
        "identities": [{"connection": "a"}, {"connection": "b"}],
    }


def test_no_field_named_is_no_cut() -> None:
    assert project(USER, "", True) == USER


def test_the_document_is_not_touched() -> None:
    before = repr(USER)
    project(USER, "app_metadata.plan,identities.connection", False)
    assert repr(USER) == before
