"""Connections: where users come from, and the clients that may use them."""

from __future__ import annotations

from typing import Any

from ..behaviours import (
    CollectionBehaviour,
    End,
    Listing,
    Missing,
    Parent,
    RelationBehaviour,
    Unique,
    equals,
    item_response,
    list_response,
    one_of,
    without_nulls,
)
from ..connection_strategies import Options, strategy
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.ids import alphanumeric_id
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .users import USERS

family = Family()

MISSING = Missing("The connection does not exist", "inexistent_connection")
_ALWAYS = ("id", "is_domain_connection", "authentication", "connected_accounts")
"""What is shown of a connection whatever ``fields`` asks for."""
_ADDRESSES = ("authorizationURL", "tokenURL")


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    kind = strategy(doc)
    whole: Doc = {
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
        "realms": [doc["name"]],
        **doc,
        "options": kind.complete(Options(doc.get("options") or {}, None, context.domain)),
    }
    if kind.button:
        whole.setdefault("show_as_button", False)
    if kind.named:
        whole.setdefault("display_name", doc["name"])
    if kind.ticket is not None:
        place = kind.ticket.format(
            domain=context.domain, tenant=context.domain.split(".")[0], strategy=doc["strategy"]
        )
        whole["provisioning_ticket_url"] = place + context.new_id(alphanumeric_id(32))
    for client in whole.pop("enabled_clients", None) or ():
        CLIENTS.link(context, doc["id"], client)
    return whole


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """A change of ``options`` replaces them all, one of ``enabled_clients`` the clients.

    Null takes away what a connection need not have.
    """
    new: Doc = without_nulls({**old, **patch})
    if "options" in patch:
        options = Options(patch["options"] or {}, old["options"], context.domain)
        new["options"] = strategy(old).complete(options)
    if "enabled_clients" in patch:
        context.tx.delete_where(CLIENTS.table, "left", old["id"])
        for client in new.pop("enabled_clients", ()):
            CLIENTS.link(context, old["id"], client)
    return new


def _stored(options: Doc) -> Doc:
    """Options as they are kept: an address of the provider that was unset is its own again."""
    return {k: v for k, v in options.items() if v is not None or k not in _ADDRESSES}


def _view(context: RequestContext, doc: Doc) -> Doc:
    kind = strategy(doc)
    shown = dict(doc)
    if kind.always:
        shown["options"] = {**dict.fromkeys(kind.always), **doc["options"]}
    if kind.lists_clients or context.operation.method != "GET":
        shown["enabled_clients"] = [
            link["_right"] for link in context.tx.find(CLIENTS.table, "left", doc["id"])
        ]
    return shown


def _forget(context: RequestContext, connection: Doc) -> None:
    """A connection takes the users along whose first identity it gave."""
    name = connection["name"]
    for user in list(context.tx.all("users")):
        if user["identities"][0]["connection"] == name:
            USERS.remove(context, user)


class _Connections(CollectionBehaviour):
    """Connections show an address that was unset once, in the answer to what unset it."""

    def store(self, context: RequestContext, doc: Doc, old: Doc | None) -> None:
        super().store(context, {**doc, "options": _stored(doc["options"])}, old)

    def get(self, context: RequestContext) -> Any:
        whole = self.view(context, self.require(context))
        shown = item_response(context, whole)
        if "fields" in context.query and context.query.get("include_fields", True):
            return {k: v for k, v in whole.items() if k in shown or k in _ALWAYS}
        return shown


CONNECTIONS = _Connections(
    "connections",
    new_id=alphanumeric_id(16, "con_"),
    missing=MISSING,
    unique=(
        Unique("name", "A connection with the same name already exists", "connection_conflict"),
    ),
    prepare=_prepare,
    change=_change,
    view=_view,
    before_delete=_forget,
    listing=Listing(filters={"name": equals("name"), "strategy": one_of("strategy")}),
)
CONNECTIONS.bind(
    family,
    list="connections.list",
    create="connections.create",
    get="connections.get",
    update="connections.update",
)
CLIENTS = RelationBehaviour(
    "connection_clients", End("connections", MISSING), End("clients", NO_CLIENT, "client_id")
)
CLIENTS.bind(family)


@family.setup(order=10)
def default_database(context: RequestContext) -> None:
    """A fresh tenant has one database connection."""
    username: Doc = {
        "identifier": {"active": True},
        "validation": {"min_length": 1, "max_length": 128},
    }
    options: Doc = {
        "passwordPolicy": "good",
        "attributes": {"email": {"identifier": {"active": True}}, "username": username},
    }
    database: Doc = {"name": "Username-Password-Authentication", "strategy": "auth0"}
    CONNECTIONS.add(context, {**database, "options": options})


@family.operation("connections.delete", kind="collection")
def delete(context: RequestContext) -> Any:
    """Deletion is accepted (202); what is not there already answers as if it had been (204)."""
    doc = CONNECTIONS.find(context)
    if doc is None:
        return Reply(204)
    CONNECTIONS.remove(context, doc)
    return Reply(202, {"deleted_at": context.now()})


PARENT = Parent("connections", "id", MISSING)
"""What hangs on a connection hangs on this."""


def require_connection(context: RequestContext) -> Doc:
    """The connection that the path names; raises the 404."""
    return CONNECTIONS.require(context, context.path["id"])


@family.operation("connections.check_status", kind="view")
def status(context: RequestContext) -> Any:
    """Whether the connection is online: the fake's always is."""
    require_connection(context)
    return Reply(200)


@family.operation("connections.clients.get", kind="view")
def clients(context: RequestContext) -> Any:
    """The clients that may use the connection."""
    links = context.tx.find(CLIENTS.table, "left", require_connection(context)["id"])
    rows: list[Doc] = [{"client_id": link["_right"]} for link in links]
    return list_response(context, rows, Listing())


@family.operation("connections.clients.update")
def change_clients(context: RequestContext) -> Any:
    """Enable and disable clients, one by one in the order given; all of them must exist."""
    connection = require_connection(context)["id"]
    for entry in context.body:
        client = entry["client_id"]
        if entry["status"]:
            CLIENTS.right.require(context, client)
            CLIENTS.link(context, connection, client)
        else:
            CLIENTS.unlink(context, connection, client)
    return None


@family.operation("connections.users.delete_by_email")
def delete_user(context: RequestContext) -> Any:
    """Delete the database's users with an address; nobody there is fine."""
    connection = require_connection(context)
    if connection["strategy"] != "auth0":
        raise APIError(400, "The connection is not a database connection.", "invalid_uri")
    address = str(context.query["email"]).lower()
    for user in context.tx.find("users", "folded_email", address):
        if user["identities"][0]["connection"] == connection["name"]:
            USERS.remove(context, user)
    return None
