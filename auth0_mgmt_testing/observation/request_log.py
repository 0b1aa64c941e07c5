"""The request log of a tenant, and assertions about it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, TypedDict

from auth0_mgmt._redact import FORM, redacted, subject

from .._registry import operation_lookup
from ..engine.request import LoggedRequest
from .explanation import explain
from .scopes import smallest_set

if TYPE_CHECKING:
    from typing_extensions import Unpack

KEPT = 1_000
"""Requests that the log keeps; older ones are dropped."""
_BODY_KEPT = 65_536
"""The largest body in bytes that is kept."""


class Having(TypedDict, total=False):
    """Filters for requests (`RequestLog.for_operation`); missing and None match anything."""

    json: Any
    query: Mapping[str, Any] | None
    params: Mapping[str, str] | None
    status: int | None


class RequestLog:
    """The last thousand requests, oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=kept)
        self._scopes: dict[tuple[str, ...], None] = {}
        self._numbers = count(1)

    def add(self, request: LoggedRequest) -> None:
        """Add a request; the oldest is dropped where there are too many."""
        if len(request.body) > _BODY_KEPT:
            request.body = b""
        request.number = next(self._numbers)
        if request.refusal is not None or 400 <= request.status < 500:
            request.explanation = explain(request, reversed(self._entries))
        self._entries.append(request)
        if request.matched is not None and request.matched.scopes:
            self._scopes[request.matched.scopes] = None

    def clear(self) -> None:
        """Forget all requests, and the scopes that they required."""
        self._entries.clear()
        self._scopes = {}

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, position: int) -> LoggedRequest:
        return self._entries[position]

    def required_scopes(self) -> tuple[str, ...]:
        """Return the smallest set of scopes that allows every operation since `clear`."""
        return smallest_set(self._scopes)

    def for_operation(
        self,
        operation: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> list[LoggedRequest]:
        """Return the requests of one operation that contain what is given.

        ``json`` is a part of the body at any depth (lists whole), ``query`` and ``params`` parts
        of the query and of the path's parameters. Raises ValueError for an unknown operation.
        """
        wanted = operation_lookup().get(operation)
        return [
            entry
            for entry in self
            if entry.matched is not None
            and entry.matched.id == wanted.id
            and entry.matches(json=json, query=query, params=params, status=status)
        ]

    def assert_called(
        self, operation: str, *, times: int | None = None, **having: Unpack[Having]
    ) -> list[LoggedRequest]:
        """Assert that an operation was called; return its requests as `for_operation` does.

        ``times`` None: at least once. The AssertionError lists what was called instead.
        """
        found = self.for_operation(operation, **having)
        if len(found) == times if times is not None else found:
            return found
        expected = "at least once" if times is None else f"{times} times"
        container = subject(operation_lookup().get(operation).path)
        wanted = {
            name: redacted(value, container if name == "json" else FORM)
            for name, value in having.items()
        }
        parts = [f"{name}={value!r}" for name, value in wanted.items() if value is not None]
        what = f"{operation}({', '.join(parts)})"
        raise AssertionError(f"{what} was called {len(found)} times, not {expected}.\n{self}")

    def assert_not_called(self, operation: str, **having: Unpack[Having]) -> None:
        """Assert that no such request was made."""
        self.assert_called(operation, times=0, **having)

    def __repr__(self) -> str:
        return f"<RequestLog of {len(self)} requests>"

    def __str__(self) -> str:
        if not self._entries:
            return "Nothing was called."
        return "These were called:\n" + "\n".join(f"  {entry}" for entry in self)
