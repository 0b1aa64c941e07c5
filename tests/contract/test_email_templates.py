"""E-mail templates."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management

from .calls import status_of

NAME = "user_invitation"
TEMPLATE: dict[str, Any] = {
    "template": NAME,
    "body": "<html><body>Come in</body></html>",
    "from": "someone@example.com",
    "resultUrl": "https://example.com/welcome",
    "subject": "Come in",
    "syntax": "liquid",
    "urlLifetimeInSeconds": 3600,
    "includeEmailInRedirect": True,
    "enabled": True,
}


@pytest.fixture
def template(auth0_mgmt: Management) -> Any:
    """A customised template; it cannot be deleted again, so only what was there is put back."""
    templates = auth0_mgmt.email_templates
    before: Any = None
    if status_of(templates.get, NAME) is None:
        before = templates.get(NAME).to_dict()
        templates.set(NAME, **TEMPLATE)
    else:
        templates.create(**TEMPLATE)
    yield templates.get(NAME)
    if before is not None:
        templates.set(NAME, **before)


@pytest.mark.auth0_requires("email_templates")
@pytest.mark.auth0_fake_only
def test_a_template_is_changed_in_part(auth0_mgmt: Management, template: Any) -> None:
    assert template.to_dict() == TEMPLATE
    changed = auth0_mgmt.email_templates.update(NAME, subject="Welcome")
    assert changed.subject == "Welcome"
    read = auth0_mgmt.email_templates.get(NAME)
    assert read.to_dict() == {**TEMPLATE, "subject": "Welcome"}
    with pytest.raises(ConflictError, match=f"Template {NAME} already exists"):
        auth0_mgmt.email_templates.create(**TEMPLATE)


@pytest.mark.auth0_requires("email_templates")
@pytest.mark.auth0_allow_changes("email_templates.set")
def test_a_template_is_replaced_whole(auth0_mgmt: Management, template: Any) -> None:
    small: dict[str, Any] = {
        name: TEMPLATE[name] for name in ("template", "body", "from", "syntax", "enabled")
    }
    small["subject"] = "Short"
    auth0_mgmt.email_templates.set(NAME, **small)
    read = auth0_mgmt.email_templates.get(NAME)
    assert (read.subject, read.get("resultUrl")) == ("Short", None)


def test_a_template_of_an_unknown_name_is_refused(auth0_mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="Path validation error: ") as refused:
        auth0_mgmt.email_templates.get("no_such_template")
    assert refused.value.error_code == "invalid_uri"
