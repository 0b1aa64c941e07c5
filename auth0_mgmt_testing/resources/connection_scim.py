"""SCIM on connections: configurations and the tokens that provisioning clients come with."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..semantics import Attachment, Missing, visible
from ..state.clock import stamp
from ..state.ids import base58
from ..state.store import Doc
from ..strategies import strategy
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


@family.verb("get_default-mapping", kind="view")
def default_mapping(call: Call) -> Any:
    """The mapping that a new SCIM configuration gets."""
    require_connection(call)
    return {"mapping": [{"auth0": auth0, "scim": scim} for auth0, scim in _MAPPING]}


def _begin(call: Call, connection: Doc) -> Doc:
    if not strategy(connection).scim:
        raise Problem(
            404,
            "This connection type does not support SCIM. Please see our documentation for the "
            "currently supported connection types: "
            "https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim.",
        )
    return {
        "tenant_name": call.domain.split(".")[0],
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        **default_mapping(call),
        "user_id_attribute": "externalId",
    }


CONFIGURATIONS = Attachment(
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
    list="get_connections-scim-configurations",
    create="post_scim-configuration",
    get="get_scim-configuration",
    update="patch_scim-configuration",
    delete="delete_scim-configuration",
)


# --- tokens ------------------------------------------------------------------------------------


def _tokens(call: Call) -> list[Doc]:
    return call.tx.find("scim_tokens", "parent", call.path["id"])


@family.verb("post_scim_token")
def create_token(call: Call) -> Any:
    """A new SCIM token, shown this once."""
    CONFIGURATIONS.require(call)
    if len(_tokens(call)) >= _TOKENS:
        raise Problem(409, f"The connection has {_TOKENS} SCIM tokens, which is the limit.")
    body: Doc = dict(call.body or {})
    lifetime: float | None = body.pop("token_lifetime", None)
    token: Doc = {
        "token_id": call.new_id(base58(22, "tok_")),
        "scopes": [],
        **body,
        "created_at": call.now(),
        PARENT.field: call.path["id"],
    }
    if lifetime is not None:
        token["valid_until"] = stamp(call.time() + lifetime)
    call.tx.put("scim_tokens", token["token_id"], token)
    return {**visible(token), "token": call.secret(48)}


@family.verb("get_scim_tokens", kind="view")
def list_tokens(call: Call) -> Any:
    CONFIGURATIONS.require(call)
    return [visible(doc) for doc in _tokens(call)]


@family.verb("delete_tokens_by_tokenId")
def delete_token(call: Call) -> Any:
    require_connection(call)
    key = call.path["tokenId"]
    token = call.tx.get("scim_tokens", key)
    if token is None or token[PARENT.field] != call.path["id"]:
        raise _NOT_FOUND.problem()
    call.tx.delete("scim_tokens", key)
    return None
