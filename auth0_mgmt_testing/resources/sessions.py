"""Sessions and refresh tokens: begun by log-ins, read, changed and revoked here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, equals
from ..state.store import Doc
from .users import USERS

family = Family()

SESSIONS = Collection(
    "sessions", missing=Missing("The session does not exist.", "inexistent_session")
)
SESSIONS.bind(family, get="get_session", update="patch_sessions_by_id")

REFRESH_TOKENS = Collection(
    "refresh_tokens",
    missing=Missing("The refresh token does not exist.", "inexistent_refresh_token"),
    listing=Listing(filters={"user_id": equals("user_id"), "client_id": equals("client_id")}),
)
REFRESH_TOKENS.bind(
    family,
    list="get_refresh_tokens",
    get="get_refresh_token",
    update="patch_refresh-tokens_by_id",
)

for _table in ("sessions", "refresh_tokens"):
    family.index(_table, "user", lambda doc: [doc["user_id"]])


def _plain(call: Call, doc: Doc) -> Doc:
    return doc


def _list_of_user(table: str) -> Callable[[Call], Any]:
    def handler(call: Call) -> Any:
        user = USERS.require(call, call.path["user_id"])
        found = call.tx.find(table, "user", user["user_id"])
        return answer(call, found, Listing(), _plain)

    return handler


def _delete_of_user(table: str) -> Callable[[Call], Any]:
    def handler(call: Call) -> Any:
        user = USERS.require(call, call.path["user_id"])
        call.tx.delete_where(table, "user", user["user_id"])
        return {}

    return handler


def _delete(table: str) -> Callable[[Call], Any]:
    """Accepted for later: an id that nobody has is accepted, too."""

    def handler(call: Call) -> Any:
        call.tx.delete(table, call.path["id"])
        return {}

    return handler


for _operation, _handler in {
    "get_sessions_for_user": _list_of_user("sessions"),
    "get_refresh_tokens_for_user": _list_of_user("refresh_tokens"),
    "delete_sessions_for_user": _delete_of_user("sessions"),
    "delete_refresh_tokens_for_user": _delete_of_user("refresh_tokens"),
    "delete_session": _delete("sessions"),
    "delete_refresh_token": _delete("refresh_tokens"),
}.items():
    family.bind(_operation, _handler, "verb")


@family.verb("revoke_session")
def revoke_session(call: Call) -> Any:
    """End a session, and the refresh tokens that were issued in it."""
    session = SESSIONS.require(call)
    for token in list(call.tx.all("refresh_tokens")):
        if token.get("session_id") == session["id"]:
            call.tx.delete("refresh_tokens", token["id"])
    call.tx.delete("sessions", session["id"])
    return {}


@family.verb("revoke_refresh_tokens")
def revoke_refresh_tokens(call: Call) -> Any:
    """Revoke by ids, or all of a user, of a client, for an audience, or of any two together."""
    wanted: Doc = call.body or {}
    if not wanted:
        raise Problem(400, "One of ids, user_id, client_id is required", "invalid_body")
    for token in list(call.tx.all("refresh_tokens")):
        audiences = [each.get("audience") for each in token.get("resource_servers", ())]
        if (
            token["id"] in wanted.get("ids", (token["id"],))
            and token.get("user_id") == wanted.get("user_id", token.get("user_id"))
            and token.get("client_id") == wanted.get("client_id", token.get("client_id"))
            and ("audience" not in wanted or wanted["audience"] in audiences)
        ):
            call.tx.delete("refresh_tokens", token["id"])
    return {}


@family.verb("user_revoke_access")
def revoke_access(call: Call) -> Any:
    """End a user's access: one session or all of them, with or without the refresh tokens."""
    who = call.path["id"]
    body: Doc = call.body or {}
    one, preserve = body.get("session_id"), body.get("preserve_refresh_tokens", False)
    for session in call.tx.find("sessions", "user", who):
        if one is None or session["id"] == one:
            call.tx.delete("sessions", session["id"])
    for token in call.tx.find("refresh_tokens", "user", who):
        if not preserve and (one is None or token.get("session_id") == one):
            call.tx.delete("refresh_tokens", token["id"])
    return {} if call.operation.statuses[0] == 200 else None
