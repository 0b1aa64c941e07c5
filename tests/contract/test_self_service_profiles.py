"""Self-service profiles: texts and tickets for customers' own set-up."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory

from .calls import status_of
from .families import Family

PROFILES = Family(
    at="self_service_profiles",
    new=lambda make: {
        "name": make.name("sso"),
        "description": "Made by a test",
        "allowed_strategies": ["oidc", "samlp"],
    },
    form=r"ssp_\w{22}",
    change={"allowed_strategies": ["oidc"]},
    null="description",
    missing="ssp_1111111111111111111111",
    absent="not found",
    needs="self_service_profiles",
)


@pytest.fixture
def profile(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    made: Any = auth0_mgmt.self_service_profiles.create(**PROFILES.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.self_service_profiles.delete, made.id)
    return made


@pytest.mark.auth0_requires("self_service_profiles")
def test_texts_are_replaced_whole(auth0_mgmt: Management, profile: Any) -> None:
    texts = auth0_mgmt.self_service_profiles.custom_text
    assert texts.list(profile.id, "en", "get-started") == {}
    texts.set(profile.id, "en", "get-started", body={"introduction": "Hello", "title": "Hi"})
    texts.set(profile.id, "en", "get-started", body={"introduction": "Bye"})
    assert texts.list(profile.id, "en", "get-started") == {"introduction": "Bye"}
    missing = PROFILES.missing
    assert status_of(texts.list, missing, "en", "get-started") == 404


@pytest.mark.auth0_requires("self_service_profiles")
def test_a_ticket_is_made_and_revoked(
    auth0_mgmt: Management, auth0_factory: Factory, profile: Any
) -> None:
    tickets = auth0_mgmt.self_service_profiles.sso_ticket
    made = tickets.create(profile.id, connection_config={"name": auth0_factory.name("sso")})
    url = made.ticket or ""
    assert "/self-service/connections-flow?ticket=" in url
    tickets.revoke(profile.id, url.rpartition("ticket=")[2])
