"""Where a tenant's own code takes part in a flow: triggers, what they are told, what they ask for.

Flows call `trigger` with a typed `Event` and act on the `Effects` that it returns. By default
nothing happens; who runs Actions registers a `Runner` with `use`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from ..engine.context import RequestContext
from ..state.store import Doc
from .lookup import member

Trigger: TypeAlias = Literal[
    "post-login",
    "credentials-exchange",
    "pre-user-registration",
    "post-user-registration",
    "post-change-password",
    "send-phone-message",
    "password-reset-post-challenge",
    "custom-token-exchange",
]


@dataclass(frozen=True, slots=True)
class Event:
    """What a trigger's code is told. Documents are the state's own: they are read, not changed."""

    client: Doc | None = None
    user: Doc | None = None
    connection: Doc | None = None
    organization: Doc | None = None
    resource_server: Doc | None = None
    session: Doc | None = None
    refresh_token: Doc | None = None
    scopes: tuple[str, ...] = ()
    protocol: str = ""
    """``oidc-basic-profile``, ``oauth2-password``, ``oauth2-refresh-token`` …"""
    methods: tuple[str, ...] = ()
    """How the user authenticated so far: ``pwd``, ``mfa`` …"""
    ip: str = ""
    user_agent: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The request's own parameters, without secrets."""
    message: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """``send-phone-message``: ``recipient``, ``text``, ``code``, ``message_type``."""
    subject_token: str = field(default="", repr=False)
    """``custom-token-exchange``: the token to exchange, and its type."""
    subject_token_type: str = ""
    resumed: bool = False
    """``post-login``: the user came back from where `Effects.redirect` sent them."""


@dataclass(slots=True)
class Effects:
    """What a trigger's code asked for; flows act on it."""

    denied: str | None = None
    """The reason why access is denied; None: it is not."""
    denied_code: str = "access_denied"
    """The ``error`` of that denial."""
    denied_status: int | None = None
    """Its HTTP status where it is not the flow's own."""
    user_message: str | None = None
    """``pre-user-registration``: what the user is told of the denial."""
    access_token_claims: dict[str, Any] = field(default_factory=dict[str, Any])
    id_token_claims: dict[str, Any] = field(default_factory=dict[str, Any])
    added_scopes: list[str] = field(default_factory=list[str])
    removed_scopes: list[str] = field(default_factory=list[str])
    user_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    app_metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    require_mfa: bool = False
    enroll_with: list[str] = field(default_factory=list[str])
    """Factors that the user is to enrol, one of them."""
    challenge_with: list[str] = field(default_factory=list[str])
    redirect: str | None = None
    """Where the browser is sent before the log-in goes on at ``/continue``."""
    set_user: str | None = None
    """``custom-token-exchange``: the id of the user that tokens are issued for."""
    set_organization: str | None = None
    revoke_session: bool = False
    revoke_refresh_token: bool = False
    primary_user: str | None = None
    """``post-login``: the user that the log-in goes on with."""

    def apply_metadata(self, context: RequestContext, user: Doc) -> Doc:
        """Store what was set in a user's metadata; returns the user as it is then."""
        changed: Doc = {}
        for name, patch in (
            ("user_metadata", self.user_metadata),
            ("app_metadata", self.app_metadata),
        ):
            if patch:
                merged = {**member(user, name), **patch}
                changed[name] = {key: value for key, value in merged.items() if value is not None}
        if not changed:
            return user
        return context.tx.put("users", user["user_id"], {**user, **changed})


class Runner(Protocol):
    """Runs the code that a tenant has bound to a trigger."""

    def __call__(self, context: RequestContext, trigger: Trigger, event: Event) -> Effects: ...


def run_nothing(context: RequestContext, trigger: Trigger, event: Event) -> Effects:
    """The default runner: no code runs."""
    return Effects()


_runner: list[Runner] = [run_nothing]


def use(runner: Runner) -> Runner:
    """Let a runner act for every trigger from now on; returns the runner that did before."""
    previous, _runner[0] = _runner[0], runner
    return previous


def trigger(context: RequestContext, name: Trigger, event: Event) -> Effects:
    """Run what the tenant has bound to a trigger."""
    return _runner[0](context, name, event)
