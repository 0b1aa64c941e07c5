"""Members of organizations, and the roles that members and groups have there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..behaviours import End, Listing, RelationBehaviour, View, identity, list_response
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc, Index
from .groups import MEMBERS as GROUP_MEMBERS
from .groups import MISSING as NO_GROUP
from .organizations import SELF, require_organization
from .relations import ORGANIZATION_MEMBERS
from .roles import MISSING as NO_ROLE
from .roles import brief, sourced
from .users import MISSING as NO_USER
from .users import in_brief

family = Family()


def _by(name: str) -> Index:
    return lambda doc: [doc[name]]


@dataclass(frozen=True)
class _Holders:
    """Who of one kind (members, groups) has which roles in an organization."""

    table: str
    kind: str
    """The table of the holders."""
    who: Callable[[RequestContext], tuple[str, str]]
    """The path's organization and holder, which must both be there."""
    view_role: View = identity
    view_holder: View = identity

    def __post_init__(self) -> None:
        family.index(self.table, "held", lambda doc: [(doc["_organization"], doc["_who"])])
        family.index(self.table, "holding", lambda doc: [(doc["_organization"], doc["_role"])])
        for index, name, of in (
            ("organization", "_organization", "organizations"),
            ("who", "_who", self.kind),
            ("role", "_role", "roles"),
        ):
            family.index(self.table, index, _by(name))
            family.cascade(self.table, index, of=of)

    def bind(self, *, list: str, add: str, remove: str, holding: str) -> None:
        """Bind a holder's roles (listed, given, taken) and, as ``holding``, a role's holders."""
        family.bind(list, self.list_held, "relation")
        family.bind(add, self.add, "relation")
        family.bind(remove, self.remove, "relation")
        family.bind(holding, self.list_holding, "view")

    def list_held(self, context: RequestContext) -> Any:
        """The roles that the path's holder has in the organization."""
        return list_response(
            context, self.held(context, *self.who(context)), Listing(), self.view_role
        )

    def list_holding(self, context: RequestContext) -> Any:
        """Those who have the path's role in the organization."""
        return list_response(
            context, self.holding(context, *_role(context)), Listing(), self.view_holder
        )

    def held(self, context: RequestContext, organization: str, who: str) -> list[Doc]:
        """The roles that one has in an organization."""
        links = context.tx.find(self.table, "held", (organization, who))
        return _documents(context, "roles", (link["_role"] for link in links))

    def holding(self, context: RequestContext, organization: str, role: str) -> list[Doc]:
        """Those who have a role in an organization."""
        links = context.tx.find(self.table, "holding", (organization, role))
        return _documents(context, self.kind, (link["_who"] for link in links))

    def all(self, context: RequestContext, organization: str) -> list[Doc]:
        """Those who have any role in an organization, each once."""
        links = context.tx.find(self.table, "organization", organization)
        return _documents(context, self.kind, dict.fromkeys(link["_who"] for link in links))

    def add(self, context: RequestContext) -> None:
        """Give the roles that the body names; all of them must exist."""
        organization, who = self.who(context)
        for role in context.body["roles"]:
            if context.tx.get("roles", role) is None:
                raise NO_ROLE.problem()
            link: Doc = {"_organization": organization, "_who": who, "_role": role}
            context.tx.put(self.table, (organization, who, role), link)

    def remove(self, context: RequestContext) -> None:
        """Take the roles that the body names."""
        organization, who = self.who(context)
        for role in context.body["roles"]:
            context.tx.delete(self.table, (organization, who, role))


def _documents(context: RequestContext, table: str, keys: Iterable[str]) -> list[Doc]:
    found = (context.tx.get(table, key) for key in keys)
    return [doc for doc in found if doc is not None]


def _role(context: RequestContext) -> tuple[str, str]:
    """The path's organization and role, which must both be there."""
    organization, role = require_organization(context), context.path["role_id"]
    if context.tx.get("roles", role) is None:
        raise NO_ROLE.problem()
    return organization, role


# --- members -----------------------------------------------------------------------------------


def _member_of(context: RequestContext) -> tuple[str, str]:
    organization, user = require_organization(context), context.path["user_id"]
    if MEMBERS.linked(context, organization, user) is None:
        raise APIError(404, "No member found by that id", "inexistent_member")
    return organization, user


MEMBER_ROLES = _Holders("member_roles", "users", _member_of, brief, in_brief)
MEMBER_ROLES.bind(
    list="organizations.members.roles.list",
    add="organizations.members.roles.assign",
    remove="organizations.members.roles.delete",
    holding="organizations.roles.members.list",
)


def _member_with_roles(context: RequestContext, user: Doc) -> Doc:
    """A member; with the names of its roles here where ``fields`` asks for them."""
    member = in_brief(context, user)
    if "roles" not in str(context.query.get("fields", "")).split(","):
        return member
    held = MEMBER_ROLES.held(context, context.path["id"], user["user_id"])
    return {**member, "roles": [{"id": role["id"], "name": role["name"]} for role in held]}


MEMBERS = RelationBehaviour(
    ORGANIZATION_MEMBERS,
    SELF,
    End("users", NO_USER, "user_id", "members"),
    view_right=_member_with_roles,
)
MEMBERS.bind(family, list="organizations.members.list", add="organizations.members.create")
family.cascade(MEMBER_ROLES.table, "held", of=ORGANIZATION_MEMBERS.table)


@family.operation("organizations.members.delete")
def remove_members(context: RequestContext) -> Any:
    """Members leave, and with them the roles that they had here."""
    organization = require_organization(context)
    for user in context.body["members"]:
        MEMBERS.unlink(context, organization, user)
    return None


@family.operation("organizations.members.effective_roles.list", kind="view")
def effective_roles(context: RequestContext) -> Any:
    """A member's roles here: given to the member, or to a group that the member is in."""
    organization, user = _member_of(context)
    through = (
        role
        for group in GROUP_MEMBERS.lefts(context, user)
        for role in GROUP_ROLES.held(context, organization, group["id"])
    )
    found = sourced(MEMBER_ROLES.held(context, organization, user), through)
    return list_response(
        context, found, Listing(), lambda context, doc: {**brief(context, doc), **_sources(doc)}
    )


def _sources(role: Doc) -> Doc:
    return {"sources": role["sources"]}


@family.operation("organizations.members.effective_roles.sources.groups.list", kind="view")
def role_sources(context: RequestContext) -> Any:
    """The groups through which a member has a role here."""
    organization, user = _member_of(context)
    giving = GROUP_ROLES.holding(context, organization, context.query["role_id"])
    found = [group for group in giving if GROUP_MEMBERS.linked(context, group["id"], user)]
    return list_response(context, found, Listing())


# --- groups ------------------------------------------------------------------------------------


def _group(context: RequestContext) -> tuple[str, str]:
    organization, group = require_organization(context), context.path["group_id"]
    if context.tx.get("groups", group) is None:
        raise NO_GROUP.problem()
    return organization, group


GROUP_ROLES = _Holders("organization_group_roles", "groups", _group)
GROUP_ROLES.bind(
    list="organizations.groups.roles.list",
    add="organizations.groups.roles.create",
    remove="organizations.groups.roles.delete",
    holding="organizations.roles.groups.list",
)


@family.operation("organizations.groups.list", kind="view")
def groups(context: RequestContext) -> Any:
    """The groups that have roles in this organization."""
    return list_response(
        context, GROUP_ROLES.all(context, require_organization(context)), Listing()
    )
