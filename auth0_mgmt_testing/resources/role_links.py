"""Who has which role, and which permissions roles and users have.

A permission is the pair of a resource server's identifier and a scope of it; links to permissions
keep both and are shown with what the resource server says of them now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..behaviours import End, Listing, Relation, RelationBehaviour, list_response
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from . import relations
from .groups import GROUPS, MEMBERS
from .roles import MISSING as NO_ROLE
from .roles import brief, sourced
from .users import MISSING as NO_USER
from .users import in_brief

family = Family()


# --- users and groups of roles -----------------------------------------------------------------


USER_ROLES = RelationBehaviour(
    relations.USER_ROLES,
    left=End("users", NO_USER, field="users"),
    right=End("roles", NO_ROLE, field="roles"),
    view_left=in_brief,
    view_right=brief,
)
USER_ROLES.bind(
    family,
    list="users.roles.list",
    add="users.roles.assign",
    remove="users.roles.delete",
    list_left="roles.users.list",
)


@family.operation("roles.users.assign", kind="relation")
def add_users(context: RequestContext) -> Any:
    """Give a role to users; the response is an empty object."""
    USER_ROLES.add_left(context)
    return {}


# --- permissions -------------------------------------------------------------------------------


def _resource_server(context: RequestContext, identifier: str) -> Doc | None:
    servers = context.tx.all("resource_servers")
    return next((doc for doc in servers if doc.get("identifier") == identifier), None)


def described(context: RequestContext, identifier: str, name: str) -> Doc | None:
    """A permission as lists show it; None where the resource server or its scope is gone."""
    server = _resource_server(context, identifier)
    for scope in (server or {}).get("scopes") or ():
        if server is not None and scope["value"] == name:
            return {
                "permission_name": name,
                "description": scope.get("description"),
                "resource_server_name": server.get("name"),
                "resource_server_identifier": identifier,
            }
    return None


_DIRECT: Doc = {"source_id": "", "source_name": "", "source_type": "DIRECT"}


def _role_source(role: Doc) -> Doc:
    return {"source_id": role["id"], "source_name": role["name"], "source_type": "ROLE"}


@dataclass(frozen=True)
class Permissions:
    """The permissions of one kind of holder: given, taken, listed by the pair of their names."""

    relation: Relation
    holder: End

    def __post_init__(self) -> None:
        self.relation.declare(family)
        family.index(self.relation.table, "server", lambda doc: [doc["_identifier"]])

    def bind(self, *, list: str, add: str, remove: str) -> None:
        family.bind(list, self.list, "relation")
        family.bind(add, self.add, "relation")
        family.bind(remove, self.remove, "relation")

    def add(self, context: RequestContext) -> Any:
        """Give permissions; all of them must exist. The response is an empty object."""
        who = self._holder(context)
        pairs = _pairs(context)
        for identifier, name in pairs:
            if _resource_server(context, identifier) is None:
                raise APIError(
                    404, "The resource server does not exist.", "inexistent_resource_server"
                )
            if described(context, identifier, name) is None:
                raise APIError(404, "The permission does not exist.", "inexistent_permission")
        for identifier, name in pairs:
            said = {"_identifier": identifier, "_name": name}
            self.relation.put(context, who, f"{name} {identifier}", **said)
        return {}

    def remove(self, context: RequestContext) -> Any:
        """Take permissions; one that is not held is no error."""
        who = self._holder(context)
        for identifier, name in _pairs(context):
            self.relation.delete(context, who, f"{name} {identifier}")
        return Reply(204)  # for roles, too, whose contract says 200

    def forget(self, context: RequestContext, identifier: str, kept: Iterable[str] = ()) -> None:
        """Cascade: of an API's permissions only those of these names remain."""
        for link in context.tx.find(self.relation.table, "server", identifier):
            if link["_name"] not in kept:
                self.relation.delete_link(context, link)

    def held(self, context: RequestContext, who: str) -> Iterable[Doc]:
        """The permissions held, as far as they still exist."""
        for link in self.relation.of(context, **{self.holder.table: who}):
            shown = described(context, link["_identifier"], link["_name"])
            if shown is not None:
                yield shown

    def shown(self, context: RequestContext, who: str) -> Iterable[Doc]:
        """The permissions as a holder's list shows them."""
        return self.held(context, who)

    def list(self, context: RequestContext) -> Any:
        who = self._holder(context)
        return list_response(context, self.shown(context, who), Listing())

    def _holder(self, context: RequestContext) -> str:
        who = context.path[self.holder.param]
        self.holder.require(context, who)
        return who


