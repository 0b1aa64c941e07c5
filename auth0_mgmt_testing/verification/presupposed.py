"""What requests of the Authentication API bear that the tenant issued before their scenario.

Codes, tokens, one-time passwords, assertions: a recording shows a placeholder of each, or leaves it
out. A target that can issue such things issues its own, which are sent instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from auth0_mgmt._json import is_object
from auth0_mgmt._redact import is_secret

from ..authentication.grants import (
    authorization_code,
    ciba,
    client_credentials,
    device_code,
    mfa,
    passwordless_otp,
    refresh_token,
)
from ..recordings.exchange import Exchange, parse_body
from .callers import given, is_authentication, refusal

AUTHORIZATION = "authorization"
"""Stands for the token in a request's header, which recorders leave out."""
_OWN = frozenset({"client_secret", "password"})
"""Secrets that a caller has of its own: the tenant is given them."""
_NOT_ISSUED = frozenset({"code_verifier", "code_challenge", "client_assertion_type", "token"})
"""What a caller makes itself, and what a tenant takes whatever it is."""
_ISSUED = frozenset({"code", "invitation", "authenticator_id", "auth_req_id"})
"""What is no secret by its name alone, and issued all the same."""
_NEEDED = {
    authorization_code.GRANT.name: ("code",),
    refresh_token.GRANT.name: ("refresh_token",),
    passwordless_otp.GRANT.name: ("otp",),
    mfa.OTP_GRANT.name: ("mfa_token", "otp"),
    mfa.OOB_GRANT.name: ("mfa_token", "oob_code"),
    mfa.RECOVERY_CODE_GRANT.name: ("mfa_token", "recovery_code"),
    device_code.GRANT.name: ("device_code",),
    ciba.GRANT.name: ("auth_req_id",),
}
"""What a request of a grant must bear to be taken."""
_CONFIDENTIAL = frozenset({client_credentials.GRANT.name, ciba.GRANT.name})
"""Grants of clients that show who they are; what they send in a header, recorders leave out."""
_SIGNED_IN = ("/userinfo", "/mfa/associate", "/mfa/authenticators")
"""Paths whose requests bear a token in a header."""
_UNKNOWN = "invalid_grant"
"""How a tenant refuses what it had not issued."""
_UNDECIDED = frozenset({"authorization_pending", "slow_down", "access_denied", "mfa_required"})
"""Refusals of what was issued, and is not good yet, or no more."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What a target issued for a request: parameters by name, headers; ids by the recorded ones."""

    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    ids: Mapping[str, str] = field(default_factory=dict[str, str])


def presupposed(exchange: Exchange, known: Iterable[str] = ()) -> frozenset[str]:
    """The names of what a request bears, or must have borne, and the scenario did not give out.

    Parameters by their names, and `AUTHORIZATION`. Empty where it bears nothing, and where the
    tenant said that it had not issued it. ``known``: what was given out since the scenario began.
    """
    request, refused = exchange.request, refusal(exchange)
    if not is_authentication(request.path) or refused == _UNKNOWN:
        return frozenset()
    since, values = frozenset(known), given(request)
    found = {
        name
        for name, value in values.items()
        if (is_secret(name) or name in _ISSUED)
        and name not in _OWN | _NOT_ISSUED
        and str(value) not in since
    }
    if refused is None or refused in _UNDECIDED:
        grant = str(values.get("grant_type"))
        needed = _NEEDED.get(grant, ())
        if grant in _CONFIDENTIAL and "client_assertion" not in values:
            needed = (*needed, "client_secret")
        found.update(name for name in needed if name not in values)
        if request.path.startswith(_SIGNED_IN) and "mfa_token" not in values:
            found.add(AUTHORIZATION)
    return frozenset(found)


def with_issued(exchange: Exchange, issued: Issued) -> tuple[Exchange, Mapping[str, str]]:
    """The exchange with what a target issued in its request, and further headers of that."""
    request = exchange.request
    values: dict[str, Any] = {**given(request), **issued.parameters}
    target, body = request.target, request.body
    if issued.parameters and request.method == "GET":
        target = f"{request.path}?{urlencode(values)}"
    elif issued.parameters:
        body = _written(request.body, values)
    return replace(exchange, request=replace(request, target=target, body=body)), issued.headers


def _written(body: bytes, values: Mapping[str, Any]) -> bytes:
    """These parameters in the format of a body: JSON or a form."""
    if is_object(parse_body(body)):
        return json.dumps(values).encode()
    return urlencode(values).encode()
