"""The tenant's own settings."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Settings, merged
from ..state.store import Doc

family = Family()

_SANDBOXES = ["22", "18"]
_PASSWORDLESS_FLAGS = {
    "cannot_change_enforce_client_authentication_on_passwordless_start": True,
    "enforce_client_authentication_on_passwordless_start": True,
}


def _changed(call: Call, old: Doc, patch: Doc) -> Doc:
    """A patch replaces field by field, flag by flag; null takes a field away."""
    new = merged(old, patch)
    if patch.get("flags"):
        new["flags"] = merged(old.get("flags"), patch["flags"])
    return {key: value for key, value in new.items() if value is not None}


def _view(call: Call, doc: Doc) -> Doc:
    """What only a read shows (what there is to choose from), and what only a write does."""
    if call.operation.method == "GET":
        return {
            "client_id_metadata_document_supported": False,
            **doc,
            "sandbox_versions_available": _SANDBOXES,
        }
    return {**doc, "flags": {**doc["flags"], **_PASSWORDLESS_FLAGS}}


Settings(
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
        "idle_session_lifetime": 72,
        "ephemeral_session_lifetime": 72,
        "idle_ephemeral_session_lifetime": 24,
        "sandbox_version": "22",
        "session_lifetime": 168,
        "oidc_logout": {"rp_logout_end_session_endpoint_discovery": True},
        "resource_parameter_profile": "compatibility",
    },
    change=_changed,
    view=_view,
).bind(family, get="tenant_settings_route", update="patch_settings")
