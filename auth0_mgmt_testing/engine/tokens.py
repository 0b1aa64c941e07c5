"""Tokens: issuing them at ``/oauth/token``, verifying them on every call, publishing the keys.

Nothing here knows the tenant: `grant` is given a `Directory` to look clients up in, and what signs
or verifies is given the tenant's keys. `cryptography` is imported when the first token is issued.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote_plus

from auth0_mgmt._json import is_array, is_object

from . import messages
from .context import Principal
from .keyring import Keyring, SigningKey, b64

if TYPE_CHECKING:
    from ..state.store import Transaction
    from .context import TenantContext

LIFETIME = 86_400
"""Seconds that a token is good for where the API says nothing else."""
ASSERTION_LIFETIME = 300
"""Seconds that a client assertion may be good for."""
SKEW = 10
"""Seconds that two clocks may be apart."""

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_ALGORITHMS = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
)


# --- discovery ---------------------------------------------------------------------------------


def jwks(keys: Keyring, domain: str) -> dict[str, Any]:
    """The document at ``/.well-known/jwks.json``."""
    return {"keys": [key.jwk(domain) for key in keys.published()]}


def openid_configuration(domain: str) -> dict[str, Any]:
    """The document at ``/.well-known/openid-configuration``."""
    base = f"https://{domain}"
    return {
        "issuer": f"{base}/",
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "registration_endpoint": f"{base}/oidc/register",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "response_types_supported": ["code", "token", "id_token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["HS256", "RS256", "PS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "RS384", "PS256"],
        "scopes_supported": ["openid", "profile", "offline_access", "email"],
        "code_challenge_methods_supported": ["S256", "plain"],
    }


# --- issuing and verifying ---------------------------------------------------------------------


def management_audience(domain: str) -> str:
    """The Management API's identifier at a tenant."""
    return f"https://{domain}/api/v2/"


def issue(claims: Mapping[str, Any], key: SigningKey) -> str:
    """A token with exactly these claims, signed (RS256) with a key."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    header = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    signature = key.private.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{b64(signature)}"


def management_token(
    tenant: TenantContext, keys: Keyring, scopes: Iterable[str], lifetime: float
) -> str:
    """A token of the Management API with these scopes, good for so many seconds from now."""
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
    header: str | None, *, domain: str, now: float, strict: bool, keys: Keyring
) -> Principal:
    """Who sends this ``Authorization`` header; raises 401 where it is not good.

    An opaque token is all-powerful unless ``strict``. A JWT is always judged: signed with one of
    ``keys``, for the Management API of ``domain``, not expired at ``now`` (seconds since the
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
        return Principal()
    head, claims = _opened(token)
    if head is None or claims is None:
        raise messages.invalid_token()
    key = keys.find(head.get("kid"))
    if key is None or head.get("alg") != "RS256" or not _signed(token, key):
        raise messages.bad_signature()
    expires = claims.get("exp")
    if not isinstance(expires, (int, float)) or expires <= now:
        raise messages.expired_token()
    if isinstance(begins := claims.get("nbf"), (int, float)) and begins > now + SKEW:
        raise messages.immature_token()
    if claims.get("iss") != f"https://{domain}/":
        raise messages.bad_issuer(claims.get("iss"))
    audience = claims.get("aud")
    expected = management_audience(domain)
    if audience != expected and not (is_array(audience) and expected in audience):
        raise messages.bad_audience(audience, expected)
    scopes = frozenset(str(claims.get("scope", "")).split())
    client = claims.get("azp")
    return Principal(client if isinstance(client, str) else None, scopes)


@lru_cache(maxsize=1024)
def _signed(token: str, key: SigningKey) -> bool:
    """Whether a key made a token's signature; found out once for each token and key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    signed, _, signature = token.rpartition(".")
    try:
        key.public.verify(_unb64(signature), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


# --- the token endpoint ------------------------------------------------------------------------


class Directory(Protocol):
    """What the token endpoint must be able to look up, and remember, at a tenant."""

    @property
    def domain(self) -> str: ...
    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def signing_key(self) -> SigningKey:
        """The key that signs tokens now."""
        ...

    def default_audience(self) -> str:
        """What a token is for where nothing is said; empty where the tenant does not say either."""
        ...

    def find_client(self, client_id: str) -> Mapping[str, Any] | None: ...
    def find_grant(self, client_id: str, audience: str) -> Mapping[str, Any] | None: ...
    def find_resource_server(self, identifier: str) -> Mapping[str, Any] | None: ...
    def find_organization(self, name_or_id: str) -> Mapping[str, Any] | None: ...
    def may_act_for(self, organization_id: str, grant_id: str) -> bool:
        """Whether a client grant is associated to an organization."""
        ...

    def find_credential(self, credential_id: str) -> Mapping[str, Any] | None:
        """A registered credential: ``alg`` and ``pem``."""
        ...

    def spend(self, jti: str, until: float) -> bool:
        """Note that an assertion was used; False where it had been before."""
        ...


class Refused(Exception):
    """An error answer in the shape of OAuth."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.value: dict[str, Any] = {"error": error, "error_description": description}


def grant(
    directory: Directory, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, Any]]:
    """Answer ``POST /oauth/token``: status and JSON. Header names are in lower case."""
    try:
        return 200, _granted(directory, _form(headers, body), headers)
    except Refused as refused:
        return refused.status, refused.value


