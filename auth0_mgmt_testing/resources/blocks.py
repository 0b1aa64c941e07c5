"""Blocks by attack protection: of users and of IP addresses."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..state.store import Doc
from .users import require_user

family = Family()

_LOGINS = ("email", "username", "phone_number", "user_id")


def _blocks(call: Call, users: list[Doc]) -> Doc:
    """The blocks of users; brute force protection is on, so its enablement changes nothing."""
    call.query.get("consider_brute_force_enablement")
    known = {str(user[name]) for user in users for name in _LOGINS if user.get(name)}
    found = [doc for doc in call.tx.all("user_blocks") if doc["identifier"] in known]
    return {
        "blocked_for": [
            {key: value for key, value in doc.items() if key[:1] != "_"} for doc in found
        ]
    }


def _identified(call: Call) -> list[Doc]:
    wanted = call.query["identifier"]
    users = call.tx.all("users")
    found = [user for user in users if wanted in (user.get(name) for name in _LOGINS)]
    return [*found, {"username": wanted}]


def _unblock(call: Call, users: list[Doc]) -> None:
    known = {str(user[name]) for user in users for name in _LOGINS if user.get(name)}
    rows = call.tx.table("user_blocks")
    for key in rows.ordered():
        if rows.rows[key][1]["identifier"] in known:
            call.tx.delete("user_blocks", key)


@family.verb("get_user-blocks_by_id", kind="view")
def get_user_blocks(call: Call) -> Any:
    return _blocks(call, [require_user(call)])


@family.verb("delete_user-blocks_by_id")
def delete_user_blocks(call: Call) -> Any:
    _unblock(call, [require_user(call)])


@family.verb("get_user-blocks", kind="view")
def get_blocks_by_identifier(call: Call) -> Any:
    return _blocks(call, _identified(call))


@family.verb("delete_user-blocks")
def delete_blocks_by_identifier(call: Call) -> Any:
    _unblock(call, _identified(call))


@family.verb("get_ips_by_id", kind="view")
def check_ip(call: Call) -> Any:
    """200 without a body for a blocked address, 404 for any other."""
    if call.tx.get("blocked_ips", call.path["id"]) is None:
        raise Problem(404, "The IP address is not blocked.", "ip_address_not_blocked")


@family.verb("delete_ips_by_id")
def unblock_ip(call: Call) -> Any:
    call.tx.delete("blocked_ips", call.path["id"])
