"""The parts of a served tenant: request log, faults, limits, clock, messages, deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, overload
from urllib.parse import urlencode

from auth0_mgmt._operation import Operation

from .._registry import operation_lookup
from ..engine.request import DocumentChange, LoggedRequest
from ..observation.channels import Delivery
from ..observation.deliveries import Deliveries
from ..observation.mailbox import Mailbox, Message
from ..observation.request_log import RequestLog
from ..state.store import Key
from .wire import Wire

if TYPE_CHECKING:
    from ..observation.deliveries import Receiver
    from ..simulation.rate_limits import Plan


class RemoteSnapshot:
    """A snapshot on the server."""

    def __init__(self, id: str) -> None:
        self.id = id


class RemoteRequestLog(RequestLog):
    """The request log of a served tenant, fetched whenever it is read."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def _fetched(self) -> list[LoggedRequest]:
        return [_logged(entry) for entry in self._wire.call("GET", "requests")]

    def add(self, request: LoggedRequest) -> None:
        raise TypeError("the server itself logs its requests")

    def clear(self) -> None:
        self._wire.call("DELETE", "requests")

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self._fetched())

    def __len__(self) -> int:
        return len(self._fetched())

    def __getitem__(self, position: int) -> LoggedRequest:
        return self._fetched()[position]

    def __str__(self) -> str:
        entries = self._fetched()
        if not entries:
            return "Nothing was called."
        return "These were called:\n" + "\n".join(f"  {entry}" for entry in entries)

    def required_scopes(self) -> tuple[str, ...]:
        return tuple(self._wire.call("GET", "required-scopes"))


def _logged(entry: Mapping[str, Any]) -> LoggedRequest:
    operation = entry["operation"]
    headers = {**entry["headers"], "content-type": "application/json"}
    return LoggedRequest(
        entry["method"],
        entry["path"],
        None if operation is None else operation_lookup().get(operation),
        entry["params"],
        entry["time"],
        urlencode(entry["query"], doseq=True),
        headers,
        b"" if entry["json"] is None else json.dumps(entry["json"]).encode(),
        number=entry["number"],
        status=entry["status"],
        explanation=entry["explanation"],
        seconds=entry["seconds"],
        changes=tuple(
            DocumentChange(
                each["collection"],
                key_of(each["key"]),
                None if each["kind"] == "created" else {},
                None if each["kind"] == "deleted" else {},
            )
            for each in entry["changes"]
        ),
    )


class RemoteFaults:
    """The faults of a served tenant."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def add(self, operation: str, **options: Any) -> RemoteFault:
        """As `Faults.add`; a raw body is text."""
        if isinstance(body := options.get("body"), bytes):
            options["body"] = body.decode()
        value = self._wire.call("POST", "faults", {"operation": operation, **options})
        return RemoteFault(self._wire, value)

    def clear(self) -> None:
        """Remove all faults."""
        self._wire.call("DELETE", "faults")

    def __iter__(self) -> Iterator[RemoteFault]:
        return (RemoteFault(self._wire, value) for value in self._wire.call("GET", "faults"))

    def __len__(self) -> int:
        return len(self._wire.call("GET", "faults"))


class RemoteFault:
    """A fault of a served tenant; its counts are fetched whenever they are read."""

    def __init__(self, wire: Wire, value: Mapping[str, Any]) -> None:
        self._wire = wire
        self._value = dict(value)

    def _now(self) -> dict[str, Any]:
        for value in self._wire.call("GET", "faults"):
            if value["id"] == self._value["id"]:
                self._value = value
        return self._value

    @property
    def operation(self) -> Operation[Any]:
        """The operation that it is set on."""
        return operation_lookup().get(str(self._value["operation"]))

    @property
    def status(self) -> int | None:
        """The status of the error; None where there is none."""
        found: int | None = self._value["status"]
        return found

    @property
    def calls(self) -> int:
        """Calls of the operation since the fault was added."""
        return int(self._now()["calls"])

    @property
    def hits(self) -> int:
        """How many of them it hit."""
        return int(self._now()["hits"])


class RemoteRateLimits:
    """The limits of a served tenant."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def enable(
        self, plan: Plan | None = None, *, limit: int | None = None, per_second: int | None = None
    ) -> None:
        """As `RateLimits.enable`."""
        given = {"plan": plan, "limit": limit, "per_second": per_second}
        body = {name: value for name, value in given.items() if value is not None}
        self._wire.call("PUT", "rate-limits", body)

    def disable(self) -> None:
        """Limit nothing."""
        self._wire.call("DELETE", "rate-limits")

    def reset(self) -> None:
        """Fill every bucket."""
        self._wire.call("POST", "rate-limits/reset")

    @property
    def enabled(self) -> bool:
        return bool(self._wire.call("GET", "rate-limits")["enabled"])


