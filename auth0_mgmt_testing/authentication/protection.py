"""Attack protection at log-ins: blocked users, brute force, too many failures of an address."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from ..engine.context import RequestContext
from ..resources.blocks import block, block_address, blocked
from ..resources.log_types import LOG_TYPES
from ..resources.mail import send_unblock
from ..state.store import Doc
from .circumstances import Circumstances, event_members, log
from .errors import OAuthError, too_many_attempts
from .lookup import member, settings

Stage: TypeAlias = Literal["pre-login", "pre-user-registration", "pre-custom-token-exchange"]
"""What suspicious IP throttling counts on its own."""

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
_DEFAULT_STAGES: dict[Stage, Doc] = {
    "pre-login": {"max_attempts": 100, "rate": 864_000},
    "pre-user-registration": {"max_attempts": 50, "rate": 1_200},
    "pre-custom-token-exchange": {"max_attempts": 10, "rate": 600_000},
}


# --- refusing ------------------------------------------------------------------------------------


def refuse_blocked_address(context: RequestContext, about: Circumstances) -> None:
    """Raise where an address is blocked for every user."""
    if context.tx.get("blocked_ips", about.ip) is not None:
        raise _suspicious(about, "pre-login")


def _suspicious(about: Circumstances, stage: Stage) -> OAuthError:
    error, name = too_many_attempts(_SUSPICIOUS), LOG_TYPES["limit_mu"].name
    return error.recording(lambda again: log(again, "limit_mu", name, about, flow=stage))


def refuse_blocked_user(context: RequestContext, user: Doc, about: Circumstances) -> None:
    """Raise where a user may not log in, in general or after too many failures; logged."""
    if user.get("blocked"):
        raise OAuthError(403, "unauthorized", "user is blocked").recording(
            lambda again: log(again, "f", "user is blocked", about, user)
        )
    if blocked(context, user, about.ip):
        name = LOG_TYPES["limit_wc"].name
        raise too_many_attempts(_BLOCKED).recording(
            lambda again: log(again, "limit_wc", name, about, user)
        )


# --- counting ------------------------------------------------------------------------------------


def count_failure(
    context: RequestContext,
    user: Doc | None,
    about: Circumstances,
    stage: Stage = "pre-login",
) -> None:
    """Count a failed attempt; at the limit the user, or the address, is blocked."""
    if user is not None:
        _count_of_user(context, user, about)
    throttling = _throttling(context, about)
    if throttling and _spend(context, throttling, stage, about.ip) <= 0:
        members = {**event_members(context, about), "details": {"flow": stage}}
        if "block" in throttling["shields"]:
            block_address(context, about.ip, members)
        else:
            context.log("limit_mu", LOG_TYPES["limit_mu"].name, **members)


def count_signup(context: RequestContext, about: Circumstances) -> None:
    """Count an attempt to sign up; raises where too many came from the address."""
    throttling = _throttling(context, about)
    if not throttling or _spend(context, throttling, "pre-user-registration", about.ip) >= 0:
        return
    refusal = _suspicious(about, "pre-user-registration")
    if "block" in throttling["shields"]:
        raise refusal
    for effect in refusal.effects:
        effect(context)


def _throttling(context: RequestContext, about: Circumstances) -> Doc:
    """The rules of suspicious IP throttling; empty where they do not act on an address."""
    rules = settings(context, "attack_protection.suspicious_ip_throttling")
    shields = rules.get("shields", ("block",))
    return {**rules, "shields": shields} if _is_shielding(rules, shields, about.ip) else {}


def _count_of_user(context: RequestContext, user: Doc, about: Circumstances) -> None:
    rules = settings(context, "attack_protection.brute_force_protection")
    shields = rules.get("shields", _DEFAULT_SHIELDS)
    if not _is_shielding(rules, shields, about.ip):
        return
    by_ip = rules.get("mode", "count_per_identifier") == "count_per_identifier_and_ip"
    ip = about.ip if by_ip else None
    if _count(context, _key(user, ip or "")) < int(rules.get("max_attempts", 10)):
        return
    members = event_members(context, about, user)
    if "block" in shields:
        block(context, user["user_id"], ip, members)
    else:
        context.log("limit_wc", LOG_TYPES["limit_wc"].name, **members)
    if "user_notification" in shields and user.get("email"):
        send_unblock(context, user, _BLOCKED)


def forget_failures(context: RequestContext, user: Doc, ip: str) -> None:
    """A log-in succeeded: what failed before counts no longer."""
    for key in (_key(user, ""), _key(user, ip), _address_key("pre-login", ip)):
        context.tx.delete(_FAILURES, key)


def _is_shielding(rules: Doc, shields: Any, ip: str) -> bool:
    enabled = bool(rules.get("enabled", True)) and bool(shields)
    return enabled and ip not in (rules.get("allowlist") or ())


def _key(user: Doc, ip: str) -> str:
    return f"user {user['user_id']} {ip}"


def _address_key(stage: Stage, ip: str) -> str:
    return f"ip {stage} {ip}"


def _count(context: RequestContext, key: str) -> int:
    known = context.tx.get(_FAILURES, key) or {"count": 0}
    context.tx.put(_FAILURES, key, {"count": known["count"] + 1})
    return int(known["count"]) + 1


def _spend(context: RequestContext, throttling: Doc, stage: Stage, ip: str) -> float:
    """Take one of an address's attempts, which come back at the stage's rate; how many are left."""
    configured: Doc = member(member(throttling, "stage"), stage)
    rules: Doc = {**_DEFAULT_STAGES[stage], **configured}
    most, rate = float(rules["max_attempts"]), float(rules["rate"]) / 1000
    key, now = _address_key(stage, ip), context.time()
    known = context.tx.get(_FAILURES, key) or {"left": most, "at": now}
    back = (now - known["at"]) / rate if rate else 0.0
    left = min(most, float(known["left"]) + back) - 1
    context.tx.put(_FAILURES, key, {"left": max(left, 0.0), "at": now})
    return left
