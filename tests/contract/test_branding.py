"""Branding: colours, themes, page templates, phone providers and notifications."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory

from .calls import status_of
from .families import Family, Settings

BRANDING = Settings(
    at="branding",
    change={
        "colors": {"primary": "#0059d6", "page_background": "#000000"},
        "favicon_url": "https://example.com/favicon.ico",
        "logo_url": "https://example.com/logo.png",
        "font": {"url": "https://example.com/font.ttf"},
    },
)

PHONE_PROVIDERS = Family(
    at="branding.phone.providers",
    new=lambda make: {
        "name": "twilio",
        "disabled": False,
        "configuration": {
            "default_from": "+1234567890",
            "sid": "sid1",
            "delivery_methods": ["text", "voice"],
        },
        "credentials": {"auth_token": "auth123"},
    },
    form=r"pro_\w{22}",
    change={"disabled": True},
    secret=("credentials",),
    items="providers",
    unlisted=("credentials",),
    missing="pro_1111111111111111111111",
    absent="Notification Resource not found",
    single=True,
    needs="phone_providers",
)

PHONE_TEMPLATES = Family(
    at="branding.phone.templates",
    new=lambda make: {
        "type": "otp_enroll",
        "disabled": False,
        "content": {"from": "+1234567890", "body": {"text": "Your code: @{code}"}},
    },
    form=r"tem_\w{22}",
    change={"disabled": True},
    items="templates",
    missing="tem_1111111111111111111111",
    absent="Notification Resource not found",
    single=True,
    needs="phone_providers",
)

THEME: dict[str, Any] = {
    "borders": {
        "button_border_radius": 2,
        "button_border_weight": 2,
        "buttons_style": "pill",
        "input_border_radius": 2,
        "input_border_weight": 2,
        "inputs_style": "pill",
        "show_widget_shadow": True,
        "widget_border_weight": 2,
        "widget_corner_radius": 2,
    },
    "colors": dict.fromkeys(("body_text", "error", "header", "icons", "input_background", "input_border", "input_filled_text", "input_labels_placeholders", "links_focused_components", "primary_button", "primary_button_label", "secondary_button_border", "secondary_button_label", "success", "widget_background", "widget_border"), "#00FF00"),
    "fonts": {
        "body_text": {"bold": True, "size": 100},
        "buttons_text": {"bold": True, "size": 100},
        "font_url": "https://example.com/font.woff",
        "input_labels": {"bold": True, "size": 100},
        "links": {"bold": True, "size": 100},
        "links_style": "normal",
        "reference_text_size": 14,
        "subtitle": {"bold": True, "size": 100},
        "title": {"bold": True, "size": 150},
    },
    "page_background": {
        "background_color": "#000000",
        "background_image_url": "https://example.com/background.png",
        "page_layout": "center",
    },
    "widget": {
        "header_text_alignment": "center",
        "logo_height": 55,
        "logo_position": "center",
        "logo_url": "https://example.com/logo.png",
        "social_buttons_layout": "top",
    },
}  # fmt: skip


@pytest.fixture
def theme(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """The tenant's theme; skipped where it has one already."""
    if status_of(auth0_mgmt.branding.themes.get_default) is None:
        pytest.skip("the tenant has a theme of its own already")
    made = auth0_mgmt.branding.themes.create(displayName="Made by a test", **THEME)
    auth0_factory.add_cleanup(auth0_mgmt.branding.themes.delete, made.theme_id)
    return made


def test_a_theme_is_the_default_until_it_is_deleted(auth0_mgmt: Management, theme: Any) -> None:
    themes = auth0_mgmt.branding.themes
    read = themes.get(theme.theme_id)
    assert read.to_dict() == theme.to_dict() == themes.get_default().to_dict()
    assert read.get("colors.header") == "#00FF00"
    darker: Any = {**THEME, "colors": {**THEME["colors"], "header": "#FF0000"}}
    changed = themes.update(theme.theme_id, **darker)
    assert changed.get("colors.header") == "#FF0000"
    assert themes.get(theme.theme_id).get("colors.header") == "#FF0000"
    themes.delete(theme.theme_id)
    for read_one in (themes.get_default, lambda: themes.get(theme.theme_id)):
        with pytest.raises(NotFoundError, match="theme_not_found"):
            read_one()


@pytest.mark.auth0_requires("custom_domains")
@pytest.mark.auth0_fake_only
def test_a_page_template_is_there_once_it_is_set(
    auth0_mgmt: Management, verified_domain: Any
) -> None:
    templates = auth0_mgmt.branding.templates
    with pytest.raises(NotFoundError, match="inexistent_templates_universal_login"):
        templates.get_universal_login()
    page = "<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
    templates.update_universal_login(template=page)
    assert templates.get_universal_login().get("body") == page
    templates.update_universal_login(template=page.replace("<body>", "<body><p>"))
    assert "<p>" in templates.get_universal_login().get("body", "")
    templates.delete_universal_login()
    assert status_of(templates.get_universal_login) == 404


@pytest.mark.auth0_requires("phone_providers")
@pytest.mark.auth0_allow_changes("branding.phone.providers.test")
def test_a_phone_provider_is_tried(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    providers = auth0_mgmt.branding.phone.providers
    made = providers.create(**PHONE_PROVIDERS.new(auth0_factory))
    auth0_factory.add_cleanup(providers.delete, made.id)
    assert made.id is not None
    assert providers.test(made.id, to="+441234567890", delivery_method="text").get("message")
    assert status_of(providers.test, PHONE_PROVIDERS.missing, to="+441234567890") == 404


@pytest.mark.auth0_requires("phone_providers")
def test_a_phone_template_is_reset_to_what_it_was(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    templates = auth0_mgmt.branding.phone.templates
    made = templates.create(**PHONE_TEMPLATES.new(auth0_factory))
    auth0_factory.add_cleanup(templates.delete, made.id)
    assert made.id is not None
    reset = templates.reset(made.id, body={})
    assert reset.get("content.body.text") != "Your code: @{code}"
    assert "code" in reset.get("content.body.text")
    assert templates.test(made.id, to="+441234567890", delivery_method="text").get("message")


@pytest.mark.auth0_requires("phone_providers")
def test_phone_providers_are_listed_by_whether_they_are_on(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    providers = auth0_mgmt.branding.phone.providers
    made = providers.create(**PHONE_PROVIDERS.new(auth0_factory))
    auth0_factory.add_cleanup(providers.delete, made.id)
    on = providers.list(disabled=False).get("providers")
    assert [provider.id for provider in on] == [made.id]
    assert providers.list(disabled=True).get("providers") == []
