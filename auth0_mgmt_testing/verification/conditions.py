"""The conditions under which a scenario was recorded.

The token's scopes, the tenant's plan, the default database's users, the time.

They are not the API's behaviour, so the same conditions are set up on a target
before the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from auth0_mgmt._json import is_object

from ..contract.router import BASE
from ..recordings.exchange import Exchange, RecordedRequest, RecordedResponse, parse_body, strings
from ..simulation.plan import FEATURES
from .operations import row

_FORBIDDEN = 403
_MISSING_SCOPE = re.compile(r"Insufficient scope, expected any of: *(.+)")


def withheld_scopes(response: RecordedResponse) -> tuple[str, ...]:
    """Return the scopes that a recorded error names as missing: none of them was in the token."""
    found = _MISSING_SCOPE.match(_message(response))
    return tuple(re.findall(r"[\w:-]+", found[1])) if found else ()


def missing_features(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The features that the recorded tenant's plan did not include.

    Those of which an operation was refused as without them, for another reason than a missing
    scope, and none that needs them succeeded.
    """
    refused: set[str] = set()
    included: set[str] = set()
    for exchange in exchanges:
        response, operation = exchange.response, row(exchange.request.method, exchange.request.path)
        if operation is None or withheld_scopes(response):
            continue
        for name, feature in FEATURES.items():
            if not feature.needed(operation.name, exchange.request.headers):
                continue
            if response.status < 400:
                included.add(name)
            elif response.status == feature.status and (
                feature.error_code is None or _code(response) in (None, feature.error_code)
            ):
                refused.add(name)
    return frozenset(refused - included)


Trait = Literal["usernames", "custom_domain", "login_route", "slow_builds"]
"""Users of the default database have usernames; there is a primary custom domain; there is a
default login route; actions take time to build."""
DEFAULT_DATABASE = "Username-Password-Authentication"
"""The database that every new tenant has."""


@dataclass(frozen=True, slots=True)
class _Parsed:
    """An exchange with its bodies as JSON, parsed once."""

    request: RecordedRequest
    response: RecordedResponse
    sent: Any
    returned: Any

    @classmethod
    def of(cls, exchange: Exchange) -> _Parsed:
        request, response = exchange.request, exchange.response
        return cls(request, response, parse_body(request.body), parse_body(response.body))


def _has_usernames(exchanges: Sequence[_Parsed]) -> bool:
    """Whether the recorded tenant's default database allowed usernames."""
    return any(
        each.request.method == "POST"
        and each.request.path == f"{BASE}/users"
        and each.response.status < 400
        and is_object(each.sent)
        and each.sent.get("connection") == DEFAULT_DATABASE
        and each.sent.get("username") is not None
        for each in exchanges
    )


def _has_earlier_domain(exchanges: Sequence[_Parsed]) -> bool:
    """Whether the recorded tenant had a primary custom domain before.

    Then the scenario's first one is not the primary domain.
    """
    for each in exchanges:
        created = (each.request.method, each.request.path) == ("POST", f"{BASE}/custom-domains")
        primary = each.returned.get("primary") if is_object(each.returned) else None
        if created and isinstance(primary, bool):
            return not primary
    return False


def _has_login_route(exchanges: Sequence[_Parsed]) -> bool:
    """Whether invitations led to a URL that no request of the scenario had written."""
    written: set[str] = set()
    for each in exchanges:
        written.update(strings(each.sent))
        if each.request.method != "POST" or not each.request.path.endswith("/invitations"):
            continue
        url = each.returned.get("invitation_url") if is_object(each.returned) else None
        if isinstance(url, str) and url.partition("?")[0] not in written:
            return True
    return False


def _builds_slowly(exchanges: Sequence[_Parsed]) -> bool:
    """Whether a read showed an action that was being built."""
    return any(_progress(each.request, each.returned) == "building" for each in exchanges)


_TRAITS: Mapping[Trait, Callable[[Sequence[_Parsed]], bool]] = {
    "usernames": _has_usernames,
    "custom_domain": _has_earlier_domain,
    "login_route": _has_login_route,
    "slow_builds": _builds_slowly,
}


def traits(exchanges: Iterable[Exchange]) -> frozenset[Trait]:
    """Return preexisting traits of the recorded tenant that affect the scenario."""
    parsed = list(map(_Parsed.of, exchanges))
    return frozenset(name for name, holds in _TRAITS.items() if holds(parsed))


