"""Connections: where users come from, and the clients that may use them."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import (
    Collection,
    End,
    Listing,
    Missing,
    Parent,
    Relation,
    Unique,
    among,
    answer_one,
    equals,
    without_nulls,
)
from ..state.ids import letters
from ..state.store import Doc
from ..strategies import Options, strategy
from .client_credentials import NO_CLIENT
from .users import USERS

family = Family()

MISSING = Missing("The connection does not exist", "inexistent_connection")
_ALWAYS = ("id", "is_domain_connection", "authentication", "connected_accounts")
"""What is shown of a connection whatever ``fields`` asks for."""
_ADDRESSES = ("authorizationURL", "tokenURL")


def _prepare(call: Call, doc: Doc) -> Doc:
    kind = strategy(doc)
    whole: Doc = {
        "is_domain_connection": False,
        "authentication": {"active": True},
        "connected_accounts": {"active": False},
        "realms": [doc["name"]],
        **doc,
        "options": kind.complete(Options(doc.get("options") or {}, None, call.domain)),
    }
    if kind.button:
        whole.setdefault("show_as_button", False)
    if kind.named:
        whole.setdefault("display_name", doc["name"])
    if kind.ticket is not None:
        place = kind.ticket.format(
            domain=call.domain, tenant=call.domain.split(".")[0], strategy=doc["strategy"]
        )
        whole["provisioning_ticket_url"] = place + call.new_id(letters(32))
    for client in whole.pop("enabled_clients", None) or ():
        CLIENTS.link(call, doc["id"], client)
    return whole


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    """A change of ``options`` replaces them all, one of ``enabled_clients`` the clients.

    Null takes away what a connection need not have.
    """
    new: Doc = without_nulls({**old, **patch})
    if "options" in patch:
        options = Options(patch["options"] or {}, old["options"], call.domain)
        new["options"] = strategy(old).complete(options)
    if "enabled_clients" in patch:
        call.tx.delete_where(CLIENTS.table, "left", old["id"])
        for client in new.pop("enabled_clients", ()):
            CLIENTS.link(call, old["id"], client)
    return new


def _stored(options: Doc) -> Doc:
    """Options as they are kept: an address of the provider that was unset is its own again."""
    return {k: v for k, v in options.items() if v is not None or k not in _ADDRESSES}


def _view(call: Call, doc: Doc) -> Doc:
    kind = strategy(doc)
    shown = dict(doc)
    if kind.always:
        shown["options"] = {**dict.fromkeys(kind.always), **doc["options"]}
    if kind.lists_clients or call.operation.method != "GET":
        shown["enabled_clients"] = [
            link["_right"] for link in call.tx.find(CLIENTS.table, "left", doc["id"])
        ]
    return shown


def _forget(call: Call, connection: Doc) -> None:
    """A connection takes the users along whose first identity it gave."""
    name = connection["name"]
    for user in list(call.tx.all("users")):
        if user["identities"][0]["connection"] == name:
            USERS.remove(call, user)


class _Connections(Collection):
    """Connections show an address that was unset once, in the answer to what unset it."""

    def store(self, call: Call, doc: Doc, old: Doc | None) -> None:
        super().store(call, {**doc, "options": _stored(doc["options"])}, old)

    def get(self, call: Call) -> Any:
        whole = self.view(call, self.require(call))
        shown = answer_one(call, whole)
        if "fields" in call.query and call.query.get("include_fields", True):
            return {k: v for k, v in whole.items() if k in shown or k in _ALWAYS}
        return shown


CONNECTIONS = _Connections(
    "connections",
    new_id=letters(16, "con_"),
    missing=MISSING,
    unique=(
        Unique("name", "A connection with the same name already exists", "connection_conflict"),
    ),
    prepare=_prepare,
    change=_change,
    view=_view,
    before_delete=_forget,
    listing=Listing(filters={"name": equals("name"), "strategy": among("strategy")}),
)
CONNECTIONS.bind(
    family,
    list="get_connections",
    create="post_connections",
    get="get_connections_by_id",
    update="patch_connections_by_id",
)
CLIENTS = Relation(
    "connection_clients", End("connections", MISSING), End("clients", NO_CLIENT, "client_id")
)
CLIENTS.bind(family)


@family.setup(order=10)
def default_database(call: Call) -> None:
    """A fresh tenant has one database connection."""
    CONNECTIONS.add(call, {"name": "Username-Password-Authentication", "strategy": "auth0"})


@family.verb("delete_connections_by_id", kind="collection")
def delete(call: Call) -> Any:
    """Deletion is accepted (202); what is not there already answers as if it had been (204)."""
    doc = CONNECTIONS.find(call)
    if doc is None:
        return Reply(204)
    CONNECTIONS.remove(call, doc)
    return Reply(202, {"deleted_at": call.now()})


PARENT = Parent("connections", "id", MISSING)
"""What hangs on a connection hangs on this."""


def require_connection(call: Call) -> Doc:
    """The connection that the path names; raises the 404."""
    return CONNECTIONS.require(call, call.path["id"])


@family.verb("get_status", kind="view")
def status(call: Call) -> Any:
    """Whether the connection is online: the fake's always is."""
    require_connection(call)
    return Reply(200)


@family.verb("get_connection_clients", kind="view")
def clients(call: Call) -> Any:
    """The clients that may use the connection."""
    links = call.tx.find(CLIENTS.table, "left", require_connection(call)["id"])
    rows: list[Doc] = [{"client_id": link["_right"]} for link in links]
    return answer(call, rows, Listing())


@family.verb("patch_clients")
def change_clients(call: Call) -> Any:
    """Enable and disable clients, one by one in the order given; all of them must exist."""
    connection = require_connection(call)["id"]
    for entry in call.body:
        client = entry["client_id"]
        if entry["status"]:
            CLIENTS.right.require(call, client)
            CLIENTS.link(call, connection, client)
        else:
            CLIENTS.unlink(call, connection, client)
    return None


@family.verb("delete_users_by_email")
def delete_user(call: Call) -> Any:
    """Delete the database's users with an address; nobody there is fine."""
    connection = require_connection(call)
    if connection["strategy"] != "auth0":
        raise Problem(400, "The connection is not a database connection.", "invalid_uri")
    address = str(call.query["email"]).lower()
    for user in call.tx.find("users", "folded_email", address):
        if user["identities"][0]["connection"] == connection["name"]:
            USERS.remove(call, user)
    return None
