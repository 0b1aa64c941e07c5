"""From an authenticated user to what is granted: post-login code, second factor, access, record.

Every flow that logs a user in ends here, with or without a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..engine.context import RequestContext
from ..state.store import Doc
from . import hooks, logins, mfa_policy, sessions
from .access import user_access
from .errors import OAuthError
from .hooks import Effects, Event
from .logins import Circumstances
from .tokens import Grant


@dataclass(frozen=True, slots=True)
class Login:
    """A user who has authenticated, and what the client asked for."""

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
    resumed: bool = False


def run_post_login(context: RequestContext, login: Login) -> tuple[Login, Effects]:
    """Run the tenant's post-login code; returns the log-in with its user as it is then.

    Raises ``access_denied`` where the code denies access.
    """
    about = login.about
    effects = hooks.trigger(
        context,
        "post-login",
        Event(
            client=about.client,
            user=login.user,
            connection=about.connection,
            organization=about.organization,
            session=login.session,
            scopes=login.scopes or (),
            protocol=login.protocol,
            methods=login.methods,
            ip=about.ip,
            user_agent=about.user_agent,
            parameters=login.parameters,
            resumed=login.resumed,
        ),
    )
    user = login.user
    if effects.denied is not None:
        reason = effects.denied
        raise OAuthError(403, effects.denied_code, reason).recording(
            lambda again: logins.log(again, "f", reason, about, user)
        )
    if effects.primary_user is not None:
        user = context.tx.get("users", effects.primary_user) or user
    user = effects.apply_metadata(context, user)
    return replace(login, user=user), effects


def needs_mfa(context: RequestContext, login: Login, effects: Effects) -> bool:
    """Whether a second factor has yet to be shown."""
    if "mfa" in login.methods:
        return False
    asked = effects.require_mfa or bool(effects.enroll_with or effects.challenge_with)
    return asked or mfa_policy.is_required(context, login.acr_values)


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
    access = user_access(
        context,
        login.user,
        about.client,
        about.audience,
        _scopes(login.scopes, effects),
        about.organization,
    )
    session, user = login.session, login.user
    if session is None:
        if with_session:
            session = logins.begin_session(context, user, about, login.methods)
        user = logins.record(context, user, about, session=session)
    elif about.client is not None:
        session = sessions.touch(context, session, about.client)
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
    )


def _scopes(wanted: Iterable[str] | None, effects: Effects) -> list[str] | None:
    if wanted is None:
        return None
    scopes = dict.fromkeys([*wanted, *effects.added_scopes])
    return [scope for scope in scopes if scope not in effects.removed_scopes]
