"""Tickets that the tenant itself hands out by mail: links that verify an address or set a password."""

from __future__ import annotations

from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..state import id_forms
from ..state.store import Doc
from .messages import send

LIFETIME = 432_000
"""Seconds that a link is valid for."""


def new_link(context: RequestContext, user: Doc, kind: str, *, verifies: bool = True) -> str:
    """A link of a kind (``verify_email``, ``reset``) for a user, valid once."""
    secret = context.new_id(id_forms.TICKET)
    ticket: Doc = {
        "_kind": kind,
        "_user": user["user_id"],
        "_ends": context.time() + LIFETIME,
        "_verifies": verifies,
    }
    context.tx.put("tickets", secret, ticket)
    return f"{base_url(context)}/lo/{kind}?ticket={secret}#"


def find(context: RequestContext, secret: str, kind: str) -> tuple[Doc, Doc] | None:
    """A ticket of a kind and its user; None where it was used or has expired."""
    ticket = context.tx.get("tickets", secret)
    if ticket is None or ticket["_kind"] != kind or context.time() >= ticket["_ends"]:
        return None
    user = context.tx.get("users", ticket["_user"])
    return None if user is None else (ticket, user)


def send_verification(context: RequestContext, user: Doc, client: Doc | None) -> None:
    """Send a user a link that verifies the email address."""
    link = new_link(context, user, "verify_email")
    send(
        context, "verify_email", "email", user["email"],
        subject="Verify your email", text=f"Follow this link to verify your email: {link}",
        link=link, user_id=user["user_id"], client_id=(client or {}).get("client_id"),
    )  # fmt: skip


def send_password_reset(context: RequestContext, user: Doc, client: Doc | None) -> None:
    """Send a user a link to a page that sets a new password."""
    link = new_link(context, user, "reset")
    send(
        context, "reset_email", "email", user["email"],
        subject="Reset your password", text=f"Follow this link to change your password: {link}",
        link=link, user_id=user["user_id"], client_id=(client or {}).get("client_id"),
    )  # fmt: skip
