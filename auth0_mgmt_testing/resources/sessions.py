"""Sessions and refresh tokens: begun by log-ins, read, changed and revoked here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, equals
from ..state.ids import letters
from ..state.store import Doc
from .users import MISSING as NO_USER

family = Family()


class _Expiring(Collection):
    """Documents that are gone when their time is over, idle or in all."""

    def find(self, call: Call, key: str | None = None) -> Doc | None:
        doc = super().find(call, key)
        return doc if doc is not None and _alive(call, doc) else None


def _alive(call: Call, doc: Doc) -> bool:
    ends = (doc.get("idle_expires_at"), doc.get("expires_at"))
    return all(end is None or call.time() < _seconds(end) for end in ends)


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


SESSIONS = _Expiring(
    "sessions",
    new_id=letters(32),
    missing=Missing("The session does not exist.", "inexistent_session"),
)
SESSIONS.bind(family, get="get_session", update="patch_sessions_by_id")

REFRESH_TOKENS = _Expiring(
    "refresh_tokens",
    new_id=letters(24),
    missing=Missing("The refresh token does not exist.", "inexistent_refresh_token"),
    listing=Listing(filters={"user_id": equals("user_id"), "client_id": equals("client_id")}),
)
REFRESH_TOKENS.bind(family, get="get_refresh_token", update="patch_refresh-tokens_by_id")

_TABLES = ("sessions", "refresh_tokens")
for _table in _TABLES:
    family.index(_table, "user", lambda doc: [doc["user_id"]])
    family.cascade(_table, "user", of="users")
family.index(
    "refresh_tokens", "session", lambda doc: [doc["session_id"]] if doc.get("session_id") else []
)


def _require(call: Call, table: str, key: str | None, status: int = 404) -> None:
    """Refuse a user or client that there is not; None asks for none."""
    if key is None or call.tx.get(table, key) is not None:
        return
    if table == "users":
        raise Problem(status, NO_USER.message, NO_USER.code)
    raise Problem(status, "The client does not exist.", "inexistent_client")


def _of_user(call: Call, table: str, who: str) -> list[Doc]:
    return [doc for doc in call.tx.find(table, "user", who) if _alive(call, doc)]


@family.verb("get_refresh_tokens", kind="view")
def list_refresh_tokens(call: Call) -> Any:
    """The refresh tokens of a user, perhaps of one client only."""
    who = call.query["user_id"]
    _require(call, "users", who)
    _require(call, "clients", call.query.get("client_id"))
    found = _of_user(call, "refresh_tokens", who)
    return answer(call, found, REFRESH_TOKENS.listing)


def _list_of_user(table: str) -> Callable[[Call], Any]:
    def handler(call: Call) -> Any:
        who = call.path["user_id"]
        _require(call, "users", who)
        return answer(call, _of_user(call, table, who), Listing())

    return handler


def _delete_of_user(table: str) -> Callable[[Call], Any]:
    def handler(call: Call) -> Any:
        who = call.path["user_id"]
        _require(call, "users", who)
        for doc in call.tx.find(table, "user", who):
            _end(call, table, doc)
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


# --- revoking ----------------------------------------------------------------------------------


def _end(call: Call, table: str, doc: Doc, *, tokens: bool = False) -> None:
    """Take a session or a token out; ``tokens``: a session takes its refresh tokens along."""
    if tokens and table == "sessions":
        call.tx.delete_where("refresh_tokens", "session", doc["id"])
    call.tx.delete(table, doc["id"])


@family.verb("revoke_session")
def revoke_session(call: Call) -> Any:
    """End a session, and the refresh tokens that were issued in it."""
    _end(call, "sessions", SESSIONS.require(call), tokens=True)
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


@family.verb("revoke_refresh_tokens")
def revoke_refresh_tokens(call: Call) -> Any:
    """Revoke by ids, or all of a user, of a client, of both, or for an audience of a client."""
    wanted: Doc = call.body or {}
    if set(wanted) not in _REVOKED_BY:
        raise Problem(
            400,
            "Give ids alone, or user_id or client_id or both, with client_id also an audience.",
            "invalid_body",
        )
    _require(call, "users", wanted.get("user_id"), 400)
    _require(call, "clients", wanted.get("client_id"), 400)
    for token in list(call.tx.all("refresh_tokens")):
        audiences = [each.get("audience") for each in token.get("resource_servers", ())]
        if (
            token["id"] in wanted.get("ids", (token["id"],))
            and token.get("user_id") == wanted.get("user_id", token.get("user_id"))
            and token.get("client_id") == wanted.get("client_id", token.get("client_id"))
            and ("audience" not in wanted or wanted["audience"] in audiences)
        ):
            _end(call, "refresh_tokens", token)
    return {}


@family.verb("user_revoke_access")
def revoke_access(call: Call) -> Any:
    """End a user's access: one session or all of them, with or without the refresh tokens."""
    who = call.path["id"]
    body: Doc = call.body or {}
    one, preserve = body.get("session_id"), body.get("preserve_refresh_tokens", False)
    for session in call.tx.find("sessions", "user", who):
        if one is None or session["id"] == one:
            _end(call, "sessions", session, tokens=not preserve)
    if one is None and not preserve:
        call.tx.delete_where("refresh_tokens", "user", who)
    return {} if call.operation.statuses[0] == 200 else None
