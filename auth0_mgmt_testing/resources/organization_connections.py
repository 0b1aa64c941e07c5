"""Connections that organizations use, in the newer and the older form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auth0_mgmt._json import is_object

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import End, Listing, Missing, Relation, View, equals, merged, visible
from ..state.store import Doc
from .organizations import ORGANIZATIONS, SELF, require_organization

family = Family()

NO_CONNECTION = Missing("No connection found by that id")
CONNECTIONS = Relation(
    "organization_connections", SELF, End("connections", NO_CONNECTION, "connection_id")
)
CONNECTIONS.bind(family)
_OLD = ("connection_id", "assign_membership_on_login", "is_signup_enabled", "show_as_button")


def _connect(call: Call, organization: str, given: Doc) -> Doc:
    key = given["connection_id"]
    connection = CONNECTIONS.right.require(call, key)
    if CONNECTIONS.linked(call, organization, key) is not None:
        raise Problem(
            409, "The connection is already enabled for this organization", "connection_conflict"
        )
    said: Doc = {
        "assign_membership_on_login": False,
        "show_as_button": True,
        "is_enabled": True,
        "organization_access_level": "none",
        **({"is_signup_enabled": False} if connection.get("strategy") == "auth0" else {}),
        **given,
    }
    # The older operations leave signing up out of an answer where nobody said anything of it.
    said["_signup_said"] = "is_signup_enabled" in given
    return CONNECTIONS.link(call, organization, key, **said)


def _connected(call: Call) -> Doc:
    """The link of the path's connection to the path's organization."""
    key = call.path.get("connection_id") or call.path["connectionId"]
    link = CONNECTIONS.linked(call, require_organization(call), key)
    if link is None:
        raise NO_CONNECTION.problem()
    return link


def _connection(call: Call, link: Doc) -> Doc:
    connection = call.tx.get("connections", link["_right"]) or {}
    about = {name: connection[name] for name in ("name", "strategy") if name in connection}
    return {**visible(link), "connection": about}


def _old_connection(call: Call, link: Doc) -> Doc:
    whole = _connection(call, link)
    names = [name for name in _OLD if name in whole]
    if not link["_signup_said"]:
        names = [name for name in names if name != "is_signup_enabled"]
    return {**{name: whole[name] for name in names}, "connection": whole["connection"]}


def _said(call: Call) -> Doc:
    link = _connected(call)
    new = merged(link, call.body or {})
    new["_signup_said"] = link["_signup_said"] or "is_signup_enabled" in (call.body or {})
    return call.tx.put(CONNECTIONS.table, (link["_left"], link["_right"]), new)


@family.verb("post_organizations", kind="collection")
def create_organization(call: Call) -> Any:
    """Create an organization, perhaps with connections, which the answer then shows."""
    body: Doc = dict(call.body)
    given: list[Doc] = body.pop("enabled_connections", None) or []
    organization = ORGANIZATIONS.add(call, body)
    links = [_connect(call, organization["id"], each) for each in given]
    if not links:
        return visible(organization)
    shown = [_old_connection(call, link) for link in links]
    return {**visible(organization), "enabled_connections": shown}


@family.verb("get_organization_connections", kind="relation")
def connections(call: Call) -> Any:
    """The connections of an organization, disabled ones included unless asked otherwise."""
    links = call.tx.find(CONNECTIONS.table, "left", require_organization(call))
    listing = Listing(filters={"is_enabled": equals("is_enabled")})
    return answer(call, links, listing, _connection)


@family.verb("get_enabled_connections", kind="relation")
def enabled_connections(call: Call) -> Any:
    """The enabled connections of an organization, in the older form."""
    links = call.tx.find(CONNECTIONS.table, "left", require_organization(call))
    enabled = [link for link in links if link["is_enabled"]]
    page = answer(call, enabled, Listing(), _old_connection)
    if is_object(page) and "limit" in page:
        # The older list gives the number of items shown as its limit.
        page = {**page, "limit": len(page["enabled_connections"])}
    return page


@dataclass(frozen=True)
class _Form:
    """What an organization's connections are shown as: the newer operations or the older."""

    view: View

    def bind(self, *, add: str, get: str, change: str) -> None:
        family.bind(add, self.add, "relation")
        family.bind(get, self.get, "relation")
        family.bind(change, self.change, "relation")

    def add(self, call: Call) -> Any:
        """Give an organization a connection."""
        return self.view(call, _connect(call, require_organization(call), call.body))

    def get(self, call: Call) -> Any:
        """One connection of an organization."""
        return self.view(call, _connected(call))

    def change(self, call: Call) -> Any:
        """Change what an organization says of a connection."""
        return self.view(call, _said(call))


_Form(_connection).bind(
    add="post_organization_connection",
    get="get_organization_connection",
    change="patch_organization_connection",
)
_Form(_old_connection).bind(
    add="post_enabled_connections",
    get="get_enabled_connections_by_connectionId",
    change="patch_enabled_connections_by_connectionId",
)


@family.verb("delete_organization_connection", kind="relation")
@family.verb("delete_enabled_connections_by_connectionId", kind="relation")
def remove_connection(call: Call) -> Any:
    """Take a connection from an organization; answers alike where it had none."""
    key = call.path.get("connection_id") or call.path["connectionId"]
    CONNECTIONS.unlink(call, require_organization(call), key)
    return None
