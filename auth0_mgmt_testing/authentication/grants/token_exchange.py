"""Token exchange: a profile's own code says whose token a subject token is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...actions.effects import Effects
from ...actions.event import Event
from ...engine.context import RequestContext
from ...engine.errors import APIError
from ...resources.action_executions import run_trigger
from ...resources.users import USERS
from ...state.store import Doc
from .. import mfa_tokens
from ..access import default_audience
from ..circumstances import Circumstances
from ..errors import OAuthError, access_denied, invalid_request
from ..http import client_ip, user_agent
from ..logins import join_organization
from ..lookup import find_connection, find_organization, find_user, member
from ..pipeline import Login, apply_metadata, granted, needs_mfa, run_post_login_silently
from ..protection import count_failure, refuse_blocked_address
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
_PROFILE = (
    "user_id", "email", "email_verified", "username", "phone_number", "phone_verified", "name",
    "given_name", "family_name", "nickname", "picture",
)  # fmt: skip
"""What code may set of a user's profile."""
RESERVED = (
    "http://auth0.com", "https://auth0.com", "http://okta.com", "https://okta.com",
    "urn:ietf", "urn:auth0", "urn:okta",
)  # fmt: skip
"""What no profile may call the type of its tokens: beginnings."""


def exchange(context: RequestContext, client: Doc, given: Mapping[str, Any]) -> dict[str, Any]:
    subject_token = require(given, "subject_token")
    kind = require(given, "subject_token_type")
    audience = optional(given, "audience") or default_audience(context) or None
    scopes = scopes_of(given)
    organization = organization_of(context, given)
    about = Circumstances.of(
        context, client, None, audience=audience, scopes=scopes or (), organization=organization
    )
    subject = {"subject_token_type": kind}
    refuse_blocked_address(context, about)
    if ("actor_token" in given) != ("actor_token_type" in given):
        raise invalid_request("actor_token and actor_token_type must be given together")
    if kind.startswith(RESERVED):
        refusal = invalid_request(f"Unsupported subject_token_type: {kind}")
        raise failing(refusal, _FAILURE, about, details=subject)
    allowed: Doc = member(client, "token_exchange")
    if "custom_authentication" not in (allowed.get("allow_any_profile_of_type") or ()):
        raise failing(
            OAuthError(403, "unauthorized_client", "Token exchange is not allowed for the client."),
            _FAILURE,
            about,
            details=subject,
        )
    profile = _profile(context, kind)
    if profile is None:
        raise failing(
            invalid_request(f"No token exchange profile for subject_token_type: {kind}"),
            _FAILURE,
            about,
            details=subject,
        )
    effects = run_trigger(
        context,
        "custom-token-exchange",
        Event(
            client=client,
            organization=organization,
            audience=audience,
            scopes=scopes or (),
            protocol="oauth2-token-exchange",
            ip=client_ip(context),
            user_agent=user_agent(context),
            subject_token=subject_token,
            subject_token_type=kind,
        ),
        action_id=str(profile["action_id"]),
    )
    details: Doc = {**effects.log_details(), **subject}
    if effects.denied is not None:
        status = 500 if effects.denied_code == "server_error" else 400
        refusal = OAuthError(status, effects.denied_code, effects.denied)
        if effects.invalid_subject_token:
            refusal.recording(
                lambda again: count_failure(again, None, about, "pre-custom-token-exchange")
            )
        raise failing(refusal, _FAILURE, about, details=details)
    try:
        user, about = _set_by_code(context, effects, about)
    except OAuthError as error:
        raise failing(error, _FAILURE, about, details=details) from None
    if user.get("blocked"):
        raise failing(access_denied("user is blocked"), _FAILURE, about, user, details)
    if about.organization is not None:
        join_organization(context, user, about.organization, about.connection)
    user = apply_metadata(context, user, effects)
    login = Login(user, about, ("custom",), "oauth2-token-exchange", scopes)
    login, post_login = run_post_login_silently(context, login)
    post_login.executions = [*effects.executions, *post_login.executions]
    if needs_mfa(context, login, post_login):
        raise mfa_tokens.required(context, login, post_login, "token-exchange")
    grant = granted(context, login, post_login, with_session=False)
    more = {**grant.log_details, **subject}
    grant = replace(grant, actor=effects.actor, log_details=more)
    return issue(context, grant, _SUCCESS, about, requested=scopes)


def _set_by_code(
    context: RequestContext, effects: Effects, about: Circumstances
) -> tuple[Doc, Circumstances]:
    """The user, and with it the connection and the organization, that the profile's code set."""
    wanted = effects.set_organization
    if wanted is not None:
        organization = find_organization(context, wanted)
        if organization is None:
            raise invalid_request(f"The organization {wanted} does not exist")
        about = replace(about, organization=organization)
    if effects.set_user_by_connection is not None:
        return _user_of_connection(context, effects.set_user_by_connection, about)
    user = None if effects.set_user is None else context.tx.get("users", effects.set_user)
    if user is None:
        raise invalid_request("The token exchange did not set a user")
    return user, about


def _user_of_connection(
    context: RequestContext, wanted: Mapping[str, Any], about: Circumstances
) -> tuple[Doc, Circumstances]:
    connection = find_connection(context, wanted["connection"])
    if connection is None:
        raise invalid_request(f"The connection {wanted['connection']} does not exist")
    about = replace(about, connection=connection)
    given = {name: value for name, value in wanted["profile"].items() if name in _PROFILE}
    user = context.tx.get("users", f"{connection['strategy']}|{given.get('user_id')}")
    if user is None and given.get("email"):
        user = find_user(context, connection, str(given["email"]))
    if user is None:
        if wanted["creation"] != "create_if_not_exists":
            raise invalid_request("The user does not exist in the connection")
        try:
            return USERS.add(context, {**given, "connection": connection["name"]}), about
        except APIError as error:
            raise invalid_request(error.message) from None
    if wanted["update"] == "replace":
        changed = {name: value for name, value in given.items() if name != "user_id"}
        user = context.tx.put("users", user["user_id"], {**user, **changed})
    return user, about


def _profile(context: RequestContext, kind: str) -> Doc | None:
    found = context.tx.find("token_exchange_profiles", "unique:subject_token_type", (kind,))
    return found[0] if found else None


GRANT = GrantType(
    "urn:ietf:params:oauth:grant-type:token-exchange",
    exchange,
    must_be_allowed=False,
    failure=_FAILURE,
)
