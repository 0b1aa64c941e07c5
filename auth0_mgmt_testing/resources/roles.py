"""Roles and their permissions. The pattern for an ordinary family: declarations, then peculiars."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, Unique, contains, equals
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

MISSING = Missing("The role does not exist.")


def _created(context: RequestContext, role: Doc) -> Doc:
    """A role without a description has an empty one, but not yet in the response to its creation."""
    return role if role["description"] else {k: v for k, v in role.items() if k != "description"}


def brief(context: RequestContext, role: Doc) -> Doc:
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


ROLES = CollectionBehaviour(
    "roles",
    new_id=id_forms.ROLE,
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
    list="roles.list",
    create="roles.create",
    get="roles.get",
    update="roles.update",
)


@family.operation("roles.delete", kind="collection")
def delete(context: RequestContext) -> Any:
    """A role that goes takes its links along; the response is an empty object."""
    ROLES.delete(context)
    return {}
