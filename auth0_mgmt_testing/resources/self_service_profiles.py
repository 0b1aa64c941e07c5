"""Self-service profiles: what an organization's admin may set up, and the tickets to do so."""

from __future__ import annotations

from typing import Any

from ..behaviours import CollectionBehaviour, Missing, get_path, visible, without_nulls
from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.ids import digest
from ..state.store import Doc

family = Family()

_LIMIT = 20


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    """A list that is null is empty; anything else that is null is not there."""
    lists: Doc = {name: doc.get(name) or [] for name in ("user_attributes", "allowed_strategies")}
    return without_nulls({**doc, **lists})


PROFILES = CollectionBehaviour(
    "self_service_profiles",
    new_id=id_forms.SELF_SERVICE_PROFILE,
    missing=Missing("Profile with ID: {id} not found"),
    stamps=True,
    idempotent_delete=True,
    limit=(_LIMIT, APIError(409, f"A tenant cannot have more than {_LIMIT} profiles.")),
    prepare=_prepare,
    change=lambda context, old, patch: _prepare(context, {**old, **patch}),
)
PROFILES.bind(
    family,
    list="self_service_profiles.list",
    create="self_service_profiles.create",
    get="self_service_profiles.get",
    update="self_service_profiles.update",
    delete="self_service_profiles.delete",
)
for _table in ("self_service_texts", "sso_tickets"):
    family.index(_table, "profile", lambda doc: [doc["_profile"]])
    family.cascade(_table, "profile", of=PROFILES.table)


def _text_key(context: RequestContext) -> tuple[str, ...]:
    PROFILES.require(context, context.path["id"])
    return (context.path["id"], context.path["language"], context.path["page"])


@family.operation("self_service_profiles.custom_text.list", kind="settings")
def get_text(context: RequestContext) -> Any:
    """The texts set for a language and page: none at first."""
    return visible(context.tx.get("self_service_texts", _text_key(context)) or {})


@family.operation("self_service_profiles.custom_text.set", kind="settings")
def put_text(context: RequestContext) -> Any:
    """The texts given take the place of those before."""
    texts: Doc = {**(context.body or {}), "_profile": context.path["id"]}
    return visible(context.tx.put("self_service_texts", _text_key(context), texts))


@family.operation("self_service_profiles.sso_ticket.create")
def create_ticket(context: RequestContext) -> Any:
    """An address where an admin can set up a connection: a new one, or one that there is."""
    profile = PROFILES.require(context, context.path["id"])
    name = get_path(context.body, "connection_config.name")
    if name is not None and context.tx.find("connections", "unique:name", (name,)):
        raise APIError(409, "A connection with the same name already exists", "connection_conflict")
    ticket = context.new_id(id_forms.TICKET)
    context.tx.put(
        "sso_tickets", digest(ticket), {"_profile": profile["id"], "_asked": context.body or {}}
    )
    return {"ticket": f"{base_url(context)}/self-service/connections-flow?ticket={ticket}"}


@family.operation("self_service_profiles.sso_ticket.revoke")
def revoke_ticket(context: RequestContext) -> Any:
    """Ends a ticket; one that has ended already stays so."""
    PROFILES.require(context, context.path["profileId"])
    context.tx.delete("sso_tickets", digest(context.path["id"]))
    return None
