"""Targets that scenarios are replayed on."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from auth0_mgmt._json import is_object

from ..contract import management_scopes
from ..contract.router import BASE
from ..engine.scheduler import next_due
from ..errors import LoadError, TargetError
from ..live.configuration import ALLOW_VARIABLE, LOOPBACK, TOKEN_VARIABLE, allowed
from ..recordings.exchange import Exchange, RecordedResponse
from .callers import Callers
from .conditions import DEFAULT_DATABASE, Trait
from .earlier import EarlierState
from .presupposed import Issued

if TYPE_CHECKING:
    import httpx

_PATIENCE = 3600.0
"""The maximum duration in seconds of a task that a client waits for."""
_BUILD = 60.0
"""The build time of an action in seconds where the recorded tenant's took time."""


class Target(Protocol):
    """A tenant that requests can be sent to."""

    @property
    def domain(self) -> str:
        """The tenant's host name, as its responses spell it."""
        ...

    def reset(
        self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Trait] = ()
    ) -> None:
        """Begin a scenario: a new tenant where the target supports that.

        ``unavailable_features``: what the recorded tenant's plan did not include; a target whose
        plan is fixed ignores them. ``traits``: its preexisting state.
        """
        ...

    def restore(self, earlier: EarlierState) -> bool:
        """Take over what the recorded tenant held before; False where that cannot be."""
        ...

    def admit(self, callers: Callers) -> None:
        """Hold what requests of the Authentication API take for granted, where that can be."""
        ...

    def issue(self, exchange: Exchange, names: frozenset[str]) -> Issued | None:
        """Issue what a request presupposes under these names; None where that cannot be."""
        ...

    def authorization(self, withheld: Sequence[str] = ()) -> str:
        """The ``Authorization`` header to send: a token with every scope but those withheld."""
        ...

    def advance(self, seconds: float | None) -> None:
        """Advance the target's clock, where it can be; None: until its next task."""
        ...

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        """Respond to one request; ``target`` is path and query, encoded."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


_DOMAIN = "fake-tenant.eu.auth0.com"
"""A host such as recorded tenants have: parts of it show in what tenants generate."""


class FakeTarget:
    """A `FakeTenant` in this process."""

    def __init__(self) -> None:
        from ..tenant import FakeTenant

        self._tenant = FakeTenant(_DOMAIN)
        self._unavailable: frozenset[str] = frozenset()

    @property
    def domain(self) -> str:
        return self._tenant.domain

    def reset(
        self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Trait] = ()
    ) -> None:
        from ..tenant import FakeTenant

        if unavailable_features == self._unavailable:
            self._tenant.reset()
        else:
            self._tenant = FakeTenant(_DOMAIN, unavailable_features=unavailable_features)
            self._unavailable = unavailable_features
        self._tenant.build_delay = _BUILD if "slow_builds" in traits else 0.0
        prepare(self, traits)

    def restore(self, earlier: EarlierState) -> bool:
        try:
            self._tenant.load(earlier.given_to(self._tenant.export(secrets=True)))
        except LoadError:
            return False
        return True

    def admit(self, callers: Callers) -> None:
        from .admission import admit

        admit(self._tenant, callers)

    def issue(self, exchange: Exchange, names: frozenset[str]) -> Issued | None:
        from .issuance import issue

        return issue(self._tenant, exchange, names)

    def authorization(self, withheld: Sequence[str] = ()) -> str:
        if not withheld:
            return "Bearer replay"
        scopes = [scope for scope in management_scopes() if scope not in withheld]
        return f"Bearer {self._tenant.token(*scopes)}"

    def advance(self, seconds: float | None) -> None:
        clock = self._tenant.clock
        if seconds is None:
            due = next_due(self._tenant.snapshot().state)
            left = 0.0 if due is None else due - clock.time()
            # Clients do not wait for hours.
            seconds = max(left if left <= _PATIENCE else 0.0, self._tenant.build_delay)
        clock.advance(max(0.0, seconds))

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        with warnings.catch_warnings():
            # What the fake does not act on shows as a difference.
            warnings.simplefilter("ignore")
            response = self._tenant.send(method, target, headers, body)
        return RecordedResponse(response.status, response.headers, response.body)

    def close(self) -> None:
        pass


class UrlTarget:
    """A tenant at a URL.

    A fake tenant's server is reset before each scenario. Any other is a live tenant: it is
    changed by what the scenarios do, so its host must be named in ``AUTH0_ALLOW_LIVE``, and the
    token comes from ``AUTH0_TOKEN``.
    """

    def __init__(self, url: str, environment: Mapping[str, str] | None = None) -> None:
        import httpx

        environment = os.environ if environment is None else environment
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise TargetError(f"{url!r} is no http or https URL")
        self._host = parts.hostname
        if self._host not in LOOPBACK and not allowed(self._host, environment):
            raise TargetError(
                f"replaying on {self._host} creates, changes and deletes resources there; "
                f"to allow it set {ALLOW_VARIABLE}={self._host}"
            )
        self._token = environment.get(TOKEN_VARIABLE, "replay")
        self._client = httpx.Client(base_url=f"{parts.scheme}://{parts.netloc}", timeout=30)
        try:
            health = self._client.get("/__fake/health") if self._host in LOOPBACK else None
        except httpx.HTTPError as error:
            self._client.close()
            raise TargetError(f"{url} does not respond: {error}") from error
        self._fake = health is not None and _is_fake(health)
        if not self._fake and not allowed(self._host, environment):
            self._client.close()
            raise TargetError(
                f"{url} is not the server of a fake tenant, so it is taken for a live tenant: replaying "
                f"creates, changes and deletes resources there; to allow it set "
                f"{ALLOW_VARIABLE}={self._host}"
            )
        self._domain = self._host
        if self._fake:
            about = self._client.get("/.well-known/openid-configuration")
            if about.is_success:
                self._domain = urlsplit(str(about.json().get("issuer", ""))).netloc or self._host

    @property
    def domain(self) -> str:
        return self._domain

    def reset(
        self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Trait] = ()
    ) -> None:
        if self._fake:
            self._client.post("/__fake/reset").raise_for_status()
            prepare(self, traits)

    def authorization(self, withheld: Sequence[str] = ()) -> str:
        return f"Bearer {self._token}"

    def restore(self, earlier: EarlierState) -> bool:
        return False

    def admit(self, callers: Callers) -> None:
        pass

    def issue(self, exchange: Exchange, names: frozenset[str]) -> Issued | None:
        return None

    def advance(self, seconds: float | None) -> None:
        pass

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        response = self._client.request(method, target, headers=dict(headers), content=body)
        return RecordedResponse(
            response.status_code,
            {name.lower(): value for name, value in response.headers.items()},
            response.content,
        )

    def close(self) -> None:
        self._client.close()


def prepare(target: Target, traits: Collection[Trait]) -> None:
    """Set up the recorded tenant's preexisting state on a new fake tenant."""
    headers = {"authorization": target.authorization(), "content-type": "application/json"}

    def send(method: str, path: str, body: object = None) -> bytes:
        given = b"" if body is None else json.dumps(body).encode()
        return target.send(method, BASE + path, headers, given).body

    if "usernames" in traits:
        [connection] = json.loads(send("GET", f"/connections?name={DEFAULT_DATABASE}"))
        options = {**connection["options"], "attributes": _ADDRESS_OR_USERNAME}
        send("PATCH", f"/connections/{connection['id']}", {"options": options})
    if "custom_domain" in traits:
        domain = {"domain": "earlier.example.com", "type": "auth0_managed_certs"}
        send("POST", "/custom-domains", domain)
    if "login_route" in traits:
        route = {"default_redirection_uri": "https://earlier.example.com/login"}
        send("PATCH", "/tenants/settings", route)


_IDENTIFIES = {"identifier": {"active": True}}
_ADDRESS_OR_USERNAME = {
    "email": _IDENTIFIES,
    "username": {**_IDENTIFIES, "validation": {"min_length": 1, "max_length": 128}},
}


def _is_fake(health: httpx.Response) -> bool:
    """Whether a response is that of a fake tenant's server, not of a host that accepts anything."""
    try:
        about: Any = health.json()
    except ValueError:
        return False
    return health.is_success and is_object(about) and {"status", "domain"} <= about.keys()
