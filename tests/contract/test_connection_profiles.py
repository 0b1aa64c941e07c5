"""Connection profiles and their templates."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management, NotFoundError

from .families import Family

PROFILES = Family(
    at="connection_profiles",
    new=lambda make: {
        "name": make.name("profile"),
        "organization": {"show_as_button": "optional", "assign_membership_on_login": "required"},
        "enabled_features": ["scim"],
    },
    form=r"cop_\w{22}",
    change={"enabled_features": ["scim", "universal_logout"]},
    missing="cop_1111111111111111111111",
    needs="connection_profiles",
)


@pytest.mark.auth0_requires("connection_profiles")
def test_every_template_listed_can_be_read(auth0_mgmt: Management) -> None:
    profiles = auth0_mgmt.connection_profiles
    found = profiles.list_templates().get("connection_profile_templates")
    assert found
    for template in found:
        assert profiles.get_template(template.id).to_dict() == template.to_dict()
    with pytest.raises(NotFoundError):
        profiles.get_template("no-such-template")
