"""Clients that are associated with organizations, and client grants assigned to them."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import End, Listing, Relation, equals, merged, visible
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .client_grants import MISSING as NO_GRANT
from .organizations import ORGANIZATIONS, SELF, require_organization

family = Family()

_GRANTS = 100
"""How many client grants an organization may have."""

CLIENTS = Relation("organization_clients", SELF, End("clients", NO_CLIENT, "client_id"))
CLIENTS.bind(family)


def _client(call: Call, link: Doc) -> Doc:
    client = call.tx.get("clients", link["_right"]) or {}
    shown = ("name", "is_first_party", "grant_types")
    return {**visible(link), "client": {name: client[name] for name in shown if name in client}}


def _client_link(call: Call) -> Doc:
    link = CLIENTS.linked(call, require_organization(call), call.path["client_id"])
    if link is None:
        raise NO_CLIENT.problem()
    return link


@family.verb("get_organizations", kind="view")
def organizations(call: Call) -> Any:
    """Organizations; asked for a client, each says how that client is associated with it."""
    asked = call.query.get("include_client_association_for")

    def view(call: Call, doc: Doc) -> Doc:
        link = None if asked is None else CLIENTS.linked(call, doc["id"], asked)
        if link is None:
            return doc
        return {**doc, "client": {"use_for_member_access": link["use_for_member_access"]}}

    return answer(call, ORGANIZATIONS.docs(call), ORGANIZATIONS.listing, view)


@family.verb("get_organization_clients", kind="relation")
def clients(call: Call) -> Any:
    """The clients that an organization says something about."""
    links = call.tx.find(CLIENTS.table, "left", require_organization(call))
    return answer(call, links, Listing(), _client)


@family.verb("post_organization_clients", kind="relation")
def add_clients(call: Call) -> Any:
    """Associate clients with an organization."""
    organization = require_organization(call)
    shown: list[Doc] = []
    for given in call.body["clients"]:
        CLIENTS.right.require(call, given["client_id"])
        link = CLIENTS.link(call, organization, given["client_id"], **given)
        shown.append(_client(call, link))
    return Reply(201, shown)


@family.verb("delete_organization_clients", kind="relation")
def remove_clients(call: Call) -> Any:
    """End the association of clients with an organization."""
    organization = require_organization(call)
    for client in call.body["clients"]:
        CLIENTS.unlink(call, organization, client)
    return None


@family.verb("get_organization_client", kind="relation")
def get_client(call: Call) -> Any:
    """What an organization says about one client."""
    return _client(call, _client_link(call))


@family.verb("patch_organization_client", kind="relation")
def change_client(call: Call) -> Any:
    """Change what an organization says about one client."""
    link = _client_link(call)
    key = (link["_left"], link["_right"])
    return _client(call, call.tx.put(CLIENTS.table, key, merged(link, call.body or {})))


# --- client grants -----------------------------------------------------------------------------

GRANTS = Relation("organization_client_grants", SELF, End("client_grants", NO_GRANT, "grant_id"))
GRANTS.bind(family)


@family.verb("get_organization-client-grants", kind="relation")
def client_grants(call: Call) -> Any:
    """The client grants assigned to an organization."""
    listing = Listing(
        filters={
            "audience": equals("audience"),
            "client_id": equals("client_id"),
            "grant_ids": equals("id"),
        }
    )
    found = GRANTS.rights(call, require_organization(call))
    return answer(call, found, listing)


@family.verb("create_organization-client-grants", kind="relation")
def add_client_grant(call: Call) -> Any:
    """Assign a client grant to an organization."""
    organization, key = require_organization(call), call.body["grant_id"]
    grant = GRANTS.right.require(call, key)
    there = call.tx.find(GRANTS.table, "left", organization)
    if any(link["_right"] == key for link in there):
        raise Problem(409, "The client grant is already added to the organization.")
    if len(there) >= _GRANTS:
        raise Problem(409, f"An organization cannot have more than {_GRANTS} client grants.")
    GRANTS.link(call, organization, key)
    # A live tenant names the grant ``grant_id`` here, where the list says ``id``.
    shown = ("client_id", "audience", "scope")
    return {"grant_id": key, **{name: grant[name] for name in shown if name in grant}}


@family.verb("delete_client-grants_by_grant_id", kind="relation")
def remove_client_grant(call: Call) -> Any:
    """Take a client grant from an organization."""
    GRANTS.unlink(call, require_organization(call), call.path["grant_id"])
    return None
