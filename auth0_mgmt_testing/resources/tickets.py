"""Tickets: links that verify an address or change a password."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..state.ids import letters
from ..state.store import Doc
from .users import USERS

family = Family()


def _ticket(call: Call, page: str, user: Doc) -> Doc:
    secret = call.new_id(letters(32))
    body: Doc = call.body or {}
    known: Doc = {"_kind": page, "_user": user["user_id"], "_ttl": body.get("ttl_sec")}
    call.tx.put("tickets", secret, known)
    return {"ticket": f"https://{call.domain}/lo/{page}?ticket={secret}#"}


@family.verb("post_email-verification")
def verify_email(call: Call) -> Any:
    """A link by which the user proves the address."""
    return _ticket(call, "verify_email", USERS.require(call, call.body["user_id"]))


@family.verb("post_password-change")
def change_password(call: Call) -> Any:
    """A link to a new password, for a user named by id or by address and connection."""
    body: Doc = call.body or {}
    if "user_id" in body:
        return _ticket(call, "reset", USERS.require(call, body["user_id"]))
    connection = call.tx.get("connections", str(body.get("connection_id")))
    if connection is None:
        raise Problem(404, "The connection does not exist.", "inexistent_connection")
    for user in call.tx.find("users", "email", body.get("email")):
        if user["identities"][0]["connection"] == connection["name"]:
            return _ticket(call, "reset", user)
    raise USERS.missing.problem()
