"""Replay recorded scenarios on a target and compare every response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from ..recordings.exchange import Exchange, RecordedResponse, Scenario, parse_body, strings
from ..recordings.sensitive import holders, without_secret_parameters
from .callers import callers, is_authentication
from .compare import Comparison, Difference, compare
from .conditions import (
    Waits,
    missing_features,
    own_hosts,
    traits,
    withheld_scopes,
)
from .discovery import OutsideDiscovery
from .earlier import earlier_state
from .handmade import is_handmade
from .identity import IdentityMap
from .operations import lists_made_things, match, request_kind, row
from .preexisting import Preexisting
from .presupposed import Issued, presupposed, with_issued
from .rewritten import RewrittenClients, without_dropped_id_token
from .targets import Target

_KEPT_HEADERS = frozenset({"content-type", "accept", "auth0-custom-domain"})


Silent = Literal["", "preexisting", "superseded", "handmade"]
"""It is about preexisting state; newer tenants respond otherwise; the recording
was written by hand."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one exchange of a scenario; ``operation`` None: outside of the contract."""

    scenario: str
    position: int
    method: str
    target: str
    operation: str | None
    verdict: Comparison
    recorded: RecordedResponse
    recorded_at: datetime | None = None
    client: str = ""
    """The recorded ``User-Agent``: later versions recorded later."""
    request_kind: str = ""
    """The kind of its request (see `operations.request_kind`)."""
    silent: Silent = ""
    """Why it does not count; None if it does."""
    source: str = ""
    """The file of the recording."""


def replay(scenario: Scenario, target: Target, *, strict: bool = False) -> Iterator[Outcome]:
    """Reset the target, send the scenario's requests in order, compare its responses.

    Identifiers that the recorded tenant issued are replaced in later requests by those that the
    target issued in the same place. The target's plan lacks what the recorded tenant's lacked,
    and its clock advances by the recorded times (see `conditions`); where a response shows the
    result of the tenant's work, or a request repeats an earlier read, with no write since, the caller
    waited, so the clock moves on to the next task; where a repeated deletion shows that the first
    one is still under way, it stands.
    ``strict`` gives the target what the recording shows of before the scenario (see `earlier`), and
    counts all but the exchanges that it was read off. What no tenant said, but a recorder or a
    person, counts in no case.
    """
    target.reset(missing_features(scenario.exchanges), traits(scenario.exchanges))
    hosts = own_hosts(scenario.exchanges)
    handmade = is_handmade(scenario.exchanges)
    rewritten = RewrittenClients(scenario.exchanges)
    follower = Follower(scenario.name, hosts, target, strict=strict, rewritten=rewritten)
    target.admit(callers(scenario.exchanges))
    scenario_time = scenario.recorded_at
    sources: frozenset[int] = frozenset()
    if strict:
        here = IdentityMap(hosts, target.domain).text
        earlier = earlier_state(scenario.exchanges, here)
        if target.restore(earlier):
            sources = earlier.sources
    waits = Waits()
    for exchange in scenario.exchanges:
        for wait in waits.before(exchange):
            target.advance(wait)
        outcome = follower.follow(exchange, exchange.recorded_at or scenario_time)
        silent: Silent = "preexisting" if outcome.position in sources else outcome.silent
        silent = "handmade" if handmade else silent
        yield replace(outcome, silent=silent, source=scenario.source)


Seen = Callable[[Exchange, RecordedResponse], tuple[Exchange, RecordedResponse]]
"""Replace an exchange and a target's response before they are compared and reported."""


def _all(exchange: Exchange, answer: RecordedResponse) -> tuple[Exchange, RecordedResponse]:
    return exchange, answer


class Follower:
    """Sends a tenant's recorded requests to a target in order, and compares.

    ``hosts`` are the tenant's; ``seen`` may redact the outcomes.
    """

    def __init__(
        self,
        name: str,
        hosts: Iterable[str],
        target: Target,
        *,
        strict: bool = False,
        seen: Seen = _all,
        rewritten: RewrittenClients | None = None,
    ) -> None:
        self._name = name
        self._target = target
        self._strict = strict
        self._seen = seen
        self._rewritten = rewritten or RewrittenClients()
        self._identities = IdentityMap(hosts, target.domain)
        self._before = Preexisting(self._identities)
        self._discovery = OutsideDiscovery()
        self._issued: set[str] = set()
        """What the recorded tenant has given out since the scenario began."""
        self._position = -1

    def follow(self, exchange: Exchange, when: datetime | None) -> Outcome:
        """Send the request, and compare the target's response with the tenant's."""
        self._position += 1
        request = exchange.request
        operation = row(request.method, request.path)
        self._discovery.follow(exchange)
        needed = presupposed(exchange, self._issued)
        issued = self._target.issue(exchange, needed) if needed else None
        for recorded, own in issued.ids.items() if issued else ():
            self._identities.learn(recorded, own)
        sent, more = with_issued(exchange, issued or Issued())
        answer = _send(sent, self._target, self._identities, more)
        actual = None if isinstance(answer, Exception) else answer
        names_earlier = self._before.names_earlier(exchange, actual)
        # The names in a write to a preexisting resource are preexisting, too.
        names_older = self._before.names_older(request.path)
        only_refers = request.method == "GET" or names_earlier or names_older
        self._identities.sent(request.target, parse_body(request.body), read=only_refers)
        shown, other = self._seen(exchange, actual or RecordedResponse(0))
        verdict = (
            Comparison((Difference("", "status", str(exchange.response.status), repr(answer)),))
            if actual is None
            else compare(
                shown.response,
                other,
                self._identities,
                listing=request.method == "GET",
                made=operation is not None and lists_made_things(operation),
                strict_lists=self._strict,
                issues=not names_earlier and not names_older,
                around=holders(request.path, exchange.response.status)[1],
            )
        )
        verdict = self._rewritten.without_dropped(exchange, verdict)
        verdict = without_dropped_id_token(exchange, verdict)
        telling: Comparison | None = verdict
        if needed and issued is None:
            telling = None
        elif not self._strict:
            verdict = self._discovery.without_discovered(exchange, verdict)
            telling = self._before.without_earlier(exchange, actual, verdict)
        if is_authentication(request.path):
            self._issued.update(strings(parse_body(exchange.response.body)))
        if telling is None:
            self._identities.from_before(request.path)
        return Outcome(
            self._name,
            self._position,
            request.method,
            without_secret_parameters(shown.request.target),
            None if operation is None else operation.id,
            verdict if telling is None else telling,
            shown.response,
            when,
            request.headers.get("user-agent", ""),
            request_kind(exchange),
            "preexisting" if telling is None else "",
        )


def _send(
    exchange: Exchange, target: Target, identities: IdentityMap, more: Mapping[str, str]
) -> RecordedResponse | Exception:
    request = exchange.request
    headers = {
        name: identities.text(value)
        for name, value in request.headers.items()
        if name in _KEPT_HEADERS
    }
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    body = identities.form(request.body) if form else identities.body(request.body)
    try:
        if not is_authentication(request.path):
            headers["authorization"] = target.authorization(withheld_scopes(exchange.response))
        url = identities.target(request.target)
        return target.send(request.method, url, {**headers, **more}, body)
    except Exception as error:
        # An exception of a target is a finding about that request.
        return error


def holds(scenario: Scenario, operations: frozenset[str]) -> bool:
    """Whether one of the scenario's exchanges is of one of these operations."""
    return any(_operation(exchange) in operations for exchange in scenario.exchanges)


def _operation(exchange: Exchange) -> str | None:
    return match(exchange.request.method, exchange.request.path)
