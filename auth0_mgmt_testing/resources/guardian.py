"""Guardian: factors of multi-factor authentication, their policies, providers and texts."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from ..behaviours import SettingsBehaviour
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc

family = Family()

_FACTORS = (
    "sms",
    "push-notification",
    "otp",
    "email",
    "duo",
    "webauthn-roaming",
    "webauthn-platform",
    "recovery-code",
)


# --- factors and policies ----------------------------------------------------------------------


def _enabled(context: RequestContext) -> Doc:
    return context.tx.get("settings", "guardian.factors") or {}


@family.operation("guardian.factors.list", kind="view")
def list_factors(context: RequestContext) -> Any:
    """Every factor in the API's own order."""
    enabled = _enabled(context)
    return [
        {"name": name, "enabled": enabled.get(name, False), "trial_expired": False}
        for name in _FACTORS
    ]


@family.operation("guardian.factors.set", kind="settings")
def switch_factor(context: RequestContext) -> Any:
    """Switch one factor on or off."""
    state: bool = context.body["enabled"]
    context.tx.put(
        "settings", "guardian.factors", {**_enabled(context), context.path["name"]: state}
    )
    return {"enabled": state}


@family.operation("guardian.policies.list", kind="settings")
def get_policies(context: RequestContext) -> Any:
    """When multi-factor authentication is required: a list of names, at first empty."""
    doc = context.tx.get("settings", "guardian.policies")
    return [] if doc is None else doc["policies"]


@family.operation("guardian.policies.set", kind="settings")
def put_policies(context: RequestContext) -> Any:
    """Replace the policies."""
    context.tx.put("settings", "guardian.policies", {"policies": context.body})
    return context.body


# --- plain settings ----------------------------------------------------------------------------

SettingsBehaviour(
    "guardian.settings",
    {
        "display_remember_me_checkbox": True,
        "remember_me_default_value": False,
        "mfa_session_inactivity_timeout": 604800,
        "mfa_session_overall_timeout": 2592000,
    },
).bind(family, get="guardian.get", replace="guardian.set")

SettingsBehaviour("guardian.duo", {}).bind(
    family,
    get="guardian.factors.duo.settings.get",
    replace="guardian.factors.duo.settings.set",
    update="guardian.factors.duo.settings.update",
)

_CODES = {"otp_length": 6, "otp_expiration_time": 300}
SettingsBehaviour("guardian.email", _CODES).bind(
    family, get="guardian.factors.email.get", replace="guardian.factors.email.set"
)
SettingsBehaviour("guardian.phone", _CODES).bind(
    family, get="guardian.factors.phone.get", replace="guardian.factors.phone.set"
)
SettingsBehaviour("guardian.message_types", {"message_types": []}).bind(
    family,
    get="guardian.factors.phone.get_message_types",
    replace="guardian.factors.phone.set_message_types",
)
SettingsBehaviour("guardian.push_provider", {"provider": "guardian"}).bind(
    family,
    get="guardian.factors.push_notification.get_selected_provider",
    replace="guardian.factors.push_notification.set_provider",
)

# Phone is the newer name of SMS: both routes read and write the same settings.
_phone_provider = SettingsBehaviour("guardian.phone_provider", {"provider": "auth0"})
_phone_provider.bind(
    family,
    get="guardian.factors.phone.get_selected_provider",
    replace="guardian.factors.phone.set_provider",
)
_phone_provider.bind(
    family,
    get="guardian.factors.sms.get_selected_provider",
    replace="guardian.factors.sms.set_provider",
)

_texts = SettingsBehaviour(
    "guardian.phone_templates",
    {
        "enrollment_message": "{{code}} is your verification code for {{tenant.friendly_name}}."
        " Please enter this code to verify your enrollment.",
        "verification_message": "{{code}} is your verification code for {{tenant.friendly_name}}.",
    },
)
_texts.bind(
    family,
    get="guardian.factors.phone.get_templates",
    replace="guardian.factors.phone.set_templates",
)
_texts.bind(
    family, get="guardian.factors.sms.get_templates", replace="guardian.factors.sms.set_templates"
)

