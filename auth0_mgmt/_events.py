"""Server-sent events: ``mgmt.events.subscribe(…)``.

The tenant closes the stream every few minutes on purpose, so a subscription reconnects by itself,
with ``Last-Event-ID`` and a valid token. It ends with an error that another attempt would not
better, with the tenant's own ``error`` event, or by the caller.
https://auth0.com/docs/customize/events/consume-events-with-events-api
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import _codec, _flow, _retry
from ._auth import Token
from ._codec import Prepared
from ._dispatch import AsyncDispatcher, Dispatcher, Ids
from ._errors import (
    APIConnectionError,
    EventStreamError,
    InvalidRequestError,
    ResponseTooLargeError,
)
from ._flow import Response
from ._json import is_object
from ._operation import Operation

_RECONNECT = 0.5
_LINE = re.compile(rb"\r\n|\n|\r")
_LONGEST_ID = 4096


@dataclass(frozen=True, slots=True)
class Event:
    """One message of the stream, of a known type or not.

    ``type`` is the event's name (``user.created``, ``offset-only`` …), ``id`` the offset to resume
    from, ``data`` the parsed JSON (or the string where it is none).
    """

    type: str
    id: str | None
    data: Any

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent that the message carries; empty where it carries none."""
        found = self.data.get("event") if is_object(self.data) else None
        return found if is_object(found) else {}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the stream has it; ``retry`` in milliseconds, None where it was not sent."""

    event: str
    data: str
    id: str | None
    retry: int | None


class Decoder:
    """Decodes ``text/event-stream`` (https://html.spec.whatwg.org/#event-stream-interpretation).

    Holds at most ``limit`` bytes of a message. Ids that a header cannot carry are ignored.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""
        self._begun = False
        self._clear()

    def _clear(self) -> None:
        self._event, self._size = "", 0
        self._data: list[str] = []
        self._id: str | None = None
        self._retry: int | None = None

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield the messages that the bytes complete. Raises ResponseTooLargeError."""
        self._rest += data
        if not self._begun and len(self._rest) >= 3:
            self._begun = True
            self._rest = self._rest.removeprefix(b"\xef\xbb\xbf")
        begin = 0
        for end in _LINE.finditer(self._rest):
            if end[0] == b"\r" and end.end() == len(self._rest):
                break  # the line feed may be still to come
            line, begin = self._rest[begin : end.start()], end.end()
            message = self._line(line)
            if message is not None:
                yield message
        self._rest = self._rest[begin:]
        if len(self._rest) + self._size > self._limit:
            raise ResponseTooLargeError(
                f"a message of the event stream is larger than {self._limit:,} bytes"
                " (max_response_bytes)"
            )

    def _line(self, line: bytes) -> Message | None:
        if not line:
            made = Message(self._event or "message", "\n".join(self._data), self._id, self._retry)
            there = bool(self._data) or self._id is not None or self._retry is not None
            self._clear()
            return made if there else None
        self._size += len(line)
        name, _, text = line.decode("utf-8", "replace").partition(":")
        text = text.removeprefix(" ")
        if name == "event":
            self._event = text
        elif name == "data":
            self._data.append(text)
        elif name == "id" and is_offset(text):
            self._id = text
        elif name == "retry" and text.isascii() and text.isdigit():
            self._retry = int(text[:16])
        return None


def is_offset(text: object) -> bool:
    """Whether an event's id can be sent back in a header."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= _LONGEST_ID
        and all("!" <= char <= "~" for char in text)
    )


