"""What a tenant sends to webhooks and log streams: caught for tests, and sent where that is local.

Event streams send CloudEvents, one at a time; log streams of type ``http`` send events of the log,
in batches. A tenant calls nobody but this machine: URLs of the loopback interface, and those that
`Deliveries.forward` leads there or to a function.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import is_
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from ..behaviours.attempts import DELIVERED, Progress, failure, with_result
from ..engine.hosts import is_loopback_url
from ..resources import event_streams, log_deliveries

if TYPE_CHECKING:
    import httpx

    from ..engine.context import RequestContext
    from ..engine.core import TenantCore
    from ..state.store import Doc, Table

BATCH = 100
"""Events of the log that one request holds at most."""
_TIMEOUT = 10.0
_EVENTS = "event_deliveries"
_LOGS = log_deliveries.TABLE
_TABLES = (_EVENTS, _LOGS, "event_streams", "log_streams")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to a stream's destination."""

    id: str
    kind: Literal["event_stream", "log_stream"]
    stream_id: str
    destination: str
    """The type of the destination: ``webhook``, ``http``, ``eventbridge``, ``datadog`` …"""
    url: str | None
    """Where it is sent; None where the destination has no URL."""
    type: str
    """The type of the event: ``user.created``, or a type of the log such as ``s``."""
    event: dict[str, Any] = field(repr=False)
    """The CloudEvent, or ``log_id`` and ``data`` of an event of the log."""
    status: Literal["pending", "delivered", "failed"]
    attempts: tuple[dict[str, Any], ...] = field(repr=False)
    """The attempts that failed: ``timestamp``, ``error_message``, ``duration`` in milliseconds."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One request that a stream sends."""

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


Receiver: TypeAlias = Callable[[Outgoing], int | None]
"""Receives what is sent: returns the status of its response; None is 200. What it raises is a
failed attempt."""


class Deliveries(Sequence[Delivery]):
    """What the tenant's event streams and log streams send, oldest first.

    Where the destination is on this machine, `send` sends it; a server does so all the time. Every
    other destination is never called: its deliveries are here to look at, and fail as those to a
    host that is down.
    """

    def __init__(self, core: TenantCore) -> None:
        self._core = core
        self._routes: dict[str, str | Receiver] = {}
        self._seen: tuple[Table, ...] = ()
        """The tables in which nothing was due before `_next`."""
        self._next = 0.0
        core.calls = self._calls

    # --- where to ---

    def forward(self, url: str, to: str | Receiver) -> None:
        """Send what goes to URLs that begin with ``url`` somewhere else.

        ``to``: a URL of this machine that takes the place of ``url``, or a function, called with
        each `Outgoing`, that returns the status of the response. Raises ValueError for a URL of
        another machine.
        """
        if isinstance(to, str) and not is_loopback_url(to):
            raise ValueError(
                f"{to!r} is not on this machine: give a URL such as 'http://127.0.0.1:3000/hook', "
                "or a function"
            )
        self._routes[url] = to
        self._next = 0.0

    def _route(self, url: str) -> tuple[str, str | Receiver] | None:
        fitting = [prefix for prefix in self._routes if url.startswith(prefix)]
        longest = max(fitting, key=len, default=None)
        return None if longest is None else (longest, self._routes[longest])

    def _calls(self, url: str) -> bool:
        return self._route(url) is not None or is_loopback_url(url)

    # --- what there is ---

    def _docs(self) -> list[tuple[float, Delivery]]:
        context = self._core.context()
        found: list[tuple[float, Delivery]] = []
        for doc in context.tx.all(_EVENTS):
            stream = context.tx.get("event_streams", doc["event_stream_id"])
            if stream is not None:
                found.append((doc["_rounds"][0], _of_event(context, stream, doc)))
        for doc in context.tx.all(_LOGS):
            stream = context.tx.get("log_streams", doc["stream_id"])
            if stream is not None:
                found.append((doc["_rounds"][0], _of_log(context, stream, doc)))
        found.sort(key=lambda item: item[0])
        return found

    def __len__(self) -> int:
        return len(self._docs())

    @overload
    def __getitem__(self, index: int) -> Delivery: ...
    @overload
    def __getitem__(self, index: slice) -> list[Delivery]: ...
    def __getitem__(self, index: int | slice) -> Delivery | list[Delivery]:
        found = [delivery for _, delivery in self._docs()]
        return found[index]

    def __iter__(self) -> Iterator[Delivery]:
        return iter([delivery for _, delivery in self._docs()])

    def of(self, stream_id: str) -> list[Delivery]:
        """What one stream sends, oldest first."""
        return [delivery for delivery in self if delivery.stream_id == stream_id]

    def latest(self, type: str | None = None) -> Delivery:
        """The newest delivery, of a type if one is given. Raises LookupError for none."""
        for delivery in reversed(list(self)):
            if type is None or delivery.type == type:
                return delivery
        wanted = "" if type is None else f" of type {type!r}"
        raise LookupError(f"nothing{wanted} was sent; there are {len(self)} deliveries")

    def clear(self) -> None:
        """Delete all deliveries."""
        with self._core.lock:
            tx = self._core.transaction()
            for table in (_EVENTS, _LOGS):
                tx.delete_all(table, list(tx.table(table).ordered()))
            self._core.commit(tx.commit())

    def __repr__(self) -> str:
        return f"<Deliveries of {self._core.domain}: {len(self)}>"

    # --- sending ---

    def send(self) -> int:
        """Send what is due by the tenant's clock; returns the number of requests.

        An attempt that fails is due again 1, 2 and 4 seconds later, then the delivery has failed.
        Nothing that a destination responds is raised.
        """
        sent = 0
        while due := self._due():
            for request in due:
                self._record(request, self._post(request.outgoing))
            sent += len(due)
        return sent

    def _due(self) -> list[_Due]:
        state = self._core.state
        tables = tuple(state.table(name) for name in _TABLES)
        if self._core.time() < self._next and all(map(is_, tables, self._seen)):
            return []
        context = self._core.context()
        found: list[_Due] = []
        later: list[float] = []
        for stream in context.tx.all("event_streams"):
            if self._calls(stream["destination"]["configuration"].get("webhook_endpoint", "")):
                found += _events(context, stream, later)
        for stream in context.tx.all("log_streams"):
            if self._calls(str(stream["sink"].get("httpEndpoint", ""))):
                found += _batches(context, stream, later)
        if not found:
            self._seen, self._next = tables, min(later, default=float("inf"))
        return found

    def _post(self, request: Outgoing) -> str | None:
        """Send a request; what went wrong, None for success."""
        import httpx

        route = self._route(request.url)
        if route is not None and not isinstance(route[1], str):
            try:
                status = route[1](request)
            except Exception as error:
                return f"{type(error).__name__}: {error}"
            return _reason(200 if status is None else status)
        url = request.url
        if route is not None:
            url = str(route[1]) + url[len(route[0]) :]
        try:
            return _reason(_client().post(url, headers=request.headers, content=request.body))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return str(error) or type(error).__name__

    def _record(self, due: _Due, reason: str | None) -> None:
        with self._core.lock:
            tx = self._core.transaction()
            took = max(1, round((time.monotonic() - due.begun) * 1000))
            result = DELIVERED
            if reason is not None:
                result = failure(due.outgoing.url, reason, due.at, took)
            for key, number in due.keys:
                doc = tx.get(due.table, key)
                if doc is not None:
                    tx.put(due.table, key, with_result(doc, number, result))
            self._core.commit(tx.commit())


