"""``POST /oidc/register``: dynamic registration of clients, where the tenant has it on."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_array

from ..engine.context import Reply, RequestContext
from ..engine.registry import Family
from ..resources.clients import CLIENTS
from ..state.store import Doc
from .errors import OAuthError, access_denied
from .http import body, endpoint
from .lookup import settings

family = Family()

_METHODS = ("none", "client_secret_post", "client_secret_basic")
_GRANTS = ("authorization_code", "refresh_token", "implicit")


def _invalid(description: str) -> OAuthError:
    return OAuthError(400, "invalid_client_metadata", description)


@endpoint
def register(context: RequestContext) -> Any:
    """Create a third-party client of the metadata that is sent."""
    flags: Doc = settings(context, "tenant").get("flags") or {}
    if not flags.get("enable_dynamic_client_registration"):
        raise access_denied("Dynamic client registration is not enabled for the tenant")
    given = body(context)
    uris = given.get("redirect_uris")
    if not is_array(uris) or not uris or not all(isinstance(uri, str) for uri in uris):
        raise OAuthError(400, "invalid_redirect_uri", "redirect_uris must be a list of URLs")
    method = given.get("token_endpoint_auth_method") or "client_secret_post"
    if method not in _METHODS:
        raise _invalid(f"Unsupported token_endpoint_auth_method: {method}")
    grants: Any = given.get("grant_types") or ["authorization_code"]
    if not is_array(grants) or not set(map(str, grants)) <= set(_GRANTS):
        raise _invalid("Unsupported grant_types")
    client = CLIENTS.add(
        context,
        {
            "name": str(given.get("client_name") or "Dynamic client"),
            "callbacks": [str(uri) for uri in uris],
            "is_first_party": False,
            "oidc_conformant": True,
            "token_endpoint_auth_method": method,
            "grant_types": [str(grant) for grant in grants],
            "jwt_configuration": {"alg": "RS256"},
            **({"logo_uri": given["logo_uri"]} if isinstance(given.get("logo_uri"), str) else {}),
        },
    )
    shown: Doc = {
        "client_name": client["name"],
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
        "redirect_uris": client["callbacks"],
        "client_secret_expires_at": 0,
        "token_endpoint_auth_method": method,
        "grant_types": client["grant_types"],
    }
    if method == "none":
        del shown["client_secret"], shown["client_secret_expires_at"]
    return Reply(201, shown)


family.route("POST", "/oidc/register", register, "oauth.register", cors=True)
