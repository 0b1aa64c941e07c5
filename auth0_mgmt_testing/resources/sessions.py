"""Sessions and refresh tokens: begun by log-ins, read, changed and revoked here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, equals, list_response
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .users import MISSING as NO_USER

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
        for doc in context.tx.find(table, "user", who):
            _end(context, table, doc)
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


def _end(context: RequestContext, table: str, doc: Doc, *, tokens: bool = False) -> None:
    """Take a session or a token out; ``tokens``: a session takes its refresh tokens along."""
    if tokens and table == "sessions":
        context.tx.delete_where("refresh_tokens", "session", doc["id"])
    context.tx.delete(table, doc["id"])


@family.operation("sessions.revoke")
def revoke_session(context: RequestContext) -> Any:
    """End a session, and the refresh tokens that were issued in it."""
    _end(context, "sessions", SESSIONS.require(context), tokens=True)
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
            _end(context, "refresh_tokens", token)
    return {}


@family.operation("users.revoke_access")
def revoke_access(context: RequestContext) -> Any:
    """End a user's access: one session or all of them, with or without the refresh tokens."""
    who = context.path["id"]
    body: Doc = context.body or {}
    one, preserve = body.get("session_id"), body.get("preserve_refresh_tokens", False)
    for session in context.tx.find("sessions", "user", who):
        if one is None or session["id"] == one:
            _end(context, "sessions", session, tokens=not preserve)
    if one is None and not preserve:
        context.tx.delete_where("refresh_tokens", "user", who)
    return {} if context.operation.success_statuses[0] == 200 else None
