"""Discovery: the keys, and the endpoints that this tenant serves."""

from __future__ import annotations

from typing import Any

from ..engine.addresses import base_url, issuer
from ..engine.context import RequestContext
from ..engine.keyring import Keyring
from ..engine.registry import Family
from .access import OIDC_SCOPES
from .authorization_request import CHALLENGE_METHODS, RESPONSE_MODES, RESPONSE_TYPES
from .claims import SUPPORTED
from .client_authentication import ALGORITHMS
from .mfa_policy import ACR
from .token_endpoint import GRANT_TYPES

family = Family()


def keys(context: RequestContext) -> Any:
    """The keys that tokens are verified with."""
    return {"keys": [key.jwk(context.domain) for key in Keyring(context.tx).published()]}


def configuration(context: RequestContext) -> Any:
    """The OpenID configuration, with the addresses that the request reached the tenant by."""
    base = base_url(context)
    return {
        "issuer": issuer(context),
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "device_authorization_endpoint": f"{base}/oauth/device/code",
        "userinfo_endpoint": f"{base}/userinfo",
        "mfa_challenge_endpoint": f"{base}/mfa/challenge",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "registration_endpoint": f"{base}/oidc/register",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "pushed_authorization_request_endpoint": f"{base}/oauth/par",
        "backchannel_authentication_endpoint": f"{base}/bc-authorize",
        "end_session_endpoint": f"{base}/oidc/logout",
        "scopes_supported": list(OIDC_SCOPES),
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "acr_values_supported": [ACR],
        "claims_supported": list(SUPPORTED),
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            "none",
        ],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "request_object_signing_alg_values_supported": list(ALGORITHMS),
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        "backchannel_token_delivery_modes_supported": ["poll"],
        "backchannel_user_code_parameter_supported": False,
        "request_parameter_supported": True,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


family.route("GET", "/.well-known/jwks.json", keys, read_only=True, cors=True)
family.route("GET", "/.well-known/openid-configuration", configuration, read_only=True, cors=True)
family.route(
    "GET", "/.well-known/oauth-authorization-server", configuration, read_only=True, cors=True
)
