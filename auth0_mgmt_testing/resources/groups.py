"""Groups, which provisioning brings: read, deleted, and given roles."""

from __future__ import annotations

from typing import Any

from ..behaviours import (
    CollectionBehaviour,
    End,
    Listing,
    Missing,
    RelationBehaviour,
    contains,
    equals,
    list_response,
)
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .relations import GROUP_MEMBERS, GROUP_ROLES
from .roles import MISSING as NO_ROLE
from .users import MISSING as NO_USER

family = Family()

MISSING = Missing("The group does not exist.", "inexistent_group")


GROUPS = CollectionBehaviour(
    "groups",
    new_id=id_forms.GROUP,
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
GROUPS.bind(family, list="groups.list", get="groups.get", delete="groups.delete")
family.index("groups", "connection", lambda doc: [doc["connection_id"]])
family.cascade("groups", "connection", of="connections")

_SELF = End("groups", MISSING)
ROLES = RelationBehaviour(
    GROUP_ROLES,
    _SELF,
    End("roles", NO_ROLE, field="roles"),
)
ROLES.bind(
    family, list="groups.roles.list", add="groups.roles.create", remove="groups.roles.delete"
)
MEMBERS = RelationBehaviour(
    GROUP_MEMBERS,
    _SELF,
    End("users", NO_USER, "user_id", "members"),
)
MEMBERS.bind(family)


def _member(context: RequestContext, user: Doc) -> Doc:
    return {"id": user["user_id"], "member_type": "user", "type": "user"}


@family.operation("groups.members.get", kind="relation")
def members(context: RequestContext) -> Any:
    """The users in a group."""
    group = GROUPS.require(context, context.path["id"])
    return list_response(context, MEMBERS.rights(context, group["id"]), Listing(), _member)
