"""Databases: how their users are identified, how they log in, what passwords must be like."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import Check, get_path, merged
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


def _attributes(connection: Doc) -> dict[str, Any]:
    """What a database says of its users' attributes."""
    found = get_path(connection, "options.attributes")
    return found if connection["strategy"] == "auth0" and is_object(found) else {}


def _has_no_identifier(connection: Doc) -> bool:
    attributes = _attributes(connection)
    active = [get_path(rules, "identifier.active") for rules in attributes.values()]
    return bool(attributes) and not any(active)


def _optional_but_required(connection: Doc) -> str | None:
    """An attribute that profiles must have, and signing up need not give."""
    for name, rules in _attributes(connection).items():
        signup = get_path(rules, "signup.status")
        if get_path(rules, "profile_required") and signup not in (None, "required"):
            return name
    return None


CHECKS = (
    Check(
        lambda context, new, old: _attributes(new) and new["options"].get("validation"),
        "Cannot set both options.attributes and options.validation",
    ),
    Check(
        lambda context, new, old: _has_no_identifier(new),
        "attributes must contain one active identifier",
    ),
    Check(
        lambda context, new, old: _optional_but_required(new) is not None,
        lambda new: f"attribute {_optional_but_required(new)} must also be required on signup",
    ),
)
"""Rules for the options of a database."""


def _passwordless(options: Options) -> Doc:
    return options.over({"brute_force_protection": True} if options.new else {})


STRATEGIES = {
    "auth0": Strategy(complete=_complete),
    "email": Strategy(complete=_passwordless),
    "sms": Strategy(complete=_passwordless),
}
