"""Token exchange: a profile's own code says whose token a subject token is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.context import RequestContext
from ...state.store import Doc
from .. import hooks, mfa_tokens
from ..access import default_audience
from ..errors import OAuthError, access_denied, invalid_request
from ..hooks import Event
from ..http import client_ip, user_agent
from ..logins import Circumstances, join_organization
from ..lookup import member
from ..pipeline import Login, granted, needs_mfa, run_post_login
from .grant_type import (
    GrantType,
    failing,
    issue,
    optional,
    organization_of,
    require,
    scopes_of,
)

_SUCCESS = ("secte", "Token Exchange")
_FAILURE = ("fecte", "Failed Token Exchange")
_RESERVED = (
    "http://auth0.com", "https://auth0.com", "http://okta.com", "https://okta.com",
    "urn:ietf", "urn:auth0", "urn:okta",
)  # fmt: skip


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    subject_token = require(given, "subject_token")
    kind = require(given, "subject_token_type")
    audience = optional(given, "audience") or default_audience(context) or None
    scopes = scopes_of(given)
    organization = organization_of(context, given)
    about = Circumstances.of(
        context, client, None, audience=audience, scopes=scopes or (), organization=organization
    )
    if ("actor_token" in given) != ("actor_token_type" in given):
        raise invalid_request("actor_token and actor_token_type must be given together")
    if kind.startswith(_RESERVED):
        raise failing(invalid_request(f"Unsupported subject_token_type: {kind}"), _FAILURE, about)
    allowed: Doc = member(client, "token_exchange")
    if "custom_authentication" not in (allowed.get("allow_any_profile_of_type") or ()):
        raise failing(
            OAuthError(403, "unauthorized_client", "Token exchange is not allowed for the client."),
            _FAILURE,
            about,
        )
    if _profile(context, kind) is None:
        raise failing(
            invalid_request(f"No token exchange profile for subject_token_type: {kind}"),
            _FAILURE,
            about,
        )
    effects = hooks.trigger(
        context,
        "custom-token-exchange",
        Event(
            client=client,
            organization=organization,
            scopes=scopes or (),
            protocol="oauth2-token-exchange",
            ip=client_ip(context),
            user_agent=user_agent(context),
            subject_token=subject_token,
            subject_token_type=kind,
        ),
    )
    if effects.denied is not None:
        status = effects.denied_status or 400
        raise failing(OAuthError(status, effects.denied_code, effects.denied), _FAILURE, about)
    user = None if effects.set_user is None else context.tx.get("users", effects.set_user)
    if user is None:
        raise failing(invalid_request("The token exchange did not set a user"), _FAILURE, about)
    if user.get("blocked"):
        raise failing(access_denied("user is blocked"), _FAILURE, about, user)
    if organization is not None:
        join_organization(context, user, organization, None)
    login = Login(user, about, ("custom",), "oauth2-token-exchange", scopes)
    login, post_login = run_post_login(context, login)
    if needs_mfa(context, login, post_login):
        raise mfa_tokens.required(context, login, post_login, "token-exchange")
    grant = granted(context, login, post_login, with_session=False)
    return issue(context, grant, _SUCCESS, about, asked=scopes)


def _profile(context: RequestContext, kind: str) -> Doc | None:
    found = context.tx.find("token_exchange_profiles", "unique:subject_token_type", (kind,))
    return found[0] if found else None


GRANT = GrantType(
    "urn:ietf:params:oauth:grant-type:token-exchange", exchange, must_be_allowed=False
)
