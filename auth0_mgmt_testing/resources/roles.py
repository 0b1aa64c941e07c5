"""Roles and their permissions. The pattern for an ordinary family: declarations, then peculiars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Listing, Missing, Unique, contains, equals
from ..state.ids import letters
from ..state.store import Doc

family = Family()

MISSING = Missing("The role does not exist.")


def _created(call: Call, role: Doc) -> Doc:
    """A role without a description has an empty one, but not yet in the answer that made it."""
    return role if role["description"] else {k: v for k, v in role.items() if k != "description"}


def brief(call: Call, role: Doc) -> Doc:
    """What the roles of a user show of a role."""
    return {name: role[name] for name in ("id", "name", "description") if name in role}


def sourced(direct: Iterable[Doc], through_groups: Iterable[Doc]) -> list[Doc]:
    """Roles from both, each once with its ``sources``: ``direct``, ``groups`` or both."""
    found: dict[str, Doc] = {}
    for source, roles in (("direct", direct), ("groups", through_groups)):
        for role in roles:
            whole = found.setdefault(role["id"], {**role, "sources": []})
            if source not in whole["sources"]:
                whole["sources"].append(source)
    return list(found.values())


ROLES = Collection(
    "roles",
    new_id=letters(16, "rol_"),
    missing=MISSING,
    unique=(Unique("name", "The role name is already used by another role.", "role_conflict"),),
    defaults={"description": "", "type": "tenant"},
    created=_created,
    listing=Listing(
        filters={
            "name_filter": contains("name"),
            "type": equals("type"),
            "owner_id": equals("owner_id"),
        }
    ),
)
ROLES.bind(
    family,
    list="get_roles",
    create="post_roles",
    get="get_roles_by_id",
)


@family.verb("patch_roles_by_id", kind="collection")
def update(call: Call) -> Any:
    """Change a role; the answer says nothing of its type and owner."""
    return brief(call, ROLES.save(call, ROLES.require(call), call.body or {}))


@family.verb("delete_roles_by_id", kind="collection")
def delete(call: Call) -> Any:
    """A role that goes takes its links along; the answer is an empty object."""
    ROLES.delete(call)
    return {}
