"""What is sent by whom: event streams, log streams, and clients' back-channel log-outs."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlencode

from ..authentication import backchannel_logout
from ..behaviours.attempts import Progress
from ..resources import event_streams, log_deliveries

if TYPE_CHECKING:
    from ..engine.context import RequestContext
    from ..state.store import Doc

BATCH = 100
"""Events of the log that one request holds at most."""
_EVENTS = "event_deliveries"
_LOGS = log_deliveries.TABLE
_LOGOUTS = backchannel_logout.TABLE


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to a stream's destination, or one logout token to a client's URL."""

    id: str
    kind: Literal["event_stream", "log_stream", "backchannel_logout"]
    stream_id: str
    """The id of the stream; of a back-channel logout, of the client."""
    destination: str
    """The type of the destination: ``webhook``, ``http``, ``eventbridge``, ``datadog`` …"""
    url: str | None
    """Where it is sent; None where the destination has no URL."""
    type: str
    """The type of the event: ``user.created``; of the log: ``s``; what ended a session:
    ``rp-logout``."""
    event: dict[str, Any] = field(repr=False)
    """The CloudEvent; ``log_id`` and ``data`` of an event of the log; or the ``logout_token``."""
    status: Literal["pending", "delivered", "failed"]
    attempts: tuple[dict[str, Any], ...] = field(repr=False)
    """The attempts that failed: ``timestamp``, ``error_message``, ``duration`` in milliseconds."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request that a tenant sends."""

    url: str
    headers: dict[str, str] = field(repr=False)
    """With the authorization that the stream was given."""
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body; of several lines, a list."""
        text = self.body.decode()
        try:
            return json.loads(text)
        except ValueError:
            return [json.loads(line) for line in text.splitlines()]


@dataclass(frozen=True, slots=True)
class Due:
    """A request to be sent, and the deliveries (with the attempt's number) that it holds."""

    table: str
    keys: list[tuple[str, int]]
    at: float
    outgoing: Outgoing
    begun: float = field(default_factory=time.monotonic)


AttemptsOf: TypeAlias = Callable[["RequestContext", "Doc", "Doc"], Progress]


Calls: TypeAlias = Callable[[str], bool]
"""Whether what goes to a URL is really sent."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One kind of what a tenant sends."""

    table: str
    """Where its deliveries are kept."""
    senders: str
    """The table of those that send: a change there changes what is due."""
    deliveries: Callable[[RequestContext], Iterator[tuple[float, Delivery]]]
    """All of them, with the times of their events."""
    due: Callable[[RequestContext, Calls, list[float]], list[Due]]
    """The requests that are to be sent now; the list gets the times of later ones."""
    sent: Callable[[RequestContext, Doc, int], None] | None = None
    """Called after an attempt, with the delivery and the status of the response (0: none)."""


def _event_deliveries(context: RequestContext) -> Iterator[tuple[float, Delivery]]:
    for doc in context.tx.all(_EVENTS):
        stream = context.tx.get("event_streams", doc["event_stream_id"])
        if stream is not None:
            yield doc["_rounds"][0], _of_event(context, stream, doc)


def _log_deliveries(context: RequestContext) -> Iterator[tuple[float, Delivery]]:
    for doc in context.tx.all(_LOGS):
        stream = context.tx.get("log_streams", doc["stream_id"])
        if stream is not None:
            yield doc["_rounds"][0], _of_log(context, stream, doc)


def _logout_deliveries(context: RequestContext) -> Iterator[tuple[float, Delivery]]:
    for doc in context.tx.all(_LOGOUTS):
        yield doc["_rounds"][0], _of_logout(context, doc)


def _due_events(context: RequestContext, calls: Calls, later: list[float]) -> list[Due]:
    found: list[Due] = []
    for stream in context.tx.all("event_streams"):
        if calls(stream["destination"]["configuration"].get("webhook_endpoint", "")):
            found += _events(context, stream, later)
    return found


def _due_logs(context: RequestContext, calls: Calls, later: list[float]) -> list[Due]:
    found: list[Due] = []
    for stream in context.tx.all("log_streams"):
        if calls(str(stream["sink"].get("httpEndpoint", ""))):
            found += _batches(context, stream, later)
    return found


def _due_logouts(context: RequestContext, calls: Calls, later: list[float]) -> list[Due]:
    docs = (doc for doc in context.tx.all(_LOGOUTS) if calls(doc["url"]))
    due = _due_of(docs, lambda doc: backchannel_logout.attempts_of(context, doc), later)
    return [Due(_LOGOUTS, [(doc["id"], number)], at, _form_request(doc)) for doc, number, at in due]


def _of_event(context: RequestContext, stream: Doc, doc: Doc) -> Delivery:
    destination: Doc = stream["destination"]
    made = event_streams.attempts_of(context, stream, doc)
    return Delivery(
        doc["id"],
        "event_stream",
        stream["id"],
        destination["type"],
        destination["configuration"].get("webhook_endpoint"),
        doc["event_type"],
        doc["event"],
        *_outcome(made),
    )


def _of_log(context: RequestContext, stream: Doc, doc: Doc) -> Delivery:
    made = log_deliveries.attempts_of(context, stream, doc)
    return Delivery(
        doc["id"],
        "log_stream",
        stream["id"],
        stream["type"],
        stream["sink"].get("httpEndpoint"),
        doc["event"]["type"],
        log_deliveries.payload(stream, doc),
        *_outcome(made),
    )


def _of_logout(context: RequestContext, doc: Doc) -> Delivery:
    return Delivery(
        doc["id"],
        "backchannel_logout",
        doc["client_id"],
        "backchannel_logout",
        doc["url"],
        doc["initiator"],
        {"logout_token": doc["logout_token"]},
        *_outcome(backchannel_logout.attempts_of(context, doc)),
    )


def _outcome(
    made: Progress,
) -> tuple[Literal["pending", "delivered", "failed"], tuple[dict[str, Any], ...]]:
    return made.status, tuple(made.attempts)


def _webhook_request(stream: Doc, doc: Doc) -> Outgoing:
    configuration: Doc = stream["destination"]["configuration"]
    headers = {"content-type": "application/json", **_authorization(configuration)}
    body = json.dumps(doc["event"], ensure_ascii=False).encode()
    return Outgoing(configuration["webhook_endpoint"], headers, body)


def _authorization(configuration: Doc) -> dict[str, str]:
    """The header that a webhook's configuration asks for."""
    how: Mapping[str, Any] = configuration.get("webhook_authorization") or {}
    method = how.get("method")
    if method == "basic":
        pair = f"{how.get('username', '')}:{how.get('password', '')}"
        return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    if method == "bearer":
        return {"authorization": f"Bearer {how.get('token', '')}"}
    if method == "custom_header":
        return {str(how.get("header_key")): str(how.get("header_value", ""))}
    return {}


def _events(context: RequestContext, stream: Doc, later: list[float]) -> list[Due]:
    """The requests that an event stream is to send now; ``later`` gets the times of others."""
    return [
        Due(_EVENTS, [(doc["id"], number)], at, _webhook_request(stream, doc))
        for doc, number, at in _to_send(context, _EVENTS, stream, event_streams.attempts_of, later)
    ]


def _form_request(doc: Doc) -> Outgoing:
    body = urlencode({"logout_token": doc["logout_token"]}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Outgoing(doc["url"], headers, body)


def _to_send(
    context: RequestContext, table: str, stream: Doc, attempts_of: AttemptsOf, later: list[float]
) -> list[tuple[Doc, int, float]]:
    """The deliveries of a stream that are due: with the attempt's number and time."""
    docs = context.tx.find(table, "stream", stream["id"])
    return _due_of(docs, lambda doc: attempts_of(context, stream, doc), later)


def _due_of(
    docs: Iterable[Doc], attempts_of: Callable[[Doc], Progress], later: list[float]
) -> list[tuple[Doc, int, float]]:
    found: list[tuple[Doc, int, float]] = []
    for doc in docs:
        if doc.get("_delivered"):
            continue
        made = attempts_of(doc)
        if made.due is not None:
            found.append((doc, made.due, made.at))
        elif made.status == "pending":
            later.append(made.at)
    return found


def _batches(context: RequestContext, stream: Doc, later: list[float]) -> list[Due]:
    """The requests that a log stream is to send now; ``later`` gets the times of others."""
    docs = _to_send(context, _LOGS, stream, log_deliveries.attempts_of, later)
    sink: Doc = stream["sink"]
    form = sink.get("httpContentFormat", "JSONARRAY")
    size = 1 if form == "JSONOBJECT" else BATCH
    headers = {"content-type": str(sink.get("httpContentType") or "application/json")}
    if sink.get("httpAuthorization"):
        headers["authorization"] = str(sink["httpAuthorization"])
    for each in sink.get("httpCustomHeaders") or ():
        headers[str(each["header"]).lower()] = str(each["value"])
    found: list[Due] = []
    for first in range(0, len(docs), size):
        batch = docs[first : first + size]
        events = [log_deliveries.payload(stream, doc) for doc, _, _ in batch]
        outgoing = Outgoing(str(sink["httpEndpoint"]), headers, _encoded(form, events))
        keys = [(doc["id"], number) for doc, number, _ in batch]
        found.append(Due(_LOGS, keys, batch[-1][2], outgoing))
    return found


def _encoded(form: str, events: list[Doc]) -> bytes:
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    if form == "JSONARRAY":
        return f"[{','.join(lines)}]".encode()
    return "\n".join(lines).encode()


CHANNELS: Mapping[str, Channel] = {
    channel.table: channel
    for channel in (
        Channel(_EVENTS, "event_streams", _event_deliveries, _due_events),
        Channel(_LOGS, "log_streams", _log_deliveries, _due_logs),
        Channel(
            _LOGOUTS, "clients", _logout_deliveries, _due_logouts, backchannel_logout.log_outcome
        ),
    )
}
"""By the table of their deliveries."""
