"""Passwordless one-time password: the code that ``/passwordless/start`` sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.context import RequestContext
from ...state.store import Doc
from .. import mfa_tokens, passwordless
from ..access import default_audience
from ..circumstances import Circumstances
from ..errors import OAuthError
from ..pipeline import Login, granted, needs_mfa, run_post_login_silently
from .grant_type import GrantType, failing, issue, optional, require, scopes_of

_SUCCESS = ("sepotpft", "Passwordless code for Access Token")
_FAILURE = ("fepotpft", "Failed exchange of passwordless code")


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    connection = passwordless.usable(context, client, require(given, "realm"))
    audience = optional(given, "audience") or default_audience(context) or None
    scopes = scopes_of(given)
    device = optional(given, "device")
    about = Circumstances.of(
        context, client, connection, audience=audience, scopes=scopes or (), device=device
    )
    try:
        user = passwordless.prove(
            context, client, connection, require(given, "username"), require(given, "otp")
        )
    except OAuthError as error:
        raise failing(error, _FAILURE, about) from None
    login = Login(user, about, ("otp",), "oauth2-passwordless", scopes)
    login, effects = run_post_login_silently(context, login)
    if needs_mfa(context, login, effects):
        raise mfa_tokens.required(context, login, effects, "passwordless")
    grant = granted(context, login, effects, grant_type="passwordless", with_session=False)
    return issue(context, grant, _SUCCESS, about, requested=scopes)


GRANT = GrantType("http://auth0.com/oauth/grant-type/passwordless/otp", exchange, failure=_FAILURE)
