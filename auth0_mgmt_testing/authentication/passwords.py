"""Passwords: verifying them, what a connection's policy asks of them, which are known to thieves."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, TypeAlias

from ..engine.context import RequestContext
from ..state.store import Doc
from .errors import BodyError
from .lookup import member, settings

_LEAKED_PREFIX = "AUTH0-TEST-"
"""The vendor's mark of passwords that count as leaked, for trying it out."""
_LEAKED = frozenset(("Paaf213XXYYZZ", "Paat739!!WWXXYYZZ"))
_DICTIONARY = frozenset(
    (
        "password", "password1", "passw0rd", "12345678", "123456789", "1234567890", "qwertyuiop",
        "letmein", "iloveyou", "sunshine", "princess", "football", "baseball", "welcome", "admin",
    )
)  # fmt: skip
_DIGESTS = ("md5", "sha1", "sha256", "sha512")


# --- verifying ---------------------------------------------------------------------------------


def is_password(user: Doc, password: str) -> bool:
    """Whether this is the user's password, be it set here or imported as a hash."""
    held = user.get("_password")
    if isinstance(held, str):
        return hmac.compare_digest(held.encode(), password.encode())
    custom: Doc | None = user.get("_custom_password_hash")
    if custom is not None:
        return _is_hash_of(custom, password)
    return False


def _is_hash_of(custom: Doc, password: str) -> bool:
    """Plain digests and HMACs, salted or not; other algorithms are not verified here."""
    algorithm, held = str(custom.get("algorithm")), member(custom, "hash")
    salt = member(custom, "salt")
    value = _decoded(salt.get("value", ""), str(salt.get("encoding", "utf8")))
    secret = password.encode(str(member(custom, "password").get("encoding", "utf8")))
    salted = value + secret if salt.get("position", "prefix") == "prefix" else secret + value
    if algorithm in _DIGESTS:
        made = hashlib.new(algorithm, salted, usedforsecurity=False).digest()
    elif algorithm == "hmac":
        key: Doc = member(held, "key")
        raw = _decoded(str(key.get("value", "")), str(key.get("encoding", "utf8")))
        made = hmac.new(raw, salted, str(held.get("digest", "sha256"))).digest()
    else:
        return False
    wanted = _decoded(str(held.get("value", "")), str(held.get("encoding", "hex")))
    return hmac.compare_digest(made, wanted)


def _decoded(text: str, encoding: str) -> bytes:
    try:
        if encoding == "hex":
            return bytes.fromhex(text)
        if encoding == "base64":
            return base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
    return text.encode()


LeakStage: TypeAlias = Literal["login", "pre-user-registration", "pre-change-password"]
"""Where a password is given; all but log-ins have shields of their own."""


def leak_shields(context: RequestContext, password: str, stage: LeakStage) -> frozenset[str]:
    """What the tenant does at a password that a breach disclosed: ``block``, ``user_notification`` …

    Nothing for other passwords.
    """
    switch = settings(context, "attack_protection.breached_password_detection")
    leaked = password in _LEAKED or password.startswith(_LEAKED_PREFIX)
    if not leaked or not switch.get("enabled"):
        return frozenset()
    part: Doc = switch if stage == "login" else member(member(switch, "stage"), stage)
    return frozenset(part.get("shields") or ())


# --- policies ----------------------------------------------------------------------------------

_CLASSES: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "lowercase": ("lower case letters (a-z)", str.islower),
    "uppercase": ("upper case letters (A-Z)", str.isupper),
    "number": ("numbers (i.e. 0-9)", str.isdigit),
    "special": ("special characters (e.g. !@#$%^&*)", lambda c: not c.isalnum() and c > " "),
}
_LENGTHS = {"none": 1, "low": 6, "fair": 8, "good": 8, "excellent": 10}


def check_policy(connection: Doc, password: str, user: Doc | None = None) -> None:
    """Raise the refusal that the API writes for a password that the connection does not take.

    ``user``: whose password it is to be; history and personal data are checked against that.
    """
    options: Doc = member(connection, "options")
    rules = list(_rules(options, password))
    if any(not rule["verified"] for rule in rules):
        raise _weak(rules)
    profile: Doc = user or {}
    newer: Doc = member(options, "password_options")
    if _active(options.get("password_no_personal_info"), newer.get("profile_data")):
        for name in ("name", "username", "nickname", "email", "phone_number"):
            value = str(profile.get(name) or "").partition("@")[0].lower()
            if value and value in password.lower():
                raise _refused(
                    "PasswordNoUserInfoError",
                    "password_no_user_info_error",
                    "Password contains user information",
                )
    dictionary = member(options, "password_dictionary")
    if _active(dictionary, newer.get("dictionary")):
        custom = newer.get("dictionary", {}).get("custom") or dictionary.get("dictionary") or ()
        if password.lower() in {*_DICTIONARY, *(str(word).lower() for word in custom)}:
            raise _refused(
                "PasswordDictionaryError", "password_dictionary_error", "Password is too common"
            )
    history = options.get("password_history") or member(newer, "history")
    if _active(options.get("password_history"), newer.get("history")):
        size = int(history.get("size") or 5)
        past = [profile.get("_password"), *profile.get("_password_history", ())][:size]
        if password in past:
            raise _refused(
                "PasswordHistoryError",
                "password_history_error",
                "Password has previously been used",
            )


