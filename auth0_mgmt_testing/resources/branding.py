"""Branding: settings, page template, themes, phone providers and phone templates."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..semantics import (
    Collection,
    Listing,
    Missing,
    Settings,
    Unique,
    equals,
    merged,
    visible,
    without_nulls,
)
from ..state.ids import base58, letters
from ..state.store import Doc

family = Family()


# --- settings ----------------------------------------------------------------------------------


def _changed(call: Call, old: Doc, patch: Doc) -> Doc:
    """A patch merges objects; null takes a field away."""
    new = merged(old, patch, "deep")
    return without_nulls(new)


def _settings_changed(call: Call, old: Doc, patch: Doc) -> Doc:
    new = _changed(call, old, patch)
    background = patch.get("colors", {}).get("page_background") if patch.get("colors") else None
    if background is not None:
        # A gradient replaces a colour whole, and the other way round.
        new["colors"] = {**new["colors"], "page_background": background}
    return new


_COLORS = {"primary": "#0059d6", "page_background": "#000000"}

Settings("branding", {"colors": _COLORS}, change=_settings_changed).bind(
    family, get="get_branding", update="patch_branding"
)


# --- page template -----------------------------------------------------------------------------

_TAGS = ("auth0:head", "auth0:widget")
"""What a page must leave to the tenant."""
PAGE = Settings(
    "branding.page_template",
    {},
    missing=Missing("Template does not exist.", "inexistent_templates_universal_login"),
)
PAGE.bind(family, get="get_universal-login")


@family.verb("put_universal-login", kind="settings")
def put_page(call: Call) -> Any:
    """Set the page template, given as text or as ``{"template": text}``."""
    known = call.tx.get("settings", PAGE.name) is not None
    body = call.body["template"] if is_object(call.body) else call.body
    missing = [tag for tag in _TAGS if tag not in body]
    if missing:
        raise Problem(
            400, f"The template has no liquid tag for {' and '.join(missing)}.", "invalid_body"
        )
    PAGE.write(call, {"body": body})
    return Reply(204) if known else Reply(201, {})


@family.verb("delete_universal-login", kind="settings")
def delete_page(call: Call) -> Any:
    """Take the page template away, whether or not there is one."""
    call.tx.delete("settings", PAGE.name)


# --- themes ------------------------------------------------------------------------------------

_THEME_CODE = "theme_not_found"
_READ = "There was an error retrieving branding settings: invalid theme ID"

THEMES = Collection(
    "branding_themes",
    id="themeId",
    new_id=letters(32),
    missing=Missing(_READ, _THEME_CODE),
    merge="deep",
)
THEMES.bind(
    family,
    create="post_branding_theme",
    get="get_branding_theme",
    update="patch_branding_theme",
)


@family.verb("get_default_branding_theme", kind="view")
def get_default_theme(call: Call) -> Any:
    """The tenant's theme: the first there is."""
    for theme in call.tx.all(THEMES.table):
        return visible(theme)
    raise THEMES.missing.problem()


@family.verb("delete_branding_theme", kind="collection")
def delete_theme(call: Call) -> Any:
    """Take a theme away; its 404 speaks of deleting."""
    theme = THEMES.find(call)
    if theme is None:
        raise Problem(
            404, "There was an error deleting branding settings: invalid theme ID", _THEME_CODE
        )
    THEMES.remove(call, theme)


# --- phone providers ---------------------------------------------------------------------------


def _tenant_name(call: Call) -> str:
    return call.domain.partition(".")[0]


def _without_credentials(call: Call, doc: Doc) -> Doc:
    return {key: value for key, value in doc.items() if key != "credentials"}


def _listed(call: Call, doc: Doc) -> Doc:
    return {**_without_credentials(call, doc), "credentials": None}


def _provider(call: Call, doc: Doc) -> Doc:
    configuration: Doc = doc.get("configuration") or {}
    sender = configuration.get("default_from") or configuration.get("mssid")
    if doc["name"] == "twilio" and not sender:
        raise Problem(400, "Bad Operation on Notification Resource")
    return doc


_BY_STATE = Listing(filters={"disabled": equals("disabled")})
PROVIDERS = Collection(
    "phone_providers",
    new_id=base58(22, "pro_"),
    missing=Missing("Notification Resource not found"),
    defaults=lambda call, doc: {
        "tenant": _tenant_name(call),
        "channel": "phone",
        "disabled": False,
    },
    stamps=True,
    prepare=_provider,
    change=lambda call, old, patch: _provider(call, merged(old, patch)),
    limit=(1, Problem(409, "A phone provider is configured already.", "phone_provider_conflict")),
    listing=_BY_STATE,
    view=_without_credentials,
    listed=_listed,
)
PROVIDERS.bind(
    family,
    list="get_branding_phone_providers",
    create="create_phone_provider",
    get="get_phone_provider",
    update="update_phone_provider",
    delete="delete_phone_provider",
)


@family.verb("try_phone_provider")
def try_provider(call: Call) -> Any:
    """Send a test message through a provider; the fake sends nothing."""
    PROVIDERS.require(call, call.path["id"])
    return {"code": 202, "message": "Test notification successfully sent for processing"}


# --- phone templates ---------------------------------------------------------------------------

_RESET_BODY = {
    "text": "{{ code | escape }} is your verification code for {{ friendly_name | escape }}",
    "voice": "Hello. Your verification code for {{ friendly_name | escape }} is {{ pause }}"
    " {{ code | escape }}. I repeat, your verification code is {{ pause }} {{ code | escape }}",
}


def _template(call: Call, doc: Doc) -> Doc:
    content: Doc = {"syntax": "liquid", "body": _RESET_BODY, **(doc.get("content") or {})}
    return {**doc, "content": content}


TEMPLATES = Collection(
    "phone_templates",
    new_id=base58(22, "tem_"),
    missing=Missing("Notification Resource not found"),
    defaults=lambda call, doc: {
        "tenant": _tenant_name(call),
        "channel": "phone",
        "disabled": False,
    },
    unique=(Unique("type", "A template of this type exists already.", "phone_template_conflict"),),
    stamps=True,
    merge="deep",
    prepare=_template,
    listing=_BY_STATE,
)
TEMPLATES.bind(
    family,
    list="get_phone_templates",
    create="create_phone_template",
    get="get_phone_template",
    update="update_phone_template",
    delete="delete_phone_template",
)


@family.verb("reset_phone_template")
def reset_template(call: Call) -> Any:
    """Bring a template's texts back to the standard ones; its sender stays."""
    template = TEMPLATES.require(call, call.path["id"])
    content = {**template["content"], "syntax": "liquid", "body": _RESET_BODY}
    return visible(TEMPLATES.save(call, template, {"content": content}))


@family.verb("try_phone_template")
def try_template(call: Call) -> Any:
    """Send a test message made of a template; the fake sends nothing."""
    TEMPLATES.require(call, call.path["id"])
    return {"message": "Test notification successfully sent for processing"}
