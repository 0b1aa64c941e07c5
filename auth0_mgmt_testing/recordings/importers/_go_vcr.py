"""go-vcr, versions 1 to 3: ``interactions`` whose requests have a ``url``, responses a ``code``.

Versions 1 and 2 write ``version: 1``; version 3 writes ``version: 2`` and numbers interactions.
"""

from __future__ import annotations

import re
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
    recorded = RecordedRequest.to_url(
        request.need("method").text(),
        request.need("url").url(),
        headers_of(request),
        body_bytes(request.value.get("body")),
    )
    answer = RecordedResponse(
        response.need("code").number(), headers_of(response), body_bytes(response.value.get("body"))
    )
    return Exchange(recorded, answer, duration=_seconds(response.value.get("duration")))


def _seconds(duration: Any) -> float:
    """A duration as Go writes it (``1m2.5s``, ``341.2ms``), or in nanoseconds; 0 for any other."""
    if isinstance(duration, str):
        return sum(float(count) * _UNITS[unit] for count, unit in _DURATION.findall(duration))
    is_number = isinstance(duration, int) and not isinstance(duration, bool)
    return duration * _UNITS["ns"] if is_number else 0.0


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"([\d.]+)(h|ms|m|s|µs|us|ns)")
