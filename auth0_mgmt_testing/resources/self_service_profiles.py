"""Self-service profiles: what an organization's admin may set up, and the tickets to do so."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Missing
from ..state.ids import base58, letters
from ..state.store import Doc

family = Family()


def _prepare(call: Call, doc: Doc) -> Doc:
    """A list that is null is empty; anything else that is null is not there."""
    lists: Doc = {name: doc.get(name) or [] for name in ("user_attributes", "allowed_strategies")}
    return {key: value for key, value in {**doc, **lists}.items() if value is not None}


PROFILES = Collection(
    "self_service_profiles",
    new_id=base58(22, "ssp_"),
    missing=Missing("Profile with ID: {id} not found"),
    stamps=True,
    idempotent_delete=True,
    prepare=_prepare,
    change=lambda call, old, patch: _prepare(call, {**old, **patch}),
)
PROFILES.bind(
    family,
    list="get_self-service-profiles",
    create="post_self-service-profiles",
    get="get_self-service-profiles_by_id",
    update="patch_self-service-profiles_by_id",
    delete="delete_self-service-profiles_by_id",
)


def _text_key(call: Call) -> tuple[str, ...]:
    PROFILES.require(call, call.path["id"])
    return (call.path["id"], call.path["language"], call.path["page"])


@family.verb("get_self_service_profile_custom_text", kind="settings")
def get_text(call: Call) -> Any:
    """The texts set for a language and page: none at first."""
    doc = call.tx.get("self_service_texts", _text_key(call))
    return doc or {}


@family.verb("put_self_service_profile_custom_text", kind="settings")
def put_text(call: Call) -> Any:
    """The texts given take the place of those before."""
    return call.tx.put("self_service_texts", _text_key(call), call.body or {})


@family.verb("post_sso-ticket")
def create_ticket(call: Call) -> Any:
    """An address where an admin can set up a connection."""
    profile = PROFILES.require(call, call.path["id"])
    ticket = call.new_id(letters(32))
    call.tx.put("sso_tickets", ticket, {"_profile": profile["id"], "_asked": call.body or {}})
    return {"ticket": f"https://{call.domain}/self-service/connections-flow?ticket={ticket}"}


@family.verb("post_revoke")
def revoke_ticket(call: Call) -> Any:
    """Ends a ticket; one that has ended already stays so."""
    PROFILES.require(call, call.path["profileId"])
    call.tx.delete("sso_tickets", call.path["id"])
    return None
