"""Whether a password meets the policy of a database connection.

Both forms of the policy: the older ``passwordPolicy`` with its separate options, and the newer
``password_options``, which holds where no older policy is named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ..behaviours import Check, get_path
from ..engine.context import RequestContext
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


class Password(NamedTuple):
    """A password and the policy that applies to it."""

    text: str | None
    """None: there is none to judge."""
    options: Doc
    """The connection's."""
    user: Doc
    former: Sequence[str]
    """The user's earlier passwords, newest first."""

    @property
    def newer(self) -> Doc:
        """The newer rules, where no older policy is named."""
        if self.options.get("passwordPolicy"):
            return {}
        return self.options.get("password_options") or {}


def _is_weak(text: str, password: Password) -> bool:
    """The password does not meet the connection's policy."""
    if password.newer:
        return not _strong_by_options(password.newer, text)
    return not _strong_by_policy(password.options, text)


def _is_common(text: str, password: Password) -> bool:
    """The password is in the connection's dictionary."""
    return text.lower() in _dictionary(password.options, password.newer)


def _tells_of_user(text: str, password: Password) -> bool:
    """The password contains a word of the user's profile."""
    words = _personal(password.options, password.newer, password.user)
    return any(word in text.lower() for word in words)


def _was_used(text: str, password: Password) -> bool:
    """The password is one of the user's former ones."""
    return text in password.former[: _remembered(password.options, password.newer)]


_RULES: tuple[tuple[Callable[[str, Password], bool], str], ...] = (
    (_is_weak, "PasswordStrengthError: Password is too weak"),
    (_is_common, "PasswordDictionaryError: Password is too common"),
    (_tells_of_user, "PasswordNoUserInfoError: Password contains user information"),
    (_was_used, "PasswordHistoryError: Password has previously been used"),
)


def password_checks(password_of: Callable[[Doc], Password]) -> tuple[Check, ...]:
    """Rules for the password in what checks judge; ``password_of`` reads it from there."""

    def message(new: Doc) -> str:
        password = password_of(new)
        if password.text is None:
            return ""
        return next((said for broken, said in _RULES if broken(password.text, password)), "")

    def refuses(context: RequestContext, new: Doc, old: Doc | None) -> bool:
        """The password breaks a rule of its connection."""
        password = password_of(new)
        text = password.text
        return text is not None and any(broken(text, password) for broken, _ in _RULES)

    return (Check(refuses, message, None, hint=lambda context, new: _policy(password_of(new))),)


def _policy(password: Password) -> str:
    """The policy of a password's connection, for people."""
    if password.newer:
        return f"the connection's password_options: {json.dumps(password.newer)}"
    policy = password.options.get("passwordPolicy") or "none"
    complexity: Doc = password.options.get("password_complexity_options") or {}
    length = complexity.get("min_length") or _LEGACY[policy][0]
    classes = {
        "fair": ", with lower case, upper case and a number",
        "good": ", with three of lower case, upper case, numbers, special characters",
        "excellent": ", as 'good' and no character three times in a row",
    }
    return f"the connection's policy {policy!r}: {length} characters{classes.get(policy, '')}"


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
