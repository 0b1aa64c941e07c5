"""Tickets: links that verify an address or change a password."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from ..behaviours import Check, run_checks
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from . import mail
from .users import USERS, after_password_change, log_members, with_email

family = Family()

_EVENTS = {
    "verify_email": ("sv", "The address was verified"),
    "reset": ("scp", "The password was changed"),
}
"""Kind of ticket -> the log event of its use."""


def _ticket(context: RequestContext, page: str, user: Doc) -> Doc:
    body: Doc = context.body or {}
    for name, table in (("client_id", "clients"), ("organization_id", "organizations")):
        if name in body and context.tx.get(table, body[name]) is None:
            thing = table.removesuffix("s")
            raise APIError(400, f"The {thing} does not exist.", f"inexistent_{thing}")
    if not user.get("email"):
        raise APIError(400, "The user does not have an email address.", "inexistent_email")
    verifies = page == "verify_email" or body.get("mark_email_as_verified", False)
    lifetime = body.get("ttl_sec")
    return {"ticket": mail.new_link(context, user, page, verifies=verifies, lifetime=lifetime)}


def use(context: RequestContext, address: str, password: str | None) -> None:
    """Do what a user does who follows a ticket's address; a ticket is good once.

    Raises the `Problem` for a ticket that there is not (any more), and for a reset without a new
    password.
    """
    secret = parse_qs(urlsplit(address).query).get("ticket", [""])[0]
    found = mail.find(context, secret)
    if found is None:
        raise APIError(404, "The ticket does not exist, was used or has expired.")
    ticket, user = found
    if ticket["_kind"] == "reset" and password is None:
        raise APIError(400, "A new password must be given.")
    changed: Doc = {"email_verified": True} if ticket["_verifies"] else {}
    if ticket["_kind"] == "reset":
        changed |= {"_password": password, "last_password_reset": context.now()}
    mail.end(context, secret)
    USERS.store(context, {**user, **changed, "updated_at": context.now()}, user)
    kind, description = _EVENTS[ticket["_kind"]]
    details: Doc = {"email": user["email"]}
    if ticket["_kind"] == "reset":
        ran = after_password_change(context, user).log_details()
        details |= {"body": {"tenant": context.tenant_name, "ticket": "[REDACTED]"}, **ran}
    context.log(kind, description, **log_members(context, user), details=details)


@family.operation("tickets.verify_email")
def verify_email(context: RequestContext) -> Any:
    """A link by which the user proves the address."""
    return _ticket(context, "verify_email", USERS.require(context, context.body["user_id"]))


_CHECKS = (
    Check(
        lambda context, new, old: "user_id" not in new and "email" not in new,
        "Either user_id or email and connection_id must be provided",
    ),
    Check(
        lambda context, new, old: "user_id" in new and "email" in new,
        "Only one of user_id or email can be provided",
    ),
    Check(
        lambda context, new, old: "email" in new and "connection_id" not in new,
        "connection_id is required when email is provided",
    ),
    Check(
        lambda context, new, old: "result_url" in new and "client_id" in new,
        "Only one of result_url or client_id can be provided",
    ),
)
"""How a user is named, and where the user goes then."""


@family.operation("tickets.change_password")
def change_password(context: RequestContext) -> Any:
    """A link to a new password, for a user named by id or by address and connection."""
    body: Doc = context.body or {}
    run_checks(_CHECKS, context, body, None)
    if "user_id" in body:
        return _ticket(context, "reset", USERS.require(context, body["user_id"]))
    connection = context.tx.get("connections", str(body.get("connection_id")))
    if connection is None:
        raise APIError(404, "The connection does not exist.", "inexistent_connection")
    for user in with_email(context, str(body.get("email"))):
        if user["identities"][0]["connection"] == connection["name"]:
            return _ticket(context, "reset", user)
    raise USERS.missing.problem()
