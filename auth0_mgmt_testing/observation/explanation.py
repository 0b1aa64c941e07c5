"""Why a request was refused, as far as the fake knows: for a header and for logs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from ..engine.request import LoggedRequest
    from .request_log import RequestLog


def explain(requests: RequestLog) -> str:
    """What is known about the newest request's refusal; "" where nothing is.

    Of a document that is not there: which earlier request deleted it, or that no request that is
    still in the log ever named it. ASCII, one line.
    """
    if not len(requests):
        return ""
    refused = requests[-1]
    if refused.matched is None:
        return f"no operation {refused.method} {_ascii(refused.path)}"
    ids = [value for value in refused.params.values() if value]
    if refused.status != 404 or not ids:
        return ""
    wanted = ids[-1]
    earlier: list[LoggedRequest] = list(requests)[:-1]
    for request in reversed(earlier):
        if request.status >= 300 or wanted not in request.params.values():
            continue
        if request.method == "DELETE" and list(request.params.values())[-1:] == [wanted]:
            return f"{_ascii(wanted)} was deleted by request {request.number} ({request.operation})"
        return f"{_ascii(wanted)} was last used by request {request.number} ({request.operation})"
    return f"no request so far used {_ascii(wanted)}"


def _ascii(text: str) -> str:
    return unquote(text).encode("ascii", "backslashreplace").decode().replace("\n", "\\n")[:200]
