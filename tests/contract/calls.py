"""A call of any operation, complete enough to be sent: what a tenant refuses before it looks."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from auth0_mgmt import APIStatusError, Management
from auth0_mgmt._operation import Operation


def call(mgmt: Management, operation: Operation[Any]) -> None:
    """Call the operation with placeholders for ids and for what must be given."""
    method = attrgetter(operation.name)(mgmt)
    ids = ["x"] * operation.path.count("{")
    given: dict[str, Any] = {name.rstrip("_"): "x" for name in operation.required}
    if operation.body_kind == "value":
        given["body"] = {}
    if operation.body_kind == "multipart":
        given["users"] = b"[]"
    answer = method(*ids, **given)
    if operation.stream:
        next(iter(answer))


def status_of(call: Callable[..., object], *given: Any, **named: Any) -> int | None:
    """The status that a call is refused with; None where it is not."""
    try:
        call(*given, **named)
    except APIStatusError as refused:
        return refused.status_code
    return None
