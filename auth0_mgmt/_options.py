"""Options of one call or of a whole client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

from typing_extensions import TypedDict

from ._errors import InvalidRequestError
from ._json import is_mapping

MAX_RESPONSE_BYTES = 256 * 2**20


class RequestOptions(TypedDict, total=False):
    """Options of one call (``request_options=``) or of a copy of the client (``with_options``)."""

    headers: Mapping[str, str]
    """Added to the request; they win over the client's own."""
    query: Mapping[str, Any]
    """Query parameters beside the operation's own."""
    body: Mapping[str, Any]
    """Properties added to a JSON object body."""
    max_attempts: int
    """Attempts of a call in all; 1 means no retry. Default 4."""
    timeout: float | None
    """Seconds for connecting, sending and each read; None waits forever. Default 30."""
    deadline: float | None
    """Seconds for a whole call: token, attempts and waits. Default None: no deadline."""
    max_retry_delay: float
    """The longest wait before a retry, in seconds; a longer one raises at once. Default 60."""
    retry_non_idempotent: bool
    """Also retry POST and PATCH after a 5xx, a reset or a timeout. Default False."""
    max_response_bytes: int
    """The largest response body, decompressed. Default 256 MiB."""
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
    deadline: float | None = None
    max_retry_delay: float = 60.0
    retry_non_idempotent: bool = False
    max_response_bytes: int = MAX_RESPONSE_BYTES
    custom_domain: str | None = None

    def updated(self, options: Mapping[str, Any] | None) -> Settings:
        """Return these settings with some options changed; mappings are added to, not replaced.

        Raises TypeError for an unknown option or a value of the wrong type, ValueError for a value
        out of range or a header that cannot be sent.
        """
        if not options:
            return self
        if not is_mapping(options):
            raise TypeError(f"request options must be a mapping, not {type(options).__name__}")
        unknown = options.keys() - _NAMES
        if unknown:
            raise TypeError(
                f"unknown request option {min(unknown)!r}; there are {', '.join(sorted(_NAMES))}"
            )
        changes = dict(options)
        for name in ("headers", "query", "body"):
            if name in changes:
                if not is_mapping(changes[name]):
                    raise TypeError(f"{name} must be a mapping")
                changes[name] = {**getattr(self, name), **changes[name]}
        for name, value in changes.get("headers", {}).items():
            check_header(name, value)
        if changes.get("custom_domain") is not None:
            check_header("auth0-custom-domain", changes["custom_domain"])
        for name in ("max_attempts", "max_response_bytes"):
            _check_number(name, changes.get(name, 1), least=1)
        for name in ("timeout", "deadline", "max_retry_delay"):
            if changes.get(name) is not None:
                _check_number(name, changes[name], least=0)
        return replace(self, **changes)


def check_header(name: object, value: object) -> None:
    """Raise TypeError or `InvalidRequestError` for a header that HTTP cannot carry.

    The message names the header and never shows its value.
    """
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"header {name!r} must be a str with a str value")
    if not name or not name.isascii() or any(c <= " " or c in ':"(),/;<=>?@[\\]{}' for c in name):
        raise InvalidRequestError(f"header {name!r} is not a header name")
    if not all(c == "\t" or " " <= c <= "~" for c in value) or value != value.strip():
        raise InvalidRequestError(
            f"the value of header {name!r} must be printable ASCII without line breaks"
            " or spaces around it"
        )


def _check_number(name: str, value: object, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number, not {type(value).__name__}")
    if not value >= least or (name != "max_retry_delay" and not isfinite(value)):
        raise InvalidRequestError(f"{name} must be at least {least}, not {value!r}")
