"""Blocks by attack protection: of users and of IP addresses.

Log-ins that fail bring them on a live tenant; here a test does (`block`, `block_address`).
"""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..state.store import Doc, visible
from .users import USERS, require_user

family = Family()

_LOGINS = ("email", "username", "phone_number")

family.index("user_blocks", "user", lambda doc: [doc["_user"]])
family.cascade("user_blocks", "user", of="users")


# --- what a test brings about ------------------------------------------------------------------


def block(call: Call, user_id: str, ip: str | None) -> Doc:
    """Block a user's log-ins, from an address or from everywhere (None)."""
    user = USERS.require(call, user_id)
    identifier = next((user[name] for name in _LOGINS if user.get(name)), user_id)
    connection: str = user["identities"][0]["connection"]
    told = {"identifier": identifier, **({"ip": ip} if ip else {}), "connection": connection}
    call.log(
        "limit_wc" if ip else "limit_sul",
        "User has exceeded the number of log-ins that may fail",
        user_id=user_id, user_name=identifier, connection=connection, ip=ip or "",
    )  # fmt: skip
    return call.tx.put("user_blocks", (user_id, ip or ""), {**told, "_user": user_id})


def block_address(call: Call, ip: str) -> Doc:
    """Block an address for everybody."""
    call.log("limit_mu", "Too many log-ins failed from an address", ip=ip)
    return call.tx.put("blocked_ips", ip, {"ip": ip})


def blocked(call: Call, user: Doc, ip: str) -> bool:
    """Whether a user is kept from logging in from an address."""
    found = call.tx.find("user_blocks", "user", user["user_id"])
    return call.tx.get("blocked_ips", ip) is not None or any(
        doc.get("ip", ip) == ip for doc in found
    )


# --- users -------------------------------------------------------------------------------------


def _told(call: Call, found: list[Doc]) -> Doc:
    """Blocks as they are shown: none where that is asked for and brute-force protection is off."""
    heeded = call.query.get("consider_brute_force_enablement", False)
    settings = call.tx.get("settings", "attack_protection.brute_force_protection") or {}
    off = heeded and not settings.get("enabled", True)
    return {"blocked_for": [] if off else [visible(doc) for doc in found]}


def _of(call: Call, user: Doc) -> list[Doc]:
    return call.tx.find("user_blocks", "user", user["user_id"])


def _identified(call: Call) -> list[Doc]:
    """The blocks of users who log in with an identifier."""
    wanted = call.query["identifier"]

    def known_by(doc: Doc) -> bool:
        user = call.tx.get("users", doc["_user"]) or {}
        return wanted in [user.get(name) for name in ("user_id", *_LOGINS)]

    return [doc for doc in call.tx.all("user_blocks") if known_by(doc)]


def _lift(call: Call, found: list[Doc]) -> None:
    for doc in found:
        call.tx.delete("user_blocks", (doc["_user"], doc.get("ip", "")))


@family.verb("get_user-blocks_by_id", kind="view")
def get_user_blocks(call: Call) -> Any:
    return _told(call, _of(call, require_user(call)))


@family.verb("delete_user-blocks_by_id")
def delete_user_blocks(call: Call) -> Any:
    _lift(call, _of(call, require_user(call)))


@family.verb("get_user-blocks", kind="view")
def get_blocks_by_identifier(call: Call) -> Any:
    return _told(call, _identified(call))


@family.verb("delete_user-blocks")
def delete_blocks_by_identifier(call: Call) -> Any:
    _lift(call, _identified(call))


# --- addresses ---------------------------------------------------------------------------------


@family.verb("get_ips_by_id", kind="view")
def check_ip(call: Call) -> Any:
    """200 without a body for a blocked address, 404 for any other."""
    if call.tx.get("blocked_ips", call.path["id"]) is None:
        raise Problem(404, "The IP address is not blocked.", "ip_address_not_blocked")


@family.verb("delete_ips_by_id")
def unblock_ip(call: Call) -> Any:
    call.tx.delete("blocked_ips", call.path["id"])
