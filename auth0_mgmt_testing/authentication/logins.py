"""A log-in as the tenant records it: on the profile, in a session, in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..engine.context import RequestContext
from ..resources.log_types import LOG_TYPES
from ..resources.mail import send_stolen_credentials
from ..resources.relations import ORGANIZATION_CONNECTIONS, ORGANIZATION_MEMBERS
from ..state.store import Doc
from . import sessions
from .circumstances import Circumstances, log
from .errors import OAuthError
from .lookup import (
    find_user,
    is_member,
)
from .passwords import LeakStage, is_password, leak_shields
from .protection import count_failure, forget_failures, refuse_blocked_address, refuse_blocked_user


def record(
    context: RequestContext,
    user: Doc,
    about: Circumstances,
    *,
    session: Doc | None = None,
    details: Mapping[str, Any] | None = None,
) -> Doc:
    """Record that a user logged in; returns the user as it is then.

    ``details``: further ones of the log event.
    """
    forget_failures(context, user, about.ip)
    now = context.now()
    counted = {
        "last_ip": about.ip,
        "last_login": now,
        "logins_count": user.get("logins_count", 0) + 1,
        "updated_at": now,
    }
    user = context.tx.put("users", user["user_id"], {**user, **counted})
    known = {} if session is None else {"session_id": session["id"]}
    log(context, "s", "Successful login", about, user, **known, **(details or {}))
    return user


def check_password(
    context: RequestContext, identifier: str, password: str, about: Circumstances
) -> Doc:
    """The user whom an identifier and a password prove; raises the refusal, counted and logged."""
    connection = about.connection
    if connection is None:
        raise OAuthError(400, "invalid_request", "the connection is disabled")
    refuse_blocked_address(context, about)
    user = find_user(context, connection, identifier)
    wrong = OAuthError(403, "invalid_grant", "Wrong email or password.")
    if user is None:
        raise wrong.recording(
            lambda again: count_failure(again, None, about),
            lambda again: log(again, "fu", "Wrong email or password.", about),
        )
    refuse_blocked_user(context, user, about)
    if not is_password(user, password):
        raise wrong.recording(
            lambda again: count_failure(again, user, about),
            lambda again: log(again, "fp", "Wrong email or password.", about, user),
        )
    notice_leak(context, "login", password, about, user)
    return user


_LEAKS: Mapping[LeakStage, str] = {
    "login": "pwd_leak",
    "pre-user-registration": "signup_pwd_leak",
    "pre-change-password": "reset_pwd_leak",
}
"""The type of the log event, by where the password was given."""


def notice_leak(
    context: RequestContext,
    stage: LeakStage,
    password: str,
    about: Circumstances,
    user: Doc | None = None,
) -> None:
    """Log a password that a breach disclosed, and notify its user, as the tenant wants it.

    Raises where the tenant blocks such passwords.
    """
    shields = leak_shields(context, password, stage)
    if not shields:
        return
    error = OAuthError(
        401,
        "password_leaked",
        "This login attempt has been blocked because the password you're using was previously "
        "disclosed through a data breach (not in this application).",
    )
    code = _LEAKS[stage]

    def record(again: RequestContext) -> None:
        log(again, code, LOG_TYPES[code].name, about, user)
        if "user_notification" in shields and user is not None and user.get("email"):
            send_stolen_credentials(again, user)

    if "block" in shields:
        raise error.recording(record)
    record(context)


def join_organization(
    context: RequestContext, user: Doc, organization: Doc, connection: Doc | None
) -> None:
    """See that a user is a member of an organization; raises where not.

    A connection that assigns membership at log-in makes the user one.
    """
    if is_member(context, organization, user["user_id"]):
        return
    link = None
    if connection is not None:
        link = ORGANIZATION_CONNECTIONS.get(context, organization["id"], connection["id"])
    if link is not None and link.get("assign_membership_on_login"):
        add_member(context, organization, user, "auto_membership")
        return
    raise OAuthError(
        403,
        "access_denied",
        f"user {user['user_id']} is not part of the {organization['id']} organization",
    )


def add_member(
    context: RequestContext,
    organization: Doc,
    user: Doc,
    reason: Literal["invitation", "auto_membership"],
) -> None:
    """Make a user a member of an organization, by logging in to it."""
    if is_member(context, organization, user["user_id"]):
        return
    ORGANIZATION_MEMBERS.put(context, organization["id"], user["user_id"])
    code = "organization_member_added"
    about = Circumstances.of(context, None, None, organization=organization)
    log(context, code, LOG_TYPES[code].name, about, user, reason=reason)


def begin_session(
    context: RequestContext, user: Doc, about: Circumstances, methods: tuple[str, ...]
) -> Doc:
    """Begin the session of a user who has just authenticated."""
    return sessions.begin(context, user, about.client, methods, about.ip, about.user_agent)
