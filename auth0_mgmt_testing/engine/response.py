"""`Answer`: what goes back through a door, and what may happen to it on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from pydantic_core import PydanticSerializationError, to_json

_JSON = "application/json; charset=utf-8"

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _encoded(value: Any) -> bytes:
    """The value as JSON; by the slower encoder what the quick one takes for a circle."""
    try:
        return to_json(value)
    except (PydanticSerializationError, ValueError):
        return _dumps(value).encode()


@dataclass(frozen=True, slots=True)
class TransportFault:
    """What a fault does to an answer on its way; a door plays it in its own terms."""

    latency: float = 0.0
    """Seconds that the answer is late."""
    drop: bool = False
    """The connection breaks and the answer never arrives."""
    lost: bool = False
    """The connection broke after the tenant had done what was asked, not before."""
    cut: int | None = None
    """Only so many bytes of the body arrive, then the connection breaks."""


@dataclass(slots=True)
class Response:
    """An answer as it leaves the engine. Its status is 0 where the connection is dropped."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    trouble: TransportFault | None = None
    stream: Iterator[bytes] | None = None
    """The body in parts, made as they are read, in place of ``body``."""

    def read(self) -> bytes:
        """The whole body; of a stream, all that it still gives."""
        if self.stream is not None:
            self.body, self.stream = b"".join(self.stream), None
        return self.body

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


def _is_stream(value: object) -> TypeGuard[Iterator[bytes]]:
    return isinstance(value, Iterator)


def json_response(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a JSON body; None is no body, bytes and iterators of them are bodies."""
    if value is None:
        return Response(status, b"", dict(headers or {}))
    if isinstance(value, bytes):
        return Response(status, value, dict(headers or {}))
    if _is_stream(value):
        return Response(status, b"", dict(headers or {}), stream=value)
    return Response(status, _encoded(value), {"content-type": _JSON, **(headers or {})})
