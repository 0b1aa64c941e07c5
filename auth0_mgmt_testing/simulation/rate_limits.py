"""Rate limits: token buckets that are refilled at fixed times, by the tenant's clock.

The figures of the presets are the vendor's published ones (rate limit policy, by plan). A bucket
contains up to its size; at each full second, minute or day it gains what the plan grants for that
time, never beyond its size. A request takes one token of the tenant's bucket first and then
one of its endpoint's, where there are such.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from auth0_mgmt._operation import Operation

from ..contract.operation_lookup import unknown
from ..engine.response import Response
from .error_responses import error_response

Plan: TypeAlias = Literal[
    "free",
    "essentials",
    "professional",
    "enterprise",
    "enterprise-nonproduction",
    "private-cloud-1x",
    "private-cloud-15x",
]
SECOND, MINUTE, DAY = 1.0, 60.0, 86_400.0
_WARN_AT = 0.8
"""The used share of a bucket above which a warning is logged."""


@dataclass(frozen=True, slots=True)
class Limit:
    """The size and gain of one bucket, and which requests take from it."""

    name: str
    size: int
    gain: int
    every: float = SECOND
    methods: tuple[str, ...] = ()
    """Empty: every method."""
    paths: tuple[str, ...] = ()
    """Paths of operations; each includes all below it. Empty: the whole API."""
    parameter: str = ""
    """Only requests that have this query parameter."""
    part: Literal["management", "authentication"] = "management"

    def covers(self, operation: Operation[Any] | None, query: str, outside: bool) -> bool:
        """Whether a request takes from this bucket; ``outside`` of the Management API."""
        if outside != (self.part == "authentication"):
            return False
        if not self.methods and not self.paths:
            return True
        return (
            operation is not None
            and operation.method in self.methods
            and any(operation.path == p or operation.path.startswith(p + "/") for p in self.paths)
            and (not self.parameter or f"{self.parameter}=" in query)
        )


_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_USERS = ("/users", "/users-by-email")
_ANY_PUBLIC = (
    Limit("search clients", 5, 150, MINUTE, ("GET",), ("/clients",), parameter="q"),
    Limit("read prompt partials", 5, 5, MINUTE, ("GET",), ("/prompts/{prompt}/partials",)),
    Limit("write prompt partials", 5, 5, MINUTE, _WRITES, ("/prompts/{prompt}/partials",)),
    Limit("verify custom domains", 5, 5, MINUTE, ("POST",), ("/custom-domains/{id}/verify",)),
    Limit("connection status", 100, 15, SECOND, ("GET",), ("/connections/{id}/status",)),
    Limit("write signing keys", 5, 5, DAY, _WRITES, ("/keys/signing",)),
)
_GROUPS = (
    Limit("read users", 40, 500, MINUTE, ("GET",), _USERS),
    Limit("write users", 20, 200, MINUTE, ("POST", "PATCH"), ("/users",)),
    Limit("delete users", 20, 200, MINUTE, ("DELETE",), ("/users",)),
    Limit("read logs", 10, 100, MINUTE, ("GET",), ("/logs",)),
    Limit("read clients", 5, 100, MINUTE, ("GET",), ("/clients",)),
    Limit("read connections", 5, 50, MINUTE, ("GET",), ("/connections",)),
    Limit("read organizations", 5, 50, MINUTE, ("GET",), ("/organizations",)),
)


def _authentication(size: int, gain: int, every: float = SECOND) -> Limit:
    return Limit("Authentication API", size, gain, every, part="authentication")


PLANS: Mapping[str, tuple[Limit, ...]] = {
    "free": (
        Limit("Management API", 2, 2),
        *_ANY_PUBLIC,
        _authentication(300, 300, MINUTE),
        Limit("tokens", 30, 30, SECOND, ("POST",), ("/oauth/token",), part="authentication"),
    ),
    "essentials": (*_ANY_PUBLIC, *_GROUPS, _authentication(25, 25)),
    "professional": (*_ANY_PUBLIC, *_GROUPS, _authentication(25, 25)),
    "enterprise": (Limit("Management API", 50, 16), *_ANY_PUBLIC, _authentication(100, 100)),
    "enterprise-nonproduction": (
        Limit("Management API", 10, 2),
        *_ANY_PUBLIC,
        _authentication(100, 100),
    ),
    "private-cloud-1x": (Limit("Management API", 50, 50),),
    "private-cloud-15x": (Limit("Management API", 750, 750),),
}


@dataclass(slots=True)
class _Bucket:
    limit: Limit
    left: int
    window: int
    warned: bool = False
    logged: bool = False

    def fill(self, now: float) -> None:
        """Add the gains of the windows since the last request."""
        window = math.floor(now / self.limit.every)
        if window > self.window:
            gained = self.limit.gain * (window - self.window)
            self.left = min(self.limit.size, self.left + gained)
            if self.left == self.limit.size:
                self.warned = self.logged = False
        self.window = window

    def event(self, type: str, description: str) -> dict[str, Any]:
        """A log event about the bucket."""
        limit = {"size": self.limit.size, "bucket": self.limit.name, "global": False}
        about = {"type": type, "description": f"{description}: {self.limit.name}"}
        return {**about, "details": {"limit": limit}}

    def headers(self) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(self.limit.size),
            "x-ratelimit-remaining": str(self.left),
            "x-ratelimit-reset": str(math.ceil((self.window + 1) * self.limit.every)),
        }


@dataclass(frozen=True, slots=True)
class RateLimitDecision:
    """The result of the limits for one request."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Headers for any response; empty where no bucket covers the request."""
    over: bool = False
    """There was no token left: the response is 429."""
    events: tuple[dict[str, Any], ...] = ()
    """Tenant log events to write."""


