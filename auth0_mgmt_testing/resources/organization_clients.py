"""Clients that are associated with organizations, and client grants assigned to them."""

from __future__ import annotations

from typing import Any

from ..behaviours import End, Listing, RelationBehaviour, equals, list_response, merged, visible
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .client_grants import MISSING as NO_GRANT
from .organizations import ORGANIZATIONS, SELF, require_organization
from .relations import ORGANIZATION_CLIENT_GRANTS, ORGANIZATION_CLIENTS

family = Family()

_GRANTS = 100
"""How many client grants an organization may have."""

CLIENTS = RelationBehaviour(ORGANIZATION_CLIENTS, SELF, End("clients", NO_CLIENT, "client_id"))
CLIENTS.bind(family)


def _client(context: RequestContext, link: Doc) -> Doc:
    client = context.tx.get("clients", ORGANIZATION_CLIENTS.key(link, "clients")) or {}
    shown = ("name", "is_first_party", "grant_types", "organization_usage")
    return {**visible(link), "client": {name: client[name] for name in shown if name in client}}


def _client_link(context: RequestContext) -> Doc:
    link = CLIENTS.linked(context, require_organization(context), context.path["client_id"])
    if link is None:
        raise NO_CLIENT.problem()
    return link


@family.operation("organizations.list", kind="view")
def organizations(context: RequestContext) -> Any:
    """Organizations; with a client in the query, each shows how that client is associated with it."""
    client_id = context.query.get("include_client_association_for")

    def view(context: RequestContext, doc: Doc) -> Doc:
        link = None if client_id is None else CLIENTS.linked(context, doc["id"], client_id)
        if link is None:
            return doc
        return {**doc, "client": {"use_for_member_access": link["use_for_member_access"]}}

    return list_response(context, ORGANIZATIONS.docs(context), ORGANIZATIONS.listing, view)


@family.operation("organizations.clients.list", kind="relation")
def clients(context: RequestContext) -> Any:
    """The clients that an organization says something about."""
    links = ORGANIZATION_CLIENTS.of(context, organizations=require_organization(context))
    return list_response(context, links, Listing(), _client)


@family.operation("organizations.clients.create", kind="relation")
def add_clients(context: RequestContext) -> Any:
    """Associate clients with an organization."""
    organization = require_organization(context)
    shown: list[Doc] = []
    for given in context.body["clients"]:
        CLIENTS.right.require(context, given["client_id"])
        link = CLIENTS.link(context, organization, given["client_id"], **given)
        shown.append(_client(context, link))
    return Reply(201, shown)


@family.operation("organizations.clients.delete", kind="relation")
def remove_clients(context: RequestContext) -> Any:
    """End the association of clients with an organization."""
    organization = require_organization(context)
    for client in context.body["clients"]:
        CLIENTS.unlink(context, organization, client)
    return None


@family.operation("organizations.clients.get", kind="relation")
def get_client(context: RequestContext) -> Any:
    """What an organization says about one client."""
    return _client(context, _client_link(context))


@family.operation("organizations.clients.update", kind="relation")
def change_client(context: RequestContext) -> Any:
    """Change what an organization says about one client."""
    link = _client_link(context)
    new = merged(link, context.body or {})
    return _client(context, ORGANIZATION_CLIENTS.replace(context, link, new))


# --- client grants -----------------------------------------------------------------------------

GRANTS = RelationBehaviour(
    ORGANIZATION_CLIENT_GRANTS, SELF, End("client_grants", NO_GRANT, "grant_id")
)
GRANTS.bind(family)


@family.operation("organizations.client_grants.list", kind="relation")
def client_grants(context: RequestContext) -> Any:
    """The client grants assigned to an organization."""
    listing = Listing(
        filters={
            "audience": equals("audience"),
            "client_id": equals("client_id"),
            "grant_ids": equals("id"),
        }
    )
    found = GRANTS.rights(context, require_organization(context))
    return list_response(context, found, listing)


@family.operation("organizations.client_grants.create", kind="relation")
def add_client_grant(context: RequestContext) -> Any:
    """Assign a client grant to an organization."""
    organization, key = require_organization(context), context.body["grant_id"]
    grant = GRANTS.right.require(context, key)
    there = ORGANIZATION_CLIENT_GRANTS.keys(context, organizations=organization)
    if key in there:
        raise APIError(409, "The client grant is already added to the organization.")
    if len(there) >= _GRANTS:
        raise APIError(409, f"An organization cannot have more than {_GRANTS} client grants.")
    GRANTS.link(context, organization, key)
    # A live tenant names the grant ``grant_id`` here, where the list says ``id``.
    shown = ("client_id", "audience", "scope", "organization_usage", "allow_any_organization")
    return {"grant_id": key, **{name: grant[name] for name in shown if name in grant}}


@family.operation("organizations.client_grants.delete", kind="relation")
def remove_client_grant(context: RequestContext) -> Any:
    """Take a client grant from an organization."""
    GRANTS.unlink(context, require_organization(context), context.path["grant_id"])
    return None