def with_password(context: RequestContext, user: Doc, password: str) -> Doc:
    """A user with a new password, which remembers the former ones."""
    past = [p for p in (user.get("_password"), *user.get("_password_history", ())) if p]
    kept = {k: v for k, v in user.items() if k != "_custom_password_hash"}
    return {
        **kept,
        "_password": password,
        "_password_history": past[:24],
        "last_password_reset": context.now(),
        "updated_at": context.now(),
    }


def _active(older: Doc | None, newer: Doc | None) -> bool:
    """Whether a rule is on, in the older form of the options or in the newer."""
    return any(bool(rule.get("enable") or rule.get("active")) for rule in (older, newer) if rule)


def _rules(options: Doc, password: str) -> Iterator[Doc]:
    policy = options.get("passwordPolicy")
    complexity: Doc = member(member(options, "password_options"), "complexity")
    if policy is None and complexity:
        yield _length(int(complexity.get("min_length", 1)), password)
        wanted: list[str] = complexity.get("character_types") or []
        if wanted:
            need = len(wanted)
            if complexity.get("character_type_rule") == "three_of_four":
                wanted, need = list(_CLASSES), 3
            yield _contains(wanted, need, password)
        return
    policy = policy or "none"
    minimum = member(options, "password_complexity_options").get("min_length")
    yield _length(int(minimum or _LENGTHS.get(policy, 1)), password)
    if policy == "fair":
        yield _contains(["lowercase", "uppercase", "number"], 3, password)
    if policy in ("good", "excellent"):
        yield _contains(list(_CLASSES), 3, password)
    if policy == "excellent":
        runs = any(
            a == b == c for a, b, c in zip(password, password[1:], password[2:], strict=False)
        )
        yield {
            "message": 'No more than %d identical characters in a row (e.g., "%s" not allowed)',
            "format": [2, "aaa"],
            "code": "identicalChars",
            "verified": not runs,
        }


def _length(minimum: int, password: str) -> Doc:
    return {
        "message": "At least %d characters in length",
        "format": [minimum],
        "code": "lengthAtLeast",
        "verified": len(password) >= minimum,
    }


def _contains(names: list[str], need: int, password: str) -> Doc:
    items: list[Doc] = [
        {
            "message": _CLASSES[name][0],
            "code": name if name != "special" else "specialCharacters",
            "verified": any(_CLASSES[name][1](character) for character in password),
        }
        for name in names
        if name in _CLASSES
    ]
    some = need < len(items)
    return {
        "message": "Contain at least %d of the following %d types of characters:"
        if some
        else "Should contain:",
        **({"format": [need, len(items)]} if some else {}),
        "code": "containsAtLeast" if some else "shouldContain",
        "items": items,
        "verified": sum(item["verified"] for item in items) >= need,
    }


def policy_text(rules: list[Doc]) -> str:
    """The rules of a policy as people read them, one a line."""
    lines: list[str] = []
    for rule in rules:
        text = str(rule["message"])
        lines.append("* " + (text % tuple(rule["format"]) if rule.get("format") else text))
        lines += [f" * {item['message']}" for item in rule.get("items", ())]
    return "\n".join(lines)


def described_policy(connection: Doc) -> str:
    """What a connection asks of passwords, one rule a line."""
    return policy_text(list(_rules(member(connection, "options"), "")))


def _weak(rules: list[Doc]) -> BodyError:
    body = {
        "name": "PasswordStrengthError",
        "message": "Password is too weak",
        "code": "invalid_password",
        "description": {"rules": rules, "verified": False},
        "policy": policy_text(rules),
        "statusCode": 400,
    }
    return BodyError(400, "invalid_password", "Password is too weak", body)


def _refused(name: str, code: str, message: str) -> BodyError:
    body = {
        "name": name,
        "message": message,
        "code": code,
        "description": message,
        "statusCode": 400,
    }
    return BodyError(400, code, message, body)
