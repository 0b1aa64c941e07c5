"""Mails with links that the tenant itself sends: verify an address, set a password, lift a block."""

from __future__ import annotations

from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..state import id_forms
from ..state.ids import digest
from ..state.store import Doc
from .log_types import LOG_TYPES
from .sent_messages import send

LIFETIME = 432_000
"""Seconds for which a link is valid where nothing else is said: five days."""


def new_link(
    context: RequestContext,
    user: Doc,
    kind: str,
    *,
    verifies: bool = True,
    lifetime: float | None = None,
) -> str:
    """A link of a kind (``verify_email``, ``reset``, ``unblock``) for a user, valid once.

    ``verifies``: following it verifies the user's email address. ``lifetime``: in seconds.
    """
    secret = context.new_id(id_forms.TICKET)
    ticket: Doc = {
        "_kind": kind,
        "_user": user["user_id"],
        "_ends": context.time() + (lifetime or LIFETIME),
        "_verifies": verifies,
    }
    context.tx.put("tickets", digest(secret), ticket)
    return f"{base_url(context)}/lo/{kind}?ticket={secret}#"


def find(context: RequestContext, secret: str, kind: str = "") -> tuple[Doc, Doc] | None:
    """A ticket (of a kind) and its user; None where it was used or has expired."""
    ticket = context.tx.get("tickets", digest(secret))
    if ticket is None or context.time() >= ticket["_ends"] or kind not in ("", ticket["_kind"]):
        return None
    user = context.tx.get("users", ticket["_user"])
    return None if user is None else (ticket, user)


def end(context: RequestContext, secret: str) -> None:
    """End a ticket: it was used."""
    context.tx.delete("tickets", digest(secret))


def send_verification(context: RequestContext, user: Doc, client: Doc | None = None) -> None:
    """Send a user a link that verifies the email address."""
    link = new_link(context, user, "verify_email")
    text = f"Follow this link to verify your email: {link}"
    _send(context, "verify_email", user, client, "Verify your email", text, link)
    body: Doc = {
        "user_id": user["user_id"],
        "tenant": context.tenant_name,
        "to": user["email"],
        "template": {"type": "verify_email"},
    }
    if client is not None:
        body["client_id"] = client["client_id"]
    context.log(
        "svr",
        LOG_TYPES["svr"].name,
        user_id=user["user_id"],
        user_name=user["email"],
        client_id=body.get("client_id", ""),
        client_name=(client or {}).get("name", ""),
        details={"body": body},
    )


def send_password_reset(context: RequestContext, user: Doc, client: Doc | None = None) -> None:
    """Send a user a link to a page that sets a new password."""
    link = new_link(context, user, "reset")
    text = f"Follow this link to change your password: {link}"
    _send(context, "reset_email", user, client, "Reset your password", text, link)


def send_unblock(context: RequestContext, user: Doc, reason: str) -> None:
    """Send a user who is blocked after failed log-ins a link that lifts the block."""
    link = new_link(context, user, "unblock", verifies=False)
    text = f"{reason} Follow this link to unblock it: {link}"
    _send(context, "blocked_account", user, None, "Your account has been blocked", text, link)


def send_stolen_credentials(context: RequestContext, user: Doc) -> None:
    """Send a user whose password a breach disclosed a link to a page that sets a new one."""
    link = new_link(context, user, "reset")
    text = f"Your password was disclosed by a data breach. Follow this link to change it: {link}"
    _send(context, "stolen_credentials", user, None, "Change your password", text, link)


def send_invitation(
    context: RequestContext, organization: Doc, invitation: Doc, client: Doc
) -> None:
    """Send an invitee the address at which the client accepts the invitation."""
    link: str = invitation["invitation_url"]
    name = organization.get("display_name") or organization["name"]
    send(
        context,
        "user_invitation",
        "email",
        invitation["invitee"]["email"],
        subject=f"You have been invited to join {name}",
        text=f"Follow this link to accept the invitation: {link}",
        link=link,
        client_id=client["client_id"],
    )


def _send(
    context: RequestContext,
    kind: str,
    user: Doc,
    client: Doc | None,
    subject: str,
    text: str,
    link: str,
) -> None:
    send(
        context,
        kind,
        "email",
        user["email"],
        subject=subject,
        text=text,
        link=link,
        user_id=user["user_id"],
        client_id=(client or {}).get("client_id"),
    )
