"""Prompts: the login experience, its texts, partial templates and how its screens are rendered."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.query.lists import answer
from ..semantics import Listing, Settings, answer_one, equals, visible
from ..state.store import Doc, Key

family = Family()

Settings(
    "prompts",
    {
        "universal_login_experience": "new",
        "identifier_first": True,
        "webauthn_platform_first_factor": False,
    },
).bind(family, get="get_prompts", update="patch_prompts")


# --- texts and partials: whatever was put last, per prompt (and language) ----------------------


def _text_key(call: Call) -> Key:
    return ("custom_text", call.path["prompt"], call.path["language"])


def _partials_key(call: Call) -> Key:
    return ("partials", call.path["prompt"])


@family.verb("get_custom-text_by_language", kind="settings")
def get_custom_text(call: Call) -> Any:
    """The texts of a prompt in a language."""
    return call.tx.get("settings", _text_key(call)) or {}


@family.verb("put_custom-text_by_language", kind="settings")
def put_custom_text(call: Call) -> Any:
    """Replace the texts of a prompt in a language."""
    return call.tx.put("settings", _text_key(call), call.body or {})


@family.verb("get_partials", kind="settings")
def get_partials(call: Call) -> Any:
    """The partial templates of a prompt."""
    return call.tx.get("settings", _partials_key(call)) or {}


@family.verb("put_partials", kind="settings")
def put_partials(call: Call) -> Any:
    """Replace the partial templates of a prompt; a screen without any is dropped."""
    given: Doc = call.body or {}
    filled = {screen: parts for screen, parts in given.items() if parts}
    return call.tx.put("settings", _partials_key(call), filled)


# --- rendering: one document per prompt and screen ---------------------------------------------

_TABLE = "renderings"
_LISTING = Listing(
    filters={
        "prompt": equals("prompt"),
        "screen": equals("screen"),
        "rendering_mode": equals("rendering_mode"),
    }
)


def _rendering(call: Call, prompt: str, screen: str) -> Doc:
    stored = call.tx.get(_TABLE, (prompt, screen))
    return stored or {
        "tenant": call.domain.partition(".")[0],
        "prompt": prompt,
        "screen": screen,
        "rendering_mode": "standard",
        "context_configuration": [],
        "default_head_tags_disabled": False,
        "head_tags": [],
        "filters": None,
        "use_page_template": False,
    }


def _change(call: Call, prompt: str, screen: str, patch: Doc) -> None:
    call.tx.put(_TABLE, (prompt, screen), {**_rendering(call, prompt, screen), **patch})


@family.verb("get_rendering", kind="settings")
def get_rendering(call: Call) -> Any:
    """How a screen is rendered; every screen has settings from the start."""
    return answer_one(call, _rendering(call, call.path["prompt"], call.path["screen"]))


@family.verb("patch_rendering", kind="settings")
def patch_rendering(call: Call) -> Any:
    """Change how a screen is rendered; the answer is what was sent."""
    patch: Doc = call.body or {}
    _change(call, call.path["prompt"], call.path["screen"], patch)
    return patch


@family.verb("patch_bulk_rendering", kind="settings")
def patch_renderings(call: Call) -> Any:
    """Change several screens at once; the answer is what was sent."""
    for config in call.body["configs"]:
        _change(call, config["prompt"], config["screen"], config)
    return call.body


@family.verb("get_all_rendering", kind="view")
def list_renderings(call: Call) -> Any:
    """The screens whose rendering was ever changed."""

    def shown(call: Call, doc: Doc) -> Doc:
        return {key: value for key, value in visible(doc).items() if key != "tenant"}

    return answer(call, call.tx.all(_TABLE), _LISTING, shown)
