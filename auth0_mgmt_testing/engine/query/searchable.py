"""What can be searched of each kind of document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...state.selection import Part
from ...state.store import Doc

TEXT = "text"
"""The column of what a term without a field name searches (`Searchable.text`)."""
END = "\0"
"""What each value in that column begins and ends with."""


@dataclass(frozen=True, slots=True)
class Searchable:
    """The searchable fields of a kind of document."""

    bare: tuple[str, ...]
    """The fields that a term without a field name searches."""
    folded: frozenset[str] = frozenset()
    """The fields that are compared ignoring case."""
    plain: tuple[str, ...] = ()
    """The fields (and all below them) that support neither wildcards nor ranges."""
    hidden: tuple[str, ...] = ()
    """The fields (and all below them) that cannot be searched: nothing matches."""
    contained: frozenset[str] = frozenset()
    """Fields whose values are parts of the values of bare ones."""
    derived: Mapping[str, Callable[[Part], list[Any]]] = field(
        default_factory=dict[str, Callable[[Part], list[Any]]]
    )
    """Searchable fields that are not stored in the document."""

    def text(self, doc: Doc) -> str | None:
        """Return all that a term without a field name searches, in lower case.

        A document in which the term is not found does not match. None where the text does not decide it.
        """
        found: list[str] = []
        for name in self.bare:
            value = doc.get(name)
            if type(value) is str:
                found.append(value)
            elif value is not None:
                return None
        return f"{END}{END.join(found)}{END}".lower()


def _email_domains(part: Part) -> list[Any]:
    return [
        email.rpartition("@")[2] if isinstance(email, str) else None
        for email in part.field("email")
    ]


SCHEMAS: dict[str, Searchable] = {
    "users": Searchable(
        bare=(
            "email",
            "name",
            "given_name",
            "family_name",
            "nickname",
            "username",
            "phone_number",
            "user_id",
        ),
        folded=frozenset(
            ("email", "email.domain", "name", "given_name", "family_name", "nickname")
        ),
        plain=("user_metadata",),
        contained=frozenset(("email.domain",)),
        hidden=(
            "multifactor",
            "multifactor_last_modified",
            "last_password_reset",
            "picture",
            "blocked_for",
            "guardian_authenticators",
        ),
        derived={
            "email.domain": _email_domains,
            "organization_id": lambda part: part.field("_organizations"),
        },
    ),
    "logs": Searchable(
        bare=("client_name", "connection", "description", "ip", "log_id", "type", "user_name")
    ),
    "clients": Searchable(bare=("name", "client_id"), folded=frozenset(("name",))),
    "organizations": Searchable(
        bare=("name", "display_name", "id"), folded=frozenset(("name", "display_name"))
    ),
    "custom_domains": Searchable(
        bare=("domain", "custom_domain_id"), folded=frozenset(("domain",))
    ),
    "client_grants": Searchable(bare=("client_id", "audience")),
    "resource_servers": Searchable(bare=("name", "identifier"), folded=frozenset(("name",))),
}
