"""Tenant log events for writes through the Management API.

Request and response are stored as they are and redacted when they are read
(`auth0_mgmt_testing.resources.logs`), to keep writes cheap; at once only where the path
alone shows that they are secret.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from auth0_mgmt._operation import Operation
from auth0_mgmt._redact import redacted, subject

from ..state.store import Doc
from .context import RequestContext
from .errors import APIError
from .request import LoggedRequest
from .response import Response

_KEPT = 4_096
"""The largest body in bytes that an event shows."""
_CORRELATION = 64
"""Characters of a correlation id that are kept."""


def success_event(
    request: LoggedRequest, context: RequestContext, response: Response, value: Any
) -> Doc:
    """Return the event of a write that succeeded; ``value`` is the response's JSON."""
    shown = value if len(response.body) <= _KEPT else None
    return _event("sapi", request, context, response.status, shown)


def failure_event(request: LoggedRequest, context: RequestContext, problem: APIError) -> Doc:
    """Return the event of a write that failed."""
    return _event("fapi", request, context, problem.status, problem.body())


def _event(
    type: str, request: LoggedRequest, context: RequestContext, status: int, value: Any
) -> Doc:
    body = context.body if len(request.body) <= _KEPT else None
    if about := subject(request.path):
        body = redacted(body, about)
        value = redacted(value, about) if status < 400 else value
    event: Doc = {
        "type": type,
        "description": describe(context.operation),
        "_exchange": {
            "method": request.method,
            "path": request.path,
            "query": dict(context.query),
            "body": body,
            "status": status,
            "answer": value,
        },
    }
    if correlation := context.headers.get("x-correlation-id"):
        event["references"] = {"correlation_id": correlation[:_CORRELATION]}
    return event


@cache
def describe(operation: Operation[Any]) -> str:
    """Return an operation in words: ``Create a role``, ``Delete a member of an organization``."""
    *nouns, verb = operation.name.split(".")
    things = [_singular(noun.replace("_", " ")) for noun in reversed(nouns)]
    return f"{verb.replace('_', ' ').capitalize()} {' of '.join(map(_with_article, things))}"


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
