"""Groups, which provisioning brings: read, deleted, and given roles."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.query.lists import answer
from ..semantics import Collection, End, Listing, Missing, Relation, contains, equals
from ..state.ids import base58
from ..state.store import Doc
from .roles import MISSING as NO_ROLE
from .users import MISSING as NO_USER

family = Family()

MISSING = Missing("The group does not exist.", "inexistent_group")


GROUPS = Collection(
    "groups",
    new_id=base58(16, "grp_"),
    missing=MISSING,
    stamps=True,
    listing=Listing(
        filters={
            "connection_id": equals("connection_id"),
            "name": equals("name"),
            "external_id": equals("external_id"),
            "search": contains("name"),
        }
    ),
)
GROUPS.bind(family, list="get_groups", get="get_group", delete="delete_group")
family.index("groups", "connection", lambda doc: [doc["connection_id"]])
family.cascade("groups", "connection", of="connections")

_SELF = End("groups", MISSING)
ROLES = Relation(
    "group_roles",
    _SELF,
    End("roles", NO_ROLE, field="roles"),
)
ROLES.bind(family, list="get_group_roles", add="post_group_roles", remove="delete_group_roles")
MEMBERS = Relation(
    "group_members",
    _SELF,
    End("users", NO_USER, "user_id", "members"),
)
MEMBERS.bind(family)


def _member(call: Call, user: Doc) -> Doc:
    return {"id": user["user_id"], "member_type": "user", "type": "user"}


@family.verb("get_group_members", kind="relation")
def members(call: Call) -> Any:
    """The users in a group."""
    group = GROUPS.require(call, call.path["id"])
    return answer(call, MEMBERS.rights(call, group["id"]), Listing(), _member)
