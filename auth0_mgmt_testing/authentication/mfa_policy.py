"""When a second factor is required, which factors the tenant has on, and what users enrolled."""

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


def _types(factors: Iterable[str]) -> list[str]:
    """Factors by the names that Guardian or actions use, as types of authentication methods."""
    return [FACTORS.get(name, name) for name in factors]


def to_enroll(context: RequestContext, user: Doc, wanted: Iterable[str] = ()) -> list[str]:
    """The types of authentication methods of which the user must enroll one; empty: none.

    ``wanted``: factors that an action names; a user who has one of them needs no more.
    """
    kinds = _types(wanted)
    if not kinds:
        return [] if is_enrolled(context, user) else enabled_factors(context)
    held = {doc["type"] for doc in enrolled(context, user)}
    return [] if held.intersection(kinds) else kinds


def to_challenge(context: RequestContext, user: Doc, wanted: Iterable[str] = ()) -> list[Doc]:
    """The user's factors that may be challenged, the first by default.

    ``wanted``: factors that an action names; where the user has none of them any will do.
    """
    methods = [doc for doc in enrolled(context, user) if doc["type"] != "recovery-code"]
    named = [doc for kind in _types(wanted) for doc in methods if doc["type"] == kind]
    return named or methods


def requirements(
    context: RequestContext,
    user: Doc,
    enroll_with: Iterable[str] = (),
    challenge_with: Iterable[str] = (),
) -> Doc:
    """The factors that a response names: to challenge, or to enroll."""
    if kinds := to_enroll(context, user, enroll_with):
        return {"enroll": [{"type": kind} for kind in dict.fromkeys(_CHALLENGES[k] for k in kinds)]}
    found = (
        to_challenge(context, user, challenge_with) if challenge_with else enrolled(context, user)
    )
    kinds = list(dict.fromkeys(_CHALLENGES[doc["type"]] for doc in found))
    return {"challenge": [{"type": kind} for kind in kinds]}
