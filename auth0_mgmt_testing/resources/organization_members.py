"""Members of organizations, and the roles that members and groups have there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer, whole
from ..semantics import End, Listing, Relation, View
from ..state.store import Doc, Index
from .groups import MEMBERS as GROUP_MEMBERS
from .groups import MISSING as NO_GROUP
from .organizations import SELF, require_organization
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
    who: Callable[[Call], tuple[str, str]]
    """The path's organization and holder, which must both be there."""
    view_role: View = whole
    view_holder: View = whole

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

    def list_held(self, call: Call) -> Any:
        """The roles that the path's holder has in the organization."""
        return answer(call, self.held(call, *self.who(call)), Listing(), self.view_role)

    def list_holding(self, call: Call) -> Any:
        """Those who have the path's role in the organization."""
        return answer(call, self.holding(call, *_role(call)), Listing(), self.view_holder)

    def held(self, call: Call, organization: str, who: str) -> list[Doc]:
        """The roles that one has in an organization."""
        links = call.tx.find(self.table, "held", (organization, who))
        return _documents(call, "roles", (link["_role"] for link in links))

    def holding(self, call: Call, organization: str, role: str) -> list[Doc]:
        """Those who have a role in an organization."""
        links = call.tx.find(self.table, "holding", (organization, role))
        return _documents(call, self.kind, (link["_who"] for link in links))

    def all(self, call: Call, organization: str) -> list[Doc]:
        """Those who have any role in an organization, each once."""
        links = call.tx.find(self.table, "organization", organization)
        return _documents(call, self.kind, dict.fromkeys(link["_who"] for link in links))

    def add(self, call: Call) -> None:
        """Give the roles that the body names; all of them must exist."""
        organization, who = self.who(call)
        for role in call.body["roles"]:
            if call.tx.get("roles", role) is None:
                raise NO_ROLE.problem()
            link: Doc = {"_organization": organization, "_who": who, "_role": role}
            call.tx.put(self.table, (organization, who, role), link)

    def remove(self, call: Call) -> None:
        """Take the roles that the body names."""
        organization, who = self.who(call)
        for role in call.body["roles"]:
            call.tx.delete(self.table, (organization, who, role))


def _documents(call: Call, table: str, keys: Iterable[str]) -> list[Doc]:
    found = (call.tx.get(table, key) for key in keys)
    return [doc for doc in found if doc is not None]


def _role(call: Call) -> tuple[str, str]:
    """The path's organization and role, which must both be there."""
    organization, role = require_organization(call), call.path["role_id"]
    if call.tx.get("roles", role) is None:
        raise NO_ROLE.problem()
    return organization, role


# --- members -----------------------------------------------------------------------------------


def _member_of(call: Call) -> tuple[str, str]:
    organization, user = require_organization(call), call.path["user_id"]
    if MEMBERS.linked(call, organization, user) is None:
        raise Problem(404, "No member found by that id", "inexistent_member")
    return organization, user


MEMBER_ROLES = _Holders("member_roles", "users", _member_of, brief, in_brief)
MEMBER_ROLES.bind(
    list="get_organization_member_roles",
    add="post_organization_member_roles",
    remove="delete_organization_member_roles",
    holding="get_organization_role_members",
)


def _member_with_roles(call: Call, user: Doc) -> Doc:
    """A member; with the names of its roles here where ``fields`` asks for them."""
    member = in_brief(call, user)
    if "roles" not in str(call.query.get("fields", "")).split(","):
        return member
    held = MEMBER_ROLES.held(call, call.path["id"], user["user_id"])
    return {**member, "roles": [{"id": role["id"], "name": role["name"]} for role in held]}


MEMBERS = Relation(
    "organization_members",
    SELF,
    End("users", NO_USER, "user_id", "members"),
    view_right=_member_with_roles,
)
MEMBERS.bind(family, list="get_organization_members", add="post_members")


@family.verb("delete_members")
def remove_members(call: Call) -> Any:
    """Members leave, and with them the roles that they had here."""
    organization = require_organization(call)
    for user in call.body["members"]:
        MEMBERS.unlink(call, organization, user)
        call.tx.delete_where(MEMBER_ROLES.table, "held", (organization, user))
    return None


@family.verb("get_organization_member_effective_roles", kind="view")
def effective_roles(call: Call) -> Any:
    """A member's roles here: given to the member, or to a group that the member is in."""
    organization, user = _member_of(call)
    through = (
        role
        for group in GROUP_MEMBERS.lefts(call, user)
        for role in GROUP_ROLES.held(call, organization, group["id"])
    )
    found = sourced(MEMBER_ROLES.held(call, organization, user), through)
    return answer(call, found, Listing(), lambda call, doc: {**brief(call, doc), **_sources(doc)})


def _sources(role: Doc) -> Doc:
    return {"sources": role["sources"]}


@family.verb("get_organization_member_role_source_groups", kind="view")
def role_sources(call: Call) -> Any:
    """The groups through which a member has a role here."""
    organization, user = _member_of(call)
    giving = GROUP_ROLES.holding(call, organization, call.query["role_id"])
    found = [group for group in giving if GROUP_MEMBERS.linked(call, group["id"], user)]
    return answer(call, found, Listing())


# --- groups ------------------------------------------------------------------------------------


def _group(call: Call) -> tuple[str, str]:
    organization, group = require_organization(call), call.path["group_id"]
    if call.tx.get("groups", group) is None:
        raise NO_GROUP.problem()
    return organization, group


GROUP_ROLES = _Holders("organization_group_roles", "groups", _group)
GROUP_ROLES.bind(
    list="get_organization_group_roles",
    add="post_organization_group_roles",
    remove="delete_organization_group_roles",
    holding="get_organization_role_groups",
)


@family.verb("get_organization_groups", kind="view")
def groups(call: Call) -> Any:
    """The groups that have roles in this organization."""
    return answer(call, GROUP_ROLES.all(call, require_organization(call)), Listing())
