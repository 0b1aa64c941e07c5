"""Whether a password meets the policy of a database connection.

Both forms of the policy: the older ``passwordPolicy`` with its separate options, and the newer
``password_options``, which holds where no older policy is named.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from ..behaviours import get_path
from ..engine.errors import APIError
from ..state.store import Doc

_CLASSES: dict[str, re.Pattern[str]] = {
    "lowercase": re.compile(r"[a-z]"),
    "uppercase": re.compile(r"[A-Z]"),
    "number": re.compile(r"[0-9]"),
    "special": re.compile(r"[^A-Za-z0-9]"),
}
_LEGACY: dict[str, tuple[int, Callable[[str], bool]]] = {
    "none": (1, lambda password: True),
    "low": (6, lambda password: True),
    "fair": (8, lambda password: _classes(password) >= {"lowercase", "uppercase", "number"}),
    "good": (8, lambda password: len(_classes(password)) >= 3),
    "excellent": (10, lambda password: len(_classes(password)) >= 3 and not _repeats(password)),
}
"""Least length and further condition of each ``passwordPolicy``."""
_COMMON = frozenset(
    (
        "123456", "password", "12345678", "123456789", "12345", "qwerty", "abc123", "password1",
        "1234567", "111111", "iloveyou", "letmein", "welcome", "admin", "monkey", "dragon",
        "football", "baseball", "sunshine", "princess", "passw0rd", "password123", "qwerty123",
    )
)  # fmt: skip
"""The head of every list of common passwords; stands for the tenant's dictionary."""
_LONGEST = 72
"""Bytes that a password may have where longer ones are an error."""
_PERSONAL = ("name", "username", "nickname", "user_metadata.name", "user_metadata.first",
             "user_metadata.last")  # fmt: skip


def _classes(password: str) -> set[str]:
    return {name for name, pattern in _CLASSES.items() if pattern.search(password)}


def _repeats(password: str) -> bool:
    """Whether one character stands more than twice in a row."""
    return re.search(r"(.)\1\1", password, re.DOTALL) is not None


def _in_sequence(password: str) -> bool:
    """Whether three neighbours follow each other in the alphabet or in numbers."""
    codes = [ord(character) for character in password.lower()]
    steps = [after - before for before, after in pairwise(codes)]
    return any(pair in ((1, 1), (-1, -1)) for pair in pairwise(steps))


def check_password(options: Doc, password: str, user: Doc, former: Iterable[str] = ()) -> None:
    """Raise 400 where a connection with these options refuses the password of a user.

    ``former`` are the user's earlier passwords, newest first.
    """
    newer: Doc = {} if options.get("passwordPolicy") else options.get("password_options") or {}
    strong = _strong_by_options(newer, password) if newer else _strong_by_policy(options, password)
    if not strong:
        raise APIError(400, "PasswordStrengthError: Password is too weak")
    if password.lower() in _dictionary(options, newer):
        raise APIError(400, "PasswordDictionaryError: Password is too common")
    if any(word in password.lower() for word in _personal(options, newer, user)):
        raise APIError(400, "PasswordNoUserInfoError: Password contains user information")
    if password in list(former)[: _remembered(options, newer)]:
        raise APIError(400, "PasswordHistoryError: Password has previously been used")


def _strong_by_policy(options: Doc, password: str) -> bool:
    length, condition = _LEGACY[options.get("passwordPolicy") or "none"]
    complexity: Doc = options.get("password_complexity_options") or {}
    return len(password) >= (complexity.get("min_length") or length) and condition(password)


def _strong_by_options(newer: Doc, password: str) -> bool:
    rules: Doc = newer.get("complexity") or {}
    if len(password) < (rules.get("min_length") or 1):
        return False
    if rules.get("max_length_exceeded", "error") == "error" and len(password.encode()) > _LONGEST:
        return False
    if rules.get("identical_characters") == "block" and _repeats(password):
        return False
    if rules.get("sequential_characters") == "block" and _in_sequence(password):
        return False
    wanted = set(rules.get("character_types") or ())
    least = 3 if rules.get("character_type_rule") == "three_of_four" else len(wanted)
    return len(wanted & _classes(password)) >= min(least, len(wanted))


def _dictionary(options: Doc, newer: Doc) -> frozenset[str]:
    rules: Doc = newer.get("dictionary") or {}
    if rules.get("active"):
        return _COMMON.union(str(word).lower() for word in rules.get("custom") or ())
    older: Doc = options.get("password_dictionary") or {}
    if older.get("enable"):
        return _COMMON.union(str(word).lower() for word in older.get("dictionary") or ())
    return frozenset()


def _personal(options: Doc, newer: Doc, user: Doc) -> list[str]:
    """The words of a user's profile that the password may not hold, in lower case."""
    rules: Doc = newer.get("profile_data") or {}
    if rules.get("active"):
        fields: Iterable[str] = rules.get("blocked_fields") or ()
    elif get_path(options, "password_no_personal_info.enable"):
        fields = (*_PERSONAL, "email")
    else:
        return []
    words = [str(_field(user, field) or "").lower() for field in fields]
    return [word for word in words if len(word) >= 3]


def _field(user: Doc, path: str) -> Any:
    """A member of the profile; of an address only the part before the ``@``."""
    value = get_path(user, path)
    return value.partition("@")[0] if path == "email" and isinstance(value, str) else value


def _remembered(options: Doc, newer: Doc) -> int:
    """How many earlier passwords may not be used again."""
    rules: Doc = newer.get("history") or {}
    if rules.get("active"):
        return int(rules.get("size") or 0)
    older: Doc = options.get("password_history") or {}
    return int(older.get("size") or 5) if older.get("enable") else 0
