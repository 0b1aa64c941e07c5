"""Tenant settings."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management

from .families import Settings

TENANT = Settings(
    at="tenants.settings",
    blank="",
    default={"session_lifetime": 168, "enabled_locales": ["en"]},
    change={
        "friendly_name": "Made by a test",
        "support_email": "support@example.com",
        "session_lifetime": 48,
        "enabled_locales": ["en", "fr"],
    },
)


@pytest.mark.auth0_allow_changes("tenants.settings.update")
def test_flags_are_merged_one_by_one(auth0_mgmt: Management, changed_settings: Any) -> None:
    flags = auth0_mgmt.tenants.settings.get().get("flags").to_dict()
    one = Settings(
        at="tenants.settings", change={"flags": {"disable_clickjack_protection_headers": True}}
    )
    with changed_settings(one):
        after = auth0_mgmt.tenants.settings.get().get("flags").to_dict()
    assert after == {**flags, "disable_clickjack_protection_headers": True}


@pytest.mark.auth0_allow_changes("tenants.settings.update")
def test_null_takes_a_setting_away(auth0_mgmt: Management, changed_settings: Any) -> None:
    page = {"html": "<b>Sorry</b>", "show_log_link": False, "url": "https://example.com/error"}
    with changed_settings(Settings(at="tenants.settings", change={"error_page": page})):
        assert auth0_mgmt.tenants.settings.get().get("error_page.html") == "<b>Sorry</b>"
        auth0_mgmt.tenants.settings.update(error_page=None)
        assert auth0_mgmt.tenants.settings.get().get("error_page") is None


def test_settings_are_read_by_fields(auth0_mgmt: Management) -> None:
    shown = auth0_mgmt.tenants.settings.get(fields="flags", include_fields=True)
    assert set(shown.to_dict()) == {"flags"}
    assert (
        "flags"
        not in auth0_mgmt.tenants.settings.get(fields="flags", include_fields=False).to_dict()
    )


@pytest.mark.auth0_allow_changes("tenants.settings.update")
def test_lifetimes_in_hours_and_in_minutes_exclude_each_other(auth0_mgmt: Management) -> None:
    with pytest.raises(BadRequestError):
        auth0_mgmt.tenants.settings.update(session_lifetime=48, session_lifetime_in_minutes=60)
