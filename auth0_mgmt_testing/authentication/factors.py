"""A user's second factors: enrolling them, challenging them, recovery codes."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import quote

from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..resources.authentication_methods import METHODS, USER, masked_email, masked_phone
from ..resources.log_types import LOG_TYPES
from ..resources.sent_messages import send
from ..state.ids import alphanumeric_id, random_text
from ..state.store import Doc
from . import challenges, mfa_policy
from .circumstances import Circumstances, log
from .lookup import settings
from .totp import is_code

LIFETIME = 300
"""Seconds that a code is valid for."""
KIND = "mfa"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PREFIXES = {"push-notification": "push"}
_CHANNELS = {"phone": "sms", "email": "email", "push-notification": "auth0"}

Channel = Literal["sms", "voice", "email", "auth0"]


# --- what users have ---------------------------------------------------------------------------


def authenticator_id(method: Doc) -> str:
    """The id of a factor at the MFA API: ``sms|dev_…``, ``totp|dev_…``."""
    kind, _, device = str(method["id"]).partition("|")
    if kind == "phone":
        kind = str(method.get("preferred_authentication_method") or "sms")
    return f"{_PREFIXES.get(kind, kind)}|{device}"


def described(method: Doc) -> Doc:
    """A factor as the MFA API lists it."""
    kind, active = method["type"], bool(method.get("confirmed", True))
    shown: Doc = {"id": authenticator_id(method)}
    if kind == "totp":
        return {**shown, "authenticator_type": "otp", "active": active}
    if kind == "recovery-code":
        return {**shown, "authenticator_type": "recovery-code", "active": active}
    channel = authenticator_id(method).partition("|")[0] if kind == "phone" else _CHANNELS[kind]
    shown |= {"authenticator_type": "oob", "active": active, "oob_channel": channel}
    if kind == "phone":
        return {**shown, "name": masked_phone(method["phone_number"])}
    return {**shown, "name": masked_email(method["email"])} if kind == "email" else shown


def find(context: RequestContext, user: Doc, id: str) -> Doc | None:
    """A user's factor by its id at the MFA API."""
    methods = context.tx.find(METHODS.table, "parent", user["user_id"])
    known = (doc for doc in methods if doc["type"] in mfa_policy.FACTORS.values())
    return next((doc for doc in known if authenticator_id(doc) == id), None)


# --- enrolling ---------------------------------------------------------------------------------


def enroll_totp(context: RequestContext, user: Doc) -> tuple[Doc, dict[str, Any]]:
    """Begin to enrol an authenticator app; returns the factor and what the app is given."""
    secret = context.new_id(lambda raw: random_text(raw, 32, _BASE32))
    method = _add(context, user, {"type": "totp", "totp_secret": secret})
    tenant = _tenant_name(context)
    label = user.get("email") or user.get("username") or user["user_id"]
    uri = (
        f"otpauth://totp/{quote(tenant)}:{quote(str(label), safe='')}?secret={secret}"
        f"&issuer={quote(tenant)}&algorithm=SHA1&digits=6&period=30"
    )
    return method, {"authenticator_type": "otp", "secret": secret, "barcode_uri": uri}


def enroll_oob(
    context: RequestContext, user: Doc, channel: Channel, address: str
) -> tuple[Doc, dict[str, Any]]:
    """Begin to enrol a phone, an email address or a device; a code or a request is sent there."""
    if channel == "auth0":
        method = _add(context, user, {"type": "push-notification", "name": "Guardian"})
    elif channel == "email":
        method = _add(context, user, {"type": "email", "email": address})
    else:
        given = {"phone_number": address, "preferred_authentication_method": channel}
        method = _add(context, user, {"type": "phone", **given})
    shown: dict[str, Any] = {"authenticator_type": "oob"}
    challenge = begin_challenge(context, user, method)
    if channel == "auth0":
        transaction = context.new_id(alphanumeric_id(32))
        base = quote(f"{base_url(context)}/appliance-mfa", safe="")
        uri = f"otpauth://totp/{quote(_tenant_name(context))}:{quote(user['user_id'], safe='')}"
        shown["barcode_uri"] = f"{uri}?enrollment_tx_id={transaction}&base_url={base}"
    else:
        shown["binding_method"] = "prompt"
    return method, {**shown, "oob_channel": channel, "oob_code": challenge["oob_code"]}


def confirm(context: RequestContext, method: Doc) -> None:
    """A factor was shown to work: from now on it counts."""
    if not method.get("confirmed", True):
        context.tx.put(METHODS.table, method["id"], {**method, "confirmed": True})
        _log(context, "gd_enrollment_complete", context.tx.get("users", method[USER.field]))


