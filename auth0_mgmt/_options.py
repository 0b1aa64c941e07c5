"""What can be set for one call or for a whole client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from typing_extensions import TypedDict


class RequestOptions(TypedDict, total=False):
    """Options of one call (``request_options=``) or of a copy of the client (``with_options``)."""

    headers: Mapping[str, str]
    """Added to the request; they win over the client's own."""
    query: Mapping[str, Any]
    """Query parameters beside the operation's own."""
    body: Mapping[str, Any]
    """Properties added to a JSON object body."""
    max_attempts: int
    """How often a call is tried in all; 1 means no retry. Default 4."""
    timeout: float | None
    """Seconds for connecting, sending and for each read; None waits for ever. Default 30."""
    max_retry_wait: float
    """The longest wait before a retry, in seconds; a longer one raises at once. Default 60."""
    retry_unsafe: bool
    """Also retry POST and PATCH after a 5xx, a reset or a time-out. Default False."""
    custom_domain: str | None
    """``Auth0-Custom-Domain``, sent on the operations that take it."""


_NAMES = frozenset(RequestOptions.__annotations__)


@dataclass(frozen=True, slots=True)
class Settings:
    """The options in force for a call."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    max_attempts: int = 4
    timeout: float | None = 30.0
    max_retry_wait: float = 60.0
    retry_unsafe: bool = False
    custom_domain: str | None = None

    def updated(self, options: Mapping[str, Any] | None) -> Settings:
        """These settings with some options changed; mappings are added to, not replaced.

        Raises TypeError for an unknown option, ValueError for a value out of range.
        """
        if not options:
            return self
        unknown = options.keys() - _NAMES
        if unknown:
            raise TypeError(
                f"unknown request option {min(unknown)!r}; there are {', '.join(sorted(_NAMES))}"
            )
        changes = dict(options)
        for name in ("headers", "query", "body"):
            if name in changes:
                changes[name] = {**getattr(self, name), **changes[name]}
        if changes.get("max_attempts", 1) < 1:
            raise ValueError("max_attempts must be at least 1")
        return replace(self, **changes)
