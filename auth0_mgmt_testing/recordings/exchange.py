"""The neutral form of a recording: exchanges of requests and responses, grouped as scenarios."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from auth0_mgmt._json import is_array, is_object


class _NotJson:
    """The type of `NOT_JSON`."""

    def __repr__(self) -> str:
        return "NOT_JSON"


NOT_JSON: Final = _NotJson()
"""The result of `parse_body` for a body that is empty or not JSON."""


def parse_body(body: bytes) -> Any:
    """Return the JSON value of a body, or `NOT_JSON`."""
    if not body.strip():
        return NOT_JSON
    try:
        return json.loads(body)
    except ValueError:
        return NOT_JSON


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it was sent; ``target`` is path and query, encoded; header names lower case."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = b""

    @classmethod
    def to_url(
        cls, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> RecordedRequest:
        """A request to an absolute URL, or to a path of an unknown host."""
        parts = urlsplit(url)
        target = parts.path or "/"
        if parts.query:
            target += "?" + parts.query
        return cls(method.upper(), parts.hostname or "", target, headers or {}, body)

    @property
    def path(self) -> str:
        """The path, encoded, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query string, encoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """A response; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded request with its response.

    ``recorded_at`` is the time that the recording's format keeps, None where it has none;
    ``duration``, in seconds, of the response, 0 where the format lacks it.
    """

    request: RecordedRequest
    response: RecordedResponse
    recorded_at: datetime | None = None
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Consecutive exchanges that belong together, on one tenant."""

    name: str
    source: str
    exchanges: tuple[Exchange, ...]

    @property
    def recorded_at(self) -> datetime | None:
        """The newest time of an exchange, else the newest in a response.

        Responses contain times in dates, and in ids that begin with the second in which they
        were created (https://www.mongodb.com/docs/manual/reference/bson-types/#objectid).
        """
        kept = [e.recorded_at for e in self.exchanges if e.recorded_at is not None]
        if kept:
            return max(kept)
        bodies = [parse_body(exchange.response.body) for exchange in self.exchanges]
        times = [time for body in bodies for time in (*_times(body), *_id_times(body))]
        return max(times, default=None)


_TELLING = frozenset({"created_at", "deleted_at", "updated_at", "date"})
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d))?")


def read_time(text: str) -> datetime | None:
    """A UTC time, to the second, from the start of an ISO 8601 text; None where there is none."""
    found = _TIME.match(text)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00:00'}").replace(tzinfo=UTC)
    except ValueError:
        return None


def _times(value: Any) -> Iterator[datetime]:
    if is_object(value):
        for key, item in value.items():
            if key in _TELLING and isinstance(item, str):
                time = read_time(item)
                if time is not None:
                    yield time
            else:
                yield from _times(item)
    elif is_array(value):
        for item in value:
            yield from _times(item)


_OBJECT_ID = re.compile(r"(?<![0-9A-Za-z])([0-9a-f]{8})[0-9a-f]{16}(?![0-9A-Za-z])")
_PLAUSIBLE = range(1_500_000_000, 1_900_000_000)


def _id_times(value: Any) -> Iterator[datetime]:
    for text in strings(value):
        for found in _OBJECT_ID.finditer(text):
            second = int(found[1], 16)
            if second in _PLAUSIBLE:
                yield datetime.fromtimestamp(second, UTC)


def strings(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif is_object(value):
        for key, item in value.items():
            yield key
            yield from strings(item)
    elif is_array(value):
        for item in value:
            yield from strings(item)
