"""The token that stands for a log-in that waits for its second factor."""

from __future__ import annotations

from typing import Any

from ..actions.effects import Effects
from ..engine.context import RequestContext
from ..state.ids import digest
from ..state.store import Doc
from . import mfa_policy
from .circumstances import Circumstances
from .errors import OAuthError, invalid_grant, mfa_required
from .pipeline import Login

LIFETIME = 600
"""Seconds that an MFA token is valid for."""
_TOKENS = "__mfa_tokens"


def required(
    context: RequestContext, login: Login, effects: Effects, grant_type: str
) -> OAuthError:
    """The refusal of a first factor alone; the log-in is kept under the token that it holds."""
    token = f"Fe26.2*{context.secret(96)}"
    about = login.about
    kept: Doc = {
        "user_id": login.user["user_id"],
        "client_id": (about.client or {}).get("client_id"),
        "connection_id": (about.connection or {}).get("id"),
        "organization_id": (about.organization or {}).get("id"),
        "audience": about.audience,
        "device": about.device,
        "scopes": None if login.scopes is None else list(login.scopes),
        "methods": list(login.methods),
        "protocol": login.protocol,
        "acr_values": list(login.acr_values),
        "effects": effects.to_json(),
        "grant_type": grant_type,
        "expires": context.time() + LIFETIME,
    }
    needed = mfa_policy.requirements(
        context, login.user, effects.enroll_with, effects.challenge_with
    )
    return mfa_required(token, needed).recording(lambda again: _keep(again, token, kept))


def _keep(context: RequestContext, token: str, kept: Doc) -> None:
    context.tx.put(_TOKENS, digest(token), kept)
    context.tx.trim(_TOKENS, 10_000)


def find(context: RequestContext, token: Any) -> Doc:
    """What an MFA token stands for; raises for one that is unknown or expired."""
    kept = context.tx.get(_TOKENS, digest(token)) if isinstance(token, str) else None
    if kept is None:
        raise invalid_grant("Malformed mfa_token")
    if context.time() >= kept["expires"]:
        raise OAuthError(401, "expired_token", "mfa_token is expired")
    return kept


def user_of(context: RequestContext, kept: Doc) -> Doc:
    """The user of a kept log-in; raises where the user is gone or blocked since."""
    user = context.tx.get("users", kept["user_id"])
    if user is None or user.get("blocked"):
        raise invalid_grant("Malformed mfa_token")
    return user


def resume(context: RequestContext, token: str, client: Doc) -> tuple[Login, Effects, Doc]:
    """The log-in that an MFA token stands for, its second factor shown; the token is used up.

    Raises where another client began it.
    """
    kept = find(context, token)
    if kept["client_id"] != client["client_id"]:
        raise invalid_grant("mfa_token was issued to another client")
    about = Circumstances.of(
        context,
        client,
        _get(context, "connections", kept["connection_id"]),
        audience=kept["audience"],
        scopes=tuple(kept["scopes"] or ()),
        organization=_get(context, "organizations", kept["organization_id"]),
        device=kept["device"],
    )
    scopes = None if kept["scopes"] is None else tuple(kept["scopes"])
    login = Login(
        user_of(context, kept),
        about,
        (*kept["methods"], "mfa"),
        kept["protocol"],
        scopes,
        acr_values=tuple(kept["acr_values"]),
    )
    context.tx.delete(_TOKENS, digest(token))
    return login, Effects.from_json(kept["effects"]), kept


def _get(context: RequestContext, table: str, key: str | None) -> Doc | None:
    return None if key is None else context.tx.get(table, key)
