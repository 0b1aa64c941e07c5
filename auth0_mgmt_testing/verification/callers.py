"""What requests of the Authentication API take for granted: who calls, on whose behalf, for what.

The clients, APIs, connections, users and organizations that they name were there before their
scenario began, so a fake tenant is given the same. What the tenant had issued to them is
`presupposed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from auth0_mgmt._json import is_object

from ..authentication.grants import authorization_code, mfa, password, refresh_token
from ..contract.router import BASE
from ..recordings.exchange import Exchange, RecordedRequest, parse_body, strings

_PASSWORD = frozenset({password.GRANT.name, password.REALM_GRANT.name})
_SECOND_FACTOR = frozenset({mfa.OTP_GRANT.name, mfa.OOB_GRANT.name, mfa.RECOVERY_CODE_GRANT.name})
_IDENTIFIERS = ("email", "username", "phone_number")
_UNNAMED = "earlier"
_WHO = frozenset({"invalid_client"})
"""Refusals of who calls: the tenant did not hold such a client, or another secret of it."""
_VERIFIED = ("email_verified", "phone_verified")


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
    addresses: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Users of passwordless connections, who had verified their address."""


def is_authentication(path: str) -> bool:
    """Whether a path is none of the Management API."""
    return not path.startswith(BASE + "/")


def given(request: RecordedRequest) -> Mapping[str, Any]:
    """The parameters of a request: of its query, or of its body, as a form or JSON."""
    if request.method == "GET":
        return dict(parse_qsl(request.query))
    body = parse_body(request.body)
    return body if is_object(body) else dict(parse_qsl(request.body.decode(errors="replace")))


def caller_of(exchange: Exchange) -> str | None:
    """The client that a request names, or that had the token which a request bears alone."""
    client = given(exchange.request).get("client_id")
    if client is None and exchange.request.path.startswith("/mfa/"):
        return _UNNAMED
    return client if isinstance(client, str) else None


def refusal(exchange: Exchange) -> str | None:
    """The ``error`` that a request was refused with; None where it was not."""
    if exchange.response.status < 400:
        return None
    body = parse_body(exchange.response.body)
    return str(body.get("error")) if is_object(body) else ""


def callers(exchanges: Iterable[Exchange]) -> Callers:
    """Read it off a scenario's exchanges."""
    found = Callers()
    made: set[str] = set()
    for exchange in exchanges:
        if not is_authentication(exchange.request.path):
            made.update(strings(parse_body(exchange.response.body)))
            continue
        values = given(exchange.request)
        client = caller_of(exchange)
        if client is None or client in made or refusal(exchange) in _WHO:
            continue
        _note_client(found.clients.setdefault(client, Caller()), exchange, values)
        if exchange.response.status < 400:
            _note_others(found, exchange, values)
        if isinstance(hint := values.get("login_hint"), str):
            subject = parse_body(hint.encode())
            user = subject.get("sub") if is_object(subject) else None
            if isinstance(user, str) and refusal(exchange) != "unknown_user_id":
                found.users.add(user)
    return found


def _note_client(caller: Caller, exchange: Exchange, values: Mapping[str, Any]) -> None:
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
    shown = parse_body(exchange.response.body)
    if is_object(shown) and "refresh_token" in shown:
        caller.grants.add(refresh_token.GRANT.name)
    if exchange.request.path.startswith("/mfa/") or caller.grants & _SECOND_FACTOR:
        caller.grants |= {password.GRANT.name, *_SECOND_FACTOR}  # both factors, to enroll one
    if "code" in str(values.get("response_type")).split():
        caller.grants.add(authorization_code.GRANT.name)


def _note_others(found: Callers, exchange: Exchange, values: Mapping[str, Any]) -> None:
    path, shown = exchange.request.path, parse_body(exchange.response.body)
    if isinstance(organization := values.get("organization"), str):
        found.organizations.add(organization)
    if values.get("grant_type") in _PASSWORD:
        found.logins.append((str(values.get("username")), str(values.get("password"))))
    if path == "/dbconnections/signup":
        identifiers = found.signups.setdefault(str(values.get("connection")), set())
        identifiers.update(name for name in _IDENTIFIERS if name in values)
    if path == "/passwordless/start" and is_object(shown):
        verified = {name: True for name in _VERIFIED if shown.get(name) is True}
        address = {name: values[name] for name in _IDENTIFIERS if name in values}
        if verified:
            found.addresses.append({"connection": values.get("connection"), **address, **verified})
