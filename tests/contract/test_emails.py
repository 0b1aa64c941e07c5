"""The e-mail provider."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Factory

from .calls import status_of

SMTP: dict[str, Any] = {
    "name": "smtp",
    "enabled": True,
    "default_from_address": "no-reply@example.com",
    "credentials": {
        "smtp_host": "smtp.example.com",
        "smtp_port": 587,
        "smtp_user": "user",
        "smtp_pass": "hush",
    },
}


@pytest.fixture
def provider(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """An e-mail provider; skipped where the tenant has one, whose secrets cannot be put back."""
    if status_of(auth0_mgmt.emails.provider.get) is None:
        pytest.skip("the tenant has an e-mail provider of its own already")
    made = auth0_mgmt.emails.provider.create(**SMTP)
    auth0_factory.add_cleanup(auth0_mgmt.emails.provider.delete)
    return made


@pytest.mark.auth0_fake_only
def test_a_provider_is_read_without_its_password(auth0_mgmt: Management, provider: Any) -> None:
    read = auth0_mgmt.emails.provider.get(
        fields="name,enabled,credentials,default_from_address", include_fields=True
    )
    assert read.to_dict() == {
        **SMTP,
        "credentials": {n: v for n, v in SMTP["credentials"].items() if n != "smtp_pass"},
    }


@pytest.mark.auth0_fake_only
def test_there_is_one_provider_at_a_time(auth0_mgmt: Management, provider: Any) -> None:
    with pytest.raises(ConflictError):
        auth0_mgmt.emails.provider.create(**SMTP)
    assert auth0_mgmt.emails.provider.get().name == "smtp"


@pytest.mark.auth0_allow_changes("emails.provider.create")
def test_a_provider_is_changed_and_deleted(auth0_mgmt: Management, provider: Any) -> None:
    emails = auth0_mgmt.emails.provider
    assert emails.update(enabled=False).enabled is False
    shown = emails.get(fields="enabled", include_fields=True)
    assert shown.to_dict() == {"enabled": False}
    assert emails.get().get("default_from_address", "no-reply@example.com").endswith("example.com")
    emails.delete()
    with pytest.raises(NotFoundError, match="inexistent_email_provider"):
        emails.get()
    with pytest.raises(NotFoundError):
        emails.update(enabled=True)
