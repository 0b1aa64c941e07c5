"""OpenID Connect: generic connections, and Okta's, whose metadata follow from the domain."""

from __future__ import annotations

from ..state.store import Doc
from ._strategy import Options, Strategy

_UNSAID: Doc = {
    "claims_parameter_supported": False,
    "request_parameter_supported": False,
    "request_uri_parameter_supported": False,
    "require_request_uri_registration": False,
}
"""What metadata say that say nothing of it."""
_STATED = (
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
)
"""What options and metadata both say."""


def _generic(options: Options) -> Doc:
    # What an issuer's discovery document says beside the options cannot be fetched.
    metadata: Doc | None = options.given.get("oidc_metadata")
    if metadata is None and options.given.get("discovery_url"):
        metadata = {name: value for name in _STATED if (value := options.given.get(name))}
    fill: Doc = {"type": "front_channel"} if options.new else {}
    return _complete(options, metadata, fill, "bind_all")


def _okta(options: Options) -> Doc:
    domain: str | None = options.given.get("domain")
    metadata: Doc | None = options.given.get("oidc_metadata")
    if metadata is None and domain:
        metadata = _okta_metadata(f"https://{domain}")
    return _complete(options, metadata, {"type": "back_channel"}, "basic_profile")


def _complete(options: Options, metadata: Doc | None, fill: Doc, mapping: str) -> Doc:
    """Options with what goes with them; addresses that are not given are the metadata's."""
    whole = options.over(
        {
            **fill,
            "schema_version": "oidc-V4",
            "attribute_map": {"mapping_mode": mapping},
            "connection_settings": {"pkce": "auto" if options.new else "disabled"},
        }
    )
    if metadata is None:
        return whole
    for name in _STATED:
        if name in metadata and whole.get(name) is None:
            whole[name] = metadata[name]
    return {**whole, "oidc_metadata": {**_UNSAID, **metadata}}


def _okta_metadata(issuer: str) -> Doc:
    """What every Okta organization says of itself, by its discovery document."""
    endpoints = f"{issuer}/oauth2/v1"
    methods = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ]
    asymmetric = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
    algorithms = ["HS256", "HS384", "HS512", *asymmetric]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{endpoints}/authorize",
        "token_endpoint": f"{endpoints}/token",
        "userinfo_endpoint": f"{endpoints}/userinfo",
        "registration_endpoint": f"{endpoints}/clients",
        "jwks_uri": f"{endpoints}/keys",
        "response_types_supported": [
            "code",
            "id_token",
            "code id_token",
            "code token",
            "id_token token",
            "code id_token token",
        ],
        "response_modes_supported": ["query", "fragment", "form_post", "okta_post_message"],
        "grant_types_supported": [
            "authorization_code",
            "implicit",
            "refresh_token",
            "password",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:openid:params:grant-type:ciba",
            "urn:okta:params:oauth:grant-type:otp",
            "http://auth0.com/oauth/grant-type/mfa-otp",
            "urn:okta:params:oauth:grant-type:oob",
            "http://auth0.com/oauth/grant-type/mfa-oob",
        ],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "id_token_encryption_alg_values_supported": [
            "RSA-OAEP-256",
            "RSA-OAEP-384",
            "RSA-OAEP-512",
        ],
        "id_token_encryption_enc_values_supported": ["A256GCM"],
        "scopes_supported": [
            "openid", "email", "profile", "address", "phone", "offline_access", "groups",
        ],
        "token_endpoint_auth_methods_supported": methods,
        "claims_supported": [
            "iss", "ver", "sub", "aud", "iat", "exp", "jti", "auth_time", "amr", "idp", "nonce",
            "name", "nickname", "preferred_username", "given_name", "middle_name", "family_name",
            "email", "email_verified", "profile", "zoneinfo", "locale", "address", "phone_number",
            "picture", "website", "gender", "birthdate", "updated_at", "at_hash", "c_hash",
        ],
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": f"{endpoints}/introspect",
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": f"{endpoints}/revoke",
        "revocation_endpoint_auth_methods_supported": methods,
        "end_session_endpoint": f"{endpoints}/logout",
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": algorithms,
        "device_authorization_endpoint": f"{endpoints}/device/authorize",
        "pushed_authorization_request_endpoint": f"{endpoints}/par",
        "backchannel_token_delivery_modes_supported": ["poll"],
        "backchannel_authentication_request_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": asymmetric,
    }  # fmt: skip


STRATEGIES = {
    "auth0-oidc": Strategy(_generic, enterprise=True, named=True),
    "oidc": Strategy(_generic, enterprise=True, named=True, scim=True, lists_clients=False),
    "okta": Strategy(_okta, enterprise=True, named=True, scim=True, lists_clients=False),
}