_UNFINISHED = frozenset({"pending", "building", "processing"})
_WORKED_OFF = re.compile(rf"{BASE}/(?:actions/actions|jobs)/[^/]+")


def shows_unfinished(exchange: Exchange) -> bool:
    """Whether a read shows an action or a job that the tenant is still working on."""
    return _status(exchange) in _UNFINISHED


def shows_finished(exchange: Exchange) -> bool:
    """Whether a read shows the result of the tenant's work on an action or a job."""
    request, response = exchange.request, exchange.response
    if request.method == "GET" and re.fullmatch(rf"{BASE}/jobs/[^/]+/errors", request.path):
        return response.status == 200
    return _status(exchange) not in (None, *_UNFINISHED)


def _status(exchange: Exchange) -> str | None:
    request = exchange.request
    if request.method != "GET" or not _WORKED_OFF.fullmatch(request.path):
        return None
    return _progress(request, parse_body(exchange.response.body))


def _progress(request: RecordedRequest, returned: Any) -> str | None:
    """How far the tenant is with an action or a job that a request reads."""
    if request.method != "GET" or not _WORKED_OFF.fullmatch(request.path):
        return None
    status = returned.get("status") if is_object(returned) else None
    return status if isinstance(status, str) else None


def own_hosts(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """Every spelling of the recorded tenant's host: ``<tenant>.<region>.auth0.com``.

    Hosts of requests, and those in bodies whose first label is the same, or is how client
    documents name their tenant: recorders replace the host of requests only.
    """
    exchanges = list(exchanges)
    hosts = {exchange.request.host for exchange in exchanges if exchange.request.host}
    names = {host.partition(".")[0] for host in hosts if host.endswith(_DOMAIN)}
    for exchange in exchanges:
        names.update(_TENANT.findall(exchange.response.body.decode(errors="replace")))
    if not names:
        return frozenset(hosts)
    own = re.compile(
        r"(?<![\w.-])(?:" + "|".join(map(re.escape, sorted(names))) + r")(?:\.[\w-]+)*\.auth0\.com"
    )
    for exchange in exchanges:
        for body in (exchange.request.body, exchange.response.body):
            hosts.update(own.findall(body.decode(errors="replace")))
    return frozenset(hosts)


_DOMAIN = ".auth0.com"
_TENANT = re.compile(r'"tenant": ?"([a-z0-9][a-z0-9-]+)"')


class Waits:
    """The time that went by before each exchange of a scenario.

    A caller had waited where a response shows what the tenant came to, or a request repeats an
    earlier read with no write since. Where a repeated deletion shows that the first one is still
    under way, no time went by.
    """

    def __init__(self) -> None:
        self._previous: Exchange | None = None
        self._read: set[str] = set()
        self._accepted: set[str] = set()

    def before(self, exchange: Exchange) -> Iterator[float | None]:
        """Seconds to wait, one after the other; None is until the next task."""
        request, status = exchange.request, exchange.response.status
        repeats = request.method == "DELETE" and request.path in self._accepted
        if self._previous is not None and not (repeats and status == _ACCEPTED):
            yield elapsed(self._previous, exchange)
        self._previous = exchange
        if status == _ACCEPTED:
            self._accepted.add(request.path)
        elif repeats:
            yield None
        if request.method != "GET":
            self._read.clear()
            return
        waited = shows_finished(exchange) or request.target in self._read
        if waited and not shows_unfinished(exchange):
            yield None
        self._read.add(request.target)


_ACCEPTED = 202


def elapsed(previous: Exchange, exchange: Exchange) -> float:
    """Seconds between two exchanges: by their dates, else by the duration of the first one."""
    if previous.recorded_at is not None and exchange.recorded_at is not None:
        return max(0.0, (exchange.recorded_at - previous.recorded_at).total_seconds())
    return previous.duration


def _code(response: RecordedResponse) -> str | None:
    body = parse_body(response.body)
    code = body.get("errorCode") if is_object(body) else None
    return code if isinstance(code, str) else None


def _message(response: RecordedResponse) -> str:
    body = parse_body(response.body) if response.status == _FORBIDDEN else None
    message = body.get("message") if is_object(body) else None
    return message if isinstance(message, str) else ""