def _pairs(context: RequestContext) -> list[tuple[str, str]]:
    given: list[Doc] = context.body["permissions"]
    return [(each["resource_server_identifier"], each["permission_name"]) for each in given]


class _OfUsers(Permissions):
    """A user's permissions, each with where it comes from: given directly, or through a role."""

    def shown(self, context: RequestContext, who: str) -> Iterable[Doc]:
        found: dict[tuple[str, str], Doc] = {}
        sources = [(_DIRECT, self.held(context, who))]
        for role in USER_ROLES.rights(context, who):
            sources.append((_role_source(role), ROLE_PERMISSIONS.held(context, role["id"])))
        for source, permissions in sources:
            for shown in permissions:
                pair = (shown["resource_server_identifier"], shown["permission_name"])
                whole = found.setdefault(pair, {**shown, "sources": []})
                whole["sources"].append(source)
        return list(found.values())


ROLE_PERMISSIONS = Permissions(relations.ROLE_PERMISSIONS, End("roles", NO_ROLE))
ROLE_PERMISSIONS.bind(
    list="roles.permissions.list",
    add="roles.permissions.add",
    remove="roles.permissions.delete",
)
USER_PERMISSIONS = _OfUsers(relations.USER_PERMISSIONS, End("users", NO_USER))
USER_PERMISSIONS.bind(
    list="users.permissions.list", add="users.permissions.create", remove="users.permissions.delete"
)


# --- groups and effective roles ----------------------------------------------------------------

ROLE_GROUPS = RelationBehaviour(
    relations.GROUP_ROLES,
    left=End("groups", GROUPS.missing, field="groups"),
    right=End("roles", NO_ROLE),
)
ROLE_GROUPS.bind(
    family,
    list_left="roles.groups.get",
    add_left="roles.groups.create",
    remove_left="roles.groups.delete",
)


def _groups(context: RequestContext, who: str) -> list[Doc]:
    """The groups that a user is a member of."""
    return MEMBERS.lefts(context, who)


def _user(context: RequestContext) -> str:
    USER_ROLES.left.require(context, context.path["id"])
    return context.path["id"]


@family.operation("users.groups.get", kind="view")
def list_user_groups(context: RequestContext) -> Any:
    return list_response(context, _groups(context, _user(context)), Listing())


def effective_roles(context: RequestContext, who: str) -> list[Doc]:
    """A user's roles, each once: ``direct`` where assigned, ``groups`` where had through one."""
    through = (
        role for group in _groups(context, who) for role in ROLE_GROUPS.rights(context, group["id"])
    )
    return sourced(USER_ROLES.rights(context, who), through)


@family.operation("users.effective_roles.list", kind="view")
def list_effective_roles(context: RequestContext) -> Any:
    roles = effective_roles(context, _user(context))
    shown = ({**brief(context, role), "sources": role["sources"]} for role in roles)
    return list_response(context, list(shown), Listing())


@family.operation("users.effective_permissions.list", kind="view")
def list_effective_permissions(context: RequestContext) -> Any:
    """A user's permissions for a resource server: ``direct``, or had through ``roles``."""
    who, wanted = _user(context), context.query["resource_server_identifier"]
    sources = [("direct", USER_PERMISSIONS.held(context, who))]
    for role in effective_roles(context, who):
        sources.append(("roles", ROLE_PERMISSIONS.held(context, role["id"])))
    found: dict[str, Doc] = {}
    for source, permissions in sources:
        for shown in permissions:
            if shown["resource_server_identifier"] == wanted:
                whole = found.setdefault(shown["permission_name"], {**shown, "sources": []})
                if source not in whole["sources"]:
                    whole["sources"].append(source)
    return list_response(context, list(found.values()), Listing())


@family.operation("users.effective_permissions.sources.roles.list", kind="view")
def list_permission_role_sources(context: RequestContext) -> Any:
    """The roles through which a user has a permission."""
    wanted = (context.query["resource_server_identifier"], context.query["permission_name"])

    def gives(role: Doc) -> bool:
        held = ROLE_PERMISSIONS.held(context, role["id"])
        return any((p["resource_server_identifier"], p["permission_name"]) == wanted for p in held)

    found = [role for role in effective_roles(context, _user(context)) if gives(role)]
    return list_response(context, found, Listing())


@family.operation("users.effective_roles.sources.groups.list", kind="view")
def list_role_source_groups(context: RequestContext) -> Any:
    """The groups through which a user has a role."""
    role = context.query["role_id"]
    groups = _groups(context, _user(context))
    found = [group for group in groups if ROLE_GROUPS.linked(context, group["id"], role)]
    return list_response(context, found, Listing())
