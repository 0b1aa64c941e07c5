"""Explanations of error responses from the request log: for a header and for logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from ..engine.absence import Absent
    from ..engine.request import LoggedRequest

_LONGEST = 600
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def explain(failed: LoggedRequest, earlier: Iterable[LoggedRequest]) -> str:
    """What is known about a request's refusal; "" where nothing is. ASCII, one line.

    ``earlier``: the requests before it, newest first. Of a document that does not exist they show
    which request deleted it, or that none that is still in the log ever named it.
    """
    refusal = str(failed.refusal or "")
    if failed.matched is None:
        unknown = f"no operation {failed.method} {unquote(failed.path)}"
        return _line("; ".join(filter(None, (unknown, refusal))))
    if failed.absent is not None:
        history = _history(failed.absent, earlier)
        known = "; ".join(filter(None, (history, refusal)))
        return _line(known or f"no request so far used {failed.absent.key}")
    return _line(refusal)


def _history(absent: Absent, earlier: Iterable[LoggedRequest]) -> str:
    """What requests did to a document that is not there now; "" where none is known."""
    found = (
        _done_to(absent, request)
        for request in earlier
        if request.status < 300 and (request.changes or absent.key in request.params.values())
    )
    return next(filter(None, found), "")


def _done_to(absent: Absent, request: LoggedRequest) -> str:
    """What one request did to it."""
    kinds = [
        change.kind
        for change in request.changes
        if change.key == absent.key and absent.table in ("", change.collection)
    ]
    if not kinds and absent.key not in request.params.values():
        return ""
    by = f"by request {request.number} ({request.operation})"
    if "deleted" in kinds or _names_last(request, absent.key):
        return f"{absent.key} was deleted {by}"
    if kinds:
        return f"{absent.key} was {kinds[0]} {by}, and removed since without a request"
    return f"{absent.key} was last used {by}"


def _names_last(request: LoggedRequest, wanted: str) -> bool:
    """Whether a request deleted what its path ends with."""
    return request.method == "DELETE" and [*request.params.values()][-1:] == [wanted]


def _line(text: str) -> str:
    """The text as a header may hold it: control characters and all beyond ASCII are escaped."""
    shown = text.encode("ascii", "backslashreplace").decode()
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", shown)[:_LONGEST]
