"""User attribute profiles and their templates."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory

from .families import Family

PROFILES = Family(
    at="user_attribute_profiles",
    new=lambda make: {
        "name": make.name("attributes"),
        "user_attributes": {
            "email": {
                "description": "The address",
                "label": "Email",
                "profile_required": True,
                "auth0_mapping": "email",
            }
        },
    },
    form=r"uap_\w{22}",
    change={"name": "Renamed attributes"},
    missing="uap_1111111111111111111111",
    absent="User attribute profile not found",
    needs="user_attribute_profiles",
)


@pytest.mark.auth0_requires("user_attribute_profiles")
def test_a_template_can_be_made_a_profile_of(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    profiles = auth0_mgmt.user_attribute_profiles
    found = profiles.list_templates().get("user_attribute_profile_templates")
    assert "auth0-generic" in {template.id for template in found}
    template = profiles.get_template("auth0-generic").get("template").to_dict()
    given: Any = {**template, "name": auth0_factory.name("attributes")}
    made = profiles.create(**given)
    auth0_factory.add_cleanup(profiles.delete, made.id)
    assert profiles.get(made.id or "").get("user_id").to_dict() == template["user_id"]
    with pytest.raises(NotFoundError):
        profiles.get_template("no-such-template")
