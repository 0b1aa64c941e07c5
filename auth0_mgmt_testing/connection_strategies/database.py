"""Databases: how their users are identified, how they log in, what passwords must be like."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from ..behaviours import get_path, merged
from ..engine.errors import APIError
from ..state.store import Doc
from ._strategy import Options, Strategy

_LOGIN: Doc = {
    "passkey_options": {
        "challenge_ui": "both",
        "local_enrollment_enabled": True,
        "progressive_enrollment_enabled": True,
    },
    "authentication_methods": {
        "password": {"enabled": True, "api_behavior": "required", "signup_behavior": "allow"},
        "passkey": {"enabled": False},
    },
    "brute_force_protection": True,
}
"""What options hold after a change, too."""

_NEW: Doc = {"mfa": {"active": True, "return_enroll_settings": True}, "strategy_version": 2}
"""What only a new database gets: a change that leaves it out takes it away."""

_PASSWORDS: Doc = {
    "complexity": {
        "character_type_rule": "all",
        "identical_characters": "allow",
        "sequential_characters": "allow",
        "max_length_exceeded": "error",
        "min_length": 15,
        "character_types": [],
    },
    "profile_data": {
        "active": False,
        "blocked_fields": [
            "name", "username", "nickname", "email", "phone_number",
            "user_metadata.name", "user_metadata.first", "user_metadata.last",
        ],
    },
    "history": {"active": False, "size": 3},
    "dictionary": {"active": False, "custom": [], "default": "en_100k"},
}  # fmt: skip
_OLDER_RULES = frozenset(
    (
        "passwordPolicy",
        "password_complexity_options",
        "password_dictionary",
        "password_history",
        "password_no_personal_info",
    )
)
"""Rules for passwords of the older form, which excludes the newer one."""


def _complete(options: Options) -> Doc:
    given = options.given
    _check(given)
    fill = dict(_LOGIN)
    if options.new:
        fill |= _NEW
    if given.get("password_options") or options.new:
        fill["password_options"] = _PASSWORDS
    if get_path(given, "attributes.email") is not None:
        fill["attributes"] = {"email": {"verification_method": "link", "unique": True}}
    whole: Doc = merged(fill, given, "deep")
    if whole.get("configuration"):
        whole["configuration"] = _sealed(whole["configuration"])
    return whole


def _sealed(configuration: Doc) -> Doc:
    """Secrets of the database's scripts, encrypted: nobody reads them back in the clear."""
    return {name: _seal(name, value) for name, value in configuration.items()}


_SEAL = b"\x0a\x42\x0a\x20"


def _seal(name: str, value: Any) -> Any:
    if not isinstance(value, str) or _is_sealed(value):
        return value
    noise = hashlib.shake_256(f"{name}={value}".encode()).digest(92)
    return base64.b64encode(_SEAL + noise).decode()


def _is_sealed(value: str) -> bool:
    """What was read back and is written again is not encrypted twice."""
    try:
        return base64.b64decode(value, validate=True).startswith(_SEAL)
    except ValueError:
        return False


def _check(given: Doc) -> None:
    attributes: dict[str, Any] | None = given.get("attributes")
    if not attributes:
        return
    if given.get("validation"):
        raise _invalid("Cannot set both options.attributes and options.validation")
    if not any(get_path(said, "identifier.active") for said in attributes.values()):
        raise _invalid("attributes must contain one active identifier")
    for name, said in attributes.items():
        signup = get_path(said, "signup.status")
        if get_path(said, "profile_required") and signup not in (None, "required"):
            raise _invalid(f"attribute {name} must also be required on signup")


def _invalid(message: str) -> APIError:
    return APIError(400, message, "invalid_body")


def _passwordless(options: Options) -> Doc:
    return options.over({"brute_force_protection": True} if options.new else {})


STRATEGIES = {
    "auth0": Strategy(complete=_complete),
    "email": Strategy(complete=_passwordless),
    "sms": Strategy(complete=_passwordless),
}
