"""Who has which role, and which permissions roles and users have.

A permission is the pair of a resource server's identifier and a scope of it; links to permissions
keep both and are shown with what the resource server says of them now.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import End, Listing, Relation
from ..state.store import Doc
from .groups import GROUPS, MEMBERS
from .roles import MISSING as NO_ROLE
from .roles import brief, sourced
from .users import MISSING as NO_USER
from .users import in_brief

family = Family()


# --- users and groups of roles -----------------------------------------------------------------


USER_ROLES = Relation(
    "user_roles",
    left=End("users", NO_USER, field="users"),
    right=End("roles", NO_ROLE, field="roles"),
    view_left=in_brief,
    view_right=brief,
)
USER_ROLES.bind(
    family,
    list="get_user_roles",
    add="post_user_roles",
    remove="delete_user_roles",
    list_left="get_role_user",
)


@family.verb("post_role_users", kind="relation")
def add_users(call: Call) -> Any:
    """Give a role to users; the answer is an empty object."""
    USER_ROLES.add_left(call)
    return {}


# --- permissions -------------------------------------------------------------------------------


def _resource_server(call: Call, identifier: str) -> Doc | None:
    servers = call.tx.all("resource_servers")
    return next((doc for doc in servers if doc.get("identifier") == identifier), None)


def described(call: Call, identifier: str, name: str) -> Doc | None:
    """A permission as lists show it; None where the resource server or its scope is gone."""
    server = _resource_server(call, identifier)
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

    table: str
    holder: End

    def __post_init__(self) -> None:
        family.index(self.table, "left", lambda doc: [doc["_left"]])
        family.index(self.table, "server", lambda doc: [doc["_identifier"]])
        family.cascade(self.table, "left", of=self.holder.table)

    def bind(self, *, list: str, add: str, remove: str) -> None:
        family.bind(list, self.list, "relation")
        family.bind(add, self.add, "relation")
        family.bind(remove, self.remove, "relation")

    def add(self, call: Call) -> Any:
        """Give permissions; all of them must exist. The answer is an empty object."""
        who = self._holder(call)
        pairs = _pairs(call)
        for identifier, name in pairs:
            if _resource_server(call, identifier) is None:
                raise Problem(
                    404, "The resource server does not exist.", "inexistent_resource_server"
                )
            if described(call, identifier, name) is None:
                raise Problem(404, "The permission does not exist.", "inexistent_permission")
        for identifier, name in pairs:
            right = f"{name} {identifier}"
            link = {"_left": who, "_right": right, "_identifier": identifier, "_name": name}
            call.tx.put(self.table, (who, right), link)
        return {}

    def remove(self, call: Call) -> Any:
        """Take permissions; one that is not held is no error."""
        who = self._holder(call)
        for identifier, name in _pairs(call):
            call.tx.delete(self.table, (who, f"{name} {identifier}"))
        return Reply(204)  # for roles, too, whose contract says 200

    def forget(self, call: Call, identifier: str, kept: Iterable[str] = ()) -> None:
        """Cascade: of an API's permissions only those of these names remain."""
        for link in call.tx.find(self.table, "server", identifier):
            if link["_name"] not in kept:
                call.tx.delete(self.table, (link["_left"], link["_right"]))

    def held(self, call: Call, who: str) -> Iterable[Doc]:
        """The permissions held, as far as they still exist."""
        for link in call.tx.find(self.table, "left", who):
            shown = described(call, link["_identifier"], link["_name"])
            if shown is not None:
                yield shown

    def shown(self, call: Call, who: str) -> Iterable[Doc]:
        """The permissions as a holder's list shows them."""
        return self.held(call, who)

    def list(self, call: Call) -> Any:
        who = self._holder(call)
        return answer(call, self.shown(call, who), Listing())

    def _holder(self, call: Call) -> str:
        who = call.path[self.holder.param]
        self.holder.require(call, who)
        return who


def _pairs(call: Call) -> list[tuple[str, str]]:
    given: list[Doc] = call.body["permissions"]
    return [(each["resource_server_identifier"], each["permission_name"]) for each in given]


