"""Invitations into organizations."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..semantics import Collection, Listing, Missing, Parent
from ..state.clock import stamp
from ..state.ids import letters
from ..state.store import Doc
from .client_credentials import NO_CLIENT
from .organizations import MISSING as NO_ORGANIZATION
from .organizations import SELF

family = Family()

_INVITATION_SECONDS = 7 * 86400


def _invitation(call: Call, doc: Doc) -> Doc:
    """The ticket, its address and its end."""
    client = call.tx.get("clients", doc["client_id"])
    if client is None:
        raise NO_CLIENT.problem()
    organization = SELF.require(call, call.path["id"])
    ticket = call.secret(32).replace("-", "A").replace("_", "B")
    login = client.get("initiate_login_uri") or f"https://{call.domain}/login"
    doc = dict(doc)
    seconds = doc.pop("ttl_sec", None) or _INVITATION_SECONDS
    doc.pop("send_invitation_email", None)
    return {
        **doc,
        "invitation_url": f"{login}?invitation={ticket}&organization={organization['id']}"
        f"&organization_name={organization['name']}",
        "ticket_id": ticket,
        "created_at": call.now(),
        "expires_at": stamp(call.time() + seconds),
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
