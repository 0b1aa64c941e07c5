"""What access tokens and ID tokens hold, and the token endpoint's successful response."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth0_mgmt._json import is_array

from ..engine.addresses import base_url, issuer
from ..engine.context import RequestContext
from ..engine.tokens import LIFETIME
from ..state.ids import digest
from ..state.store import Doc
from .access import Access
from .claims import user_claims
from .errors import invalid_token
from .lookup import find_resource_server, member, names_in_tokens
from .signing import id_token_algorithm, sign, verify

ID_TOKEN_LIFETIME = 36_000
"""Seconds that an ID token is valid for where the client says nothing else."""
_OPAQUE = "__access_tokens"
_RFC9068 = ("rfc9068_profile", "rfc9068_profile_authz")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user (and client) was granted: all that tokens are made of."""

    user: Doc
    client: Doc | None
    access: Access
    organization: Doc | None = None
    session_id: str | None = None
    nonce: str | None = None
    authenticated_at: float | None = None
    """Seconds since the epoch; in ``auth_time`` where that was requested."""
    methods: tuple[str, ...] = ()
    """``amr``: present where there was more than a password."""
    acr: str | None = None
    grant_type: str | None = None
    """``gty``: present for grants without a browser."""
    actor: Mapping[str, Any] | None = None
    access_token_claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    id_token_claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    refresh_token_metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])
    refresh_token_ends: Mapping[str, float] = field(default_factory=dict[str, float])
    device: str | None = None
    """The name of the user's device: the refresh token is a credential of it."""
    log_details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What log events of its exchange show further."""

    @property
    def client_id(self) -> str:
        return "" if self.client is None else str(self.client["client_id"])


def organization_claims(context: RequestContext, organization: Doc | None) -> dict[str, Any]:
    if organization is None:
        return {}
    claims = {"org_id": organization["id"]}
    if names_in_tokens(context):
        claims["org_name"] = organization["name"]
    return claims


def access_token(
    context: RequestContext, grant: Grant, *, for_browser: bool = False
) -> tuple[str, int]:
    """An access token and its lifetime in seconds: a JWT for an API, else an opaque one.

    ``for_browser``: it is issued by ``/authorize`` itself and lives as such tokens do.
    """
    server = grant.access.resource_server
    if server is None:
        return _opaque(context, grant), LIFETIME
    name = "token_lifetime_for_web" if for_browser else "token_lifetime"
    lifetime = int(server.get(name) or LIFETIME)
    now = int(context.time())
    userinfo = f"{base_url(context)}/userinfo"
    audience: Any = server["identifier"]
    if "openid" in grant.access.scopes:
        audience = [audience, userinfo]
    claims: dict[str, Any] = {
        **grant.access_token_claims,
        "iss": issuer(context),
        "sub": grant.user["user_id"],
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "scope": grant.access.scope,
        **organization_claims(context, grant.organization),
    }
    if grant.grant_type is not None:
        claims["gty"] = grant.grant_type
    if grant.actor is not None:
        claims["act"] = dict(grant.actor)
    dialect = server.get("token_dialect")
    if dialect in _RFC9068:
        claims |= {"client_id": grant.client_id, "jti": context.secret(22)}
    claims["azp"] = grant.client_id
    if grant.access.permissions is not None:
        claims["permissions"] = list(grant.access.permissions)
    token = sign(
        context,
        claims,
        algorithm=str(server.get("signing_alg") or "RS256"),
        secret=str(server.get("signing_secret") or ""),
        type="at+jwt" if dialect in _RFC9068 else "JWT",
    )
    return token, lifetime


def _opaque(context: RequestContext, grant: Grant) -> str:
    token = context.secret(32)
    known: Doc = {
        "sub": grant.user["user_id"],
        "scope": grant.access.scope,
        "azp": grant.client_id,
        "exp": context.time() + LIFETIME,
        **organization_claims(context, grant.organization),
        "_claims": dict(grant.id_token_claims),
    }
    context.tx.put(_OPAQUE, digest(token), known)
    context.tx.trim(_OPAQUE, 10_000)
    return token


def id_token(
    context: RequestContext, grant: Grant, *, access_token: str = "", code: str = ""
) -> str:
    """An ID token for the client; with the digests of what is issued beside it."""
    client: Doc = grant.client or {}
    now = int(context.time())
    lifetime = member(client, "jwt_configuration").get("lifetime_in_seconds")
    claims: dict[str, Any] = {
        **user_claims(grant.user, grant.access.scopes),
        **grant.id_token_claims,
        "iss": issuer(context),
        "aud": grant.client_id,
        "sub": grant.user["user_id"],
        "iat": now,
        "exp": now + int(lifetime or ID_TOKEN_LIFETIME),
        **organization_claims(context, grant.organization),
    }
    for name, value in (
        ("sid", grant.session_id),
        ("nonce", grant.nonce),
        ("auth_time", None if grant.authenticated_at is None else int(grant.authenticated_at)),
        ("acr", grant.acr),
    ):
        if value is not None:
            claims[name] = value
    if "mfa" in grant.methods:
        claims["amr"] = ["mfa"]
    if access_token:
        claims["at_hash"] = _half_hash(access_token)
    if code:
        claims["c_hash"] = _half_hash(code)
    secret = str(client.get("client_secret") or "")
    return sign(context, claims, algorithm=id_token_algorithm(client), secret=secret)


def _half_hash(token: str) -> str:
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).decode().rstrip("=")


def success(
    context: RequestContext,
    grant: Grant,
    *,
    refresh_token: str | None = None,
    requested: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The body of a successful token response.

    It says which scopes were granted, unless those are the ``requested`` ones.
    """
    token, lifetime = access_token(context, grant)
    body: dict[str, Any] = {"access_token": token}
    if refresh_token is not None:
        body["refresh_token"] = refresh_token
    if "openid" in grant.access.scopes:
        body["id_token"] = id_token(context, grant)
    if grant.access.scopes and (requested is None or set(requested) != set(grant.access.scopes)):
        body["scope"] = grant.access.scope
    return {**body, "expires_in": lifetime, "token_type": "Bearer"}


