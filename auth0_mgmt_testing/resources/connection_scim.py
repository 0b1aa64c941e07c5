"""SCIM on connections: configurations and the tokens that provisioning clients come with."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..engine.query.lists import answer
from ..semantics import Listing, Missing, visible
from ..state.clock import stamp
from ..state.ids import base58
from ..state.store import Doc
from ..strategies import strategy
from .connections import require_connection

family = Family()
for table in ("scim_configurations", "scim_tokens"):
    family.index(table, "connection", lambda doc: [doc["_connection"]])
    family.cascade(table, "connection", of="connections")

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


def _configuration(call: Call) -> Doc:
    require_connection(call)
    doc = call.tx.get("scim_configurations", call.path["id"])
    if doc is None:
        raise _NOT_FOUND.problem()
    return doc


@family.verb("get_default-mapping", kind="view")
def default_mapping(call: Call) -> Any:
    """The mapping that a new SCIM configuration gets."""
    require_connection(call)
    return {"mapping": [{"auth0": auth0, "scim": scim} for auth0, scim in _MAPPING]}


@family.verb("post_scim-configuration")
def create(call: Call) -> Any:
    connection = require_connection(call)
    if not strategy(connection).scim:
        raise Problem(
            404,
            "This connection type does not support SCIM. Please see our documentation for the "
            "currently supported connection types: "
            "https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim.",
        )
    if call.tx.get("scim_configurations", connection["id"]) is not None:
        raise Problem(409, "SCIM configuration already exists for this connection.")
    now = call.now()
    doc: Doc = {
        "tenant_name": call.domain.split(".")[0],
        "connection_id": connection["id"],
        "connection_name": connection["name"],
        "strategy": connection["strategy"],
        "mapping": default_mapping(call)["mapping"],
        "user_id_attribute": "externalId",
        **(call.body or {}),
        "created_at": now,
        "updated_on": now,
        "_connection": connection["id"],
    }
    return visible(call.tx.put("scim_configurations", connection["id"], doc))


@family.verb("get_scim-configuration", kind="view")
def get(call: Call) -> Any:
    return visible(_configuration(call))


@family.verb("patch_scim-configuration")
def change(call: Call) -> Any:
    new = {**_configuration(call), **call.body, "updated_on": call.now()}
    return visible(call.tx.put("scim_configurations", call.path["id"], new))


@family.verb("delete_scim-configuration")
def delete(call: Call) -> Any:
    """Without its configuration a connection's tokens are worth nothing: they go, too."""
    require_connection(call)
    call.tx.delete("scim_configurations", call.path["id"])
    call.tx.delete_where("scim_tokens", "connection", call.path["id"])
    return None


@family.verb("get_connections-scim-configurations", kind="view")
def list_configurations(call: Call) -> Any:
    rows = call.tx.all("scim_configurations")
    return answer(call, rows, Listing(), lambda _, doc: doc)


# --- tokens ------------------------------------------------------------------------------------


def _tokens(call: Call) -> list[Doc]:
    return call.tx.find("scim_tokens", "connection", call.path["id"])


@family.verb("post_scim_token")
def create_token(call: Call) -> Any:
    """A new SCIM token, shown this once."""
    _configuration(call)
    if len(_tokens(call)) >= _TOKENS:
        raise Problem(409, f"The connection has {_TOKENS} SCIM tokens, which is the limit.")
    body: Doc = dict(call.body or {})
    lifetime: float | None = body.pop("token_lifetime", None)
    token: Doc = {
        "token_id": call.new_id(base58(22, "tok_")),
        "scopes": [],
        **body,
        "created_at": call.now(),
        "_connection": call.path["id"],
    }
    if lifetime is not None:
        token["valid_until"] = stamp(call.time() + lifetime)
    call.tx.put("scim_tokens", token["token_id"], token)
    return {**visible(token), "token": call.secret(48)}


@family.verb("get_scim_tokens", kind="view")
def list_tokens(call: Call) -> Any:
    _configuration(call)
    return [visible(doc) for doc in _tokens(call)]


@family.verb("delete_tokens_by_tokenId")
def delete_token(call: Call) -> Any:
    require_connection(call)
    key = call.path["tokenId"]
    token = call.tx.get("scim_tokens", key)
    if token is None or token["_connection"] != call.path["id"]:
        raise _NOT_FOUND.problem()
    call.tx.delete("scim_tokens", key)
    return None