def _add(context: RequestContext, user: Doc, given: Doc) -> Doc:
    for old in context.tx.find(METHODS.table, "parent", user["user_id"]):
        if not old.get("confirmed", True) and old["type"] == given["type"]:
            context.tx.delete(METHODS.table, old["id"])
    _log(context, "gd_start_enroll", user)
    method = METHODS.add(context, {**given, USER.field: user["user_id"]})
    return context.tx.put(METHODS.table, method["id"], {**method, "confirmed": False})


def _tenant_name(context: RequestContext) -> str:
    name = settings(context, "tenant").get("friendly_name")
    return str(name or context.tenant_name)


def _log(context: RequestContext, code: str, user: Doc | None) -> None:
    """Log what happens to a user's factors, be it on a page or by the MFA API."""
    log(context, code, LOG_TYPES[code].name, Circumstances.of(context, None, None), user)


def log_failed_factor(
    context: RequestContext, description: str, about: Circumstances, user: Doc
) -> None:
    """Log that a user did not show a second factor; the code that was sent is not shown."""
    request: Doc = {
        "auth": {"scopes": [], "strategy": "mfa"},
        "body": {"code": "[REDACTED]"},
        "ip": about.ip,
        "method": context.operation.method,
        "path": context.operation.path,
        "query": "",
        "userAgent": about.user_agent,
    }
    log(context, "gd_auth_failed", description, about, user, request=request, response={})


def unenroll(context: RequestContext, user: Doc, method: Doc) -> None:
    """Forget a factor of a user's."""
    context.tx.delete(METHODS.table, method["id"])
    _log(context, "gd_unenroll", user)


# --- challenging -------------------------------------------------------------------------------


def begin_challenge(context: RequestContext, user: Doc, method: Doc) -> dict[str, Any]:
    """Challenge a factor: sends a code, or a request to a device; the MFA API's response."""
    kind = method["type"]
    if method.get("confirmed", True):
        _log(context, "gd_start_auth", user)
    if kind in ("totp", "recovery-code"):
        return {"challenge_type": "otp"}
    oob_code = context.secret(48)
    code = None if kind == "push-notification" else challenges.new_code(context)
    challenges.begin(
        context, oob_code, KIND, LIFETIME,
        user_id=user["user_id"], code=code, method_id=method["id"],
    )  # fmt: skip
    _send(context, user, method, code)
    _log(context, f"gd_send_{_SENT[factor_channel(method)]}", user)
    shown = {"challenge_type": "oob", "oob_code": oob_code}
    return shown if code is None else {**shown, "binding_method": "prompt"}


_SENT = {"sms": "sms", "voice": "voice", "email": "email", "auth0": "pn"}
"""Channel -> how the types of log events name what it sends."""


def factor_channel(method: Doc) -> Channel:
    """How a factor's code, or request, is sent."""
    if method["type"] == "push-notification":
        return "auth0"
    if method["type"] == "email":
        return "email"
    return "voice" if method.get("preferred_authentication_method") == "voice" else "sms"


def _send(context: RequestContext, user: Doc, method: Doc, code: str | None) -> None:
    if code is None:
        send(context, "mfa_push", "push", user["user_id"], user_id=user["user_id"])
        return
    text = f"{code} is your verification code for {_tenant_name(context)}"
    if method["type"] == "email":
        send(
            context, "mfa_oob_code", "email", method["email"],
            subject="Your verification code", text=text, code=code, user_id=user["user_id"],
        )  # fmt: skip
        return
    channel: Literal["sms", "voice"] = "voice" if factor_channel(method) == "voice" else "sms"
    send(
        context, "mfa_code", channel, method["phone_number"],
        text=text, code=code, user_id=user["user_id"],
    )  # fmt: skip


def passes_otp(context: RequestContext, user: Doc, code: str) -> Doc | None:
    """The user's authenticator app that shows this code now; None where none does."""
    for method in context.tx.find(METHODS.table, "parent", user["user_id"]):
        secret = method.get("_totp_secret")
        if method["type"] == "totp" and secret and is_code(secret, code, context.time()):
            return method
    return None


def passes_recovery_code(context: RequestContext, user: Doc, code: str) -> bool:
    """Whether this is the user's recovery code; it works once."""
    return any(
        method["type"] == "recovery-code" and method.get("_recovery_code") == code
        for method in context.tx.find(METHODS.table, "parent", user["user_id"])
    )