class RemoteClock:
    """The clock of a served tenant."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def time(self) -> float:
        """Seconds since the epoch."""
        return float(self._wire.call("GET", "clock")["time"])

    def now(self) -> datetime:
        """The tenant's time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    @property
    def frozen(self) -> bool:
        return bool(self._wire.call("GET", "clock")["frozen"])

    def freeze(self, at: datetime | str | None = None) -> None:
        """As `Clock.freeze`."""
        text = at.isoformat() if isinstance(at, datetime) else at
        self._wire.call("PATCH", "clock", {"freeze": True if text is None else text})

    def resume(self) -> None:
        """Let the clock run."""
        self._wire.call("PATCH", "clock", {"resume": True})

    def advance(self, delta: timedelta | float) -> None:
        """As `Clock.advance`."""
        seconds = delta.total_seconds() if isinstance(delta, timedelta) else float(delta)
        self._wire.call("PATCH", "clock", {"advance": seconds})


def key_of(value: Any) -> Key:
    return value if isinstance(value, str) else tuple(value)


def keyed(row: Mapping[str, Any]) -> tuple[Key, dict[str, Any]]:
    return key_of(row["key"]), row["document"]


class RemoteMailbox(Mailbox):
    """The messages of a served tenant, fetched whenever they are read."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _fetched(self) -> list[Message]:
        sent: list[dict[str, Any]] = self._wire.call("GET", "mailbox")
        for message in sent:
            message["sent_at"] = datetime.fromisoformat(message["sent_at"])
        return [Message(**message) for message in sent]

    def __len__(self) -> int:
        return len(self._fetched())

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        return self._fetched()[index]

    def __iter__(self) -> Iterator[Message]:
        return iter(self._fetched())

    def clear(self) -> None:
        self._wire.call("DELETE", "mailbox")

    def __repr__(self) -> str:
        return f"<Mailbox at {self._wire.url}: {len(self)} messages>"


class RemoteDeliveries(Deliveries):
    """What the streams of a served tenant send, fetched whenever it is read."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def _fetched(self) -> list[Delivery]:
        found: list[dict[str, Any]] = self._wire.call("GET", "deliveries")
        for each in found:
            each["attempts"] = tuple(each["attempts"])
        return [Delivery(**each) for each in found]

    def forward(self, url: str, to: str | Receiver) -> None:
        """As `Deliveries.forward`, to a URL of the server's machine.

        Raises ValueError for a function, which the server cannot call.
        """
        if not isinstance(to, str):
            raise ValueError("a served tenant sends to URLs: serve the function, and give its URL")
        self._wire.call("POST", "deliveries/forward", {"url": url, "to": to})

    def __len__(self) -> int:
        return len(self._fetched())

    @overload
    def __getitem__(self, index: int) -> Delivery: ...
    @overload
    def __getitem__(self, index: slice) -> list[Delivery]: ...
    def __getitem__(self, index: int | slice) -> Delivery | list[Delivery]:
        return self._fetched()[index]

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._fetched())

    def clear(self) -> None:
        self._wire.call("DELETE", "deliveries")

    def send(self) -> int:
        return int(self._wire.call("POST", "deliveries/send")["sent"])

    def __repr__(self) -> str:
        return f"<Deliveries at {self._wire.url}: {len(self)}>"