def subject_of(context: RequestContext, token: str | None) -> dict[str, Any]:
    """The claims of an access token for ``/userinfo``; raises ``invalid_token`` for any other."""
    if not token:
        raise invalid_token()
    if token.count(".") != 2:
        known = context.tx.get(_OPAQUE, digest(token))
        if known is None or known["exp"] <= context.time():
            raise invalid_token()
        return known
    claims = verify(context, token)
    audience = claims.get("aud")
    wanted = {f"{base_url(context)}/userinfo", f"https://{context.domain}/userinfo"}
    if not is_array(audience) or not wanted.intersection(map(str, audience)):
        raise invalid_token()
    return claims


def forget_access_token(context: RequestContext, client: Doc, key: str) -> None:
    """Let an opaque access token of a client be worth nothing from now on; ``key``: its digest."""
    known = context.tx.get(_OPAQUE, key)
    if known is not None and known["azp"] == client["client_id"]:
        context.tx.delete(_OPAQUE, key)


# --- grants kept for later -----------------------------------------------------------------------


def stored(grant: Grant) -> Doc:
    """A grant as the state keeps it until a code, a poll or a second factor redeems it."""
    return {
        "user_id": grant.user["user_id"],
        "client_id": grant.client_id,
        "audience": grant.access.audience,
        "scopes": list(grant.access.scopes),
        "permissions": None if grant.access.permissions is None else list(grant.access.permissions),
        "organization_id": None if grant.organization is None else grant.organization["id"],
        "session_id": grant.session_id,
        "nonce": grant.nonce,
        "authenticated_at": grant.authenticated_at,
        "methods": list(grant.methods),
        "acr": grant.acr,
        "grant_type": grant.grant_type,
        "access_token_claims": dict(grant.access_token_claims),
        "id_token_claims": dict(grant.id_token_claims),
        "refresh_token_metadata": dict(grant.refresh_token_metadata),
        "refresh_token_ends": dict(grant.refresh_token_ends),
        "device": grant.device,
        "log_details": dict(grant.log_details),
    }


def restored(context: RequestContext, kept: Doc) -> Grant | None:
    """A grant that was kept; None where its user, client, API or organization is gone."""
    user = context.tx.get("users", kept["user_id"])
    client = context.tx.get("clients", kept["client_id"])
    audience, organization_id = kept["audience"], kept["organization_id"]
    server = None if audience is None else find_resource_server(context, audience)
    organization = (
        None if organization_id is None else context.tx.get("organizations", organization_id)
    )
    if user is None or client is None or (audience is not None and server is None):
        return None
    if organization_id is not None and organization is None:
        return None
    permissions = None if kept["permissions"] is None else tuple(kept["permissions"])
    return Grant(
        user,
        client,
        Access(server, tuple(kept["scopes"]), permissions),
        organization,
        kept["session_id"],
        nonce=kept["nonce"],
        authenticated_at=kept["authenticated_at"],
        methods=tuple(kept["methods"]),
        acr=kept["acr"],
        grant_type=kept["grant_type"],
        access_token_claims=kept["access_token_claims"],
        id_token_claims=kept["id_token_claims"],
        refresh_token_metadata=kept["refresh_token_metadata"],
        refresh_token_ends=kept["refresh_token_ends"],
        device=kept.get("device"),
        log_details=kept["log_details"],
    )
