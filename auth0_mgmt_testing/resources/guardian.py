"""Guardian: factors of multi-factor authentication, their policies, providers and texts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from auth0_mgmt._json import is_object

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..semantics import Settings
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


def _enabled(call: Call) -> Doc:
    return call.tx.get("settings", "guardian.factors") or {}


@family.verb("get_factors", kind="view")
def list_factors(call: Call) -> Any:
    """Every factor in the API's own order."""
    enabled = _enabled(call)
    return [
        {"name": name, "enabled": enabled.get(name, False), "trial_expired": False}
        for name in _FACTORS
    ]


@family.verb("put_factors_by_name", kind="settings")
def switch_factor(call: Call) -> Any:
    """Switch one factor on or off."""
    state: bool = call.body["enabled"]
    call.tx.put("settings", "guardian.factors", {**_enabled(call), call.path["name"]: state})
    return {"enabled": state}


@family.verb("get_policies", kind="settings")
def get_policies(call: Call) -> Any:
    """When multi-factor authentication is asked for: a list of names, at first empty."""
    doc = call.tx.get("settings", "guardian.policies")
    return [] if doc is None else doc["policies"]


@family.verb("put_policies", kind="settings")
def put_policies(call: Call) -> Any:
    """Replace the policies."""
    call.tx.put("settings", "guardian.policies", {"policies": call.body})
    return call.body


# --- plain settings ----------------------------------------------------------------------------

Settings(
    "guardian.settings",
    {
        "display_remember_me_checkbox": True,
        "remember_me_default_value": False,
        "mfa_session_inactivity_timeout": 604800,
        "mfa_session_overall_timeout": 2592000,
    },
).bind(family, get="get_guardian_settings", replace="set_guardian_settings")

Settings("guardian.duo", {}).bind(
    family,
    get="get_factor_duo_settings",
    replace="put_factor_duo_settings",
    update="patch_factor_duo_settings",
)

_CODES = {"otp_length": 6, "otp_expiration_time": 300}
Settings("guardian.email", _CODES).bind(
    family, get="get_email_factor_settings", replace="set_email_factor_settings"
)
Settings("guardian.phone", _CODES).bind(
    family, get="get_phone_factor_settings", replace="set_phone_factor_settings"
)
Settings("guardian.message_types", {"message_types": []}).bind(
    family, get="get_message-types", replace="put_message-types"
)
Settings("guardian.push_provider", {"provider": "guardian"}).bind(
    family, get="get_pn_providers", replace="put_pn_providers"
)

# Phone is the newer name of SMS: both routes read and write the same settings.
_phone_provider = Settings("guardian.phone_provider", {"provider": "auth0"})
_phone_provider.bind(family, get="get_guardian_phone_providers", replace="put_phone_providers")
_phone_provider.bind(family, get="get_sms_providers", replace="put_sms_providers")

_texts = Settings(
    "guardian.phone_templates",
    {
        "enrollment_message": "{{code}} is your verification code for {{tenant.friendly_name}}."
        " Please enter this code to verify your enrollment.",
        "verification_message": "{{code}} is your verification code for {{tenant.friendly_name}}.",
    },
)
_texts.bind(family, get="get_factor_phone_templates", replace="put_factor_phone_templates")
_texts.bind(family, get="get_factor_sms_templates", replace="put_factor_sms_templates")

_twilio = Settings(
    "guardian.twilio",
    {"from": None, "messaging_service_sid": None, "auth_token": None, "sid": None},
)
_twilio.bind(family, get="get_phone_twilio_factor_provider", replace="put_twilio")
_twilio.bind(family, get="get_sms_twilio_factor_provider", replace="put_sms_twilio_factor_provider")


# --- push providers: what was sent is answered, secrets are not read back ----------------------


def _push_provider(
    name: str,
    initial: Doc,
    secrets: frozenset[str],
    check: Callable[[Doc], None] = lambda sent: None,
    **operations: str,
) -> None:
    """Bind ``get``, ``put`` and ``patch`` of a provider; a write answers what it was sent.

    ``check`` refuses secrets that are not of their kind.
    """
    key = f"guardian.{name}"
    hidden = secrets - {"aws_secret_access_key"}

    def get(call: Call) -> Any:
        doc = call.tx.get("settings", key) or initial
        return {field: value for field, value in doc.items() if field not in secrets}

    def write(call: Call) -> Any:
        sent: Doc = call.body or {}
        check(sent)
        base = initial if call.operation.method == "PUT" else call.tx.get("settings", key)
        call.tx.put("settings", key, {**(base or initial), **sent})
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
        raise Problem(400, "Invalid PKCS12", "invalid_body")


def _is_service_account(sent: Doc) -> None:
    """Credentials of a server are the JSON file of a service account."""
    try:
        account = json.loads(sent.get("server_credentials") or "{}")
    except ValueError:
        account = None
    if not is_object(account):
        raise Problem(400, "Invalid server credentials", "invalid_body")


_push_provider(
    "apns",
    {"bundle_id": None, "sandbox": False, "enabled": True},
    frozenset({"p12"}),
    _is_pkcs12,
    get="get_apns",
    put="put_apns",
    patch="patch_apns",
)
_push_provider(
    "sns",
    {
        "aws_access_key_id": None,
        "aws_region": None,
        "sns_apns_platform_application_arn": None,
        "sns_gcm_platform_application_arn": None,
    },
    frozenset({"aws_secret_access_key"}),
    get="get_sns",
    put="put_sns",
    patch="patch_sns",
)
_push_provider("fcm", {}, frozenset({"server_key"}), put="put_fcm", patch="patch_fcm")
_push_provider(
    "fcmv1",
    {},
    frozenset({"server_credentials"}),
    _is_service_account,
    put="put_fcmv1",
    patch="patch_fcmv1",
)