class _Base:
    """What both subscriptions remember and decide."""

    def __init__(
        self,
        dispatcher: Dispatcher | AsyncDispatcher,
        op: Operation[Any],
        ids: Ids,
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None,
    ) -> None:
        given = _codec.check_arguments(op, ids, params)
        if given.get("from") is not None and given.get("from_timestamp") is not None:
            raise InvalidRequestError(f"{op.name}(): give from_ or from_timestamp, not both")
        self._operation = op
        self._ids = ids
        self._given = given
        self._preparing = dispatcher
        self._settings = dispatcher.settings.updated(options)
        self.last_event_id: str | None = None
        """The offset of the newest message; pass it as ``from_`` to resume in a later process."""
        self._pause = _RECONNECT
        self._failures = 0
        self._empty = 0
        self._renewed = False
        self._received = False
        self._request()

    def _request(self, token: Token | None = None) -> Prepared:
        given = dict(self._given)
        if self.last_event_id is not None:
            given.pop("from", None)
            given.pop("from_timestamp", None)
        request = self._preparing.prepared(self._operation, self._ids, given, self._settings)
        request.headers["accept"] = "text/event-stream"
        request.headers["cache-control"] = "no-store"
        if self.last_event_id is not None:
            request.headers["last-event-id"] = self.last_event_id
        if token is not None:
            request.headers["authorization"] = f"Bearer {token.value}"
        return request

    def _opened(self, request: Prepared, response: Response) -> Decoder:
        """A decoder for a stream that has begun. Raises EventStreamError where it is none."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream":
            raise EventStreamError(
                f"{self._operation.name}: the response is {kind or 'untyped'!r},"
                " not text/event-stream"
            )
        self._renewed = self._received = False
        return Decoder(self._settings.max_response_bytes)

    def _take(self, message: Message) -> Event | None:
        """A message as an `Event`, None for one without data (it only set ``retry`` or ``id``).

        Raises `EventStreamError` for the tenant's error message.
        """
        if message.retry is not None:
            self._pause = min(message.retry / 1000, self._settings.max_retry_delay)
        if message.id is not None:
            self.last_event_id = message.id
        if not message.data:
            return None
        self._failures = self._empty = 0
        self._received = True
        data: Any
        try:
            data = _codec.parse_json(message.data.encode())
        except ValueError:
            data = message.data
        if is_object(data) and is_offset(data.get("offset")):
            self.last_event_id = data["offset"]
        if message.event == "error":
            raise EventStreamError("the tenant ended the event stream with an error", data)
        return Event(message.event, self.last_event_id, data)

    def _ended(self) -> float:
        """Seconds before the next connection after a stream that ended.

        Streams without events are reopened less and less often, at least every 20
        seconds: a quiet tenant is no error.
        """
        if self._received:
            return self._pause
        self._empty += 1
        return max(self._pause, _retry.backoff(self._empty, _flow.chance()))

    def _failed(self, error: APIConnectionError) -> float:
        """Seconds before the next attempt; raises when failures in a row are too many."""
        self._failures += 1
        if not error.retryable or self._failures >= self._settings.max_attempts:
            raise error
        return _retry.backoff(self._failures, _flow.chance())

    def _refused(self, request: Prepared, response: Response) -> float:
        """Seconds before the next attempt after an error status; raises where there is no use."""
        self._failures += 1
        error = _flow.status_error(request, response)
        again = _retry.is_retryable("GET", response.status, non_idempotent=False)
        if not again or self._failures >= self._settings.max_attempts:
            raise error
        wait = _retry.server_wait(response.headers, _flow.clock())
        if wait is not None and wait > self._settings.max_retry_delay:
            raise error
        return wait if wait is not None else _retry.backoff(self._failures, _flow.chance())

    def _renews(self, response: Response) -> bool:
        """Whether the response requires a new token, for the first time."""
        if response.status != 401 or self._renewed:
            return False
        self._renewed = True
        return True


class Subscription(_Base):
    """A subscription; iterate over it forever, or until an error that matters."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        op: Operation[Any],
        ids: Ids,
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None,
    ) -> None:
        super().__init__(dispatcher, op, ids, params, options)
        self._dispatcher = dispatcher

    def __iter__(self) -> Iterator[Event]:
        http = self._dispatcher.http
        stale: str | None = None
        while True:
            token = self._dispatcher.token(stale)
            stale = None
            request = self._request(token)
            try:
                with http.stream(request) as (response, parts):
                    if response.status >= 300:
                        if self._renews(response):
                            stale, wait = token.value, 0.0
                        else:
                            wait = self._refused(request, response)
                    else:
                        decoder = self._opened(request, response)
                        for part in parts:
                            for message in decoder.feed(part):
                                if (event := self._take(message)) is not None:
                                    yield event
                        wait = self._ended()
            except APIConnectionError as error:
                wait = self._failed(error)
            http.sleep(wait)


class AsyncSubscription(_Base):
    """A subscription; iterate over it asynchronously."""

    def __init__(
        self,
        dispatcher: AsyncDispatcher,
        op: Operation[Any],
        ids: Ids,
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None,
    ) -> None:
        super().__init__(dispatcher, op, ids, params, options)
        self._dispatcher = dispatcher

    async def __aiter__(self) -> AsyncIterator[Event]:
        http = self._dispatcher.http
        stale: str | None = None
        while True:
            token = await self._dispatcher.token(stale)
            stale = None
            request = self._request(token)
            try:
                async with http.stream(request) as (response, parts):
                    if response.status >= 300:
                        if self._renews(response):
                            stale, wait = token.value, 0.0
                        else:
                            wait = self._refused(request, response)
                    else:
                        decoder = self._opened(request, response)
                        async for part in parts:
                            for message in decoder.feed(part):
                                if (event := self._take(message)) is not None:
                                    yield event
                        wait = self._ended()
            except APIConnectionError as error:
                wait = self._failed(error)
            await http.sleep(wait)
