"""Invitations into organizations."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..semantics import Collection, Listing, Missing, Parent
from ..state.clock import stamp
from ..state.ids import letters
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .connections import MISSING as NO_CONNECTION
from .organization_connections import CONNECTIONS
from .organizations import MISSING as NO_ORGANIZATION
from .organizations import SELF

family = Family()

_INVITATION_SECONDS = 7 * 86400


def _named(call: Call, doc: Doc, organization: str) -> Doc:
    """The invitation's client; 400 where that, its connection or a role of it is not there."""
    client = call.tx.get("clients", doc["client_id"])
    if client is None:
        raise Problem(400, NO_CLIENT.message, NO_CLIENT.code)
    connection = doc.get("connection_id")
    if connection is not None:
        if call.tx.get("connections", connection) is None:
            raise Problem(400, NO_CONNECTION.message, NO_CONNECTION.code)
        if CONNECTIONS.linked(call, organization, connection) is None:
            raise Problem(400, "The connection is not enabled for the organization.")
    if any(call.tx.get("roles", role) is None for role in doc.get("roles") or ()):
        raise Problem(400, "One or more of the roles do not exist.")
    return client


def _invitation(call: Call, doc: Doc) -> Doc:
    """The ticket, its address and its end."""
    organization = SELF.require(call, call.path["id"])
    client = _named(call, doc, organization["id"])
    ticket = call.secret(32).replace("-", "A").replace("_", "B")
    login = client.get("initiate_login_uri") or f"https://{call.domain}/login"
    doc = dict(doc)
    seconds = doc.pop("ttl_sec", None) or _INVITATION_SECONDS
    doc.pop("send_invitation_email", None)
    now = call.time()
    return {
        **doc,
        "invitation_url": f"{login}?invitation={ticket}&organization={organization['id']}"
        f"&organization_name={organization['name']}",
        "ticket_id": ticket,
        "created_at": stamp(now),
        "expires_at": stamp(now + seconds),
        "organization_id": organization["id"],
    }


INVITATIONS = Collection(
    "invitations",
    new_id=letters(16, "uinv_"),
    missing=Missing("The invitation does not exist.", "inexistent_invitation"),
    parent=Parent("organizations", "id", NO_ORGANIZATION),
    listing=Listing(sort=True),
    prepare=_invitation,
)
INVITATIONS.bind(
    family,
    list="get_invitations",
    get="get_invitations_by_invitation_id",
    delete="delete_invitations_by_invitation_id",
)


@family.verb("post_invitations", kind="collection")
def invite(call: Call) -> Any:
    """Invite somebody; a live tenant answers 201 where the contract says 200."""
    return Reply(201, INVITATIONS.create(call))
