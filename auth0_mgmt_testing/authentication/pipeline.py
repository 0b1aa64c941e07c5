"""From an authenticated user to what is granted: post-login code, second factor, access, record.

Every flow that logs a user in ends here, with or without a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..actions.effects import Effects
from ..actions.event import Event
from ..actions.event_object import merged_metadata
from ..engine.context import RequestContext
from ..resources.action_executions import run_trigger
from ..resources.sessions import end_session
from ..state.store import Doc
from . import logins, mfa_policy, sessions
from .access import Access, role_names, user_access
from .circumstances import Circumstances, log
from .errors import OAuthError
from .tokens import Grant


@dataclass(frozen=True, slots=True)
class Login:
    """A user who has authenticated, and what the client requested."""

    user: Doc
    about: Circumstances
    methods: tuple[str, ...]
    """How the user authenticated: ``pwd``, ``otp``, ``federated``, ``mfa``."""
    protocol: str
    scopes: tuple[str, ...] | None
    """None: all of the API."""
    session: Doc | None = None
    """The session that the log-in goes on in; None: one is begun where the flow has sessions."""
    acr_values: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    returned_query: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the browser brought back from a redirect of post-login code."""
    returned_body: Mapping[str, str] = field(default_factory=dict[str, str])
    prompt: Mapping[str, Any] | None = None
    """What the user entered into a form that post-login code showed."""


def run_post_login(
    context: RequestContext, login: Login, resume: Effects | None = None
) -> tuple[Login, Effects]:
    """Run the tenant's post-login code; returns the log-in with its user as it is then.

    ``resume``: the effects of a run that ended with a redirect, which it goes on from. Raises
    ``access_denied`` where the code denies access.
    """
    user = login.user
    effects = run_trigger(context, "post-login", _event(context, login), resume=resume)
    if effects.denied is not None:
        raise _denial(login, effects)
    user = _as_it_is(context, user, effects)
    session = login.session and sessions.alive(context, login.session["id"])
    user = apply_metadata(context, user, effects)
    methods = dict.fromkeys((*login.methods, *effects.recorded_methods))
    return replace(login, user=user, session=session, methods=tuple(methods)), effects


def _as_it_is(context: RequestContext, user: Doc, effects: Effects) -> Doc:
    """The user that the log-in goes on as, whom the code may have changed by the Management API."""
    primary = None
    if effects.primary_user is not None:
        primary = context.tx.get("users", effects.primary_user)
    found = primary or context.tx.get("users", user["user_id"])
    if found is None:
        raise OAuthError(403, "access_denied", "The user does not exist any more")
    return found


def run_post_login_silently(context: RequestContext, login: Login) -> tuple[Login, Effects]:
    """The same where there is no browser: raises ``interaction_required`` for a redirect."""
    login, effects = run_post_login(context, login)
    if effects.suspends:
        raise OAuthError(403, "interaction_required", "The user must be redirected")
    return login, effects


def _event(context: RequestContext, login: Login) -> Event:
    about = login.about
    return Event(
        client=about.client,
        user=login.user,
        connection=about.connection,
        organization=about.organization,
        session=login.session,
        audience=about.audience,
        scopes=login.scopes or (),
        protocol=login.protocol,
        methods=login.methods,
        roles=role_names(context, login.user, about.organization),
        ip=about.ip,
        user_agent=about.user_agent,
        parameters=login.parameters,
        query=login.returned_query,
        body=login.returned_body,
        prompt=login.prompt,
    )


def _denial(login: Login, effects: Effects) -> OAuthError:
    about, user, reason = login.about, login.user, effects.denied or ""
    details, session = effects.log_details(), login.session

    def record(context: RequestContext) -> None:
        if effects.revoke_session and session is not None:
            end_session(context, session["id"], "session-revoked")
        log(context, "f", reason, about, user, **details)

    return OAuthError(403, effects.denied_code, reason).recording(record)


def apply_metadata(context: RequestContext, user: Doc, effects: Effects) -> Doc:
    """Store what code set in a user's metadata; returns the user as it is then."""
    changed = {
        name: merged_metadata(user.get(name), patch)
        for name, patch in (
            ("user_metadata", effects.user_metadata),
            ("app_metadata", effects.app_metadata),
        )
        if patch
    }
    return context.tx.put("users", user["user_id"], {**user, **changed}) if changed else user


def needs_mfa(context: RequestContext, login: Login, effects: Effects) -> bool:
    """Whether a second factor has yet to be shown."""
    if "mfa" in login.methods:
        return False
    requested = effects.require_mfa or bool(effects.enroll_with or effects.challenge_with)
    return requested or mfa_policy.is_required(context, login.acr_values)


def granted(
    context: RequestContext,
    login: Login,
    effects: Effects,
    *,
    nonce: str | None = None,
    tell_time: bool = False,
    grant_type: str | None = None,
    with_session: bool = True,
) -> Grant:
    """Record the log-in and return what it grants.

    ``tell_time``: the ID token holds ``auth_time``. ``with_session``: one is begun where the
    log-in has none yet.
    """
    about = login.about
    access = access_with(context, effects, login.user, about, login.scopes)
    session, user = login.session, login.user
    if session is None:
        if with_session:
            session = logins.begin_session(context, user, about, login.methods)
        details = effects.log_details()
        user = logins.record(context, user, about, session=session, details=details)
    elif about.client is not None:
        session = sessions.touch(context, session, about.client)
    if session is not None:
        session = sessions.apply_effects(context, session, effects)
    return Grant(
        user,
        about.client,
        access,
        about.organization,
        None if session is None else session["id"],
        nonce=nonce,
        authenticated_at=sessions.authenticated_at(session) if session and tell_time else None,
        methods=login.methods,
        acr=mfa_policy.ACR if "mfa" in login.methods and login.acr_values else None,
        grant_type=grant_type,
        access_token_claims=effects.access_token_claims,
        id_token_claims=effects.id_token_claims,
        refresh_token_metadata=effects.refresh_token_metadata,
        refresh_token_ends=effects.refresh_token_ends,
        device=about.device,
        log_details=effects.log_details(),
    )


def access_with(
    context: RequestContext,
    effects: Effects,
    user: Doc,
    about: Circumstances,
    scopes: Iterable[str] | None,
) -> Access:
    """What a user's token may hold, with the scopes that code added and without those it removed.

    ``scopes``: the requested ones; None are all of the API.
    """
    wanted = None if scopes is None else dict.fromkeys([*scopes, *effects.added_scopes])
    access = user_access(context, user, about.client, about.audience, wanted, about.organization)
    removed = effects.removed_scopes
    return replace(access, scopes=tuple(s for s in access.scopes if s not in removed))
