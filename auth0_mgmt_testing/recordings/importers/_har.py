"""HAR 1.2, as browsers and proxies export it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_object

from ..exchange import Exchange, RecordedRequest, RecordedResponse, Scenario
from ._document import Node, base64_body, body_bytes, when


def recognises(value: Any) -> bool:
    return is_object(value) and is_object(value.get("log")) and "entries" in value["log"]


def scenarios(root: Node, name: str, source: str) -> Iterator[Scenario]:
    yield Scenario(name, source, tuple(map(_exchange, root.need("log").need("entries").each())))


def _exchange(entry: Node) -> Exchange:
    request, response = entry.need("request"), entry.need("response")
    posted = request.get("postData")
    recorded = RecordedRequest.to_url(
        request.need("method").text(),
        request.need("url").url(),
        _headers(request),
        b"" if posted is None else body_bytes(posted.value.get("text")),
    )
    answer = RecordedResponse(
        response.need("status").number(), _headers(response), _content(response)
    )
    took = entry.value.get("time")
    seconds = took / 1000 if isinstance(took, int | float) and took > 0 else 0.0
    return Exchange(recorded, answer, when(entry.get("startedDateTime")), seconds)


def _headers(message: Node) -> dict[str, str]:
    headers = message.get("headers")
    if headers is None:
        return {}
    return {
        header.need("name").text().lower(): str(header.value.get("value") or "")
        for header in headers.each()
    }


def _content(response: Node) -> bytes:
    content = response.get("content")
    if content is None or (text := content.get("text")) is None:
        return b""
    if content.value.get("encoding") == "base64":
        return base64_body(text)
    return body_bytes(text.text())
