"""Replay recorded scenarios on a target and judge every answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .before import Before
from .compare import Difference, Verdict, compare
from .exchange import Exchange, Request, Response, Scenario, parse_body
from .identity import IdentityMap
from .operations import match
from .targets import Target

_KEPT_HEADERS = frozenset({"content-type", "accept", "auth0-custom-domain"})


Silent = Literal["", "before", "superseded"]
"""It is about what was there before the scenario; newer tenants answer otherwise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one exchange of a scenario came out; ``operation`` None: outside of the contract."""

    scenario: str
    position: int
    method: str
    target: str
    operation: str | None
    verdict: Verdict
    recorded: Response
    recorded_at: datetime | None = None
    client: str = ""
    """The recorded ``User-Agent``: later versions recorded later."""
    silent: Silent = ""
    """Why it says nothing of the target, if it doesn't."""


def replay(scenario: Scenario, target: Target, *, strict: bool = False) -> Iterator[Outcome]:
    """Reset the target, send the scenario's requests in order, compare what it answers.

    Identifiers that the recorded tenant gave out are replaced in later requests by those that the
    target gave out in the same place. ``strict`` counts what the recorded tenant held before the
    scenario, too.
    """
    target.reset()
    hosts = [exchange.request.host for exchange in scenario.exchanges]
    identities = IdentityMap(hosts, target.domain)
    before = Before(identities)
    told = scenario.recorded_at
    for position, exchange in enumerate(scenario.exchanges):
        request = exchange.request
        answer = _send(request, target, identities)
        identities.sent(request.target, parse_body(request.body))
        verdict = (
            Verdict((Difference("", "status", str(exchange.response.status), repr(answer)),))
            if isinstance(answer, Exception)
            else compare(
                exchange.response,
                answer,
                identities,
                listing=request.method == "GET",
                strict_lists=strict,
            )
        )
        actual = None if isinstance(answer, Exception) else answer
        tells = before.tells(exchange, actual, verdict) or strict
        yield Outcome(
            scenario.name,
            position,
            request.method,
            request.target,
            match(request.method, request.path),
            verdict,
            exchange.response,
            exchange.recorded_at or told,
            request.headers.get("user-agent", ""),
            "" if tells else "before",
        )


def _send(request: Request, target: Target, identities: IdentityMap) -> Response | Exception:
    headers = {
        name: identities.text(value)
        for name, value in request.headers.items()
        if name in _KEPT_HEADERS
    }
    headers["authorization"] = "Bearer replay"
    try:
        return target.send(
            request.method,
            identities.target(request.target),
            headers,
            identities.body(request.body),
        )
    except Exception as error:
        # A target that breaks on one request is a finding about that request.
        return error


def holds(scenario: Scenario, operations: frozenset[str]) -> bool:
    """Whether one of the scenario's exchanges is of one of these operations."""
    return any(_operation(exchange) in operations for exchange in scenario.exchanges)


def _operation(exchange: Exchange) -> str | None:
    return match(exchange.request.method, exchange.request.path)
