"""Tokens of the Management API: issuing them for tests, verifying them on every request.

Signing and verification take the tenant's keys. `cryptography` is imported when the first token is
issued.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from auth0_mgmt._json import is_array, is_object

from . import messages
from .context import Principal
from .keyring import Keyring, SigningKey, b64

if TYPE_CHECKING:
    from .context import TenantContext

LIFETIME = 86_400
"""The default lifetime of a token in seconds."""
SKEW = 10
"""The tolerated difference of two clocks in seconds."""
_EVERYBODY = Principal()


# --- issuing and verifying ---------------------------------------------------------------------


def management_audience(domain: str) -> str:
    """Return the Management API's identifier at a tenant."""
    return f"https://{domain}/api/v2/"


def canonical_audience(tenant: TenantContext, audience: str) -> str:
    """Map each identifier that derives from a URL of the tenant to the Management API's."""
    scheme, found, rest = audience.partition("://")
    path = "/api/v2/" if rest.endswith("/") else "/api/v2"
    if found and scheme in ("http", "https") and rest.removesuffix(path) in tenant.aliases:
        return management_audience(tenant.domain)
    return audience


def issue(claims: Mapping[str, Any], key: SigningKey) -> str:
    """Return a token with exactly these claims, signed (RS256) with a key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    header = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    signature = key.private.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{b64(signature)}"


def management_token(
    tenant: TenantContext, keys: Keyring, scopes: Iterable[str], lifetime: float
) -> str:
    """Return a token of the Management API with these scopes, valid for so many seconds."""
    now = tenant.time()
    claims = {
        "iss": f"https://{tenant.domain}/",
        "sub": "test@clients",
        "aud": management_audience(tenant.domain),
        "iat": int(now),
        "exp": int(now + lifetime),
        "scope": " ".join(scopes),
        "gty": "client-credentials",
        "azp": "test",
    }
    return issue(claims, keys.current())


def verify(
    header: str | None, *, tenant: TenantContext, now: float, strict: bool, keys: Keyring
) -> Principal:
    """Return the caller of an ``Authorization`` header; raises 401 where it is invalid.

    An opaque token has all scopes unless ``strict``. A JWT is always verified: signed with one of
    ``keys``, for the Management API of ``tenant``, not expired at ``now`` (seconds since the
    epoch).
    """
    if not header:
        raise messages.missing_token()
    scheme, _, token = header.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or " " in token:
        raise messages.malformed_header()
    if token.count(".") != 2:
        if strict:
            raise messages.invalid_token()
        return _EVERYBODY
    head, claims = _opened(token)
    if head is None or claims is None:
        raise messages.invalid_token()
    key = keys.find(head.get("kid"))
    if key is None or head.get("alg") != "RS256" or not _signed(token, key):
        raise messages.bad_signature()
    expires = claims.get("exp")
    if not isinstance(expires, (int, float)):
        raise messages.expired_token(None, now)
    if expires <= now:
        raise messages.expired_token(expires, now)
    if isinstance(begins := claims.get("nbf"), (int, float)) and begins > now + SKEW:
        raise messages.immature_token(begins, now)
    if not is_own_issuer(claims.get("iss"), tenant):
        raise messages.bad_issuer(claims.get("iss"), f"https://{tenant.domain}/")
    audience = claims.get("aud")
    expected = management_audience(tenant.domain)
    if audience != expected and not (is_array(audience) and expected in audience):
        raise messages.bad_audience(audience, expected)
    scopes = frozenset(str(claims.get("scope", "")).split())
    client = claims.get("azp")
    return Principal(client if isinstance(client, str) else None, scopes)


def verified_id_token(
    token: str,
    *,
    tenant: TenantContext,
    now: float,
    keys: Keyring,
    secret_of: Callable[[str], str | None],
) -> dict[str, Any] | None:
    """Return the claims of an ID token of this tenant that is valid at ``now``, else None.

    ``secret_of`` returns the secret of a client by id, for tokens that are signed with it (HS256).
    """
    head, claims = _opened(token)
    if head is None or claims is None:
        return None
    audience = claims.get("aud")
    client = audience[0] if is_array(audience) and audience else audience
    match head.get("alg"):
        case "RS256":
            key = keys.find(head.get("kid"))
            signed = key is not None and _signed(token, key)
        case "HS256":
            secret = secret_of(client) if isinstance(client, str) else None
            signed = secret is not None and _signed_with(secret, token)
        case _:
            signed = False
    expires = claims.get("exp")
    current = isinstance(expires, (int, float)) and expires > now
    return claims if signed and current and is_own_issuer(claims.get("iss"), tenant) else None


def _signed_with(secret: str, token: str) -> bool:
    """Whether a token is signed (HS256) with a client's secret."""
    signed, _, signature = token.rpartition(".")
    made = hmac.digest(secret.encode(), signed.encode(), "sha256")
    return hmac.compare_digest(b64(made), signature)


def is_own_issuer(issuer: Any, tenant: TenantContext) -> bool:
    """Whether a token names the tenant as its issuer, by its domain or where it is served.

    A tenant that is served at another address issues tokens with that address as issuer.
    """
    if issuer == f"https://{tenant.domain}/":
        return True
    if not isinstance(issuer, str):
        return False
    return is_loopback(urlsplit(issuer).netloc) or (
        issuer.partition("://")[2].removesuffix("/") in tenant.aliases
    )


def is_loopback(host: str) -> bool:
    """Whether a host, perhaps with a port, is loopback."""
    name = urlsplit(f"//{host}").hostname or ""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=1024)
def _signed(token: str, key: SigningKey) -> bool:
    """Whether a token is signed with a key; verified once for each token and key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    signed, _, signature = token.rpartition(".")
    try:
        key.public.verify(_unb64(signature), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _opened(token: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the header and claims of a JWT, unverified; None for what is not JSON."""
    parts = token.split(".")
    if len(parts) != 3:
        return None, None
    found: list[dict[str, Any] | None] = []
    for part in parts[:2]:
        try:
            value = json.loads(_unb64(part))
        except (ValueError, RecursionError):
            value = None
        found.append(value if is_object(value) else None)
    return found[0], found[1]


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _encoded(value: Mapping[str, Any]) -> str:
    return b64(json.dumps(value, separators=(",", ":")).encode())
