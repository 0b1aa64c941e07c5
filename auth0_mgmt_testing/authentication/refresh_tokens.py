"""Refresh tokens: issued with ``offline_access``, rotated with leeway, revoked when reused.

The state keeps a digest of each token. A rotating token stays one document: the digest of its
newest value, of the one before, and of all that were used up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..actions.effects import Effects
from ..actions.event_object import merged_metadata
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..resources.grants import DEVICE_CREDENTIALS
from ..resources.log_types import LOG_TYPES
from ..resources.sessions import REFRESH_TOKENS
from ..state.clock import format_timestamp
from ..state.ids import digest, uuid
from ..state.store import Doc
from .errors import OAuthError, invalid_refresh_token
from .http import client_ip, user_agent
from .lookup import member, settings
from .sessions import alive, device
from .tokens import Grant

family = Family()
family.index(REFRESH_TOKENS.table, "digest", lambda doc: doc.get("_digests", ()))

LIMIT = 200
"""Tokens that a user has for a client at most; beyond, the oldest goes."""


def issue(context: RequestContext, grant: Grant) -> str | None:
    """A new refresh token, where the scopes and the client's grant types ask for one."""
    client = grant.client
    if client is None or not _wanted(grant, client):
        return None
    return create(context, grant, client)[0]


def _wanted(grant: Grant, client: Doc) -> bool:
    scopes = grant.access.scopes
    if "offline_access" not in scopes and "online_access" not in scopes:
        return False
    return "refresh_token" in (client.get("grant_types") or ("refresh_token",))


def create(
    context: RequestContext,
    grant: Grant,
    client: Doc,
    *,
    audience: str | None = None,
    ip: str | None = None,
    agent: str | None = None,
) -> tuple[str, Doc]:
    """A new refresh token: its value, and what the Management API shows of it."""
    who, client_id = grant.user["user_id"], grant.client_id
    held = [
        t for t in context.tx.find("refresh_tokens", "user", who) if t["client_id"] == client_id
    ]
    _clean_up(context, client, held)
    value = _new_value(context)
    target = audience or grant.access.audience or f"https://{context.domain}/userinfo"
    token = REFRESH_TOKENS.add(
        context,
        {
            "user_id": who,
            "created_at": context.now(),
            **_ends(context, client, None),
            "device": device(ip or client_ip(context), agent or user_agent(context)),
            "client_id": client_id,
            "session_id": grant.session_id,
            "rotating": _rules(client).get("rotation_type") == "rotating",
            "resource_servers": [{"audience": target, "scopes": grant.access.scope}],
            "last_exchanged_at": None,
            **_set_by_code({}, grant.refresh_token_metadata, grant.refresh_token_ends),
            "_digests": [digest(value)],
            "_rotated_at": None,
            "_online": "online_access" in grant.access.scopes,
            "_organization": None if grant.organization is None else grant.organization["id"],
            "_authenticated_at": grant.authenticated_at,
            "_methods": list(grant.methods),
            "_scopes": list(grant.access.scopes),
            "_audience": grant.access.audience,
        },
    )
    if grant.device is not None:
        _name_device(context, token, grant.device)
    return value, token


def _clean_up(context: RequestContext, client: Doc, held: list[Doc]) -> None:
    """Delete the oldest of too many tokens that a user has for a client."""
    surplus = held[: max(len(held) - LIMIT + 1, 0)]
    if not surplus:
        return
    for token in surplus:
        context.tx.delete("refresh_tokens", token["id"])
    counted = {"start": len(held), "removedCount": len(surplus)}
    context.log(
        "resource_cleanup",
        LOG_TYPES["resource_cleanup"].name,
        client_id=client["client_id"],
        client_name=client.get("name", ""),
        user_id=surplus[0]["user_id"],
        details={**counted, "endCount": len(held) - len(surplus)},
    )


def _name_device(context: RequestContext, token: Doc, name: str) -> None:
    """Show a token as a credential of a device: whichever of both is deleted, the other goes, too."""
    DEVICE_CREDENTIALS.add(
        context,
        {
            "device_name": name,
            "device_id": context.new_id(uuid),
            "type": _credential_type(token),
            "user_id": token["user_id"],
            "client_id": token["client_id"],
            "_refresh_token": token["id"],
        },
    )


def _credential_type(token: Doc) -> str:
    return "rotating_refresh_token" if token["rotating"] else "refresh_token"


def _set_by_code(token: Doc, metadata: Mapping[str, Any], ends: Mapping[str, float]) -> Doc:
    """What the code of actions set of a token: its metadata, and when it ends."""
    changed: Doc = {name: format_timestamp(at) for name, at in ends.items()}
    if metadata:
        known = token.get("refresh_token_metadata")
        changed["refresh_token_metadata"] = merged_metadata(known, dict(metadata))
    return changed


def _new_value(context: RequestContext) -> str:
    return f"v1.{context.secret(64)}"


