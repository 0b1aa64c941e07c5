"""Prompts: the login experience, its texts, partial templates and how its screens are rendered."""

from __future__ import annotations

from functools import cache
from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import Listing, SettingsBehaviour, equals, item_response, list_response, visible
from ..contract import of_operation
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc, Key

family = Family()

SETTINGS = SettingsBehaviour(
    "prompts",
    {
        "universal_login_experience": "new",
        "identifier_first": True,
    },
    drop_nulls=True,
)
SETTINGS.bind(family, get="prompts.get_settings", update="prompts.update_settings")


def is_identifier_first(context: RequestContext) -> bool:
    """Whether the pages ask for the identifier before the password; classic ones never do."""
    held = SETTINGS.read(context)
    return (
        bool(held.get("identifier_first")) and held.get("universal_login_experience") != "classic"
    )


SettingsBehaviour("prompts.mfa_push", {}).bind(
    family, get="prompts.mfa_push.get", update="prompts.mfa_push.update"
)


# --- texts and partials: whatever was put last, per prompt (and language) ----------------------


def _text_key(context: RequestContext) -> Key:
    return ("custom_text", context.path["prompt"], context.path["language"])


def _partials_key(context: RequestContext) -> Key:
    return ("partials", context.path["prompt"])


@family.operation("prompts.custom_text.get", kind="settings")
def get_custom_text(context: RequestContext) -> Any:
    """The texts of a prompt in a language."""
    return context.tx.get("settings", _text_key(context)) or {}


_OPEN = "common"
"""The prompt whose texts are of no screen."""


@cache
def _screens() -> frozenset[str]:
    """Every screen, and every prompt: many a screen is named after its prompt."""
    family = of_operation("get_rendering")
    parameters: Doc = (family.operation("get_rendering") or {})["path"]
    names = (family.resolve(parameters[name])["enum"] for name in ("prompt", "screen"))
    return frozenset(name for enum in names for name in enum)


@family.operation("prompts.custom_text.set", kind="settings")
def put_custom_text(context: RequestContext) -> Any:
    """Replace the texts of a prompt in a language; keys of a screen are taken as they come."""
    texts: Doc = context.body or {}
    for screen, keys in texts.items():
        if context.path["prompt"] != _OPEN and screen not in _screens():
            key = next(iter(keys), "") if is_object(keys) else ""
            raise APIError(400, f'Invalid key "{key}" in screen "{screen}"', "invalid_body")
    return context.tx.put("settings", _text_key(context), texts)


@family.operation("prompts.partials.get", kind="settings")
def get_partials(context: RequestContext) -> Any:
    """The partial templates of a prompt."""
    return context.tx.get("settings", _partials_key(context)) or {}


@family.operation("prompts.partials.set", kind="settings")
def put_partials(context: RequestContext) -> Any:
    """Replace the partial templates of a prompt; a screen without any is dropped."""
    given: Doc = context.body or {}
    filled = {screen: parts for screen, parts in given.items() if parts}
    return context.tx.put("settings", _partials_key(context), filled)


# --- rendering: one document per prompt and screen ---------------------------------------------

_TABLE = "renderings"
_LISTING = Listing(
    filters={
        "prompt": equals("prompt"),
        "screen": equals("screen"),
        "rendering_mode": equals("rendering_mode"),
    }
)


def _rendering(context: RequestContext, prompt: str, screen: str) -> Doc:
    stored = context.tx.get(_TABLE, (prompt, screen))
    return stored or {
        "tenant": context.tenant_name,
        "prompt": prompt,
        "screen": screen,
        "rendering_mode": "standard",
        "context_configuration": [],
        "default_head_tags_disabled": False,
        "head_tags": [],
        "filters": None,
        "use_page_template": False,
    }


def _change(context: RequestContext, prompt: str, screen: str, patch: Doc) -> None:
    context.tx.put(_TABLE, (prompt, screen), {**_rendering(context, prompt, screen), **patch})


@family.operation("prompts.rendering.get", kind="settings")
def get_rendering(context: RequestContext) -> Any:
    """How a screen is rendered; every screen has settings from the start."""
    return item_response(
        context, _rendering(context, context.path["prompt"], context.path["screen"])
    )


@family.operation("prompts.rendering.update", kind="settings")
def patch_rendering(context: RequestContext) -> Any:
    """Change how a screen is rendered; the response is what was sent."""
    patch: Doc = context.body or {}
    _change(context, context.path["prompt"], context.path["screen"], patch)
    return patch


@family.operation("prompts.rendering.bulk_update", kind="settings")
def patch_renderings(context: RequestContext) -> Any:
    """Change several screens at once; the response is what was sent."""
    for config in context.body["configs"]:
        _change(context, config["prompt"], config["screen"], config)
    return context.body


@family.operation("prompts.rendering.list", kind="view")
def list_renderings(context: RequestContext) -> Any:
    """The screens whose rendering was ever changed."""

    def shown(context: RequestContext, doc: Doc) -> Doc:
        return {key: value for key, value in visible(doc).items() if key != "tenant"}

    return list_response(context, context.tx.all(_TABLE), _LISTING, shown)
