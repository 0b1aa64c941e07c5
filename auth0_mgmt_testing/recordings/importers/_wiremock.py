"""WireMock stub mappings, as its recorder writes them: one file of ``mappings`` or one mapping.

A mapping states what to match: only those that name one exact URL can be replayed. Recorded
mappings are numbered by ``insertionIndex``, newest first in files that keep the server's order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from auth0_mgmt._json import is_array, is_object

from ..exchange import Exchange, RecordedRequest, RecordedResponse, Scenario
from ._document import Node, base64_body, body_bytes, headers_of

_URLS = ("url", "urlPath")


def recognises(value: Any) -> bool:
    if not is_object(value):
        return False
    if is_array(value.get("mappings")):
        return True
    request = value.get("request")
    return (
        is_object(request) and "response" in value and any(key.startswith("url") for key in request)
    )


def scenarios(root: Node, name: str, source: str) -> Iterator[Scenario]:
    mappings = root.get("mappings")
    nodes = [root] if mappings is None else list(mappings.each())
    if any(is_object(node.value) and "insertionIndex" in node.value for node in nodes):
        nodes.sort(key=lambda node: node.value.get("insertionIndex", 0))
    yield Scenario(name, source, tuple(map(_exchange, nodes)))


def _exchange(node: Node) -> Exchange:
    request, response = node.need("request"), node.need("response")
    url = next((found for key in _URLS if (found := request.get(key)) is not None), None)
    if url is None:
        request.fail("needs 'url' or 'urlPath': a pattern can't be replayed")
    method = request.get("method")
    if method is None or method.value == "ANY":
        request.fail("needs one 'method'")
    recorded = RecordedRequest.to_url(
        method.text(), url.url() + _query(request), _matched(request, "headers"), _sent(request)
    )
    status = response.get("status")
    answer = RecordedResponse(
        200 if status is None else status.number(), headers_of(response), _answered(response)
    )
    return Exchange(recorded, answer)


def _matched(request: Node, key: str) -> dict[str, str]:
    """What is matched for equality: ``{"name": {"equalTo": "value"}}``."""
    found = request.get(key)
    if found is None:
        return {}
    if not is_object(found.value):
        found.fail("expected a mapping of matchers")
    return {
        name.lower() if key == "headers" else name: str(matcher["equalTo"])
        for name, matcher in found.value.items()
        if is_object(matcher) and "equalTo" in matcher
    }


def _query(request: Node) -> str:
    pairs = _matched(request, "queryParameters")
    return "?" + urlencode(pairs) if pairs else ""


def _sent(request: Node) -> bytes:
    patterns = request.get("bodyPatterns")
    for pattern in () if patterns is None else patterns.each():
        for key in ("equalToJson", "equalTo"):
            if (found := pattern.get(key)) is not None:
                return body_bytes(found.value)
        if (encoded := pattern.get("binaryEqualTo")) is not None:
            return base64_body(encoded)
    return b""


def _answered(response: Node) -> bytes:
    if (value := response.get("jsonBody")) is not None:
        return json.dumps(value.value, ensure_ascii=False).encode()
    if (encoded := response.get("base64Body")) is not None:
        return base64_body(encoded)
    return body_bytes(response.value.get("body"))