def _granted(
    directory: Directory, form: dict[str, str], headers: Mapping[str, str]
) -> dict[str, Any]:
    kind = form.get("grant_type")
    if not kind:
        raise Refused(400, "invalid_request", "Missing required parameter: grant_type")
    if kind != "client_credentials":
        raise Refused(403, "unsupported_grant_type", f"Unsupported grant type: {kind}")
    client = _authenticated(directory, form, headers)
    client_id = str(client["client_id"])
    allowed = client.get("grant_types")
    if isinstance(allowed, list) and kind not in allowed:
        raise Refused(
            403, "unauthorized_client", f"Grant type '{kind}' not allowed for the client."
        )
    audience = form.get("audience") or directory.default_audience()
    if not audience:
        raise Refused(
            403,
            "access_denied",
            "No audience parameter was provided, and no default audience has been configured",
        )
    server = directory.find_resource_server(audience)
    if server is None:
        raise Refused(403, "access_denied", f"Service not enabled within domain: {audience}")
    found = directory.find_grant(client_id, audience)
    if found is None:
        raise Refused(
            403,
            "access_denied",
            f'Client is not authorized to access "{audience}". You need to create a '
            '"client-grant" associated to this API. See: '
            "https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants",
        )
    scopes = _scopes(found, server, form.get("scope"))
    now = int(directory.now())
    lifetime = int(server.get("token_lifetime") or LIFETIME)
    claims: dict[str, Any] = {
        "iss": f"https://{directory.domain}/",
        "sub": f"{client_id}@clients",
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "scope": " ".join(scopes),
        "gty": "client-credentials",
        "azp": client_id,
    }
    if organization := _organization(directory, found, form):
        claims["org_id"] = organization
    answer: dict[str, Any] = {"access_token": issue(claims, directory.signing_key())}
    if scopes:
        answer["scope"] = " ".join(scopes)
    return {**answer, "expires_in": lifetime, "token_type": "Bearer"}


def _scopes(found: Mapping[str, Any], server: Mapping[str, Any], asked: str | None) -> list[str]:
    scopes = [str(scope) for scope in found.get("scope") or ()]
    if found.get("allow_all_scopes"):
        scopes = [str(scope["value"]) for scope in server.get("scopes") or ()]
    return [scope for scope in scopes if scope in asked.split()] if asked else scopes


