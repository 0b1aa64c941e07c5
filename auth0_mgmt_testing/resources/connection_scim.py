"""SCIM on connections: configurations and the tokens that provisioning clients come with."""

from __future__ import annotations

from typing import Any

from ..behaviours import AttachmentBehaviour, Missing, visible
from ..connection_strategies import strategy
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.clock import format_timestamp
from ..state.store import Doc
from .connections import PARENT, require_connection
from .user_attribute_profiles import scim_mapping

family = Family()

_NOT_FOUND = Missing("Not Found")
_TOKENS = 2
"""How many tokens a connection may have."""


def _mapping(connection: Doc) -> list[Doc]:
    """The default mapping of a connection's strategy: that of the template of attributes."""
    return [{"auth0": auth0, "scim": scim} for auth0, scim in scim_mapping(connection["strategy"])]


@family.operation("connections.scim_configuration.get_default_mapping", kind="view")
def default_mapping(context: RequestContext) -> Any:
    """The mapping that a new SCIM configuration gets."""
    return {"mapping": _mapping(require_connection(context))}


def _begin(context: RequestContext, connection: Doc) -> Doc:
    if not strategy(connection).scim:
        raise APIError(
            404,
            "This connection type does not support SCIM. Please see our documentation for the "
            "currently supported connection types: "
            "https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim.",
        )
    return {
        "tenant_name": context.tenant_name,
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        **default_mapping(context),
        "user_id_attribute": "externalId",
    }


CONFIGURATIONS = AttachmentBehaviour(
    "scim_configurations",
    PARENT,
    missing=_NOT_FOUND,
    taken="SCIM configuration already exists for this connection.",
    begin=_begin,
    changed_at="updated_on",
    along=("scim_tokens",),
)
CONFIGURATIONS.bind(
    family,
    list="connections.scim_configuration.list",
    create="connections.scim_configuration.create",
    get="connections.scim_configuration.get",
    update="connections.scim_configuration.update",
    delete="connections.scim_configuration.delete",
)


# --- tokens ------------------------------------------------------------------------------------


def _tokens(context: RequestContext) -> list[Doc]:
    return context.tx.find("scim_tokens", "parent", context.path["id"])


@family.operation("connections.scim_configuration.tokens.create")
def create_token(context: RequestContext) -> Any:
    """A new SCIM token, shown this once."""
    CONFIGURATIONS.require(context)
    if len(_tokens(context)) >= _TOKENS:
        raise APIError(409, f"The connection has {_TOKENS} SCIM tokens, which is the limit.")
    body: Doc = dict(context.body or {})
    lifetime: float | None = body.pop("token_lifetime", None)
    token: Doc = {
        "token_id": context.new_id(id_forms.SCIM_TOKEN),
        "scopes": [],
        **body,
        "created_at": context.now(),
        PARENT.field: context.path["id"],
    }
    if lifetime is not None:
        token["valid_until"] = format_timestamp(context.time() + lifetime)
    context.tx.put("scim_tokens", token["token_id"], token)
    return {**visible(token), "token": context.secret(48)}


@family.operation("connections.scim_configuration.tokens.get", kind="view")
def list_tokens(context: RequestContext) -> Any:
    CONFIGURATIONS.require(context)
    return [visible(doc) for doc in _tokens(context)]


@family.operation("connections.scim_configuration.tokens.delete")
def delete_token(context: RequestContext) -> Any:
    require_connection(context)
    key = context.path["tokenId"]
    token = context.tx.get("scim_tokens", key)
    if token is None or token[PARENT.field] != context.path["id"]:
        raise _NOT_FOUND.problem()
    context.tx.delete("scim_tokens", key)
    return None
