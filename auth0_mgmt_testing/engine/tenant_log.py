"""The tenant log events that writing through the Management API leaves behind.

What is told of request and answer is kept as it was and blotted out when it is read
(`auth0_mgmt_testing.resources.logs`), so that a write costs little; at once only where the path
alone tells that it is secret.
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
"""Bytes of a body up to which an event tells it."""
_CORRELATION = 64
"""Characters of a correlation id that are kept."""


def success_event(
    request: LoggedRequest, context: RequestContext, answer: Response, value: Any
) -> Doc:
    """The event of a write that succeeded; ``value`` is the answer's JSON."""
    shown = value if len(answer.body) <= _KEPT else None
    return _event("sapi", request, context, answer.status, shown)


def failure_event(request: LoggedRequest, context: RequestContext, problem: APIError) -> Doc:
    """The event of a write that was refused."""
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
    """An operation in words: ``Create a role``, ``Delete a member of an organization``."""
    *nouns, verb = operation.name.split(".")
    things = [_singular(noun.replace("_", " ")) for noun in reversed(nouns)]
    return f"{verb.replace('_', ' ').capitalize()} {' of '.join(map(_with_article, things))}"


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
