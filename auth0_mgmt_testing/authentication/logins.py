"""A log-in as the tenant records it: on the profile, in a session, in the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.context import RequestContext
from ..resources.relations import ORGANIZATION_CONNECTIONS, ORGANIZATION_MEMBERS
from ..state.store import Doc
from . import sessions
from .errors import OAuthError
from .home_realm import is_enterprise
from .http import client_ip, user_agent
from .lookup import (
    DATABASE,
    PASSWORDLESS,
    find_user,
    is_member,
)
from .passwords import is_leaked, is_password
from .protection import count_failure, forget_failures, refuse_blocked_address, refuse_blocked_user


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Who wants what, and from where: what a log event says of a log-in."""

    client: Doc | None
    connection: Doc | None
    ip: str
    user_agent: str
    audience: str | None = None
    scopes: tuple[str, ...] = ()
    organization: Doc | None = None
    device: str | None = None
    """The name of the user's device, where the request gives it one."""

    @classmethod
    def of(
        cls,
        context: RequestContext,
        client: Doc | None,
        connection: Doc | None,
        *,
        audience: str | None = None,
        scopes: tuple[str, ...] = (),
        organization: Doc | None = None,
        device: str | None = None,
    ) -> Circumstances:
        """Those of a request."""
        ip, agent = client_ip(context), user_agent(context)
        return cls(client, connection, ip, agent, audience, scopes, organization, device)


def strategy_type(connection: Doc | None) -> str:
    """What kind of connection it is, in a log event's words."""
    strategy = "" if connection is None else str(connection["strategy"])
    if strategy == DATABASE:
        return "database"
    if strategy in PASSWORDLESS:
        return "passwordless"
    if connection is None:
        return ""
    return "enterprise" if is_enterprise(connection) else "social"


def log(
    context: RequestContext,
    type: str,
    description: str,
    about: Circumstances,
    user: Doc | None = None,
    **details: Any,
) -> None:
    """Write a log event of the vendor's type about a user and what the user wants."""
    client, connection = about.client or {}, about.connection or {}
    event: dict[str, Any] = {
        "connection": connection.get("name", ""),
        "connection_id": connection.get("id", ""),
        "client_id": client.get("client_id", ""),
        "client_name": client.get("name", ""),
        "ip": about.ip,
        "user_agent": about.user_agent,
        "hostname": context.domain,
        "audience": about.audience,
        "scope": list(about.scopes),
        "strategy": connection.get("strategy", ""),
        "strategy_type": strategy_type(about.connection),
        "details": details,
    }
    if user is not None:
        name = user.get("email") or user.get("username") or user["user_id"]
        event |= {"user_id": user["user_id"], "user_name": name}
    if about.organization is not None:
        event |= {"organization_id": about.organization["id"]}
        event |= {"organization_name": about.organization["name"]}
    context.log(type, description, **event)


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
    refuse_blocked_address(context, about.ip)
    user = find_user(context, connection, identifier)
    wrong = OAuthError(403, "invalid_grant", "Wrong email or password.")
    if user is None:
        raise wrong.recording(
            lambda again: count_failure(again, None, about.ip),
            lambda again: log(again, "fu", "Wrong email or password.", about),
        )
    try:
        refuse_blocked_user(context, user, about.ip)
    except OAuthError as error:
        description = error.description
        error.recording(lambda again: log(again, "f", description, about, user))
        raise
    if not is_password(user, password):
        raise wrong.recording(
            lambda again: count_failure(again, user, about.ip),
            lambda again: log(again, "fp", "Wrong email or password.", about, user),
        )
    if is_leaked(context, password):
        raise OAuthError(
            401,
            "password_leaked",
            "This login attempt has been blocked because the password you're using was previously "
            "disclosed through a data breach (not in this application).",
        ).recording(lambda again: log(again, "pwd_leak", "Breached password", about, user))
    return user


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
        add_member(context, organization, user)
        return
    raise OAuthError(
        403,
        "access_denied",
        f"user {user['user_id']} is not part of the {organization['id']} organization",
    )


def add_member(context: RequestContext, organization: Doc, user: Doc) -> None:
    """Make a user a member of an organization."""
    ORGANIZATION_MEMBERS.put(context, organization["id"], user["user_id"])


def begin_session(
    context: RequestContext, user: Doc, about: Circumstances, methods: tuple[str, ...]
) -> Doc:
    """Begin the session of a user who has just authenticated."""
    return sessions.begin(context, user, about.client, methods, about.ip, about.user_agent)
