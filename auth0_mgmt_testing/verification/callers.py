"""What requests of the Authentication API take for granted: who calls, on whose behalf, for what.

The clients, APIs, connections, users and organizations that they name were there before their
scenario began, so a fake tenant is given the same. What the tenant had issued before (codes,
tokens, one-time passwords, a key's signature) cannot be given: such a request says nothing, unless
the recorded tenant refused just that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from auth0_mgmt._json import is_object
from auth0_mgmt._redact import is_secret

from ..contract.router import BASE
from ..recordings.exchange import Exchange, RecordedRequest, parse_body, strings

_OWN = frozenset({"client_secret", "password"})
"""Secrets that a caller has of its own: the tenant is given them."""
_NOT_ISSUED = frozenset({"code_verifier", "code_challenge", "token"})
"""What a caller makes itself, and what a tenant takes whatever it is."""
_SIGNED_IN = ("/userinfo", "/mfa/")
"""Paths whose requests bear a token in a header, which recorders leave out."""
_UNKNOWN = "invalid_grant"
"""How a tenant refuses what it had not issued."""
_PASSWORD = ("password", "http://auth0.com/oauth/grant-type/password-realm")
_IDENTIFIERS = ("email", "username", "phone_number")


@dataclass(slots=True)
class Caller:
    """A client, as its requests show it."""

    secret: str | None = None
    grants: set[str] = field(default_factory=set[str])
    callbacks: set[str] = field(default_factory=set[str])
    audiences: set[str] = field(default_factory=set[str])
    connections: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Callers:
    """All that the requests of a scenario take for granted."""

    clients: dict[str, Caller] = field(default_factory=dict[str, Caller])
    organizations: set[str] = field(default_factory=set[str])
    logins: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """Name and password of users who logged in."""
    users: set[str] = field(default_factory=set[str])
    """Ids of users on whose behalf a client called."""
    signups: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    """What new users of a connection were identified by."""


def is_authentication(path: str) -> bool:
    """Whether a path is none of the Management API."""
    return not path.startswith(BASE + "/")


def given(request: RecordedRequest) -> Mapping[str, Any]:
    """The parameters of a request: of its query, or of its body, as a form or JSON."""
    if request.method == "GET":
        return dict(parse_qsl(request.query))
    body = parse_body(request.body)
    return body if is_object(body) else dict(parse_qsl(request.body.decode(errors="replace")))


def callers(exchanges: Iterable[Exchange]) -> Callers:
    """Read it off a scenario's exchanges."""
    found = Callers()
    made: set[str] = set()
    for exchange in exchanges:
        if not is_authentication(exchange.request.path):
            made.update(strings(parse_body(exchange.response.body)))
            continue
        values = given(exchange.request)
        client = values.get("client_id")
        if not isinstance(client, str) or client in made:
            continue
        _note_client(found.clients.setdefault(client, Caller()), values)
        if exchange.response.status < 400:
            _note_others(found, exchange.request.path, values)
        if isinstance(hint := values.get("login_hint"), str):
            subject = parse_body(hint.encode())
            user = subject.get("sub") if is_object(subject) else None
            refusal = parse_body(exchange.response.body)
            unknown = is_object(refusal) and refusal.get("error") == "unknown_user_id"
            if isinstance(user, str) and not unknown:
                found.users.add(user)
    return found


def _note_client(caller: Caller, values: Mapping[str, Any]) -> None:
    if isinstance(secret := values.get("client_secret"), str):
        caller.secret = secret
    for name, known in (
        ("grant_type", caller.grants),
        ("redirect_uri", caller.callbacks),
        ("audience", caller.audiences),
        ("connection", caller.connections),
        ("realm", caller.connections),
    ):
        if isinstance(value := values.get(name), str):
            known.add(value)


def _note_others(found: Callers, path: str, values: Mapping[str, Any]) -> None:
    if isinstance(organization := values.get("organization"), str):
        found.organizations.add(organization)
    if values.get("grant_type") in _PASSWORD:
        found.logins.append((str(values.get("username")), str(values.get("password"))))
    if path == "/dbconnections/signup":
        identifiers = found.signups.setdefault(str(values.get("connection")), set())
        identifiers.update(name for name in _IDENTIFIERS if name in values)


def names_issued(exchange: Exchange, known: Iterable[str]) -> bool:
    """Whether a request bears what the tenant had issued before the scenario, and took.

    ``known``: what was given out since.
    """
    request = exchange.request
    if not is_authentication(request.path):
        return False
    refusal = parse_body(exchange.response.body)
    if exchange.response.status >= 400 and is_object(refusal) and refusal.get("error") == _UNKNOWN:
        return False
    if request.path.startswith(_SIGNED_IN):
        return True
    since = frozenset(known)
    values = given(request)
    return any(
        (is_secret(name) or name in ("code", "invitation"))
        and name not in _OWN | _NOT_ISSUED
        and str(value) not in since
        for name, value in values.items()
    )