_twilio = SettingsBehaviour("guardian.twilio", {})
_twilio.bind(
    family,
    get="guardian.factors.phone.get_twilio_provider",
    replace="guardian.factors.phone.set_twilio_provider",
)
_twilio.bind(
    family,
    get="guardian.factors.sms.get_twilio_provider",
    replace="guardian.factors.sms.set_twilio_provider",
)


# --- WebAuthn ----------------------------------------------------------------------------------


def _webauthn(kind: str, *, get: str, put: str) -> None:
    """Bind a WebAuthn factor's settings: a PUT returns the body, a GET adds the default."""
    settings = SettingsBehaviour(f"guardian.webauthn_{kind}", {"overrideRelyingParty": False})

    def write(context: RequestContext) -> Any:
        sent: Doc = context.body or {}
        settings.write(context, {**settings.initial(context), **sent})
        return sent

    settings.bind(family, get=get)
    family.bind(put, write, "settings")


_webauthn(
    "roaming",
    get="guardian.factors.webauthn_roaming.get",
    put="guardian.factors.webauthn_roaming.set",
)
_webauthn(
    "platform",
    get="guardian.factors.webauthn_platform.get",
    put="guardian.factors.webauthn_platform.set",
)


# --- push providers: what was sent is returned, secrets are not read back ----------------------


def _push_provider(
    name: str,
    initial: Doc,
    secrets: frozenset[str],
    check: Callable[[Doc], None] = lambda sent: None,
    **operations: str,
) -> None:
    """Bind ``get``, ``put`` and ``patch`` of a provider; a write returns what it was sent.

    ``check`` refuses secrets that are not of their kind.
    """
    key = f"guardian.{name}"
    hidden = secrets - {"aws_secret_access_key"}

    def get(context: RequestContext) -> Any:
        doc = context.tx.get("settings", key) or initial
        return {field: value for field, value in doc.items() if field not in secrets}

    def write(context: RequestContext) -> Any:
        sent: Doc = context.body or {}
        check(sent)
        base = initial if context.operation.method == "PUT" else context.tx.get("settings", key)
        context.tx.put("settings", key, {**(base or initial), **sent})
        return {field: value for field, value in sent.items() if field not in hidden}

    for verb, operation in operations.items():
        family.bind(operation, get if verb == "get" else write, "settings")


def _is_pkcs12(sent: Doc) -> None:
    """A bundle of key and certificate is base64 of a DER sequence."""
    try:
        raw = base64.b64decode("".join((sent.get("p12") or "MA==").split()), validate=True)
    except ValueError:
        raw = b""
    if raw[:1] != b"0":
        raise APIError(400, "Invalid PKCS12", "invalid_body")


_push_provider(
    "apns",
    {"bundle_id": None, "sandbox": False, "enabled": True},
    frozenset({"p12"}),
    _is_pkcs12,
    get="guardian.factors.push_notification.get_apns_provider",
    put="guardian.factors.push_notification.set_apns_provider",
    patch="guardian.factors.push_notification.update_apns_provider",
)
_push_provider(
    "sns",
    {},
    frozenset({"aws_secret_access_key"}),
    get="guardian.factors.push_notification.get_sns_provider",
    put="guardian.factors.push_notification.set_sns_provider",
    patch="guardian.factors.push_notification.update_sns_provider",
)
_push_provider(
    "fcm",
    {},
    frozenset({"server_key"}),
    put="guardian.factors.push_notification.set_fcm_provider",
    patch="guardian.factors.push_notification.update_fcm_provider",
)
_push_provider(
    "fcmv1",
    {},
    frozenset({"server_credentials"}),
    put="guardian.factors.push_notification.set_fcmv1_provider",
    patch="guardian.factors.push_notification.update_fcmv1_provider",
)
