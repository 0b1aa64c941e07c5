"""vcrpy: ``interactions`` whose requests have a ``uri``, as YAML or JSON."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..exchange import Exchange, RecordedRequest, RecordedResponse, Scenario
from ._document import Node, base64_body, body_bytes, headers_of, when


def recognises(value: Any) -> bool:
    if not is_object(value) or not is_array(value.get("interactions")):
        return False
    first = next(iter(value["interactions"]), None)
    if first is None:
        return value.get("version") == 1
    request = first.get("request") if is_object(first) else None
    return is_object(request) and "uri" in request


def scenarios(root: Node, name: str, source: str) -> Iterator[Scenario]:
    yield Scenario(name, source, tuple(map(_exchange, root.need("interactions").each())))


def _exchange(node: Node) -> Exchange:
    request, response = node.need("request"), node.need("response")
    recorded = RecordedRequest.to_url(
        request.need("method").text(),
        request.need("uri").url(),
        headers_of(request),
        body_bytes(request.value.get("body")),
    )
    status = response.get("status") or response.need("status_code")
    code = status.need("code") if is_object(status.value) else status
    headers = headers_of(response)
    kept = node.get("recorded_at") or response.get("headers")
    if kept is not None and is_object(kept.value):
        kept = next((kept.get(key) for key in kept.value if str(key).lower() == "date"), None)
        if kept is not None and is_array(kept.value) and kept.value:
            kept = next(kept.each())
    body = _inflate(_body(response), headers.get("content-encoding", ""))
    return Exchange(recorded, RecordedResponse(code.number(), headers, body), when(kept))


def _body(response: Node) -> bytes:
    body = response.get("body")
    if body is None:
        return body_bytes(response.value.get("content"))
    if not is_object(body.value):
        return body_bytes(body.value)
    if (encoded := body.get("base64_string")) is not None:
        return base64_body(encoded)
    return body_bytes(body.value.get("string"))


def _inflate(body: bytes, encoding: str) -> bytes:
    """Recorded as sent or decoded already, depending on the cassette's settings."""
    try:
        if encoding == "gzip" and body[:2] == b"\x1f\x8b":
            return gzip.decompress(body)
        if encoding == "deflate":
            return zlib.decompress(body)
    except (OSError, zlib.error):
        pass
    return body
