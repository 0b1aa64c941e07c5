"""Explanations of error responses from the request log: for a header and for logs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from ..engine.request import LoggedRequest

_LONGEST = 600
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def explain(failed: LoggedRequest, earlier: Iterable[LoggedRequest]) -> str:
    """What is known about a request's refusal; "" where nothing is. ASCII, one line.

    ``earlier``: the requests before it, newest first. Of a document that does not exist they show
    which request deleted it, or that none that is still in the log ever named it.
    """
    if failed.matched is None:
        return _line(f"no operation {failed.method} {unquote(failed.path)}")
    ids = [value for value in failed.params.values() if value]
    if failed.status == 404 and ids:
        return _line(_history(ids[-1], earlier))
    return _line(str(failed.refusal or ""))


def _history(wanted: str, earlier: Iterable[LoggedRequest]) -> str:
    for request in earlier:
        if request.status >= 300 or wanted not in request.params.values():
            continue
        deleted = request.method == "DELETE" and [*request.params.values()][-1:] == [wanted]
        verb = "deleted" if deleted else "last used"
        return f"{wanted} was {verb} by request {request.number} ({request.operation})"
    return f"no request so far used {wanted}"


def _line(text: str) -> str:
    """The text as a header may hold it: control characters and all beyond ASCII are escaped."""
    shown = text.encode("ascii", "backslashreplace").decode()
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", shown)[:_LONGEST]
