"""The tenant's own settings."""

from __future__ import annotations

from auth0_mgmt._json import is_object

from ..behaviours import Check, SettingsBehaviour, merged, without_nulls
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from . import prompts

family = Family()

_SANDBOXES = ["22", "18"]
_RUNNABLE = (*_SANDBOXES, "16", "12")
"""Versions that a tenant may be set to: those offered, and older ones that it may still be on."""
_PASSWORDLESS_FLAGS = {
    "cannot_change_enforce_client_authentication_on_passwordless_start": True,
    "enforce_client_authentication_on_passwordless_start": True,
}


_PAGES = ("change_password", "guardian_mfa_page", "error_page")
"""Pages, which a PATCH changes member by member."""
_LIFETIMES = (
    "session_lifetime",
    "idle_session_lifetime",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
)


def _in_hours(patch: Doc) -> Doc:
    """Lifetimes may be given in minutes; they are kept, and shown, in hours."""
    hours = dict(patch)
    for name in _LIFETIMES:
        if f"{name}_in_minutes" not in patch:
            continue
        if name in patch:
            raise APIError(400, f"{name} and {name}_in_minutes exclude each other.", "invalid_body")
        minutes = hours.pop(f"{name}_in_minutes")
        hours[name] = None if minutes is None else _number(minutes / 60)
    return hours


def _number(hours: float) -> float | int:
    """The same, as a whole number where it is one."""
    return int(hours) if hours == int(hours) else hours


def _changed(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """A patch replaces field by field, flag by flag; null takes a field away."""
    new = merged(old, _in_hours(patch))
    for name in _PAGES:
        if is_object(patch.get(name)):
            new[name] = merged(old.get(name), patch[name])
    if new.get("default_redirection_uri") == "":
        del new["default_redirection_uri"]
    if patch.get("flags"):
        flags = merged(old.get("flags"), patch["flags"])
        new["flags"] = without_nulls(flags)
    return without_nulls(new)


def _login_pages(context: RequestContext) -> Doc:
    """What the prompts' settings say of the log-in pages."""
    held = prompts.SETTINGS.read(context)
    return {name: held[name] for name in ("identifier_first",) if name in held}


def _view(context: RequestContext, doc: Doc) -> Doc:
    """What only a read shows (what holds or can be chosen), and what only a write does."""
    if context.operation.method == "GET":
        return {
            "client_id_metadata_document_supported": False,
            "resource_parameter_profile": "audience",
            **doc,
            "sandbox_versions_available": _SANDBOXES,
        }
    shown = {**doc, "flags": {**doc.get("flags", {}), **_PASSWORDLESS_FLAGS}}
    if is_object(look := doc.get("universal_login")) and look:
        shown["universal_login"] = {**_login_pages(context), **look}
    return shown


# Lifetimes and ``oidc_logout`` are shown once somebody has set them.
SettingsBehaviour(
    "tenant",
    {
        "enabled_locales": ["en"],
        "flags": {
            "allow_changing_enable_sso": False,
            "disable_impersonation": True,
            "enable_sso": True,
            "universal_login": True,
            "revoke_refresh_token_grant": False,
            "disable_clickjack_protection_headers": False,
        },
        "sandbox_version": "22",
    },
    change=_changed,
    checks=(
        Check(
            lambda context, new, old: new.get("sandbox_version") not in (None, *_RUNNABLE),
            lambda new: (
                f"The sandbox version {new['sandbox_version']} is not available: "
                f"choose one of {', '.join(_SANDBOXES)}"
            ),
        ),
    ),
    view=_view,
).bind(family, get="tenants.settings.get", update="tenants.settings.update")
