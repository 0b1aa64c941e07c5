"""Connections: where users come from, and the clients that may use them."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import (
    Check,
    CollectionBehaviour,
    End,
    Listing,
    Missing,
    Parent,
    RelationBehaviour,
    Unique,
    equals,
    get_path,
    item_response,
    list_response,
    one_of,
    without_nulls,
)
from ..connection_strategies import DATABASE_CHECKS, Options, strategy
from ..engine import messages
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .relations import CONNECTION_CLIENTS
from .users import USERS

family = Family()

MISSING = Missing("The connection does not exist", "inexistent_connection")
_ALWAYS = frozenset({"id", "is_domain_connection", "authentication", "connected_accounts"})
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
    if kind.enterprise:
        whole.setdefault("show_as_button", False)
    if kind.named:
        whole.setdefault("display_name", doc["name"])
    if kind.ticket is not None:
        tenant, _, region = context.domain.partition(".")
        place = kind.ticket.format(
            domain=context.domain, tenant=tenant, region=region, strategy=doc["strategy"]
        )
        whole["provisioning_ticket_url"] = place + context.new_id(id_forms.TICKET)
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
        CONNECTION_CLIENTS.delete_of(context, connections=old["id"])
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
    if kind.lists_clients or context.operation.method == "POST":
        shown["enabled_clients"] = CONNECTION_CLIENTS.keys(context, connections=doc["id"])
    return shown


def _first_connection(user: Doc) -> list[str]:
    """The connection that gave a user's first identity, as an index."""
    identities = user.get("identities")
    return [identities[0]["connection"]] if identities else []


family.index("users", "connection", _first_connection)
family.cascade("users", "connection", of="connections", by=lambda doc: str(doc["name"]))


def _email_is_shared(options: Any) -> bool:
    """Whether several users of a database may have one e-mail address."""
    return get_path(options, "attributes.email.unique") is False


def _options_of(doc: Doc | None) -> Any:
    return None if doc is None else doc.get("options")


def _makes_email_shared(context: RequestContext, new: Doc, old: Doc | None) -> bool:
    before = get_path(_options_of(old), "attributes.email")
    return old is not None and before is None and _email_is_shared(new["options"])


def _changes_uniqueness(context: RequestContext, new: Doc, old: Doc | None) -> bool:
    """Whether the uniqueness of addresses that was there before is another now."""
    before, after = (get_path(_options_of(doc), "attributes.email") for doc in (old, new))
    if not is_object(before) or not is_object(after):
        return False
    return before.get("unique", True) is not after.get("unique", True)


def _requests_cross_app_access(doc: Doc) -> bool:
    return get_path(doc, "cross_app_access_requesting_app.active") is True


_CROSS_APP = ("oidc", "okta", "samlp", "waad", "google-apps")
"""Strategies whose connections may ask other applications for access."""

_CHECKS = (
    *DATABASE_CHECKS,
    Check(
        lambda context, new, old: (
            new["options"].get("requires_username") is True and new["options"].get("attributes")
        ),
        "Cannot set both options.attributes and options.requires_username",
    ),
    Check(
        lambda context, new, old: (
            _requests_cross_app_access(new) and new["strategy"] not in _CROSS_APP
        ),
        "Cross App Access Requesting App is not supported for this connection.",
        "operation_not_supported",
    ),
    Check(_makes_email_shared, "cannot add non-unique email attribute"),
    Check(_changes_uniqueness, "cannot patch unique property on email attribute"),
)


class _Connections(CollectionBehaviour):
    """Connections show an address that was unset once, in the response to what unset it."""

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
    new_id=id_forms.CONNECTION,
    missing=MISSING,
    unique=(
        Unique("name", "A connection with the same name already exists", "connection_conflict"),
    ),
    prepare=_prepare,
    change=_change,
    checks=_CHECKS,
    view=_view,
    listing=Listing(
        filters={"name": equals("name"), "strategy": one_of("strategy")}, always=_ALWAYS
    ),
)
CONNECTIONS.bind(
    family,
    list="connections.list",
    create="connections.create",
    get="connections.get",
    update="connections.update",
)
CLIENTS = RelationBehaviour(
    CONNECTION_CLIENTS, End("connections", MISSING), End("clients", NO_CLIENT, "client_id")
)
CLIENTS.bind(family)


@family.setup(order=10)
def default_database(context: RequestContext) -> None:
    """A fresh tenant has one database connection."""
    options: Doc = {"passwordPolicy": "good", "disable_self_service_change_password": False}
    database: Doc = {"name": "Username-Password-Authentication", "strategy": "auth0"}
    whole = CONNECTIONS.complete(context, {**database, "options": options})
    # The newer rules for passwords come with databases that a request creates.
    kept = {k: v for k, v in whole["options"].items() if k != "password_options"}
    CONNECTIONS.store(context, {**whole, "options": kept}, None)


DELETED = "_deleted_connections"
"""The table of connections whose deletion was accepted and is not done yet, by id."""
_DELETION_SECONDS = 0.2
"""On live tenants most deletions are done a third of a second later, of whatever strategy."""


_AT_ONCE = 1_000
"""Users of a connection that are deleted with it at once; of more, a part after the other."""
_PART, _PAUSE = 100, 0.1
"""Users of one part, and seconds until the next."""


@family.task("delete_users")
def delete_users(context: RequestContext, task: Doc) -> None:
    """Delete some of the users of a deleted connection, and go on with the rest later."""
    keys: list[str] = task["keys"]
    context.tx.delete_all("users", keys[:_PART])
    if rest := keys[_PART:]:
        context.schedule(_PAUSE, "delete_users", keys=rest, in_parts=True)


@family.task("forget_connection")
def forget_connection(context: RequestContext, task: Doc) -> None:
    """Finish a deletion: from now on the connection is absent to a DELETE as well."""
    context.tx.delete(DELETED, task["connection"])


@family.operation("connections.delete", kind="collection")
def delete(context: RequestContext) -> Any:
    """Deletion is accepted (202); deleting a missing one succeeds, too (204)."""
    doc = CONNECTIONS.find(context)
    if doc is None:
        deleting = context.tx.get(DELETED, context.path["id"])
        return Reply(204) if deleting is None else Reply(202, deleting)
    deleted: Doc = {"deleted_at": context.now()}
    users = context.tx.keys("users", "connection", doc["name"])
    if len(users) > _AT_ONCE:
        context.tx.delete_all(CONNECTIONS.table, [doc["id"]], sparing=["users"])
        context.schedule(_PAUSE, "delete_users", keys=users, in_parts=True)
    else:
        CONNECTIONS.remove(context, doc)
    context.tx.put(DELETED, doc["id"], deleted)
    context.schedule(_DELETION_SECONDS, "forget_connection", connection=doc["id"])
    return Reply(202, deleted)


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
    keys = CONNECTION_CLIENTS.keys(context, connections=require_connection(context)["id"])
    rows: list[Doc] = [{"client_id": key} for key in keys]
    return list_response(context, rows, Listing())


_CLIENTS_AT_ONCE = 50
"""How many clients one request may enable and disable."""


@family.operation("connections.clients.update")
def change_clients(context: RequestContext) -> Any:
    """Enable and disable clients, one by one in the order given; all of them must exist."""
    connection = require_connection(context)["id"]
    if len(context.body) > _CLIENTS_AT_ONCE:
        reason = messages.array_long(len(context.body), _CLIENTS_AT_ONCE)
        raise messages.invalid("body", reason)
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
