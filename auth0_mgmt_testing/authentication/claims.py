"""What ID tokens and ``/userinfo`` say of a user, by the scopes that were granted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..state.store import Doc

PROFILE = (
    "nickname", "name", "given_name", "middle_name", "family_name", "preferred_username",
    "profile", "website", "gender", "birthdate", "zoneinfo", "locale", "picture", "updated_at",
)  # fmt: skip
"""Claims of the scope ``profile``, in the order that the API writes them."""
SUPPORTED = (
    "aud", "auth_time", "created_at", "email", "email_verified", "exp", "family_name",
    "given_name", "iat", "identities", "iss", "name", "nickname", "phone_number", "picture", "sub",
)  # fmt: skip
"""What the discovery document lists."""


def user_claims(user: Doc, scopes: Iterable[str]) -> dict[str, Any]:
    """The standard claims of a user for some scopes; members that the profile lacks are left out."""
    granted = set(scopes)
    names: list[str] = []
    if "profile" in granted:
        names += PROFILE
    if "email" in granted:
        names += ("email", "email_verified")
    if "phone" in granted:
        names += ("phone_number", "phone_number_verified")
    if "address" in granted:
        names.append("address")
    known = {**user, "phone_number_verified": user.get("phone_verified")}
    return {name: known[name] for name in names if known.get(name) is not None}
