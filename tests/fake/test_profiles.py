"""Profiles for self-service: how many there are, their texts and tickets."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import ConflictError, Management, NotFoundError


def test_texts_are_set_page_by_page_and_go_with_the_profile(mgmt: Management) -> None:
    key = mgmt.self_service_profiles.create(name="a").id
    assert key is not None
    texts = mgmt.self_service_profiles.custom_text
    assert texts.list(key, "en", "get-started") == {}
    texts.set(key, "en", "get-started", {"introduction": "Welcome!"})
    assert texts.list(key, "en", "get-started") == {"introduction": "Welcome!"}
    mgmt.self_service_profiles.delete(key)
    with pytest.raises(NotFoundError, match=f"Profile with ID: {key} not found"):
        texts.list(key, "en", "get-started")


def test_a_tenant_has_twenty_profiles_at_most(mgmt: Management) -> None:
    for number in range(20):
        mgmt.self_service_profiles.create(name=f"number {number}")
    with pytest.raises(ConflictError):
        mgmt.self_service_profiles.create(name="one more")


def test_a_ticket_cannot_name_a_connection_that_there_is(mgmt: Management) -> None:
    key = mgmt.self_service_profiles.create(name="a").id
    assert key is not None
    tickets = mgmt.self_service_profiles.sso_ticket
    assert tickets.create(key, connection_config={"name": "partner"}).ticket
    mgmt.connections.create(name="partner", strategy="okta", options={"client_id": "a"})
    with pytest.raises(ConflictError):
        tickets.create(key, connection_config={"name": "partner"})


def test_a_mapping_of_users_ids_is_completed(mgmt: Management) -> None:
    email: Any = {
        "description": "the address",
        "label": "Email",
        "profile_required": True,
        "auth0_mapping": "email",
    }
    made = mgmt.user_attribute_profiles.create(
        name="a", user_id={"oidc_mapping": "sub"}, user_attributes={"email": email}
    )
    assert made.user_id is not None
    assert made.user_id.scim_mapping == "externalId"
