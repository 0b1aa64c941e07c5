"""Accounts of other providers that a user connected, and the token sets kept for them.

Only a user can connect one, never this API: tests do it for the user (`connect`).
"""

from __future__ import annotations

from typing import Any

from ..behaviours import Listing, list_response, visible
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.ids import alphanumeric_id
from ..state.store import Doc
from .users import USERS, require_user

family = Family()

for _table in ("connected_accounts", "tokensets"):
    family.index(_table, "user", lambda doc: [doc["_user"]])
    family.cascade(_table, "user", of="users")


def connect(context: RequestContext, user_id: str, connection: str, scopes: list[str]) -> Doc:
    """Connect a user's account of a connection (by its name); its tokens are kept in a set.

    Raises the 404 for a user or connection that there is not.
    """
    if context.tx.get("users", user_id) is None:
        raise USERS.missing.problem()
    found = next((doc for doc in context.tx.all("connections") if doc["name"] == connection), None)
    if found is None:
        raise APIError(
            404, f"The connection {connection!r} does not exist.", "inexistent_connection"
        )
    now = context.now()
    tokens: Doc = {
        "id": context.new_id(alphanumeric_id(22)),
        "connection": connection,
        "scope": " ".join(scopes),
        "issued_at": now,
        "expires_at": None,
        "last_used_at": None,
        "_user": user_id,
    }
    context.tx.put("tokensets", tokens["id"], tokens)
    account: Doc = {
        "id": context.new_id(id_forms.CONNECTED_ACCOUNT),
        "connection": connection,
        "connection_id": found["id"],
        "strategy": found["strategy"],
        "access_type": "offline",
        "scopes": scopes,
        "created_at": now,
        "_user": user_id,
    }
    return context.tx.put("connected_accounts", account["id"], account)


@family.operation("users.connected_accounts.list", kind="view")
def list_connected_accounts(context: RequestContext) -> Any:
    found = context.tx.find("connected_accounts", "user", require_user(context)["user_id"])
    return list_response(context, found, Listing())


@family.operation("users.federated_connections_tokensets.list", kind="view")
def list_tokensets(context: RequestContext) -> Any:
    found = context.tx.find("tokensets", "user", require_user(context)["user_id"])
    return [visible(doc) for doc in found]


@family.operation("users.federated_connections_tokensets.delete")
def delete_tokenset(context: RequestContext) -> Any:
    """Deleting a token set that is not there succeeds."""
    who = require_user(context)["user_id"]
    for doc in context.tx.find("tokensets", "user", who):
        if doc["id"] == context.path["tokenset_id"]:
            context.tx.delete("tokensets", doc["id"])
