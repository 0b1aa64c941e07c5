"""Blocks by attack protection: of users and of IP addresses.

Log-ins that fail bring them on a live tenant; here a test does (`block`, `block_address`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc, visible
from .log_types import LOG_TYPES
from .users import USERS, require_user

family = Family()

_LOGINS = ("email", "username", "phone_number")

family.index("user_blocks", "user", lambda doc: [doc["_user"]])
family.cascade("user_blocks", "user", of="users")


# --- what a test brings about ------------------------------------------------------------------


def block(
    context: RequestContext, user_id: str, ip: str | None, about: Mapping[str, Any] | None = None
) -> Doc:
    """Block a user's log-ins, from an address or from everywhere (None).

    ``about``: what the log event says of the log-in that failed.
    """
    user = USERS.require(context, user_id)
    identifier = next((user[name] for name in _LOGINS if user.get(name)), user_id)
    connection: str = user["identities"][0]["connection"]
    shown = {"identifier": identifier, **({"ip": ip} if ip else {}), "connection": connection}
    known = {"user_id": user_id, "user_name": identifier, "connection": connection}
    address = {"ip": ip} if ip else {}
    context.log("limit_wc", LOG_TYPES["limit_wc"].name, **{**known, **address, **(about or {})})
    return context.tx.put("user_blocks", (user_id, ip or ""), {**shown, "_user": user_id})


def block_address(context: RequestContext, ip: str, about: Mapping[str, Any] | None = None) -> Doc:
    """Block an address for everybody. ``about``: of the log-in that failed, for the log."""
    context.log("limit_mu", LOG_TYPES["limit_mu"].name, **{"ip": ip, **(about or {})})
    return context.tx.put("blocked_ips", ip, {"ip": ip})


def blocked(context: RequestContext, user: Doc, ip: str) -> bool:
    """Whether a user is kept from logging in from an address."""
    found = context.tx.find("user_blocks", "user", user["user_id"])
    return context.tx.get("blocked_ips", ip) is not None or any(
        doc.get("ip", ip) == ip for doc in found
    )


# --- users -------------------------------------------------------------------------------------


def _told(context: RequestContext, found: list[Doc]) -> Doc:
    """Blocks as they are shown: none where that is requested and brute-force protection is off."""
    heeded = context.query.get("consider_brute_force_enablement", False)
    settings = context.tx.get("settings", "attack_protection.brute_force_protection") or {}
    off = heeded and not settings.get("enabled", True)
    return {"blocked_for": [] if off else [visible(doc) for doc in found]}


def _of(context: RequestContext, user: Doc) -> list[Doc]:
    return context.tx.find("user_blocks", "user", user["user_id"])


def _identified(context: RequestContext) -> list[Doc]:
    """The blocks of users who log in with an identifier."""
    wanted = context.query["identifier"]

    def known_by(doc: Doc) -> bool:
        user = context.tx.get("users", doc["_user"]) or {}
        return wanted in [user.get(name) for name in ("user_id", *_LOGINS)]

    return [doc for doc in context.tx.all("user_blocks") if known_by(doc)]


def _lift(context: RequestContext, found: list[Doc]) -> None:
    for doc in found:
        context.tx.delete("user_blocks", (doc["_user"], doc.get("ip", "")))


@family.operation("user_blocks.list", kind="view")
def get_user_blocks(context: RequestContext) -> Any:
    return _told(context, _of(context, require_user(context)))


@family.operation("user_blocks.delete")
def delete_user_blocks(context: RequestContext) -> Any:
    _lift(context, _of(context, require_user(context)))


@family.operation("user_blocks.list_by_identifier", kind="view")
def get_blocks_by_identifier(context: RequestContext) -> Any:
    return _told(context, _identified(context))


@family.operation("user_blocks.delete_by_identifier")
def delete_blocks_by_identifier(context: RequestContext) -> Any:
    _lift(context, _identified(context))


# --- addresses ---------------------------------------------------------------------------------


@family.operation("anomaly.blocks.check_ip", kind="view")
def check_ip(context: RequestContext) -> Any:
    """200 without a body for a blocked address, 404 for any other."""
    if context.tx.get("blocked_ips", context.path["id"]) is None:
        raise APIError(404, "Not Found")


@family.operation("anomaly.blocks.unblock_ip")
def unblock_ip(context: RequestContext) -> Any:
    context.tx.delete("blocked_ips", context.path["id"])
