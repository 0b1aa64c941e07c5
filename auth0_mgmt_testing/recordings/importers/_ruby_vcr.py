"""Ruby VCR: ``http_interactions``, each with its own ``recorded_at``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_object

from ..exchange import Exchange, RecordedRequest, RecordedResponse, Scenario
from ._document import Node, base64_body, body_bytes, headers_of, when


def recognises(value: Any) -> bool:
    return is_object(value) and "http_interactions" in value


def scenarios(root: Node, name: str, source: str) -> Iterator[Scenario]:
    yield Scenario(name, source, tuple(map(_exchange, root.need("http_interactions").each())))


def _exchange(node: Node) -> Exchange:
    request, response = node.need("request"), node.need("response")
    recorded = RecordedRequest.to_url(
        request.need("method").text(),
        request.need("uri").url(),
        headers_of(request),
        _body(request),
    )
    code = response.need("status").need("code").number()
    answer = RecordedResponse(code, headers_of(response), _body(response))
    return Exchange(recorded, answer, when(node.get("recorded_at")))


def _body(message: Node) -> bytes:
    body = message.get("body")
    if body is None or not is_object(body.value):
        return b"" if body is None else body_bytes(body.value)
    if (encoded := body.get("base64_string")) is not None:
        return base64_body(encoded)
    return body_bytes(body.value.get("string"), str(body.value.get("encoding") or "utf-8"))
