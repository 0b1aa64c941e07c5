"""Client grants: which scopes of an API a client may ask for."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from ..behaviours import (
    Check,
    CollectionBehaviour,
    Listing,
    Missing,
    Unique,
    equals,
    list_response,
    merged,
    without_nulls,
)
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..engine.tokens import management_audience
from ..state import id_forms
from ..state.store import Doc
from .relations import ORGANIZATION_CLIENT_GRANTS

family = Family()

MISSING = Missing("The grant does not exist.", "inexistent_client_grant")


def _prepare(context: RequestContext, grant: Doc) -> Doc:
    """A grant needs its client (of a kind that may have one) and its API."""
    client_id = grant.get("client_id")
    if client_id is not None:
        client = context.tx.get("clients", client_id)
        if client is None:
            raise APIError(404, "The client does not exist", "inexistent_client")
        if client.get("app_type") == "express_configuration":
            raise APIError(
                400, "Client of type express_configuration cannot be used", "validation_error"
            )
    if not context.tx.find("resource_servers", "unique:identifier", (grant["audience"],)):
        raise APIError(404, f"Resource server not found for audience: {grant['audience']}")
    return _scoped(grant)


def _scoped(grant: Doc) -> Doc:
    """A grant of all scopes lists none."""
    if not grant.get("allow_all_scopes"):
        return {"scope": [], **grant}
    return {name: value for name, value in grant.items() if name != "scope"}


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    new = without_nulls(merged(old, patch))
    if patch.get("scope") and "allow_all_scopes" not in patch:
        new.pop("allow_all_scopes", None)
    return _scoped(new)


def _is_for_system_api(context: RequestContext, grant: Doc) -> bool:
    found = context.tx.find("resource_servers", "unique:identifier", (grant["audience"],))
    return any(server.get("is_system") for server in found)


_CHECKS = (
    Check(
        lambda context, new, old: "allow_all_scopes" in new and _is_for_system_api(context, new),
        "`allow_all_scopes` cannot be provided when `audience` is a system API",
    ),
    Check(
        lambda context, new, old: (
            is_object(context.body)
            and context.body.get("allow_all_scopes") is not None
            and context.body.get("scope") is not None
            and context.operation.name in ("client_grants.create", "client_grants.update")
        ),
        "`allow_all_scopes` and `scope` cannot be provided together",
    ),
)


GRANTS = CollectionBehaviour(
    "client_grants",
    new_id=id_forms.CLIENT_GRANT,
    missing=MISSING,
    unique=(
        Unique(
            ("client_id", "audience", "subject_type"),
            "A resource with the same identifier already exists.",
            "resource_conflict",
        ),
    ),
    defaults={"subject_type": "client"},
    checks=_CHECKS,
    change=_change,
    drop_nulls=True,
    dated=True,
    listing=Listing(
        filters={
            "client_id": equals("client_id"),
            "audience": equals("audience"),
            "subject_type": equals("subject_type"),
            "default_for": equals("default_for"),
            "allow_any_organization": equals("allow_any_organization"),
        }
    ),
    prepare=_prepare,
    idempotent_delete=True,
    indexes={"audience": lambda doc: [doc["audience"]]},
)
GRANTS.bind(
    family,
    list="client_grants.list",
    create="client_grants.create",
    get="client_grants.get",
    update="client_grants.update",
    delete="client_grants.delete",
)


_EXPRESS_SCOPES = (
    "read:clients",
    "read:user_attribute_profiles",
    "read:connection_profiles",
    "read:organizations_summary",
    "read:connections",
    "create:connections",
    "update:connections",
    "read:connections_options",
    "update:connections_options",
    "read:organization_connections",
    "create:organization_connections",
    "update:organization_connections",
    "create:scim_config",
    "read:scim_token",
    "create:scim_token",
    "delete:scim_token",
)


def express_grant(context: RequestContext, client_id: str) -> None:
    """The tenant itself grants a client for express configuration what it needs of the API."""
    grant = {
        "id": context.new_id(id_forms.CLIENT_GRANT),
        "client_id": client_id,
        "audience": management_audience(context.domain),
        "scope": list(_EXPRESS_SCOPES),
        "is_system": True,
        "subject_type": "client",
    }
    GRANTS.store(context, grant, None)


@family.operation("client_grants.search", kind="view")
def search(context: RequestContext) -> Any:
    """Client grants by a query, in order of creation."""
    names = {"audience": "audience", "updated_at": "_updated_at"}
    listing = Listing(search="client_grants", sort_names=names)
    return list_response(context, GRANTS.docs(context), listing)


@family.operation("client_grants.organizations.list", kind="view")
def organizations(context: RequestContext) -> Any:
    """The organizations that a grant is assigned to."""
    grant = GRANTS.require(context, context.path["id"])
    docs = ORGANIZATION_CLIENT_GRANTS.others(context, client_grants=grant["id"])
    return list_response(context, docs, Listing())
