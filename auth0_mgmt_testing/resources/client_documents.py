"""Clients that a metadata document at their own address describes (CIMD).

The fake fetches nothing: every address is taken to hold a plain document that names its host, and
what the tenant makes of a document is made of that one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .clients import CLIENTS

family = Family()

_MAPPED = {
    "client_id": "external_client_id",
    "client_name": "name",
    "redirect_uris": "callbacks",
    "logo_uri": "logo_uri",
    "grant_types": "grant_types",
    "application_type": "app_type",
    "token_endpoint_auth_method": "token_endpoint_auth_method",
}
"""Properties of a document (RFC 7591's names) that become properties of a client."""


def _document(address: str) -> Doc:
    """The document that an address is taken to hold."""
    host = urlsplit(address).hostname or address
    return {
        "client_id": address,
        "client_name": host,
        "client_uri": f"https://{host}/",
        "redirect_uris": [f"https://{host}/"],
        "logo_uri": f"https://{host}/logo.png",
        "grant_types": ["authorization_code"],
        "application_type": "native",
        "token_endpoint_auth_method": "none",
    }


def _warnings(document: Doc) -> Iterator[str]:
    if ignored := [name for name in document if name not in _MAPPED]:
        yield (
            f"Ignoring unsupported properties: {', '.join(ignored)}. These properties are not "
            "validated or mapped to the Auth0 client configuration."
        )


def _read(context: RequestContext) -> tuple[Doc, Doc]:
    """The client's fields that a document gives, and what the tenant finds of the document."""
    address = str(context.body["external_client_id"])
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.path in ("", "/"):
        raise APIError(
            400,
            "external_client_id must be an https URL with a path",
            "invalid_external_client_id",
        )
    document = _document(address)
    fields = {_MAPPED[name]: value for name, value in document.items() if name in _MAPPED}
    return fields, {"valid": True, "violations": [], "warnings": [*_warnings(document)]}


def _known(context: RequestContext) -> Doc | None:
    """The client that was registered from the same address."""
    found = context.tx.find(CLIENTS.table, "document", context.body["external_client_id"])
    return found[0] if found else None


@family.operation("clients.preview_cimd_metadata")
def preview(context: RequestContext) -> Any:
    """What registering a client metadata document would give."""
    fields, validation = _read(context)
    client = _known(context)
    known = {"client_id": client["client_id"]} if client else {}
    return {**known, "mapped_fields": fields, "validation": validation}


_THIRD_PARTY: Doc = {
    "is_first_party": False,
    "oidc_conformant": True,
    "jwt_configuration": {"alg": "RS256", "lifetime_in_seconds": 3600},
    "refresh_token": {
        "rotation_type": "rotating",
        "expiration_type": "expiring",
        "infinite_token_lifetime": False,
        "infinite_idle_token_lifetime": False,
    },
    "external_metadata_type": "cimd",
    "external_metadata_created_by": "admin",
}
"""How a client is set up that nobody of the tenant vouches for."""


@family.operation("clients.register_cimd_client")
def register(context: RequestContext) -> Any:
    """Create the client that a metadata document describes, or bring it up to date."""
    fields, validation = _read(context)
    client = _known(context)
    if client is None:
        client_id = context.new_id(id_forms.THIRD_PARTY_CLIENT)
        client = CLIENTS.add(context, {**_THIRD_PARTY, **fields, "client_id": client_id})
        status = 201
    else:
        client = CLIENTS.save(context, client, fields)
        status = 200
    shown = {"client_id": client["client_id"], "mapped_fields": fields, "validation": validation}
    return Reply(status, shown)
