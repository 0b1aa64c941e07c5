"""go-vcr, versions 1 to 3: ``interactions`` whose requests have a ``url``, answers a ``code``.

Versions 1 and 2 write ``version: 1``; version 3 writes ``version: 2`` and numbers interactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..exchange import Exchange, RecordedRequest, RecordedResponse, Scenario
from ._document import Node, body_bytes, headers_of


def recognises(value: Any) -> bool:
    if not is_object(value) or not is_array(value.get("interactions")):
        return False
    first = next(iter(value["interactions"]), None)
    if first is None:
        return value.get("version") == 2
    request = first.get("request") if is_object(first) else None
    return is_object(request) and "uri" not in request


def scenarios(root: Node, name: str, source: str) -> Iterator[Scenario]:
    yield Scenario(name, source, tuple(map(_exchange, root.need("interactions").each())))


def _exchange(node: Node) -> Exchange:
    request, response = node.need("request"), node.need("response")
    asked = RecordedRequest.to_url(
        request.need("method").text(),
        request.need("url").url(),
        headers_of(request),
        body_bytes(request.value.get("body")),
    )
    answer = RecordedResponse(
        response.need("code").number(), headers_of(response), body_bytes(response.value.get("body"))
    )
    return Exchange(asked, answer)
