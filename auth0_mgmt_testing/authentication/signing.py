"""Signing the tenant's tokens, and verifying those that come back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.addresses import issuer
from ..engine.context import RequestContext
from ..engine.keyring import Keyring
from ..engine.tokens import is_own_issuer
from ..state.store import Doc
from .client_authentication import open_unverified
from .errors import invalid_token
from .lookup import find_client, member

_ONLY_SIGNATURE: Any = dict.fromkeys(
    (f"verify_{name}" for name in ("aud", "exp", "iat", "nbf", "sub", "jti")), False
)


def sign(
    context: RequestContext,
    claims: Mapping[str, Any],
    *,
    algorithm: str = "RS256",
    secret: str = "",
    type: str = "JWT",
) -> str:
    """A JWT of these claims: RS256 and PS256 by the tenant's current key, HS256 by ``secret``."""
    import jwt

    if algorithm == "HS256":
        return jwt.encode(dict(claims), _hmac_key(secret), "HS256", {"typ": type})
    key = Keyring(context.tx).current()
    headers = {"kid": key.kid, "typ": type}
    return jwt.encode(dict(claims), key.private, algorithm, headers)


def verify(context: RequestContext, token: str, *, expired_too: bool = False) -> dict[str, Any]:
    """The claims of a token that this tenant signed with one of its keys.

    ``expired_too``: a token that has expired will do, as an ``id_token_hint`` does. Raises
    ``invalid_token`` for every other.
    """
    import jwt

    header, _ = open_unverified(token)
    key = None if header is None else Keyring(context.tx).find(header.get("kid"))
    if header is None or key is None or header.get("alg") not in ("RS256", "PS256"):
        raise invalid_token()
    try:
        claims: dict[str, Any] = jwt.decode(
            token, key.public, algorithms=[header["alg"]], options=_ONLY_SIGNATURE
        )
    except jwt.InvalidTokenError:
        raise invalid_token() from None
    if not is_own_issuer(claims.get("iss"), context.world) and claims["iss"] != issuer(context):
        raise invalid_token()
    if not expired_too and float(claims.get("exp", 0)) <= context.time():
        raise invalid_token("The token has expired")
    return claims


def verify_id_token(context: RequestContext, token: str) -> dict[str, Any]:
    """The claims of an ID token that this tenant issued once, be it expired or not.

    Raises ``invalid_token`` for every other.
    """
    import jwt

    header, claims = open_unverified(token)
    if header is None or claims is None or header.get("alg") != "HS256":
        return verify(context, token, expired_too=True)
    client = find_client(context, str(claims.get("aud")))
    secret = "" if client is None else str(client.get("client_secret") or "")
    if client is None or not secret or id_token_algorithm(client) != "HS256":
        raise invalid_token()
    try:
        jwt.decode(token, _hmac_key(secret), algorithms=["HS256"], options=_ONLY_SIGNATURE)
    except jwt.InvalidTokenError:
        raise invalid_token() from None
    if claims.get("iss") != issuer(context) and not is_own_issuer(claims.get("iss"), context.world):
        raise invalid_token()
    return claims


def _hmac_key(secret: str) -> str:
    """PyJWT refuses keys below 32 bytes only with a warning; a tenant takes any secret."""
    return secret.ljust(32, "\0")


def id_token_algorithm(client: Doc) -> str:
    """How a client's ID tokens are signed: by the tenant's key unless the client says HS256."""
    return str(member(client, "jwt_configuration").get("alg") or "RS256")
