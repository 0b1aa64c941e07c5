"""The schema of a user in an import file, and its error codes.

https://auth0.com/docs/manage-users/user-migration/bulk-user-import-schema
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auth0_mgmt._json import is_object

from ..state.store import Doc
from . import messages
from .formats import email


@dataclass(frozen=True, slots=True)
class RowError:
    """An error in a user: the tenant's code, a sentence, the property."""

    code: str
    message: str
    path: str = ""

    def as_json(self) -> Doc:
        place = {"path": self.path} if self.path else {}
        return {"code": self.code, "message": self.message, **place}


@dataclass(frozen=True, slots=True)
class _Rule:
    """The requirements of a property."""

    type: str = "string"
    fits: Callable[[str], bool] | None = None
    """The format, named like its function."""
    least: int | None = None
    most: int | None = None
    """Minimum and maximum length of a string or a list."""
    among: tuple[str, ...] = ()

    def fault(self, value: Any, path: str) -> RowError | None:
        if messages.json_type(value) != self.type:
            return RowError("INVALID_TYPE", messages.wrong_type([self.type], value), path)
        if self.fits is not None and not self.fits(value):
            return RowError("FORMAT", messages.wrong_format(self.fits.__name__, value), path)
        if self.among and value not in self.among:
            return RowError("ENUM_MISMATCH", messages.no_enum_match(value), path)
        return self._length(value, path)

    def _length(self, value: Any, path: str) -> RowError | None:
        text = isinstance(value, str)
        if self.least is not None and len(value) < self.least:
            if text:
                return RowError("MIN_LENGTH", messages.too_short(value, self.least), path)
            message = messages.array_short(len(value), self.least)
            return RowError("ARRAY_LENGTH_SHORT", message, path)
        if self.most is not None and len(value) > self.most:
            if text:
                return RowError("MAX_LENGTH", messages.too_long(value, self.most), path)
            return RowError("ARRAY_LENGTH_LONG", messages.array_long(len(value), self.most), path)
        return None


_NAME = _Rule(least=1, most=150)
_RULES: Mapping[str, _Rule] = {
    "email": _Rule(fits=email),
    "email_verified": _Rule("boolean"),
    "phone_number": _Rule(),
    "phone_verified": _Rule("boolean"),
    "user_id": _Rule(),
    "username": _Rule(least=1, most=128),
    "given_name": _NAME,
    "family_name": _NAME,
    "name": _NAME,
    "nickname": _Rule(least=1, most=350),
    "picture": _Rule(),
    "blocked": _Rule("boolean"),
    "password_hash": _Rule(),
    "custom_password_hash": _Rule("object"),
    "app_metadata": _Rule("object"),
    "user_metadata": _Rule("object"),
    "mfa_factors": _Rule("array", least=1, most=10),
}
_ALGORITHM = _Rule(
    among=(
        "argon2", "bcrypt", "hmac", "ldap", "md4", "md5", "sha1", "sha256", "sha512", "pbkdf2",
        "scrypt",
    )
)  # fmt: skip
_FACTORS: Mapping[str, str] = {"totp": "secret", "phone": "value", "email": "value"}
"""A factor's kind, and its required member."""


def row_errors(user: Doc) -> Iterator[RowError]:
    """Return all errors in a user on its own."""
    if not any(user.get(name) for name in ("email", "username", "phone_number")):
        yield RowError("ANY_OF_MISSING", messages.missing_property("email"), "email")
    if "password_hash" in user and "custom_password_hash" in user:
        message = "password_hash and custom_password_hash exclude each other"
        yield RowError("NOT_PASSED", message, "custom_password_hash")
    for name, value in user.items():
        fault = _RULES[name].fault(value, name) if name in _RULES else None
        if fault is not None:
            yield fault
        elif name == "custom_password_hash":
            yield from _hash_faults(value)
        elif name == "mfa_factors":
            yield from _factor_faults(value)


def _hash_faults(hashed: Doc) -> Iterator[RowError]:
    for name in ("algorithm", "hash"):
        if name not in hashed:
            path = f"custom_password_hash.{name}"
            yield RowError("OBJECT_REQUIRED", messages.missing_property(name), path)
    algorithm = hashed.get("algorithm")
    fault = _ALGORITHM.fault(algorithm, "custom_password_hash.algorithm") if algorithm else None
    if fault is not None:
        yield fault


def _factor_faults(factors: list[Any]) -> Iterator[RowError]:
    for index, factor in enumerate(factors):
        kinds = list(factor) if is_object(factor) else []
        kind = kinds[0] if len(kinds) == 1 and kinds[0] in _FACTORS else None
        said = factor[kind] if kind is not None else None
        if kind is None or not is_object(said) or _FACTORS[kind] not in said:
            message = "A factor is one of totp (secret), phone (value), email (value)"
            yield RowError("MFA_FACTORS_FAILED", message, f"mfa_factors[{index}]")
