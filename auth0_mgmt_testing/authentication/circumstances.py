"""Who wants what, and from where, and the log events that say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..engine.context import RequestContext
from ..resources.log_types import LOG_TYPES
from ..resources.users import strategy_type
from ..state.store import Doc
from .errors import OAuthError
from .http import client_ip, user_agent


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


def event_members(
    context: RequestContext, about: Circumstances, user: Doc | None = None
) -> dict[str, Any]:
    """What a log event says of a user and what the user wants."""
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
        "scope": " ".join(about.scopes),
        "strategy": connection.get("strategy", ""),
        "strategy_type": strategy_type(about.connection),
    }
    if user is not None:
        name = user.get("email") or user.get("username") or user["user_id"]
        event |= {"user_id": user["user_id"], "user_name": name}
    if about.organization is not None:
        event |= {"organization_id": about.organization["id"]}
        event |= {"organization_name": about.organization["name"]}
    return event


_REFUSALS = ("auth.login.fail", "auth.signup.fail", "system.notification")
"""Categories of the events that say already why a log-in was refused."""


def oauth_error(error: OAuthError) -> Doc:
    """An error as the details of log events show it."""
    return {"message": error.description, "oauthError": error.error}


def log_refusal(
    context: RequestContext,
    error: OAuthError,
    about: Circumstances,
    user: Doc | None = None,
    *,
    silent: bool = False,
) -> None:
    """Log why a log-in by ``/authorize`` was refused, unless the refusal itself logged it.

    ``silent``: the client wanted no page.
    """
    if silent:
        log(context, "fsa", error.description, about, user)
    elif all(LOG_TYPES[event["type"]].category not in _REFUSALS for event in context.events):
        log(context, "f", error.description, about, user, error=oauth_error(error))


def log(
    context: RequestContext,
    type: str,
    description: str,
    about: Circumstances,
    user: Doc | None = None,
    /,
    **details: Any,
) -> None:
    """Write a log event of a type of the table about a user and what the user wants."""
    context.log(type, description, **event_members(context, about, user), details=details)