def _organization(
    directory: Directory, found: Mapping[str, Any], form: dict[str, str]
) -> str | None:
    usage = found.get("organization_usage") or "deny"
    asked = form.get("organization")
    if not asked:
        if usage == "require":
            raise Refused(
                403, "invalid_request", "parameter organization is required for this client"
            )
        return None
    organization = directory.find_organization(asked)
    if usage == "deny":
        raise Refused(
            403, "invalid_request", "parameter organization is not allowed for this client"
        )
    if organization is None:
        raise Refused(403, "invalid_request", f"parameter organization is invalid: {asked}")
    id = str(organization["id"])
    if not found.get("allow_any_organization") and not directory.may_act_for(id, str(found["id"])):
        raise Refused(403, "access_denied", f"client is not authorized to access organization {id}")
    return id


# --- who the client is -------------------------------------------------------------------------


def _unauthorized() -> Refused:
    return Refused(401, "access_denied", "Unauthorized")


def _authenticated(
    directory: Directory, form: dict[str, str], headers: Mapping[str, str]
) -> Mapping[str, Any]:
    if "client_assertion" in form:
        return _by_assertion(directory, form)
    client_id, secret = _basic(headers) or (form.get("client_id"), form.get("client_secret"))
    if not client_id:
        raise Refused(400, "invalid_request", "Missing required parameter: client_id")
    client = directory.find_client(client_id)
    if client is None:
        raise _unauthorized()
    held = client.get("client_secret")
    if client.get("token_endpoint_auth_method") in ("none", "private_key_jwt") or not held:
        raise _unauthorized()
    if not secret or not compare_digest(str(held).encode(), secret.encode()):
        raise _unauthorized()
    return client


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        raise _unauthorized() from None
    return unquote_plus(name), unquote_plus(secret)


def _by_assertion(directory: Directory, form: dict[str, str]) -> Mapping[str, Any]:
    def refuse(why: str) -> Refused:
        return Refused(401, "invalid_client", why)

    if form.get("client_assertion_type") != _ASSERTION_TYPE:
        raise Refused(400, "invalid_request", "Invalid client_assertion_type")
    assertion = form["client_assertion"]
    head, claims = _opened(assertion)
    if head is None or claims is None or len(assertion) > 2048:
        raise refuse("Failed to parse client assertion")
    client_id = claims.get("sub")
    if not isinstance(client_id, str) or claims.get("iss") != client_id:
        raise refuse("Client assertion must have the client id as iss and sub")
    if form.get("client_id", client_id) != client_id:
        raise refuse("client_id does not match the client assertion")
    client = directory.find_client(client_id)
    if client is None:
        raise _unauthorized()
    if not _signed_by(directory, client, head, assertion):
        raise refuse("Failed to verify client assertion signature")
    if claims.get("aud") != f"https://{directory.domain}/":
        raise refuse("Client assertion has a wrong audience")
    now = directory.now()
    expires, jti = claims.get("exp"), claims.get("jti")
    if not isinstance(expires, (int, float)) or expires <= now:
        raise refuse("Client assertion is expired")
    if expires > now + ASSERTION_LIFETIME + SKEW:
        raise refuse("Client assertion may be valid for 5 minutes at most")
    for name in ("iat", "nbf"):
        if isinstance(value := claims.get(name), (int, float)) and value > now + SKEW:
            raise refuse("Client assertion is not valid yet")
    if not isinstance(jti, str) or not 0 < len(jti) <= 64:
        raise refuse("Client assertion must have a jti of at most 64 characters")
    if not directory.spend(f"{client_id}|{jti}", expires):
        raise refuse("Client assertion was used before")
    return client


