"""Faults: responses that are errors, late, truncated or lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auth0_mgmt._operation import Operation

from .._registry import operation_lookup
from ..engine.response import Response, TransportFault
from .error_responses import error_response


@dataclass(eq=False, repr=False)
class Fault:
    """One fault of one operation, and how often it has hit."""

    operation: Operation[Any]
    status: int | None
    error_code: str | None
    message: str | None
    headers: Mapping[str, str]
    body: bytes | None
    skip: int
    times: int | None
    latency: float
    drop_connection: bool
    truncate_body: int | None
    lose_response: bool
    calls: int = 0
    """Calls of the operation since the fault was added."""
    hits: int = 0
    """How many of them it hit."""

    def __repr__(self) -> str:
        return f"<Fault of {self.operation.name}: hits {self.hits} of {self.calls} calls>"

    def is_due(self) -> bool:
        """Count one more call; return whether the fault is due in it."""
        self.calls += 1
        return self.calls > self.skip and (self.times is None or self.hits < self.times)

    @property
    def replaces_response(self) -> bool:
        """Whether the request is not carried out at all."""
        return (self.drop_connection or self.status is not None) and not self.lose_response

    def apply(self, response: Response, now: float) -> Response:
        """Return the response to a request that this fault hits.

        ``now``: seconds since the epoch, for the headers that say when to retry.
        """
        if self.drop_connection:
            response = Response(0)
        elif self.status is not None:
            response = self._refusal(self.status, now)
        if self.latency or self.drop_connection or self.truncate_body is not None:
            response.transport_fault = TransportFault(
                self.latency, self.drop_connection, self.lose_response, self.truncate_body
            )
        return response

    def _refusal(self, status: int, now: float) -> Response:
        headers = {**(_come_again(now) if status == 429 else {}), **self.headers}
        if self.body is not None:
            return Response(status, self.body, headers)
        return error_response(
            self.operation,
            status,
            message=self.message,
            error_code=self.error_code,
            headers=headers,
        )


def _come_again(now: float) -> dict[str, str]:
    return {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(now) + 1),
    }


class Faults:
    """The faults that a test has added."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set: dict[str, list[Fault]] = {}

    def add(
        self,
        operation: str,
        *,
        status: int | None = None,
        error_code: str | None = None,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        skip: int = 0,
        times: int | None = 1,
        latency: float = 0.0,
        drop_connection: bool = False,
        truncate_body: int | None = None,
        lose_response: bool = False,
    ) -> Fault:
        """Let calls of an operation fail; return the fault, which counts its hits.

        ``operation``: ``"users.get"``, ``"get_users_by_id"`` or ``"GET /users/{id}"``;
        ``"oauth.token"`` is the token endpoint.
        ``status``: an error status, in the API's own format with the usual message and code of
        that status unless ``message`` and ``error_code`` are given; ``body`` is a raw body
        instead (a gateway's page), ``headers`` are added.
        ``latency``: delay of the response in seconds. In process nothing sleeps: the tenant's clock
        advances, and a client with a shorter read timeout times out. A served tenant
        whose clock runs really delays it.
        ``drop_connection``: without a response. ``truncate_body``: after so many bytes of the body.
        ``lose_response``: the request takes effect before its response is lost or replaced; else a
        request with ``status`` or ``drop_connection`` has none. Alone it implies the latter.
        ``skip``: calls let through first. ``times``: calls that fail, None for all from then on.

        Of several faults that are due in one call the one that was added first hits. Raises
        ValueError for an operation that does not exist and for arguments that exclude each other.
        """
        drop_connection = drop_connection or (lose_response and status is None)
        _check(
            status,
            (error_code, message, body),
            skip,
            times,
            latency,
            drop_connection,
            truncate_body,
        )
        fault = Fault(
            operation_lookup().get(operation),
            status,
            error_code,
            message,
            dict(headers or {}),
            body.encode() if isinstance(body, str) else body,
            skip,
            times,
            latency,
            drop_connection,
            truncate_body,
            lose_response,
        )
        with self._lock:
            key = fault.operation.id
            self._set = {**self._set, key: [*self._set.get(key, ()), fault]}
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._set = {}

    def __iter__(self) -> Iterator[Fault]:
        return (fault for faults in self._set.values() for fault in faults)

    def __len__(self) -> int:
        return sum(map(len, self._set.values()))

    def match(self, operation: Operation[Any]) -> Fault | None:
        """Count a call; return the fault that hits it, None where there is none."""
        faults = self._set.get(operation.id)
        if faults is None:
            return None
        with self._lock:
            due = [fault for fault in faults if fault.is_due()]
            if due:
                due[0].hits += 1
        return due[0] if due else None


def _check(
    status: int | None,
    wording: tuple[object, ...],
    skip: int,
    times: int | None,
    latency: float,
    drop_connection: bool,
    truncate_body: int | None,
) -> None:
    """Raise ValueError for arguments that exclude each other or have no effect."""
    if status is not None and not 400 <= status <= 599:
        raise ValueError(f"status={status} is not an error status; give one from 400 to 599")
    if status is None and any(part is not None for part in wording):
        raise ValueError("error_code, message and body belong to an error: give a status, too")
    if drop_connection and (status is not None or truncate_body is not None):
        raise ValueError("a dropped connection has no response: leave out status and truncate_body")
    if skip < 0 or latency < 0 or (times is not None and times < 1) or (truncate_body or 0) < 0:
        raise ValueError(
            "skip, latency and truncate_body are 0 or more, times is 1 or more, or None"
        )
    if status is None and truncate_body is None and not drop_connection and not latency:
        raise ValueError(
            "a fault needs an effect: give status, latency, drop_connection, lose_response or truncate_body"
        )
