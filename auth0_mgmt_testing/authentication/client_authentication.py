"""Who the client of a request is: by secret (basic or post), by signed assertion, or public."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from functools import lru_cache
from hmac import compare_digest
from math import isfinite
from typing import Any, TypeGuard
from urllib.parse import unquote_plus

from auth0_mgmt._json import is_array, is_object

from ..engine.addresses import base_url
from ..engine.context import RequestContext
from ..state.store import Doc
from .errors import invalid_client, invalid_request, missing_parameter, unauthorized
from .lookup import find_client

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME = 300
"""Seconds that a client assertion may be valid for."""
SKEW = 10
"""Seconds that two clocks may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""What assertions and request objects may be signed with; never ``none``."""

_MAX_ASSERTION = 2048
_SPENT = "_assertions"
"""Table of the assertions that were used, with the time until which each could be."""
_SPENT_KEPT = 10_000


def is_public(client: Doc) -> bool:
    """Whether a client has no way to prove who it is: a native or single-page application."""
    method = client.get("token_endpoint_auth_method")
    if _has_keys(client):
        return False
    if method is not None:
        return bool(method == "none")
    return client.get("app_type") in ("spa", "native")


def _has_keys(client: Doc) -> bool:
    """Whether a client proves itself by keys, so that its secret is worth nothing."""
    if client.get("token_endpoint_auth_method") == "private_key_jwt":
        return True
    return bool(client.get("client_authentication_methods"))


def authenticate_client(
    context: RequestContext, given: Mapping[str, Any], *, confidential: bool = False
) -> Doc:
    """The client of a request, which has proved who it is.

    A public client is known by its id alone, unless ``confidential`` asks for a proof. Raises the
    `OAuthError` for an unknown client and for a wrong proof.
    """
    if "client_assertion" in given:
        return _by_assertion(context, given)
    client_id, secret = _basic(context) or (given.get("client_id"), given.get("client_secret"))
    if not isinstance(client_id, str) or not client_id:
        raise missing_parameter("client_id")
    client = find_client(context, client_id)
    if client is None:
        raise unauthorized("there is no client of this id")
    if is_public(client) and not confidential:
        return client
    held = client.get("client_secret")
    if client.get("token_endpoint_auth_method") == "none" or _has_keys(client) or not held:
        raise unauthorized("the client does not authenticate by a secret")
    if not isinstance(secret, str) or not compare_digest(str(held).encode(), secret.encode()):
        raise unauthorized("the client_secret is wrong or missing")
    return client


def identify_client(context: RequestContext, given: Mapping[str, Any]) -> Doc:
    """The client that a request names, without a proof; raises where it names none."""
    client_id = given.get("client_id")
    if not isinstance(client_id, str) or not client_id:
        raise missing_parameter("client_id")
    client = find_client(context, client_id)
    if client is None:
        raise invalid_client(f"Unknown client: {client_id}")
    return client


def _basic(context: RequestContext) -> tuple[str, str] | None:
    scheme, _, value = context.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        raise unauthorized("the Authorization header is not Basic") from None
    return unquote_plus(name), unquote_plus(secret)


def _by_assertion(context: RequestContext, given: Mapping[str, Any]) -> Doc:
    if given.get("client_assertion_type") != ASSERTION_TYPE:
        raise invalid_request("Invalid client_assertion_type")
    assertion = str(given["client_assertion"])
    header, claims = open_unverified(assertion)
    if header is None or claims is None or len(assertion) > _MAX_ASSERTION:
        raise invalid_client("Failed to parse client assertion")
    client_id = claims.get("sub")
    if not isinstance(client_id, str) or claims.get("iss") != client_id:
        raise invalid_client("Client assertion must have the client id as iss and sub")
    if given.get("client_id", client_id) != client_id:
        raise invalid_client("client_id does not match the client assertion")
    client = find_client(context, client_id)
    if client is None:
        raise unauthorized("there is no client of this id")
    if not verified_by_credential(context, client, "private_key_jwt", assertion):
        raise invalid_client("Failed to verify client assertion signature")
    audience: object = claims.get("aud")
    named = audience if is_array(audience) else [audience]
    if not any(own in named for own in (f"https://{context.domain}/", f"{base_url(context)}/")):
        raise invalid_client("Client assertion has a wrong audience")
    _check_times(context, claims)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 64:
        raise invalid_client("Client assertion must have a jti of at most 64 characters")
    if not _spend(context, f"{client_id}|{jti}", float(claims["exp"])):
        raise invalid_client("Client assertion was used before")
    return client


def is_time(value: object) -> TypeGuard[float]:
    """Whether a claim is a number of seconds; what is no number neither comes nor passes."""
    return isinstance(value, (int, float)) and isfinite(value)


def _check_times(context: RequestContext, claims: Mapping[str, Any]) -> None:
    now, expires = context.time(), claims.get("exp")
    if not is_time(expires) or expires <= now:
        raise invalid_client("Client assertion is expired")
    if expires > now + ASSERTION_LIFETIME + SKEW:
        raise invalid_client("Client assertion may be valid for 5 minutes at most")
    for name in ("iat", "nbf"):
        if is_time(value := claims.get(name)) and value > now + SKEW:
            raise invalid_client("Client assertion is not valid yet")


def _spend(context: RequestContext, jti: str, until: float) -> bool:
    """Note that an assertion was used; False where it had been before."""
    spent = context.tx.get(_SPENT, jti)
    if spent is not None and spent["until"] > context.time() - SKEW:
        return False
    context.tx.put(_SPENT, jti, {"until": until})
    context.tx.trim(_SPENT, _SPENT_KEPT)
    return True


def verified_by_credential(
    context: RequestContext, client: Doc, method: str, token: str
) -> dict[str, Any] | None:
    """The claims of a JWT that one of a client's registered credentials signed, else None.

    ``method``: under which of the client's settings the credentials are registered. Times and
    audiences are the caller's to check, by the tenant's clock.
    """
    import jwt

    header, _ = open_unverified(token)
    algorithm = None if header is None else header.get("alg")
    if header is None or algorithm not in ALGORITHMS:
        return None
    only_signature: Any = dict.fromkeys(
        (f"verify_{name}" for name in ("aud", "exp", "iat", "nbf", "sub", "jti")), False
    )
    for credential in _credentials(context, client, method):
        if credential.get("alg", "RS256") != algorithm:
            continue
        if "kid" in header and "kid" in credential and header["kid"] != credential["kid"]:
            continue
        try:
            key = _public_key(str(credential["pem"]))
            return jwt.decode(token, key, algorithms=[str(algorithm)], options=only_signature)
        except (jwt.InvalidTokenError, ValueError, TypeError):
            continue
    return None


def _credentials(context: RequestContext, client: Doc, method: str) -> list[Doc]:
    holders: Any = client.get("client_authentication_methods")
    holder: Any = holders.get(method) if is_object(holders) else client.get(method)
    references: list[Doc] = (holder or {}).get("credentials") or [] if is_object(holder) else []
    found = (context.tx.get("credentials", str(reference["id"])) for reference in references)
    return [doc for doc in found if doc is not None]


@lru_cache(maxsize=256)
def _public_key(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    data = pem.encode()
    if b"CERTIFICATE" in data:
        return load_pem_x509_certificate(data).public_key()
    return load_pem_public_key(data)


def open_unverified(token: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The header and claims of a JWT, unverified; None for what is not a JSON object."""
    parts = token.split(".")
    if len(parts) != 3:
        return None, None
    found: list[dict[str, Any] | None] = []
    for part in parts[:2]:
        try:
            value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (ValueError, RecursionError):
            value = None
        found.append(value if is_object(value) else None)
    return found[0], found[1]