@dataclass(frozen=True, slots=True)
class _Due:
    """A request to be sent, and the deliveries (with the attempt's number) that it holds."""

    table: str
    keys: list[tuple[str, int]]
    at: float
    outgoing: Outgoing
    begun: float = field(default_factory=time.monotonic)


AttemptsOf: TypeAlias = Callable[["RequestContext", "Doc", "Doc"], Progress]


def _reason(response: httpx.Response | int) -> str | None:
    status = response if isinstance(response, int) else response.status_code
    return None if 200 <= status < 300 else f"unexpected status {status}"


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    """A client for this machine: certificates of local servers are made by themselves."""
    import httpx

    return httpx.Client(verify=False, timeout=_TIMEOUT, trust_env=False)  # noqa: S501


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


def _events(context: RequestContext, stream: Doc, later: list[float]) -> list[_Due]:
    """The requests that an event stream is to send now; ``later`` gets the times of others."""
    return [
        _Due(_EVENTS, [(doc["id"], number)], at, _webhook_request(stream, doc))
        for doc, number, at in _to_send(context, _EVENTS, stream, event_streams.attempts_of, later)
    ]


def _to_send(
    context: RequestContext, table: str, stream: Doc, attempts_of: AttemptsOf, later: list[float]
) -> list[tuple[Doc, int, float]]:
    """The deliveries of a stream that are due: with the attempt's number and time."""
    found: list[tuple[Doc, int, float]] = []
    for doc in context.tx.find(table, "stream", stream["id"]):
        if doc.get("_delivered"):
            continue
        made = attempts_of(context, stream, doc)
        if made.due is not None:
            found.append((doc, made.due, made.at))
        elif made.status == "pending":
            later.append(made.at)
    return found


def _batches(context: RequestContext, stream: Doc, later: list[float]) -> list[_Due]:
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
    found: list[_Due] = []
    for first in range(0, len(docs), size):
        batch = docs[first : first + size]
        events = [log_deliveries.payload(stream, doc) for doc, _, _ in batch]
        outgoing = Outgoing(str(sink["httpEndpoint"]), headers, _encoded(form, events))
        keys = [(doc["id"], number) for doc, number, _ in batch]
        found.append(_Due(_LOGS, keys, batch[-1][2], outgoing))
    return found


def _encoded(form: str, events: list[Doc]) -> bytes:
    lines = [json.dumps(event, ensure_ascii=False) for event in events]
    if form == "JSONARRAY":
        return f"[{','.join(lines)}]".encode()
    return "\n".join(lines).encode()
