"""Refresh token: new tokens without the user; with fewer scopes where the client asks for fewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...actions.event import Event
from ...engine.context import RequestContext
from ...resources.action_executions import run_trigger
from ...state.store import Doc
from .. import refresh_tokens, sessions
from ..access import role_names
from ..circumstances import Circumstances, log
from ..errors import OAuthError, invalid_refresh_token
from ..http import client_ip, user_agent
from ..lookup import connection_of, find_connection, member
from ..pipeline import access_with, apply_metadata
from ..tokens import Grant, success
from .grant_type import GrantType, failing, optional, require, scopes_of

_SUCCESS = ("sertft", "Refresh Token for Access Token")
_FAILURE = ("fertft", "Failed exchange of refresh token")


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    about = Circumstances.of(context, client, None)
    try:
        token = refresh_tokens.redeem(context, client, require(given, "refresh_token"))
    except OAuthError as error:
        raise failing(error, _FAILURE, about) from None
    user = context.tx.get("users", token["user_id"])
    if user is None or user.get("blocked"):
        raise failing(invalid_refresh_token(), _FAILURE, about, user)
    organization = None
    if token.get("_organization"):
        organization = context.tx.get("organizations", token["_organization"])
        if organization is None:
            raise failing(invalid_refresh_token(), _FAILURE, about, user)
    held = tuple(token.get("_scopes") or token["resource_servers"][0]["scopes"].split())
    scopes = _narrowed(held, scopes_of(given))
    audience = _audience(client, token, optional(given, "audience"))
    about = Circumstances.of(
        context, client, None, audience=audience, scopes=scopes, organization=organization
    )
    effects = run_trigger(
        context,
        "post-login",
        Event(
            client=client,
            user=user,
            connection=find_connection(context, connection_of(user)),
            session=sessions.alive(context, token.get("session_id")),
            audience=audience,
            roles=role_names(context, user, organization),
            organization=organization,
            refresh_token=token,
            scopes=scopes,
            protocol="oauth2-refresh-token",
            methods=tuple(token.get("_methods", ())),
            ip=client_ip(context),
            user_agent=user_agent(context),
        ),
    )
    details = effects.log_details()
    if effects.denied is not None:
        refusal = OAuthError(403, effects.denied_code, effects.denied)
        if effects.revoke_refresh_token:
            refusal.recording(lambda again: _forget(again, token))
        raise failing(refusal, _FAILURE, about, user, details)
    if effects.suspends:
        refusal = OAuthError(403, "interaction_required", "The user must be redirected")
        raise failing(refusal, _FAILURE, about, user, details)
    held_still = refresh_tokens.still_there(context, token)
    known = context.tx.get("users", user["user_id"])
    if held_still is None or known is None:
        raise failing(invalid_refresh_token(), _FAILURE, about, user, details)
    token, user = held_still, apply_metadata(context, known, effects)
    grant = Grant(
        user,
        client,
        access_with(context, effects, user, about, scopes),
        organization,
        token.get("session_id"),
        authenticated_at=token.get("_authenticated_at"),
        methods=tuple(token.get("_methods", ())),
        access_token_claims=effects.access_token_claims,
        id_token_claims=effects.id_token_claims,
    )
    following = refresh_tokens.exchanged(context, client, token, effects)
    log(context, *_SUCCESS, about, user, **details)
    return success(context, grant, refresh_token=following)


def _forget(context: RequestContext, token: Doc) -> None:
    context.tx.delete("refresh_tokens", token["id"])


def _narrowed(held: tuple[str, ...], wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    """Fewer scopes may be requested; what was never granted is left out."""
    return held if wanted is None else tuple(scope for scope in wanted if scope in held)


def _audience(client: Doc, token: Doc, wanted: str | None) -> str | None:
    """The API of the new token: the token's own, or another that the client's policies allow."""
    own: str | None = token.get("_audience")
    if wanted is None or wanted == own:
        return own
    policies: list[Doc] = member(client, "refresh_token").get("policies") or []
    if any(policy.get("audience") == wanted for policy in policies):
        return wanted
    raise OAuthError(403, "access_denied", f"The refresh token is not valid for {wanted}")


GRANT = GrantType("refresh_token", exchange, failure=_FAILURE)