class RateLimits:
    """The limits of a tenant; off until `enable`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: tuple[Limit, ...] = ()
        self._buckets: dict[str, _Bucket] = {}

    def enable(
        self, plan: Plan | None = None, *, limit: int | None = None, per_second: int | None = None
    ) -> None:
        """Limit requests as a plan does, or all of the Management API by one bucket.

        ``limit`` is the bucket's size (the burst), ``per_second`` its gain at each full
        second (default: its size). Buckets begin full. Every response to a request that a bucket
        covers carries ``x-ratelimit-limit``, ``-remaining`` and ``-reset``; with an empty bucket
        it is a 429. Raises ValueError for an unknown plan and for numbers below 1.
        """
        if (plan is None) == (limit is None):
            raise ValueError("give a plan, or a limit (and perhaps per_second)")
        if plan is not None:
            if plan not in PLANS:
                raise ValueError(f"{unknown('plan', plan, PLANS)} (plans: {', '.join(PLANS)})")
            if per_second is not None:
                raise ValueError("a plan defines the gain of its buckets: leave out per_second")
            self._set(PLANS[plan])
        else:
            size = limit or 0
            gain = size if per_second is None else per_second
            if size < 1 or gain < 1:
                raise ValueError("limit and per_second are 1 or more")
            self._set((Limit("Management API", size, gain),))

    def disable(self) -> None:
        """Limit nothing."""
        self._set(())

    def reset(self) -> None:
        """Fill every bucket."""
        self._set(self._limits)

    def _set(self, limits: tuple[Limit, ...]) -> None:
        with self._lock:
            self._limits, self._buckets = limits, {}

    @property
    def enabled(self) -> bool:
        return bool(self._limits)

    def take(
        self, operation: Operation[Any] | None, query: str, now: float, *, outside: bool = False
    ) -> RateLimitDecision:
        """Take a request's tokens at a time (seconds since the epoch)."""
        with self._lock:
            covering = [limit for limit in self._limits if limit.covers(operation, query, outside)]
            events: list[dict[str, Any]] = []
            bucket: _Bucket | None = None
            for limit in covering:
                bucket = self._bucket(limit, now)
                if bucket.left == 0:
                    if not bucket.logged:
                        bucket.logged = True
                        events.append(bucket.event("api_limit", "Rate limit reached"))
                    return RateLimitDecision(bucket.headers(), over=True, events=tuple(events))
                bucket.left -= 1
                if bucket.left <= limit.size * (1 - _WARN_AT) and not bucket.warned:
                    bucket.warned = True
                    event = bucket.event("api_limit_warning", "Rate limit is near")
                    event["details"]["limit"]["usage"] = limit.size - bucket.left
                    events.append(event)
            if bucket is None:
                return RateLimitDecision()
            return RateLimitDecision(bucket.headers(), events=tuple(events))

    def refuse(self, operation: Operation[Any] | None, decision: RateLimitDecision) -> Response:
        """Return the response to a request that found its bucket empty."""
        return error_response(operation, 429, headers=decision.headers)

    def _bucket(self, limit: Limit, now: float) -> _Bucket:
        bucket = self._buckets.get(limit.name)
        if bucket is None:
            bucket = _Bucket(limit, limit.size, math.floor(now / limit.every))
            self._buckets[limit.name] = bucket
        bucket.fill(now)
        return bucket
