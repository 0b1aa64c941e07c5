"""Connections that organizations use, in the newer and the older form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import (
    Check,
    End,
    Listing,
    Missing,
    RelationBehaviour,
    View,
    equals,
    list_response,
    merged,
    run_checks,
    visible,
    without_nulls,
)
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from .organizations import ORGANIZATIONS, SELF, require_organization
from .relations import ORGANIZATION_CONNECTIONS

family = Family()

NO_CONNECTION = Missing("No connection found by that id")
CONNECTIONS = RelationBehaviour(
    ORGANIZATION_CONNECTIONS, SELF, End("connections", NO_CONNECTION, "connection_id")
)
CONNECTIONS.bind(family)
_OLD = ("connection_id", "assign_membership_on_login", "is_signup_enabled", "show_as_button")


def _linked_connection(context: RequestContext, link: Doc) -> Doc:
    key = ORGANIZATION_CONNECTIONS.key(link, "connections")
    return context.tx.get("connections", key) or {}


def _signs_up_in_vain(context: RequestContext, link: Doc, old: Doc | None) -> bool:
    """Whether people may sign up who would not become members, or at a provider of its own."""
    connection = _linked_connection(context, link)
    database = connection.get("strategy") == "auth0"
    return bool(link.get("is_signup_enabled")) and not (
        database and link.get("assign_membership_on_login")
    )


_CHECKS = (
    Check(
        _signs_up_in_vain,
        "Only database connections with assign_membership_on_login = true support "
        "is_signup_enabled = true.",
    ),
)


def _connect(context: RequestContext, organization: str, given: Doc) -> Doc:
    key = given["connection_id"]
    connection = CONNECTIONS.right.require(context, key)
    if CONNECTIONS.linked(context, organization, key) is not None:
        raise APIError(
            409,
            "The connection is already enabled for this organization",
            "connection_conflict",
            hint=f"{key} is enabled for {organization}: update how, or disable it first",
        )
    said: Doc = {
        "assign_membership_on_login": False,
        "show_as_button": True,
        "is_enabled": True,
        "organization_access_level": "none",
        **({"is_signup_enabled": False} if connection.get("strategy") == "auth0" else {}),
        **given,
    }
    # The older operations leave signing up out of a response where nobody said anything of it.
    said["_signup_said"] = "is_signup_enabled" in given
    link = ORGANIZATION_CONNECTIONS.document(organization, key, **said)
    run_checks(_CHECKS, context, link, None)
    return CONNECTIONS.link(context, organization, key, **said)


def _connected(context: RequestContext) -> Doc:
    """The link of the path's connection to the path's organization."""
    key = context.path.get("connection_id") or context.path["connectionId"]
    link = CONNECTIONS.linked(context, require_organization(context), key)
    if link is None:
        raise NO_CONNECTION.problem()
    return link


def _connection(context: RequestContext, link: Doc) -> Doc:
    connection = _linked_connection(context, link)
    about = {name: connection[name] for name in ("name", "strategy") if name in connection}
    return {**visible(link), "connection": about}


def _old_connection(context: RequestContext, link: Doc) -> Doc:
    whole = _connection(context, link)
    names = [name for name in _OLD if name in whole]
    if not link["_signup_said"]:
        names = [name for name in names if name != "is_signup_enabled"]
    return {**{name: whole[name] for name in names}, "connection": whole["connection"]}


def _said(context: RequestContext) -> Doc:
    link = _connected(context)
    new = without_nulls(merged(link, context.body or {}))
    new["_signup_said"] = link["_signup_said"] or "is_signup_enabled" in (context.body or {})
    run_checks(_CHECKS, context, new, link)
    return ORGANIZATION_CONNECTIONS.replace(context, link, new)


@family.operation("organizations.create", kind="collection")
def create_organization(context: RequestContext) -> Any:
    """Create an organization, perhaps with connections, which the response then shows."""
    body: Doc = dict(context.body)
    given: list[Doc] = body.pop("enabled_connections", None) or []
    organization = ORGANIZATIONS.add(context, body)
    links = [_connect(context, organization["id"], each) for each in given]
    if not links:
        return visible(organization)
    shown = [_old_connection(context, link) for link in links]
    return {**visible(organization), "enabled_connections": shown}


@family.operation("organizations.connections.list", kind="relation")
def connections(context: RequestContext) -> Any:
    """The connections of an organization, disabled ones included by default."""
    links = ORGANIZATION_CONNECTIONS.of(context, organizations=require_organization(context))
    listing = Listing(filters={"is_enabled": equals("is_enabled")})
    return list_response(context, links, listing, _connection)


@family.operation("organizations.enabled_connections.list", kind="relation")
def enabled_connections(context: RequestContext) -> Any:
    """The enabled connections of an organization, in the older form."""
    links = ORGANIZATION_CONNECTIONS.of(context, organizations=require_organization(context))
    enabled = [link for link in links if link["is_enabled"]]
    page = list_response(context, enabled, Listing(), _old_connection)
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

    def add(self, context: RequestContext) -> Any:
        """Give an organization a connection."""
        return self.view(context, _connect(context, require_organization(context), context.body))

    def get(self, context: RequestContext) -> Any:
        """One connection of an organization."""
        return self.view(context, _connected(context))

    def change(self, context: RequestContext) -> Any:
        """Change what an organization says of a connection."""
        return self.view(context, _said(context))


_Form(_connection).bind(
    add="organizations.connections.create",
    get="organizations.connections.get",
    change="organizations.connections.update",
)
_Form(_old_connection).bind(
    add="organizations.enabled_connections.add",
    get="organizations.enabled_connections.get",
    change="organizations.enabled_connections.update",
)


@family.operation("organizations.connections.delete", kind="relation")
@family.operation("organizations.enabled_connections.delete", kind="relation")
def remove_connection(context: RequestContext) -> Any:
    """Take a connection from an organization; succeeds where it had none, too."""
    key = context.path.get("connection_id") or context.path["connectionId"]
    CONNECTIONS.unlink(context, require_organization(context), key)
    return None
