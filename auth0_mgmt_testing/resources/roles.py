"""Roles and their permissions. The pattern for an ordinary family: declarations, then peculiars."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Listing, Missing, Unique, contains, equals
from ..state.ids import letters
from ..state.store import Doc

family = Family()

MISSING = Missing("The role does not exist.", "inexistent_role")


_LINKS = (
    "role_permissions", "user_roles", "member_roles", "group_roles", "organization_group_roles"
)  # fmt: skip


def _forget(call: Call, role: Doc) -> None:
    """A role that goes takes its links along; every link's key names what it joins."""
    for table in _LINKS:
        for key in [key for key in call.tx.table(table).ordered() if role["id"] in key]:
            call.tx.delete(table, key)


ROLES = Collection(
    "roles",
    new_id=letters(16, "rol_"),
    missing=MISSING,
    unique=(Unique("name", "The role name is already used by another role.", "role_conflict"),),
    defaults={"description": None},
    listing=Listing(
        filters={
            "name_filter": contains("name"),
            "type": equals("type"),
            "owner_id": equals("owner_id"),
        }
    ),
    before_delete=_forget,
)
ROLES.bind(
    family,
    list="get_roles",
    create="post_roles",
    get="get_roles_by_id",
    update="patch_roles_by_id",
    delete="delete_roles_by_id",
)
