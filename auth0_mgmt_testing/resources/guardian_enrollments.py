"""Enrolments of guardian: the authentication methods of users that sit on a device.

They are the same things as the users' authentication methods, seen from another side: whoever
enrols or forgets one there finds or misses it here.
"""

from __future__ import annotations

from typing import Any

from ..behaviours import Missing
from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .authentication_methods import METHODS, USER, masked_phone

family = Family()

_MISSING = Missing("Enrollment not found", "enrollment_not_found")
_AUTH_METHODS = {
    "phone": "sms",
    "totp": "authenticator",
    "push-notification": "guardian",
    "webauthn-roaming": "webauthn-roaming",
    "webauthn-platform": "webauthn-platform",
}
"""Kind of an authentication method -> what guardian calls the way that it works."""


def _device(method: Doc) -> list[str]:
    """The enrolment's id: what follows the kind in the method's."""
    kind, _, device = str(method["id"]).partition("|")
    return [device] if kind in _AUTH_METHODS else []


family.index(METHODS.table, "device", _device)


def _enrolled(method: Doc) -> Doc:
    """An authentication method as guardian shows it."""
    shown: Doc = {"id": _device(method)[0], "status": "confirmed"}
    if "name" in method:
        shown["name"] = method["name"]
    if "phone_number" in method:
        shown["phone_number"] = masked_phone(method["phone_number"])
    return {**shown, "enrolled_at": method["created_at"]}


def _require(context: RequestContext) -> Doc:
    found = context.tx.find(METHODS.table, "device", context.path["id"])
    if not found:
        raise _MISSING.problem()
    return found[0]


@family.operation("guardian.enrollments.get", kind="view")
def get_enrollment(context: RequestContext) -> Any:
    """One enrolment by the id of its device."""
    return _enrolled(_require(context))


@family.operation("guardian.enrollments.delete")
def delete_enrollment(context: RequestContext) -> None:
    """Forget an enrolment, and with it the user's authentication method."""
    METHODS.remove(context, _require(context))


@family.operation("users.enrollments.get", kind="view")
def list_enrollments(context: RequestContext) -> Any:
    """The enrolments of a user."""
    USER.require(context)
    methods = context.tx.find(METHODS.table, "parent", context.path["id"])
    return [
        {**_enrolled(method), "type": method["type"], "auth_method": _AUTH_METHODS[method["type"]]}
        for method in methods
        if method["type"] in _AUTH_METHODS
    ]


@family.operation("guardian.enrollments.create_ticket")
def create_ticket(context: RequestContext) -> Any:
    """A link with which a user enrols a factor."""
    if context.tx.get("users", context.body["user_id"]) is None:
        raise USER.missing.problem()
    ticket = context.new_id(id_forms.TICKET)
    return {
        "ticket_id": ticket,
        "ticket_url": f"{base_url(context)}/mfa/enrollment?ticket={ticket}",
    }
