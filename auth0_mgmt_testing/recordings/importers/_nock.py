"""nock: a list of calls with ``scope``, ``method``, ``path``, ``status`` and ``response``."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..exchange import Exchange, RecordedRequest, RecordedResponse, Scenario
from ._document import Node, body_bytes, headers_of, when


def recognises(value: Any) -> bool:
    return is_array(value) and all(
        is_object(call) and "scope" in call and "path" in call for call in value[:1]
    )


def scenarios(root: Node, name: str, source: str) -> Iterator[Scenario]:
    yield Scenario(name, source, tuple(map(_exchange, root.each())))


def _exchange(call: Node) -> Exchange:
    scope = call.need("scope").url().rstrip("/")
    method = call.get("method")
    recorded = RecordedRequest.to_url(
        "GET" if method is None else method.text(),
        scope + call.need("path").url(),
        headers_of(call, "reqheaders"),
        body_bytes(call.value.get("body")),
    )
    headers = _raw_headers(call)
    response = RecordedResponse(call.need("status").number(), headers, _response(call))
    date = headers.get("date")
    return Exchange(
        recorded, response, when(None if date is None else Node(call.document, (), date))
    )


def _raw_headers(call: Node) -> dict[str, str]:
    """``rawHeaders``: names and values in turn, or a mapping."""
    raw = call.get("rawHeaders")
    if raw is None:
        return dict(headers_of(call))
    if is_object(raw.value):
        return dict(raw.headers())
    flat = [str(item.value) for item in raw.each()]
    if len(flat) % 2:
        raw.fail("expected names and values in turn")
    return {name.lower(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _response(call: Node) -> bytes:
    value = call.value.get("response")
    if call.value.get("responseIsBinary") or _compressed(value):
        # Compressed bodies are kept as chunks of hexadecimal digits.
        try:
            data = bytes.fromhex(value if isinstance(value, str) else "".join(value))
            return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        except (ValueError, TypeError, OSError):
            call.need("response").fail("not hexadecimal")
    return body_bytes(value)


def _compressed(value: Any) -> bool:
    return (
        is_array(value)
        and bool(value)
        and all(isinstance(chunk, str) for chunk in value)
        and value[0].lower().startswith("1f8b")
    )
