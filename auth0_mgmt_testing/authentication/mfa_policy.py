"""When a second factor is asked for, which factors the tenant has on, and what users enrolled."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.context import RequestContext
from ..resources.authentication_methods import METHODS
from ..state.store import Doc
from .lookup import settings

ACR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
"""The authentication context that stands for a second factor."""

FACTORS = {
    "otp": "totp",
    "sms": "phone",
    "email": "email",
    "push-notification": "push-notification",
    "recovery-code": "recovery-code",
}
"""Guardian's factor -> the type of authentication method that a user enrols."""
_CHALLENGES = {
    "totp": "otp",
    "phone": "phone",
    "email": "email",
    "push-notification": "push-notification",
    "recovery-code": "recovery-code",
}
"""Type of authentication method -> what the API calls its challenge."""


def is_required(context: RequestContext, acr_values: Iterable[str] = ()) -> bool:
    """Whether every log-in needs a second factor, or this one asks for it."""
    if ACR in acr_values:
        return True
    policies: list[str] = settings(context, "guardian.policies").get("policies") or []
    return "all-applications" in policies


def enabled_factors(context: RequestContext) -> list[str]:
    """The types of authentication methods that users may enrol; ``totp`` where none is on."""
    on = settings(context, "guardian.factors")
    found = [kind for factor, kind in FACTORS.items() if on.get(factor)]
    return [kind for kind in found if kind != "recovery-code"] or ["totp"]


def enrolled(context: RequestContext, user: Doc) -> list[Doc]:
    """A user's second factors that can be challenged."""
    methods = context.tx.find(METHODS.table, "parent", user["user_id"])
    return [doc for doc in methods if doc["type"] in _CHALLENGES and doc.get("confirmed", True)]


def is_enrolled(context: RequestContext, user: Doc) -> bool:
    return any(doc["type"] != "recovery-code" for doc in enrolled(context, user))


def requirements(context: RequestContext, user: Doc) -> Doc:
    """What a response says of the factors that would do: to challenge, or to enrol."""
    if is_enrolled(context, user):
        kinds = dict.fromkeys(_CHALLENGES[doc["type"]] for doc in enrolled(context, user))
        return {"challenge": [{"type": kind} for kind in kinds]}
    kinds = dict.fromkeys(_CHALLENGES[kind] for kind in enabled_factors(context))
    return {"enroll": [{"type": kind} for kind in kinds]}
