"""`Response`: the engine's response, and the transport faults of its delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from pydantic_core import PydanticSerializationError, to_json

_JSON = "application/json; charset=utf-8"

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _encoded(value: Any) -> bytes:
    """Return the value as JSON; by the slower encoder what the quick one takes for circular."""
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError):
        return _dumps(value).encode()


@dataclass(frozen=True, slots=True)
class TransportFault:
    """The effect of a fault on the delivery of a response; adapters carry it out."""

    latency: float = 0.0
    """Delay of the response in seconds."""
    drop: bool = False
    """The connection breaks and the response never arrives."""
    lost: bool = False
    """The connection broke after the tenant had handled the request, not before."""
    cut: int | None = None
    """Only so many bytes of the body arrive, then the connection breaks."""


@dataclass(slots=True)
class Response:
    """A response as it leaves the engine. Its status is 0 where the connection is dropped."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    transport_fault: TransportFault | None = None
    stream: Iterator[bytes] | None = None
    """The body in parts, created as they are read, in place of ``body``."""

    def read(self) -> bytes:
        """Return the complete body; of a stream, all that is left."""
        if self.stream is not None:
            self.body, self.stream = b"".join(self.stream), None
        return self.body

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


def _is_stream(value: object) -> TypeGuard[Iterator[bytes]]:
    return isinstance(value, Iterator)


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with a JSON body; None is no body, bytes and iterators are raw bodies."""
    if value is None:
        return Response(status, b"", dict(headers or {}))
    if isinstance(value, bytes):
        return Response(status, value, dict(headers or {}))
    if _is_stream(value):
        return Response(status, b"", dict(headers or {}), stream=value)
    return Response(status, _encoded(value), {"content-type": _JSON, **(headers or {})})
