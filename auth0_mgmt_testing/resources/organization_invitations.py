"""Invitations into organizations."""

from __future__ import annotations

from typing import Any

from ..behaviours import Check, CollectionBehaviour, Listing, Missing, Parent, run_checks
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.clock import format_timestamp
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .connections import MISSING as NO_CONNECTION
from .mail import send_invitation
from .organization_connections import CONNECTIONS
from .organizations import MISSING as NO_ORGANIZATION
from .organizations import SELF

family = Family()

_INVITATION_SECONDS = 7 * 86400


def _nowhere_to_log_in(context: RequestContext, client: Doc, old: Doc | None) -> bool:
    settings = context.tx.get("settings", "tenant") or {}
    return not (client.get("initiate_login_uri") or settings.get("default_redirection_uri"))


_CLIENT_CHECKS = (
    Check(
        lambda context, client, old: client.get("organization_usage") not in ("allow", "require"),
        lambda client: (
            f"The specified client_id ({client['client_id']}) does not allow organizations."
        ),
    ),
    Check(
        _nowhere_to_log_in,
        "A default login route is required to generate the invitation url.",
    ),
)
"""What the client of an invitation must keep."""


def _named(context: RequestContext, doc: Doc, organization: str) -> Doc:
    """The invitation's client; 400 where that, its connection or a role of it is not there."""
    client = context.tx.get("clients", doc["client_id"])
    if client is None:
        raise APIError(400, NO_CLIENT.message, NO_CLIENT.code)
    run_checks(_CLIENT_CHECKS, context, client, None)
    connection = doc.get("connection_id")
    if connection is not None:
        if context.tx.get("connections", connection) is None:
            raise APIError(400, NO_CONNECTION.message, NO_CONNECTION.code)
        if CONNECTIONS.linked(context, organization, connection) is None:
            raise APIError(400, "The connection is not enabled for the organization.")
    if any(context.tx.get("roles", role) is None for role in doc.get("roles") or ()):
        raise APIError(400, "One or more of the roles do not exist.")
    return client


def _invitation(context: RequestContext, doc: Doc) -> Doc:
    """The ticket, its address and its end."""
    organization = SELF.require(context, context.path["id"])
    client = _named(context, doc, organization["id"])
    ticket = context.secret(32).replace("-", "A").replace("_", "B")
    settings = context.tx.get("settings", "tenant") or {}
    login = client.get("initiate_login_uri") or settings.get("default_redirection_uri")
    doc = dict(doc)
    seconds = doc.pop("ttl_sec", None) or _INVITATION_SECONDS
    doc.pop("send_invitation_email", None)
    now = context.time()
    return {
        **doc,
        "invitation_url": f"{login}?invitation={ticket}&organization={organization['id']}"
        f"&organization_name={organization['name']}",
        "ticket_id": ticket,
        "created_at": format_timestamp(now),
        "expires_at": format_timestamp(now + seconds),
        "organization_id": organization["id"],
    }


INVITATIONS = CollectionBehaviour(
    "invitations",
    new_id=id_forms.USER_INVITATION,
    missing=Missing("The invitation does not exist.", "inexistent_invitation"),
    parent=Parent("organizations", "id", NO_ORGANIZATION),
    listing=Listing(sort=True),
    prepare=_invitation,
)
INVITATIONS.bind(
    family,
    list="organizations.invitations.list",
    get="organizations.invitations.get",
    delete="organizations.invitations.delete",
)


@family.operation("organizations.invitations.create", kind="collection")
def invite(context: RequestContext) -> Any:
    """Invite somebody; a live tenant responds 201 where the contract says 200."""
    invitation = INVITATIONS.create(context)
    if context.body.get("send_invitation_email", True):
        organization = SELF.require(context, context.path["id"])
        client = context.tx.get("clients", context.body["client_id"])
        send_invitation(context, organization, invitation, client or {})
    return Reply(201, invitation)
