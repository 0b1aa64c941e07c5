"""Branding: settings, page template, themes, phone providers and phone templates."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import (
    CollectionBehaviour,
    Listing,
    Missing,
    SettingsBehaviour,
    Unique,
    equals,
    merged,
    visible,
    without_nulls,
)
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .custom_domains import has_ready

family = Family()


# --- settings ----------------------------------------------------------------------------------


def _changed(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """A patch merges objects; null takes a field away."""
    new = merged(old, patch, "deep")
    return without_nulls(new, deep=True)


def _settings_changed(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    new = _changed(context, old, patch)
    background = patch.get("colors", {}).get("page_background") if patch.get("colors") else None
    if background is not None:
        # A gradient replaces a colour whole, and the other way round.
        new["colors"] = {**new["colors"], "page_background": background}
    return new


_COLORS = {"primary": "#0059d6", "page_background": "#000000"}

SettingsBehaviour("branding", {"colors": _COLORS}, change=_settings_changed).bind(
    family, get="branding.get", update="branding.update"
)


# --- page template -----------------------------------------------------------------------------

_TAGS = ("auth0:head", "auth0:widget")
"""What a page must leave to the tenant."""
PAGE = SettingsBehaviour(
    "branding.page_template",
    {},
    missing=Missing("Template does not exist.", "inexistent_templates_universal_login"),
)
PAGE.bind(family, get="branding.templates.get_universal_login")


@family.operation("branding.templates.update_universal_login", kind="settings")
def put_page(context: RequestContext) -> Any:
    """Set the page template, given as text or as ``{"template": text}``."""
    known = context.tx.get("settings", PAGE.name) is not None
    body = context.body["template"] if is_object(context.body) else context.body
    missing = [tag for tag in _TAGS if tag not in body]
    if missing:
        raise APIError(
            400, f"The template has no liquid tag for {' and '.join(missing)}.", "invalid_body"
        )
    if "page_templates" in context.world.unavailable_features and not has_ready(context):
        raise APIError(
            403, "Page templates need a verified custom domain.", "operation_not_supported"
        )
    PAGE.write(context, {"body": body})
    return Reply(204) if known else Reply(201, {})


@family.operation("branding.templates.delete_universal_login", kind="settings")
def delete_page(context: RequestContext) -> Any:
    """Take the page template away, whether or not there is one."""
    context.tx.delete("settings", PAGE.name)


# --- themes ------------------------------------------------------------------------------------

_THEME_CODE = "theme_not_found"
_READ = "There was an error retrieving branding settings: invalid theme ID"

THEMES = CollectionBehaviour(
    "branding_themes",
    id="themeId",
    new_id=id_forms.BRANDING_THEME,
    missing=Missing(_READ, _THEME_CODE),
    defaults={
        "identifiers": {
            "login_display": "unified",
            "otp_autocomplete": True,
            "phone_display": {"masking": "mask_digits", "formatting": "international"},
        }
    },
    merge="deep",
)
THEMES.bind(
    family,
    create="branding.themes.create",
    get="branding.themes.get",
    update="branding.themes.update",
)


@family.operation("branding.themes.get_default", kind="view")
def get_default_theme(context: RequestContext) -> Any:
    """The tenant's theme: the first there is."""
    for theme in context.tx.all(THEMES.table):
        return visible(theme)
    raise THEMES.missing.problem(hint="there is no theme so far: create one first")


@family.operation("branding.themes.delete", kind="collection")
def delete_theme(context: RequestContext) -> Any:
    """Take a theme away; its 404 speaks of deleting."""
    theme = THEMES.find(context)
    if theme is None:
        raise APIError(
            404, "There was an error deleting branding settings: invalid theme ID", _THEME_CODE
        )
    THEMES.remove(context, theme)


_TRIED = {"code": 202, "message": "Test notification successfully sent for processing"}


# --- phone providers ---------------------------------------------------------------------------


def _tenant_name(context: RequestContext) -> str:
    return context.tenant_name


def _without_credentials(context: RequestContext, doc: Doc) -> Doc:
    return {key: value for key, value in doc.items() if key != "credentials"}


def _listed(context: RequestContext, doc: Doc) -> Doc:
    return {**_without_credentials(context, doc), "credentials": None}


def _provider(context: RequestContext, doc: Doc) -> Doc:
    configuration: Doc = doc.get("configuration") or {}
    sender = configuration.get("default_from") or configuration.get("mssid")
    if doc["name"] == "twilio" and not sender:
        raise APIError(400, "Bad Operation on Notification Resource")
    return doc


_BY_STATE = Listing(filters={"disabled": equals("disabled")})
PROVIDERS = CollectionBehaviour(
    "phone_providers",
    new_id=id_forms.PHONE_PROVIDER,
    missing=Missing("Notification Resource not found"),
    defaults=lambda context, doc: {
        "tenant": _tenant_name(context),
        "channel": "phone",
        "disabled": False,
    },
    stamps=True,
    prepare=_provider,
    change=lambda context, old, patch: _provider(context, merged(old, patch)),
    limit=(1, APIError(409, "A phone provider is configured already.", "phone_provider_conflict")),
    listing=_BY_STATE,
    view=_without_credentials,
    listed=_listed,
)
PROVIDERS.bind(
    family,
    list="branding.phone.providers.list",
    create="branding.phone.providers.create",
    get="branding.phone.providers.get",
    update="branding.phone.providers.update",
    delete="branding.phone.providers.delete",
)


@family.operation("branding.phone.providers.test")
def try_provider(context: RequestContext) -> Any:
    """Send a test message through a provider; the fake sends nothing."""
    PROVIDERS.require(context, context.path["id"])
    return _TRIED


# --- phone templates ---------------------------------------------------------------------------

_RESET_BODY = {
    "text": "{{ code | escape }} is your verification code for {{ friendly_name | escape }}",
    "voice": "Hello. Your verification code for {{ friendly_name | escape }} is {{ pause }}"
    " {{ code | escape }}. I repeat, your verification code is {{ pause }} {{ code | escape }}",
}


def _template(context: RequestContext, doc: Doc) -> Doc:
    content: Doc = {"syntax": "liquid", "body": _RESET_BODY, **(doc.get("content") or {})}
    return {**doc, "content": content}


TEMPLATES = CollectionBehaviour(
    "phone_templates",
    new_id=id_forms.PHONE_TEMPLATE,
    missing=Missing("Notification Resource not found"),
    defaults=lambda context, doc: {
        "tenant": _tenant_name(context),
        "channel": "phone",
        "type": "otp_verify",
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
    list="branding.phone.templates.list",
    create="branding.phone.templates.create",
    get="branding.phone.templates.get",
    update="branding.phone.templates.update",
    delete="branding.phone.templates.delete",
)


@family.operation("branding.phone.templates.reset")
def reset_template(context: RequestContext) -> Any:
    """Bring a template's texts back to the standard ones; its sender stays."""
    template = TEMPLATES.require(context, context.path["id"])
    content = {**template["content"], "syntax": "liquid", "body": _RESET_BODY}
    return visible(TEMPLATES.save(context, template, {"content": content}))


@family.operation("branding.phone.templates.test")
def try_template(context: RequestContext) -> Any:
    """Send a test message made of a template; the fake sends nothing."""
    TEMPLATES.require(context, context.path["id"])
    return _TRIED
