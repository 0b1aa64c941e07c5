"""What happens at a log-in. The Management API has none: tests make users log in.

A log-in begins a session, with ``offline_access`` a refresh token too, counts on the profile, and
is told in the tenant's log, from which the statistics are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.clock import format_timestamp
from ..state.store import Doc
from .blocks import blocked
from .sessions import REFRESH_TOKENS, SESSIONS
from .users import USERS

family = Family()

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """Who logs in, how, where and for what."""

    user_id: str
    client_id: str | None
    connection: str | None
    """None: that of the user's first identity."""
    audience: str | None
    scope: str
    """Space-separated."""
    ip: str
    user_agent: str
    organization_id: str | None


def log_in(context: RequestContext, login: LoginRequest) -> tuple[Doc, Doc | None]:
    """Let a user log in; gives the session, and the refresh token if there is one.

    Raises the `Problem` for a user, client, connection or organization that there is not, and for
    a user that may not log in.
    """
    user = USERS.require(context, login.user_id)
    client = _client(context, login.client_id)
    about = _about(context, user, client, login)
    if user.get("blocked"):
        raise APIError(403, "The user is blocked.", "unauthorized")
    if blocked(context, user, login.ip):
        raise APIError(
            403, "The user's log-ins from this address are blocked.", "too_many_attempts"
        )
    now = context.now()
    session = SESSIONS.add(context, _session(context, login, now))
    token = None
    if "offline_access" in login.scope.split() and client is not None:
        token = REFRESH_TOKENS.add(
            context, _refresh_token(context, login, client, session["id"], now)
        )
    counted = {
        "last_ip": login.ip,
        "last_login": now,
        "logins_count": user.get("logins_count", 0) + 1,
    }
    context.tx.put("users", login.user_id, {**user, **counted, "updated_at": now})
    context.log("s", "Successful login", **about)
    return session, token


def fail(context: RequestContext, login: LoginRequest) -> None:
    """Note a log-in that failed for a wrong password."""
    user = USERS.require(context, login.user_id)
    about = _about(context, user, _client(context, login.client_id), login)
    context.log("fp", "Wrong email or password.", **about)


# --- what is made ------------------------------------------------------------------------------


def _device(login: LoginRequest) -> Doc:
    seen = {"user_agent": login.user_agent, "ip": login.ip, "asn": ""}
    return {f"{when}_{name}": value for when in ("initial", "last") for name, value in seen.items()}


def _session(context: RequestContext, login: LoginRequest, now: str) -> Doc:
    settings = context.tx.get("settings", "tenant") or {}
    idle = settings.get("idle_session_lifetime", 72) * _HOUR
    whole = settings.get("session_lifetime", 168) * _HOUR
    times = ("created_at", "updated_at", "authenticated_at", "last_interacted_at")
    return {
        "user_id": login.user_id,
        **dict.fromkeys(times, now),
        "idle_expires_at": format_timestamp(context.time() + idle),
        "expires_at": format_timestamp(context.time() + whole),
        "device": _device(login),
        "clients": [{"client_id": login.client_id}] if login.client_id else [],
        "authentication": {"methods": [{"name": "pwd", "timestamp": now}]},
        "cookie": {"mode": "persistent"},
    }


def _refresh_token(
    context: RequestContext, login: LoginRequest, client: Doc, session: str, now: str
) -> Doc:
    rules: Doc = client.get("refresh_token") or {}
    expiring = rules.get("expiration_type") == "expiring"

    def end(name: str, endless: str) -> str | None:
        if not expiring or rules.get(endless) or not rules.get(name):
            return None
        return format_timestamp(context.time() + rules[name])

    audience = login.audience or f"https://{context.domain}/userinfo"
    return {
        "user_id": login.user_id,
        "created_at": now,
        "idle_expires_at": end("idle_token_lifetime", "infinite_idle_token_lifetime"),
        "expires_at": end("token_lifetime", "infinite_token_lifetime"),
        "device": _device(login),
        "client_id": login.client_id,
        "session_id": session,
        "rotating": rules.get("rotation_type") == "rotating",
        "resource_servers": [{"audience": audience, "scopes": login.scope}],
        "last_exchanged_at": None,
    }


# --- what is told ------------------------------------------------------------------------------


def _client(context: RequestContext, key: str | None) -> Doc | None:
    found = context.tx.get("clients", key) if key is not None else None
    if key is not None and found is None:
        raise APIError(404, "The client does not exist.", "inexistent_client")
    return found


def _about(
    context: RequestContext, user: Doc, client: Doc | None, login: LoginRequest
) -> dict[str, Any]:
    """What the log tells of a log-in."""
    name = login.connection or user["identities"][0]["connection"]
    connection = next((doc for doc in context.tx.all("connections") if doc["name"] == name), None)
    if connection is None:
        raise APIError(404, f"The connection {name!r} does not exist.", "inexistent_connection")
    strategy = str(connection["strategy"])
    about: dict[str, Any] = {
        "connection": name,
        "connection_id": connection["id"],
        "client_id": login.client_id or "",
        "client_name": (client or {}).get("name", ""),
        "ip": login.ip,
        "user_agent": login.user_agent,
        "hostname": context.domain,
        "user_id": user["user_id"],
        "user_name": user.get("email") or user.get("username") or user["user_id"],
        "audience": login.audience,
        "scope": login.scope.split(),
        "strategy": strategy,
        "strategy_type": "database" if strategy == "auth0" else "enterprise",
    }
    if login.organization_id is not None:
        organization = context.tx.get("organizations", login.organization_id)
        if organization is None:
            raise APIError(404, "The organization does not exist.", "inexistent_organization")
        about |= {"organization_id": login.organization_id}
        about |= {"organization_name": organization["name"]}
    return about
