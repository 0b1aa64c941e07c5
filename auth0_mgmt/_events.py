"""Server-sent events: ``mgmt.events.subscribe(…)``.

The tenant closes the stream every few minutes on purpose, so a subscription reconnects by
itself, with ``Last-Event-ID`` and a token that is good. What ends it is an error that another
try would not better, the tenant's own ``error`` event, or the caller.
https://auth0.com/docs/customize/events/consume-events-with-events-api
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import _codec, _flow, _retry
from ._codec import Prepared
from ._errors import APIConnectionError, EventStreamError
from ._json import is_object
from ._operation import Operation

if TYPE_CHECKING:
    from ._client import AsyncCaller, Caller

_RECONNECT = 0.5


@dataclass(frozen=True, slots=True)
class Event:
    """One message of the stream, of a known type or not.

    ``type`` is the event's name (``user.created``, ``offset-only`` …), ``id`` the offset to go on
    from, ``data`` the parsed JSON (or the text where it is none).
    """

    type: str
    id: str | None
    data: Any

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent that the message carries; empty where it carries none."""
        found = self.data.get("event") if is_object(self.data) else None
        return found if is_object(found) else {}


class _Base:
    """What both subscriptions remember and decide."""

    def __init__(
        self,
        caller: Any,
        op: Operation[Any],
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None,
    ) -> None:
        try:
            import_module("httpx_sse")
        except ImportError as error:
            raise ImportError(
                "subscribing to events needs httpx-sse: pip install 'auth0-mgmt[events]'"
            ) from error
        given = _codec.check_arguments(op, params)
        if given.get("from") is not None and given.get("from_timestamp") is not None:
            raise ValueError(f"{op.name}(): give from_ or from_timestamp, not both")
        self._caller = caller
        self._operation = op
        self._given = given
        self._settings = caller.settings.updated(options)
        self.last_event_id: str | None = None
        """The offset of the newest message; pass it as ``from_`` to go on in a later process."""
        self._pause = _RECONNECT
        self._failures = 0
        self._request()

    def _request(self) -> Prepared:
        given = dict(self._given)
        if self.last_event_id is not None:
            given.pop("from", None)
            given.pop("from_timestamp", None)
        request: Prepared = self._caller.prepared(self._operation, (), given, self._settings)
        request.headers["accept"] = "text/event-stream"
        request.headers["cache-control"] = "no-store"
        if self.last_event_id is not None:
            request.headers["last-event-id"] = self.last_event_id
        return request

    def _take(self, sse: Any) -> Event | None:
        """A message as an `Event`, None for one without data (it only set ``retry`` or ``id``).

        Raises `EventStreamError` for the tenant's error message.
        """
        self._failures = 0
        if sse.retry is not None:
            self._pause = sse.retry / 1000
        if sse.id:
            self.last_event_id = sse.id
        if not sse.data:
            return None
        try:
            data = json.loads(sse.data)
        except ValueError:
            data = sse.data
        if is_object(data) and isinstance(data.get("offset"), str):
            self.last_event_id = data["offset"]
        if sse.event == "error":
            raise EventStreamError("the tenant ended the event stream with an error", data)
        return Event(sse.event, self.last_event_id, data)

    def _failed(self, error: APIConnectionError) -> float:
        """Seconds before the next try; raises when failures in a row are too many."""
        self._failures += 1
        if self._failures >= self._settings.max_attempts:
            raise error
        return _retry.backoff(self._failures, _flow.chance())

    def _refused(self, request: Prepared, answer: _flow.Answer) -> float:
        """Seconds before the next try after an error status; raises where trying is no use."""
        self._failures += 1
        error = _flow.status_error(request, answer)
        again = _retry.is_retryable("GET", answer.status, unsafe=False)
        if not again or self._failures >= self._settings.max_attempts:
            raise error
        wait = _retry.server_wait(answer.headers, _flow.clock())
        if wait is not None and wait > self._settings.max_retry_wait:
            raise error
        return wait if wait is not None else _retry.backoff(self._failures, _flow.chance())


class Subscription(_Base):
    """A subscription; iterate over it for ever, or until an error that matters."""

    _caller: Caller

    def __iter__(self) -> Iterator[Event]:
        from httpx_sse import EventSource

        token = self._caller.token(None)
        renewed = False
        while True:
            request = self._request()
            request.headers["authorization"] = f"Bearer {token.value}"
            wait = 0.0
            try:
                with self._caller.http.stream(request) as response:
                    if response.status_code >= 400:
                        response.read()
                        if response.status_code == 401 and not renewed:
                            renewed = True
                            token = self._caller.token(token.value)
                        else:
                            wait = self._refused(request, self._caller.http.answer(response))
                    else:
                        renewed = False
                        for sse in EventSource(response).iter_sse():
                            if (event := self._take(sse)) is not None:
                                yield event
                        wait = self._pause
            except APIConnectionError as error:
                wait = self._failed(error)
            self._caller.http.sleep(wait)
            token = self._caller.token(None)


class AsyncSubscription(_Base):
    """A subscription; iterate over it asynchronously."""

    _caller: AsyncCaller

    async def __aiter__(self) -> AsyncIterator[Event]:
        from httpx_sse import EventSource

        token = await self._caller.token(None)
        renewed = False
        while True:
            request = self._request()
            request.headers["authorization"] = f"Bearer {token.value}"
            wait = 0.0
            try:
                async with self._caller.http.stream(request) as response:
                    if response.status_code >= 400:
                        await response.aread()
                        if response.status_code == 401 and not renewed:
                            renewed = True
                            token = await self._caller.token(token.value)
                        else:
                            wait = self._refused(request, self._caller.http.answer(response))
                    else:
                        renewed = False
                        async for sse in EventSource(response).aiter_sse():
                            if (event := self._take(sse)) is not None:
                                yield event
                        wait = self._pause
            except APIConnectionError as error:
                wait = self._failed(error)
            await self._caller.http.sleep(wait)
            token = await self._caller.token(None)
