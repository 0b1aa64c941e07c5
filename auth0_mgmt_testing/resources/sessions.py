"""Sessions and refresh tokens: begun by log-ins, read, changed, revoked and expired here.

Whatever deletes a session ends it: a log-out, a revocation, the deletion of its user, time. What ends
with it (refresh tokens that last as long, and the sessions of the applications, by
`auth0_mgmt_testing.authentication.backchannel_logout`) subscribes to the deletion.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..behaviours import CollectionBehaviour, Listing, Missing, equals, list_response
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .authentication_methods import METHODS
from .authentication_methods import USER as METHODS_USER
from .users import MISSING as NO_USER

if TYPE_CHECKING:
    from auth0_mgmt.params.clients import ClientOIDCBackchannelLogoutInitiatorsEnum as Initiator

family = Family()


class _Expiring(CollectionBehaviour):
    """Documents that are gone when their time is over, idle or in all."""

    def find(self, context: RequestContext, key: str | None = None) -> Doc | None:
        doc = super().find(context, key)
        return doc if doc is not None and _alive(context, doc) else None


def _alive(context: RequestContext, doc: Doc) -> bool:
    ends = (doc.get("idle_expires_at"), doc.get("expires_at"))
    return all(end is None or context.time() < _seconds(end) for end in ends)


def _seconds(timestamp: str) -> float:
    return datetime.fromisoformat(timestamp).timestamp()


SESSIONS = _Expiring(
    "sessions",
    new_id=id_forms.SESSION,
    missing=Missing("The session does not exist.", "inexistent_session"),
)
SESSIONS.bind(family, get="sessions.get", update="sessions.update")

REFRESH_TOKENS = _Expiring(
    "refresh_tokens",
    new_id=id_forms.REFRESH_TOKEN,
    missing=Missing("The refresh token does not exist.", "inexistent_refresh_token"),
    listing=Listing(filters={"user_id": equals("user_id"), "client_id": equals("client_id")}),
)
REFRESH_TOKENS.bind(family, get="refresh_tokens.get", update="refresh_tokens.update")

_TABLES = ("sessions", "refresh_tokens")
for _table in _TABLES:
    family.index(_table, "user", lambda doc: [doc["user_id"]])
    family.cascade(_table, "user", of="users")
family.index(
    "refresh_tokens", "session", lambda doc: [doc["session_id"]] if doc.get("session_id") else []
)


# --- the end of a session ----------------------------------------------------------------------

_ENDS = "__session_ends"
"""What ended sessions, by their ids: subscribers of the deletion read it."""
_ENDS_KEPT = 1_000
_SWEEP = 60
"""Seconds between two looks for sessions that have expired."""


def end_session(context: RequestContext, session_id: str, initiator: Initiator) -> None:
    """End a session, with the reason; deleted without one, it was revoked (or its user deleted)."""
    if context.tx.get("sessions", session_id) is not None:
        context.tx.put(_ENDS, session_id, {"initiator": initiator})
        context.tx.trim(_ENDS, _ENDS_KEPT)
        context.tx.delete("sessions", session_id)


def end_sessions_of(context: RequestContext, user_id: str, initiator: Initiator) -> None:
    """End all of a user's sessions, but for one that the same request begins."""
    before = context.tx.base.table("sessions")
    for session in context.tx.find("sessions", "user", user_id):
        if before.get(session["id"]) is not None:
            end_session(context, session["id"], initiator)


def initiator_of(context: RequestContext, session: Doc) -> Initiator:
    """What ended a session that this transaction deleted."""
    noted = context.tx.get(_ENDS, session["id"])
    if noted is not None:
        found: Initiator = noted["initiator"]
        return found
    if context.tx.get("users", session["user_id"]) is None:
        return "account-deleted"
    return "session-revoked"


def _ended(context: RequestContext, before: Doc | None, after: Doc | None) -> None:
    """The refresh tokens that last as long as a session end with it."""
    if before is None or after is not None:
        return
    for token in context.tx.find("refresh_tokens", "session", before["id"]):
        if token.get("_online"):
            context.tx.delete("refresh_tokens", token["id"])


def _account_changed(context: RequestContext, before: Doc | None, after: Doc | None) -> None:
    """What changes who may log in as a user ends the sessions that the user has."""
    if before is None or after is None:
        return
    who = after["user_id"]
    if before.get("_password") != after.get("_password") and before.get("_password"):
        end_sessions_of(context, who, "password-changed")
    if before.get("email") and before["email"] != after.get("email"):
        end_sessions_of(context, who, "email-identifier-changed")
    if after.get("blocked") and not before.get("blocked"):
        end_sessions_of(context, who, "account-deactivated")


def _factor_changed(context: RequestContext, before: Doc | None, after: Doc | None) -> None:
    if before is None or after is not None or before["type"] != "phone":
        return
    who = before[METHODS_USER.field]
    kept = context.tx.find(METHODS.table, "parent", who)
    if not any(method.get("phone_number") == before.get("phone_number") for method in kept):
        end_sessions_of(context, who, "mfa-phone-unenrolled")


family.subscribe("sessions", _ended)
family.subscribe("users", _account_changed)
family.subscribe(METHODS.table, _factor_changed)


def _ends_at(session: Doc) -> float:
    """When a session expires, in seconds since the epoch."""
    ends = (session.get("idle_expires_at"), session.get("expires_at"))
    return min((_seconds(end) for end in ends if end is not None), default=math.inf)


def _expires(context: RequestContext, before: Doc | None, after: Doc | None) -> None:
    if after is not None:
        _look_again(context, _ends_at(after))


