"""Self-service profiles: what an organization's admin may set up, and the tickets to do so."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..semantics import Collection, Missing, dig, visible, without_nulls
from ..state.ids import base58, letters
from ..state.store import Doc

family = Family()

_LIMIT = 20


def _prepare(call: Call, doc: Doc) -> Doc:
    """A list that is null is empty; anything else that is null is not there."""
    lists: Doc = {name: doc.get(name) or [] for name in ("user_attributes", "allowed_strategies")}
    return without_nulls({**doc, **lists})


PROFILES = Collection(
    "self_service_profiles",
    new_id=base58(22, "ssp_"),
    missing=Missing("Profile with ID: {id} not found"),
    stamps=True,
    idempotent_delete=True,
    limit=(_LIMIT, Problem(409, f"A tenant cannot have more than {_LIMIT} profiles.")),
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
for _table in ("self_service_texts", "sso_tickets"):
    family.index(_table, "profile", lambda doc: [doc["_profile"]])
    family.cascade(_table, "profile", of=PROFILES.table)


def _text_key(call: Call) -> tuple[str, ...]:
    PROFILES.require(call, call.path["id"])
    return (call.path["id"], call.path["language"], call.path["page"])


@family.verb("get_self_service_profile_custom_text", kind="settings")
def get_text(call: Call) -> Any:
    """The texts set for a language and page: none at first."""
    return visible(call.tx.get("self_service_texts", _text_key(call)) or {})


@family.verb("put_self_service_profile_custom_text", kind="settings")
def put_text(call: Call) -> Any:
    """The texts given take the place of those before."""
    texts: Doc = {**(call.body or {}), "_profile": call.path["id"]}
    return visible(call.tx.put("self_service_texts", _text_key(call), texts))


@family.verb("post_sso-ticket")
def create_ticket(call: Call) -> Any:
    """An address where an admin can set up a connection: a new one, or one that there is."""
    profile = PROFILES.require(call, call.path["id"])
    name = dig(call.body, "connection_config.name")
    if name is not None and call.tx.find("connections", "unique:name", (name,)):
        raise Problem(409, "A connection with the same name already exists", "connection_conflict")
    ticket = call.new_id(letters(32))
    call.tx.put("sso_tickets", ticket, {"_profile": profile["id"], "_asked": call.body or {}})
    return {"ticket": f"https://{call.domain}/self-service/connections-flow?ticket={ticket}"}


@family.verb("post_revoke")
def revoke_ticket(call: Call) -> Any:
    """Ends a ticket; one that has ended already stays so."""
    PROFILES.require(call, call.path["profileId"])
    call.tx.delete("sso_tickets", call.path["id"])
    return None
