"""`Event`: what a trigger is about, as the flow that calls it holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..state.store import Doc

TriggerName: TypeAlias = Literal[
    "post-login",
    "credentials-exchange",
    "pre-user-registration",
    "post-user-registration",
    "post-change-password",
    "send-phone-message",
    "password-reset-post-challenge",
    "custom-token-exchange",
    "custom-phone-provider",
    "custom-email-provider",
]


@dataclass(frozen=True, slots=True)
class Event:
    """What a trigger is about. Documents are the state's own: they are read, not changed."""

    client: Doc | None = None
    user: Doc | None = None
    connection: Doc | None = None
    organization: Doc | None = None
    resource_server: Doc | None = None
    session: Doc | None = None
    refresh_token: Doc | None = None
    audience: str | None = None
    scopes: tuple[str, ...] = ()
    protocol: str = ""
    """``oidc-basic-profile``, ``oauth2-password``, ``oauth2-refresh-token`` …"""
    methods: tuple[str, ...] = ()
    """How the user authenticated so far: ``pwd``, ``mfa`` …"""
    roles: tuple[str, ...] = ()
    """The names of the user's roles."""
    ip: str = ""
    user_agent: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """The request's own parameters, without secrets."""
    message: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """``send-phone-message``: ``recipient``, ``text``, ``code``, ``message_type``; of the tenant's own
    providers: the ``notification``."""
    subject_token: str = field(default="", repr=False)
    """``custom-token-exchange``: the token to exchange, and its type."""
    subject_token_type: str = ""
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    """``post-login``, continued: what the browser brought to ``/continue``."""
    body: Mapping[str, str] = field(default_factory=dict[str, str])
    prompt: Mapping[str, Any] | None = None
    """``post-login``, continued: the ``id``, ``fields`` and ``vars`` of the form that was shown."""
