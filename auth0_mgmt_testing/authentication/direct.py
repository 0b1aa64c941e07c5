"""Log-ins without a page, which tests bring about."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.context import RequestContext
from ..state.store import Doc
from . import refresh_tokens
from .circumstances import Circumstances, log
from .errors import OAuthError
from .logins import join_organization
from .lookup import connection_of, find_client, find_connection, find_organization
from .pipeline import Login, granted, run_post_login_silently
from .protection import count_failure, refuse_blocked_address, refuse_blocked_user
from .tokens import success


@dataclass(frozen=True, slots=True)
class DirectLogin:
    """A log-in without a page: who, with which client, for what."""

    user_id: str
    client_id: str | None = None
    connection: str | None = None
    """None: that of the user's first identity."""
    audience: str | None = None
    scope: str = ""
    """Space-separated."""
    organization: str | None = None
    """An id or a name."""
    ip: str = ""
    user_agent: str = ""


def direct_circumstances(context: RequestContext, login: DirectLogin) -> tuple[Doc, Circumstances]:
    """The user and the circumstances that a direct log-in names; raises for what there is not."""
    user = context.tx.get("users", login.user_id)
    if user is None:
        raise OAuthError(404, "inexistent_user", "The user does not exist.")
    client = None if login.client_id is None else find_client(context, login.client_id)
    if login.client_id is not None and client is None:
        raise OAuthError(404, "inexistent_client", "The client does not exist.")
    name = login.connection or connection_of(user)
    connection = find_connection(context, name)
    if connection is None:
        raise OAuthError(404, "inexistent_connection", f"The connection {name!r} does not exist.")
    organization = None
    if login.organization is not None:
        organization = find_organization(context, login.organization)
        if organization is None:
            description = f"The organization {login.organization!r} does not exist."
            raise OAuthError(404, "inexistent_organization", description)
    scopes = tuple(login.scope.split())
    return user, Circumstances(
        client, connection, login.ip, login.user_agent, login.audience, scopes, organization
    )


@dataclass(frozen=True, slots=True)
class Done:
    """What a direct log-in brought about."""

    session_id: str
    refresh_token_id: str | None
    response: Doc
    """The token endpoint's response."""


def log_in(context: RequestContext, login: DirectLogin) -> Done:
    """Let a user log in as by a page: blocks, membership, RBAC and post-login code act.

    Passwords, second factors and enabled connections are not required. Raises the `OAuthError`
    for what there is not, and for a user who may not log in.
    """
    user, about = direct_circumstances(context, login)
    refuse_blocked_address(context, about)
    refuse_blocked_user(context, user, about)
    if about.organization is not None:
        join_organization(context, user, about.organization, about.connection)
    requested = Login(user, about, ("pwd",), "oidc-basic-profile", about.scopes)
    requested, effects = run_post_login_silently(context, requested)
    grant = granted(context, requested, effects, tell_time=True)
    value, token = None, None
    wants_refresh = {"offline_access", "online_access"} & set(grant.access.scopes)
    if wants_refresh and about.client is not None:
        value, token = refresh_tokens.create(
            context, grant, about.client, ip=about.ip, agent=about.user_agent
        )
    response = success(context, grant, refresh_token=value)
    return Done(str(grant.session_id), None if token is None else token["id"], response)


def fail(context: RequestContext, login: DirectLogin) -> None:
    """Record a log-in that failed for a wrong password; it counts for brute-force protection."""
    user, about = direct_circumstances(context, login)
    log(context, "fp", "Wrong email or password.", about, user)
    count_failure(context, user, about)
