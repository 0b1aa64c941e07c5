"""Prompts: settings, texts, partials and how screens are rendered."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management
from auth0_mgmt_testing import Factory

from .families import Settings

PROMPTS = Settings(
    at="prompts",
    get="get_settings",
    update="update_settings",
    change={"universal_login_experience": "classic", "identifier_first": True},
)
MFA_PUSH = Settings(
    at="prompts.mfa_push",
    change={
        "app_name": "Acme Guard",
        "apple_app_link": "https://apps.example.com/ios",
        "google_app_link": "https://apps.example.com/android",
    },
    blank="",
    needs="push_mfa",
)
RENDERING = Settings(
    at="prompts.rendering",
    ids=("login-id", "login-id"),
    change={
        "rendering_mode": "advanced",
        "context_configuration": ["branding.settings"],
        "default_head_tags_disabled": True,
        "head_tags": [
            {"tag": "script", "attributes": {"src": "https://example.com/a.js"}, "content": ""}
        ],
    },
    needs="advanced_customization",
)


@pytest.mark.auth0_allow_changes("prompts.custom_text.set")
def test_texts_of_a_language_are_replaced_whole(auth0_mgmt: Management) -> None:
    texts = auth0_mgmt.prompts.custom_text
    before: Any = texts.get("login", "en")
    try:
        hello = {"login": {"title": "Hello", "description": "Come in"}}
        write: Any = texts.set
        assert write("login", "en", body=hello) == hello
        assert texts.get("login", "en") == hello
        texts.set("login", "en", body={"login": {"title": "Bye"}})
        assert texts.get("login", "en") == {"login": {"title": "Bye"}}
        assert texts.get("login", "fr") == {}
        texts.set("login", "en", body={})
        assert texts.get("login", "en") == {}
    finally:
        texts.set("login", "en", body=before)


def test_a_text_of_an_unknown_prompt_is_refused(auth0_mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="Path validation error: ") as refused:
        auth0_mgmt.prompts.custom_text.get("no-such-prompt", "en")
    assert refused.value.error_code == "invalid_uri"


@pytest.mark.auth0_requires("custom_domains")
@pytest.mark.auth0_allow_changes("prompts.partials.set")
def test_partials_are_kept_per_prompt(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    partials = auth0_mgmt.prompts.partials
    before: Any = partials.get("login")
    form = {"login": {"form-content-start": "<div>Hello</div>"}}
    try:
        write: Any = partials.set
        assert write("login", body=form) == form
        assert partials.get("login") == form
        partials.set("login", body={})
        assert partials.get("login") == {}
    finally:
        partials.set("login", body=before)


@pytest.mark.auth0_requires("advanced_customization")
@pytest.mark.auth0_allow_changes("prompts.rendering.update")
def test_screens_are_listed_with_how_they_are_rendered(
    auth0_mgmt: Management, changed_settings: Any
) -> None:
    rendering = auth0_mgmt.prompts.rendering
    with changed_settings(RENDERING):
        (found,) = rendering.list(prompt="login-id", screen="login-id")
        assert found.get("rendering_mode") == "advanced"
        advanced = rendering.list(rendering_mode="advanced")
        assert ("login-id", "login-id") in {(c.get("prompt"), c.get("screen")) for c in advanced}
        assert all(config.get("rendering_mode") == "advanced" for config in advanced)


@pytest.mark.auth0_requires("advanced_customization")
@pytest.mark.auth0_fake_only
def test_several_screens_are_changed_at_once(auth0_mgmt: Management) -> None:
    rendering = auth0_mgmt.prompts.rendering
    screens = [("signup", "signup"), ("signup-id", "signup-id")]

    def all_of(mode: str) -> Any:
        return [
            {
                "prompt": prompt,
                "screen": screen,
                "rendering_mode": mode,
                "context_configuration": ["branding.settings"],
                "default_head_tags_disabled": False,
                "head_tags": [],
            }
            for prompt, screen in screens
        ]

    for mode in ("advanced", "standard"):
        rendering.bulk_update(configs=all_of(mode))
        assert [rendering.get(*place).get("rendering_mode") for place in screens] == [mode] * 2
