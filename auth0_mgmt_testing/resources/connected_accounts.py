"""Accounts of other providers that a user connected, and the token sets kept for them.

Only a user can connect one, never this API: tests do it for the user (`connect`).
"""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Listing, visible
from ..state.ids import base58, letters
from ..state.store import Doc
from .users import USERS, require_user

family = Family()

for _table in ("connected_accounts", "tokensets"):
    family.index(_table, "user", lambda doc: [doc["_user"]])
    family.cascade(_table, "user", of="users")


def connect(call: Call, user_id: str, connection: str, scopes: list[str]) -> Doc:
    """Connect a user's account of a connection (by its name); its tokens are kept in a set.

    Raises the 404 for a user or connection that there is not.
    """
    if call.tx.get("users", user_id) is None:
        raise USERS.missing.problem()
    found = next((doc for doc in call.tx.all("connections") if doc["name"] == connection), None)
    if found is None:
        raise Problem(
            404, f"The connection {connection!r} does not exist.", "inexistent_connection"
        )
    now = call.now()
    tokens: Doc = {
        "id": call.new_id(letters(22)),
        "connection": connection,
        "scope": " ".join(scopes),
        "issued_at": now,
        "expires_at": None,
        "last_used_at": None,
        "_user": user_id,
    }
    call.tx.put("tokensets", tokens["id"], tokens)
    account: Doc = {
        "id": call.new_id(base58(22, "cac_")),
        "connection": connection,
        "connection_id": found["id"],
        "strategy": found["strategy"],
        "access_type": "offline",
        "scopes": scopes,
        "created_at": now,
        "_user": user_id,
    }
    return call.tx.put("connected_accounts", account["id"], account)


@family.verb("get_connected-accounts", kind="view")
def list_connected_accounts(call: Call) -> Any:
    found = call.tx.find("connected_accounts", "user", require_user(call)["user_id"])
    return answer(call, found, Listing())


@family.verb("get_federated-connections-tokensets", kind="view")
def list_tokensets(call: Call) -> Any:
    found = call.tx.find("tokensets", "user", require_user(call)["user_id"])
    return [visible(doc) for doc in found]


@family.verb("delete_federated-connections-tokensets_by_tokenset_id")
def delete_tokenset(call: Call) -> Any:
    """Deleting a token set that is not there succeeds."""
    who = require_user(call)["user_id"]
    for doc in call.tx.find("tokensets", "user", who):
        if doc["id"] == call.path["tokenset_id"]:
            call.tx.delete("tokensets", doc["id"])