def _rules(client: Doc) -> Doc:
    return member(client, "refresh_token")


def _ends(context: RequestContext, client: Doc, expires_at: str | None) -> dict[str, Any]:
    """When a token ends: idle from now on, and in all."""
    rules = _rules(client)
    expiring = rules.get("expiration_type") == "expiring"

    def after(name: str, endless: str) -> str | None:
        if not expiring or rules.get(endless) or not rules.get(name):
            return None
        return format_timestamp(context.time() + rules[name])

    return {
        "idle_expires_at": after("idle_token_lifetime", "infinite_idle_token_lifetime"),
        "expires_at": expires_at or after("token_lifetime", "infinite_token_lifetime"),
    }


def find(context: RequestContext, value: str) -> Doc | None:
    """The refresh token of a value, be it the newest or an older one of it."""
    found = context.tx.find("refresh_tokens", "digest", digest(value))
    return REFRESH_TOKENS.find(context, found[0]["id"]) if found else None


def still_there(context: RequestContext, token: Doc) -> Doc | None:
    """A token as it is now, which code may have revoked since it was found."""
    return REFRESH_TOKENS.find(context, token["id"])


def redeem(context: RequestContext, client: Doc, value: str) -> Doc:
    """The token that a client may use by this value.

    Raises for a value that is unknown, expired or another client's. A rotated value that is used
    again beyond its leeway revokes the token: that is done and logged with the refusal.
    """
    token = find(context, value)
    if token is None or token["client_id"] != client["client_id"]:
        raise invalid_refresh_token()
    if token.get("_online") and alive(context, token.get("session_id")) is None:
        raise invalid_refresh_token()
    if digest(value) == token["_digests"][-1] or _within_leeway(context, client, token, value):
        return token
    raise invalid_refresh_token().recording(
        lambda again: _revoke_reused(again, token, client, value)
    )


def _within_leeway(context: RequestContext, client: Doc, token: Doc, value: str) -> bool:
    older = token["_digests"][:-1]
    leeway = float(_rules(client).get("leeway") or 0)
    return bool(
        older
        and digest(value) == older[-1]
        and context.time() < float(token["_rotated_at"] or 0) + leeway
    )


def _revoke_reused(context: RequestContext, token: Doc, client: Doc, value: str) -> None:
    context.tx.delete("refresh_tokens", token["id"])
    context.log(
        "ferrt",
        "Reused rotating refresh token detected",
        client_id=client["client_id"],
        client_name=client.get("name", ""),
        user_id=token["user_id"],
        hostname=context.domain,
        ip=client_ip(context),
        audience=token["_audience"],
        details={
            "familyId": token["id"],
            "tokenCounter": token["_digests"].index(digest(value)) + 1,
            "latestCounter": len(token["_digests"]),
        },
    )


def exchanged(context: RequestContext, client: Doc, token: Doc, effects: Effects) -> str | None:
    """Note that a token was used; returns its next value where it rotates.

    Every token of the client turns into a rotating one when that is switched on.
    """
    rotating = _rules(client).get("rotation_type") == "rotating"
    changed: Doc = {
        **token,
        "rotating": rotating,
        "last_exchanged_at": context.now(),
        **_ends(context, client, token.get("expires_at")),
        **_set_by_code(token, effects.refresh_token_metadata, effects.refresh_token_ends),
        "device": {
            **token["device"],
            "last_ip": client_ip(context),
            "last_user_agent": user_agent(context),
        },
    }
    value = _new_value(context) if rotating else None
    if value is not None:
        changed["_digests"] = [*token["_digests"], digest(value)]
        changed["_rotated_at"] = context.time()
    context.tx.put("refresh_tokens", token["id"], changed)
    for credential in context.tx.find(DEVICE_CREDENTIALS.table, "refresh_token", token["id"]):
        known: Doc = {**credential, "type": _credential_type(changed)}
        context.tx.put(DEVICE_CREDENTIALS.table, credential["id"], known)
    return value


def revoke(context: RequestContext, client: Doc, value: str) -> Doc | None:
    """Revoke a token of a client and return it; one that is unknown is no error (None).

    Where the tenant's ``revoke_refresh_token_grant`` is on, the user's consent goes along. Raises
    for another client's token.
    """
    token = find(context, value)
    if token is None:
        return None
    if token["client_id"] != client["client_id"]:
        raise OAuthError(400, "invalid_grant", "Refresh token belongs to another client")
    context.tx.delete("refresh_tokens", token["id"])
    flags: Doc = settings(context, "tenant").get("flags") or {}
    if flags.get("revoke_refresh_token_grant"):
        for grant in context.tx.find("grants", "user", token["user_id"]):
            if grant.get("clientID") == client["client_id"]:
                context.tx.delete("grants", grant["id"])
        for other in context.tx.find("refresh_tokens", "user", token["user_id"]):
            if other["client_id"] == client["client_id"]:
                context.tx.delete("refresh_tokens", other["id"])
    return token