def _look_again(context: RequestContext, ends_at: float) -> None:
    if ends_at < math.inf:
        at = math.ceil(ends_at / _SWEEP) * _SWEEP
        context.schedule(at - context.time(), "sessions.expire", key="sessions.expire")


family.subscribe("sessions", _expires)


@family.task("sessions.expire")
def expire_sessions(context: RequestContext, task: Doc) -> None:
    """End the sessions that have expired, and look again when the next one has."""
    ends = {session["id"]: _ends_at(session) for session in context.tx.all("sessions")}
    for session_id, ends_at in ends.items():
        if ends_at <= context.time():
            end_session(context, session_id, "session-expired")
    later = (ends_at for ends_at in ends.values() if ends_at > context.time())
    _look_again(context, min(later, default=math.inf))


# --- reading -----------------------------------------------------------------------------------


def _require(context: RequestContext, table: str, key: str | None, status: int = 404) -> None:
    """Refuse a user or client that there is not; None asks for none."""
    if key is None or context.tx.get(table, key) is not None:
        return
    if table == "users":
        raise APIError(status, NO_USER.message, NO_USER.code)
    raise APIError(status, "The client does not exist.", "inexistent_client")


def _of_user(context: RequestContext, table: str, who: str) -> list[Doc]:
    return [doc for doc in context.tx.find(table, "user", who) if _alive(context, doc)]


@family.operation("refresh_tokens.list", kind="view")
def list_refresh_tokens(context: RequestContext) -> Any:
    """The refresh tokens of a user, perhaps of one client only."""
    who = context.query["user_id"]
    _require(context, "users", who)
    _require(context, "clients", context.query.get("client_id"))
    found = _of_user(context, "refresh_tokens", who)
    return list_response(context, found, REFRESH_TOKENS.listing)


def _list_of_user(table: str) -> Callable[[RequestContext], Any]:
    def handler(context: RequestContext) -> Any:
        who = context.path["user_id"]
        _require(context, "users", who)
        return list_response(context, _of_user(context, table, who), Listing())

    return handler


def _delete_of_user(table: str) -> Callable[[RequestContext], Any]:
    def handler(context: RequestContext) -> Any:
        who = context.path["user_id"]
        _require(context, "users", who)
        context.tx.delete_where(table, "user", who)
        return {}

    return handler


def _delete(table: str) -> Callable[[RequestContext], Any]:
    """Accepted for later: an id that nobody has is accepted, too."""

    def handler(context: RequestContext) -> Any:
        context.tx.delete(table, context.path["id"])
        return {}

    return handler


for _operation, _handler in {
    "users.sessions.list": _list_of_user("sessions"),
    "users.refresh_token.list": _list_of_user("refresh_tokens"),
    "users.sessions.delete": _delete_of_user("sessions"),
    "users.refresh_token.delete": _delete_of_user("refresh_tokens"),
    "sessions.delete": _delete("sessions"),
    "refresh_tokens.delete": _delete("refresh_tokens"),
}.items():
    family.bind(_operation, _handler, "action")


# --- revoking ----------------------------------------------------------------------------------


def _revoke(context: RequestContext, session: Doc) -> None:
    """End a session, and the refresh tokens that were issued in it."""
    context.tx.delete_where("refresh_tokens", "session", session["id"])
    end_session(context, session["id"], "session-revoked")


@family.operation("sessions.revoke")
def revoke_session(context: RequestContext) -> Any:
    """End a session, and the refresh tokens that were issued in it."""
    _revoke(context, SESSIONS.require(context))
    return {}


_REVOKED_BY = (
    {"ids"},
    {"user_id"},
    {"client_id"},
    {"user_id", "client_id"},
    {"client_id", "audience"},
    {"user_id", "client_id", "audience"},
)
"""What a request to revoke refresh tokens may name together."""


@family.operation("refresh_tokens.revoke")
def revoke_refresh_tokens(context: RequestContext) -> Any:
    """Revoke by ids, or all of a user, of a client, of both, or for an audience of a client."""
    wanted: Doc = context.body or {}
    if set(wanted) not in _REVOKED_BY:
        raise APIError(
            400,
            "Give ids alone, or user_id or client_id or both, with client_id also an audience.",
            "invalid_body",
        )
    _require(context, "users", wanted.get("user_id"), 400)
    _require(context, "clients", wanted.get("client_id"), 400)
    for token in list(context.tx.all("refresh_tokens")):
        audiences = [each.get("audience") for each in token.get("resource_servers", ())]
        if (
            token["id"] in wanted.get("ids", (token["id"],))
            and token.get("user_id") == wanted.get("user_id", token.get("user_id"))
            and token.get("client_id") == wanted.get("client_id", token.get("client_id"))
            and ("audience" not in wanted or wanted["audience"] in audiences)
        ):
            context.tx.delete("refresh_tokens", token["id"])
    return {}


@family.operation("users.revoke_access")
def revoke_access(context: RequestContext) -> Any:
    """End a user's access: one session or all of them, with or without the refresh tokens."""
    who = context.path["id"]
    body: Doc = context.body or {}
    one, preserve = body.get("session_id"), body.get("preserve_refresh_tokens", False)
    for session in context.tx.find("sessions", "user", who):
        if one is None or session["id"] == one:
            if preserve:
                end_session(context, session["id"], "session-revoked")
            else:
                _revoke(context, session)
    if one is None and not preserve:
        context.tx.delete_where("refresh_tokens", "user", who)
    return {} if context.operation.success_statuses[0] == 200 else None
