"""SCIM on connections: configurations and the tokens that provisioning clients come with."""

from __future__ import annotations

from typing import Any

from ..behaviours import AttachmentBehaviour, Missing, visible
from ..connection_strategies import strategy
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.clock import format_timestamp
from ..state.ids import base58
from ..state.store import Doc
from .connections import PARENT, require_connection

family = Family()

_NOT_FOUND = Missing("Not Found")
_TOKENS = 2
"""How many tokens a connection may have."""

_MAPPING = (
    ("preferred_username", "userName"),
    ("email", "emails[primary eq true].value"),
    ("app_metadata.external_id", "externalId"),
    ("blocked", "active"),
    ("name", "displayName"),
    ("given_name", "name.givenName"),
    ("family_name", "name.familyName"),
    ("app_metadata.middle_name", "name.middleName"),
    ("app_metadata.honorific_prefix", "name.honorificPrefix"),
    ("app_metadata.honorific_suffix", "name.honorificSuffix"),
    ("nickname", "nickName"),
    ("picture", 'photos[type eq "photo"].value'),
    ("app_metadata.primary_phone_number", "phoneNumbers[primary eq true].value"),
    ("app_metadata.mobile_phone_number", 'phoneNumbers[type eq "mobile"].value'),
    ("app_metadata.street_address", 'addresses[type eq "work"].streetAddress'),
    ("app_metadata.city", 'addresses[type eq "work"].locality'),
    ("app_metadata.state", 'addresses[type eq "work"].region'),
    ("app_metadata.postal_code", 'addresses[type eq "work"].postalCode'),
    ("app_metadata.postal_address", 'addresses[type eq "work"].formatted'),
    ("app_metadata.country", 'addresses[type eq "work"].country'),
    ("app_metadata.profile_url", "profileUrl"),
    ("app_metadata.user_type", "userType"),
    ("app_metadata.title", "title"),
    ("app_metadata.language", "preferredLanguage"),
    ("app_metadata.locale", "locale"),
    ("app_metadata.timezone", "timezone"),
    (
        "app_metadata.employee_id",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.employeeNumber",
    ),
    (
        "app_metadata.cost_center",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.costCenter",
    ),
    (
        "app_metadata.organization",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.organization",
    ),
    (
        "app_metadata.division",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.division",
    ),
    (
        "app_metadata.department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department",
    ),
    ("app_metadata.manager", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager"),
)

_AZURE_ONLY = {
    "userName": "upn",
    'emails[type eq "work"].value': "email",
    'phoneNumbers[type eq "work"].value': "app_metadata.work_phone_number",
    'phoneNumbers[type eq "fax"].value': "app_metadata.fax_number",
}
"""SCIM attribute -> user property where Azure AD's mapping is another one."""
_NOT_AZURE = frozenset(
    (
        "emails[primary eq true].value",
        "name.middleName",
        "name.honorificPrefix",
        "name.honorificSuffix",
        "phoneNumbers[primary eq true].value",
    )
)


def _mapping(connection: Doc) -> list[Doc]:
    """The default mapping of a connection's strategy."""
    mapping = {scim: auth0 for auth0, scim in _MAPPING}
    if connection["strategy"] == "waad":
        mapping = {**mapping, **_AZURE_ONLY}
        mapping = {scim: auth0 for scim, auth0 in mapping.items() if scim not in _NOT_AZURE}
    return [{"auth0": auth0, "scim": scim} for scim, auth0 in mapping.items()]


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
        "tenant_name": context.domain.split(".")[0],
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
        "token_id": context.new_id(base58(22, "tok_")),
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
