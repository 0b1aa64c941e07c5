"""What a tenant sends to webhooks and applications: caught for tests, and sent where that is local.

Event streams send CloudEvents, one at a time; log streams of type ``http`` send events of the log,
in batches; a session that ends sends logout tokens (`channels`). A tenant calls nobody but this machine: URLs of the loopback interface, and those that
`Deliveries.forward` leads there or to a function.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import is_
from typing import TYPE_CHECKING, TypeAlias, overload

from ..behaviours.attempts import DELIVERED, failure, with_result
from ..engine.hosts import is_loopback_url
from .channels import CHANNELS, Delivery, Due, Outgoing

if TYPE_CHECKING:
    import httpx

    from ..engine.core import TenantCore
    from ..state.store import Table

_TIMEOUT = 10.0
_TABLES = (*CHANNELS, *(channel.senders for channel in CHANNELS.values()))


Receiver: TypeAlias = Callable[[Outgoing], int | None]
"""Receives what is sent: returns the status of its response; None is 200. What it raises is a
failed attempt."""


class Deliveries(Sequence[Delivery]):
    """What the tenant's event streams, log streams and ended sessions send, oldest first.

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
        found = [item for channel in CHANNELS.values() for item in channel.deliveries(context)]
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
        """What one stream sends, or what one client is sent, oldest first."""
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
            for table in CHANNELS:
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

    def _due(self) -> list[Due]:
        state = self._core.state
        tables = tuple(state.table(name) for name in _TABLES)
        if self._core.time() < self._next and all(map(is_, tables, self._seen)):
            return []
        context = self._core.context()
        later: list[float] = []
        found = [
            due for channel in CHANNELS.values() for due in channel.due(context, self._calls, later)
        ]
        if not found:
            self._seen, self._next = tables, min(later, default=float("inf"))
        return found

    def _post(self, request: Outgoing) -> _Result:
        """Send a request; what a receiver raises, or a host that is down, is a result."""
        import httpx

        route = self._route(request.url)
        if route is not None and not isinstance(route[1], str):
            try:
                status = route[1](request)
            except Exception as error:
                return _Result(0, f"{type(error).__name__}: {error}")
            return _result(200 if status is None else status)
        url = request.url
        if route is not None:
            url = str(route[1]) + url[len(route[0]) :]
        try:
            response = _client().post(url, headers=request.headers, content=request.body)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return _Result(0, str(error) or type(error).__name__)
        return _result(response.status_code)

    def _record(self, due: Due, made: _Result) -> None:
        channel = CHANNELS[due.table]
        with self._core.lock:
            context = self._core.context()
            took = max(1, round((time.monotonic() - due.begun) * 1000))
            result = DELIVERED
            if made.reason is not None:
                result = failure(due.outgoing.url, made.reason, due.at, took)
            for key, number in due.keys:
                doc = context.tx.get(due.table, key)
                if doc is not None:
                    doc = context.tx.put(due.table, key, with_result(doc, number, result))
                    if channel.sent is not None:
                        channel.sent(context, doc, made.status)
            for event in context.events:
                self._core.write_log(context, event)
            self._core.commit(context.tx.commit())


@dataclass(frozen=True, slots=True)
class _Result:
    """How an attempt ended: the status of the response (0: none), and why it failed."""

    status: int
    reason: str | None = None


def _result(status: int) -> _Result:
    return _Result(status, None if 200 <= status < 300 else f"unexpected status {status}")


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    """A client for this machine: certificates of local servers are made by themselves."""
    import httpx

    return httpx.Client(verify=False, timeout=_TIMEOUT, trust_env=False)  # noqa: S501