def _signed_by(
    directory: Directory, client: Mapping[str, Any], head: dict[str, Any], assertion: str
) -> bool:
    """Whether one of the client's registered credentials made the signature."""
    import jwt

    # The claims are judged by the tenant's clock, not by the machine's.
    only_signature: Any = dict.fromkeys(
        (f"verify_{name}" for name in ("aud", "exp", "iat", "nbf", "sub", "jti")), False
    )
    algorithm = head.get("alg")
    if algorithm not in _ASSERTION_ALGORITHMS:
        return False
    methods: Any = client.get("client_authentication_methods")
    method: Any = methods.get("private_key_jwt") if is_object(methods) else None
    registered: list[Any] = method["credentials"] if is_object(method) else []
    for reference in registered:
        credential = directory.find_credential(str(reference["id"]))
        if credential is None or credential.get("alg", "RS256") != algorithm:
            continue
        if "kid" in head and "kid" in credential and head["kid"] != credential["kid"]:
            continue
        try:
            key = _public(str(credential["pem"]))
            jwt.decode(
                assertion,
                key,
                algorithms=[str(algorithm)],
                options=only_signature,
            )
        except (jwt.InvalidTokenError, ValueError, TypeError):
            continue
        return True
    return False


@lru_cache(maxsize=256)
def _public(pem: str) -> Any:
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from cryptography.x509 import load_pem_x509_certificate

    data = pem.encode()
    if b"CERTIFICATE" in data:
        return load_pem_x509_certificate(data).public_key()
    return load_pem_public_key(data)


# --- small things ------------------------------------------------------------------------------


def _form(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "invalid_request", "Invalid request payload JSON format") from None
    if not is_object(value):
        raise Refused(400, "invalid_request", "Invalid request payload JSON format")
    return {str(name): item for name, item in value.items() if isinstance(item, str)}


def _opened(token: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The header and claims of a JWT as they stand, unverified; None for what is not JSON."""
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


# --- the tenant as a directory -----------------------------------------------------------------


def exchange(
    tenant: TenantContext, tx: Transaction, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, Any]]:
    """Answer ``POST /oauth/token`` at a tenant, working in a transaction on its state."""
    return grant(_TenantDirectory(tenant, tx), headers, body)


_SPENT = "_assertions"
"""Table of the assertions that were used, until when each could be."""
_SPENT_KEPT = 10_000


class _TenantDirectory:
    """A tenant's state as the token endpoint sees it."""

    def __init__(self, tenant: TenantContext, tx: Transaction) -> None:
        self._tenant = tenant
        self._tx = tx

    @property
    def domain(self) -> str:
        return self._tenant.domain

    def now(self) -> float:
        return self._tenant.time()

    def signing_key(self) -> SigningKey:
        return Keyring(self._tx).current()

    def default_audience(self) -> str:
        return str((self._tx.get("settings", "tenant") or {}).get("default_audience") or "")

    def find_client(self, client_id: str) -> Mapping[str, Any] | None:
        return self._tx.get("clients", client_id)

    def find_grant(self, client_id: str, audience: str) -> Mapping[str, Any] | None:
        pair = (client_id, audience, "client")
        return self._only("client_grants", "unique:client_id,audience,subject_type", pair)

    def find_resource_server(self, identifier: str) -> Mapping[str, Any] | None:
        return self._only("resource_servers", "unique:identifier", (identifier,))

    def find_organization(self, name_or_id: str) -> Mapping[str, Any] | None:
        found = self._tx.get("organizations", name_or_id)
        return found or self._only("organizations", "unique:name", (name_or_id,))

    def may_act_for(self, organization_id: str, grant_id: str) -> bool:
        return self._tx.get("organization_client_grants", (organization_id, grant_id)) is not None

    def find_credential(self, credential_id: str) -> Mapping[str, Any] | None:
        return self._tx.get("credentials", credential_id)

    def spend(self, jti: str, until: float) -> bool:
        spent = self._tx.get(_SPENT, jti)
        if spent is not None and spent["until"] > self.now() - SKEW:
            return False
        self._tx.put(_SPENT, jti, {"until": until})
        self._tx.trim(_SPENT, _SPENT_KEPT)
        return True

    def _only(self, table: str, index: str, value: Hashable) -> Mapping[str, Any] | None:
        found = self._tx.find(table, index, value)
        return found[0] if found else None