class _OfUsers(Permissions):
    """A user's permissions, each with where it comes from: given directly, or through a role."""

    def shown(self, call: Call, who: str) -> Iterable[Doc]:
        found: dict[tuple[str, str], Doc] = {}
        sources = [(_DIRECT, self.held(call, who))]
        for role in USER_ROLES.rights(call, who):
            sources.append((_role_source(role), ROLE_PERMISSIONS.held(call, role["id"])))
        for source, permissions in sources:
            for shown in permissions:
                pair = (shown["resource_server_identifier"], shown["permission_name"])
                whole = found.setdefault(pair, {**shown, "sources": []})
                whole["sources"].append(source)
        return list(found.values())


ROLE_PERMISSIONS = Permissions("role_permissions", End("roles", NO_ROLE))
ROLE_PERMISSIONS.bind(
    list="get_role_permission",
    add="post_role_permission_assignment",
    remove="delete_role_permission_assignment",
)
USER_PERMISSIONS = _OfUsers("user_permissions", End("users", NO_USER))
USER_PERMISSIONS.bind(list="get_permissions", add="post_permissions", remove="delete_permissions")


# --- groups and effective roles ----------------------------------------------------------------

ROLE_GROUPS = Relation(
    "group_roles",
    left=End("groups", GROUPS.missing, field="groups"),
    right=End("roles", NO_ROLE),
)
ROLE_GROUPS.bind(
    family,
    list_left="get_role_groups",
    add_left="post_role_groups",
    remove_left="delete_role_groups",
)


def _groups(call: Call, who: str) -> list[Doc]:
    """The groups that a user is a member of."""
    return MEMBERS.lefts(call, who)


def _user(call: Call) -> str:
    USER_ROLES.left.require(call, call.path["id"])
    return call.path["id"]


@family.verb("get_user_groups", kind="view")
def list_user_groups(call: Call) -> Any:
    return answer(call, _groups(call, _user(call)), Listing())


def effective_roles(call: Call, who: str) -> list[Doc]:
    """A user's roles, each once: ``direct`` where assigned, ``groups`` where had through one."""
    through = (
        role for group in _groups(call, who) for role in ROLE_GROUPS.rights(call, group["id"])
    )
    return sourced(USER_ROLES.rights(call, who), through)


@family.verb("get_user_effective_roles", kind="view")
def list_effective_roles(call: Call) -> Any:
    return answer(call, effective_roles(call, _user(call)), Listing())


@family.verb("get_user_effective_permissions", kind="view")
def list_effective_permissions(call: Call) -> Any:
    """A user's permissions for a resource server: ``direct``, or had through ``roles``."""
    who, wanted = _user(call), call.query["resource_server_identifier"]
    sources = [("direct", USER_PERMISSIONS.held(call, who))]
    for role in effective_roles(call, who):
        sources.append(("roles", ROLE_PERMISSIONS.held(call, role["id"])))
    found: dict[str, Doc] = {}
    for source, permissions in sources:
        for shown in permissions:
            if shown["resource_server_identifier"] == wanted:
                whole = found.setdefault(shown["permission_name"], {**shown, "sources": []})
                if source not in whole["sources"]:
                    whole["sources"].append(source)
    return answer(call, list(found.values()), Listing())


@family.verb("get_user_effective_permission_role_sources", kind="view")
def list_permission_role_sources(call: Call) -> Any:
    """The roles through which a user has a permission."""
    wanted = (call.query["resource_server_identifier"], call.query["permission_name"])

    def gives(role: Doc) -> bool:
        held = ROLE_PERMISSIONS.held(call, role["id"])
        return any((p["resource_server_identifier"], p["permission_name"]) == wanted for p in held)

    found = [role for role in effective_roles(call, _user(call)) if gives(role)]
    return answer(call, found, Listing())


@family.verb("get_user_role_source_groups", kind="view")
def list_role_source_groups(call: Call) -> Any:
    """The groups through which a user has a role."""
    role = call.query["role_id"]
    groups = _groups(call, _user(call))
    found = [group for group in groups if ROLE_GROUPS.linked(call, group["id"], role)]
    return answer(call, found, Listing())
