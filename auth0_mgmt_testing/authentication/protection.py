"""Attack protection at log-ins: blocked users, brute force, too many failures of an address."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..resources.blocks import block, block_address, blocked
from ..resources.mail import send_unblock
from ..state.store import Doc
from .errors import OAuthError, too_many_attempts
from .lookup import member, settings

_FAILURES = "__failed_logins"
_BLOCKED = (
    "Your account has been blocked after multiple consecutive login attempts. "
    "We've sent you an email with instructions on how to unblock it."
)
_SUSPICIOUS = (
    "We have detected suspicious login behavior and further attempts will be blocked. "
    "Please contact the administrator."
)
_DEFAULT_SHIELDS = ("block", "user_notification")


def refuse_blocked_address(context: RequestContext, ip: str) -> None:
    """Raise where an address is blocked for every user."""
    if context.tx.get("blocked_ips", ip) is not None:
        raise too_many_attempts(_SUSPICIOUS)


def refuse_blocked_user(context: RequestContext, user: Doc, ip: str) -> None:
    """Raise where a user may not log in, in general or after too many failures."""
    if user.get("blocked"):
        raise OAuthError(403, "unauthorized", "user is blocked")
    if blocked(context, user, ip):
        raise too_many_attempts(_BLOCKED)


def count_failure(context: RequestContext, user: Doc | None, ip: str) -> None:
    """Count a failed log-in; at the limit the user, or the address, is blocked."""
    if user is not None:
        _count_of_user(context, user, ip)
    throttling = settings(context, "attack_protection.suspicious_ip_throttling")
    if _is_shielding(throttling, ("block",), ip):
        stage: Doc = member(member(throttling, "stage"), "pre-login")
        if _count(context, f"ip {ip}") >= int(stage.get("max_attempts", 100)):
            block_address(context, ip)


def _count_of_user(context: RequestContext, user: Doc, ip: str) -> None:
    rules = settings(context, "attack_protection.brute_force_protection")
    if not _is_shielding(rules, _DEFAULT_SHIELDS, ip):
        return
    by_ip = rules.get("mode", "count_per_identifier") == "count_per_identifier_and_ip"
    if _count(context, _key(user, ip if by_ip else "")) < int(rules.get("max_attempts", 10)):
        return
    block(context, user["user_id"], ip if by_ip else None)
    shields = rules.get("shields", _DEFAULT_SHIELDS)
    if "user_notification" in shields and user.get("email"):
        send_unblock(context, user, _BLOCKED)


def forget_failures(context: RequestContext, user: Doc, ip: str) -> None:
    """A log-in succeeded: what failed before counts no longer."""
    for key in (_key(user, ""), _key(user, ip), f"ip {ip}"):
        context.tx.delete(_FAILURES, key)


def _is_shielding(rules: Doc, shields: Any, ip: str) -> bool:
    return (
        bool(rules.get("enabled", True))
        and "block" in rules.get("shields", shields)
        and ip not in (rules.get("allowlist") or ())
    )


def _key(user: Doc, ip: str) -> str:
    return f"user {user['user_id']} {ip}"


def _count(context: RequestContext, key: str) -> int:
    known = context.tx.get(_FAILURES, key) or {"count": 0}
    context.tx.put(_FAILURES, key, {"count": known["count"] + 1})
    return int(known["count"]) + 1
