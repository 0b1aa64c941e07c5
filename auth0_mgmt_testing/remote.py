"""`RemoteTenant`: the control of a served tenant, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from auth0_mgmt._json import is_object

from ._registry import operation_lookup
from .actions.runner import ActionRun, read_run
from .engine.request import LoggedRequest
from .errors import ControlError, LoadError, StateError
from .observation.changes import Changes
from .observation.deliveries import Delivery
from .observation.mailbox import Message
from .observation.request_log import RequestLog
from .setup.action_collection import ActionExecution, read_execution
from .setup.documents import read, write
from .setup.user_actions import ADDRESS, AGENT, Login
from .state.store import Key

if TYPE_CHECKING:
    from auth0_mgmt import AsyncManagement, Management

    from .simulation.rate_limits import Plan

_TIMEOUT = 60.0
_ERRORS: Mapping[str, type[Exception]] = {
    "load": LoadError,
    "state": StateError,
    "value": ValueError,
    "not_found": LookupError,
}


class _Wire:
    """Requests to the control API of one tenant."""

    def __init__(self, url: str, verify: Any) -> None:
        self.url = url.rstrip("/")
        # Not through a proxy of the environment: the server is usually on this host.
        self.http = httpx.Client(timeout=_TIMEOUT, verify=verify, trust_env=False)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of a response; raises what the same call raises in process."""
        given = {name: value for name, value in query.items() if value is not None}
        search = f"?{urlencode(given)}" if given else ""
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if content else {}
        try:
            response = self.http.request(
                method, f"{self.url}/__fake/{path}{search}", content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise ControlError(
                f"no fake tenant responds at {self.url} ({type(error).__name__}); "
                "start one: auth0-fake serve"
            ) from error
        if response.is_success:
            return response.json() if response.content else None
        try:
            value = response.json()
        except ValueError:
            value = None
        if not is_object(value) or "message" not in value:
            raise ControlError(f"{self.url} is not a fake tenant: {response.status_code}")
        kind = _ERRORS.get(str(value.get("error")), ControlError)
        raise kind(str(value["message"]))


class _PrefixedTransport(httpx.HTTPTransport):
    """Puts the path prefix of a tenant before the path of each request."""

    def __init__(self, prefix: str, verify: Any) -> None:
        super().__init__(verify=verify)
        self._prefix = prefix

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(_prefixed(request, self._prefix))


class _AsyncPrefixedTransport(httpx.AsyncHTTPTransport):
    """The asynchronous variant."""

    def __init__(self, prefix: str, verify: Any) -> None:
        super().__init__(verify=verify)
        self._prefix = prefix

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(_prefixed(request, self._prefix))


def _prefixed(request: httpx.Request, prefix: str) -> httpx.Request:
    request.url = request.url.copy_with(raw_path=prefix.encode("ascii") + request.url.raw_path)
    return request


class RemoteTenant:
    """A served tenant controlled from another process: the methods of `FakeTenant`, over HTTP.

    Request log and changes are redacted by the server. A context manager closes its
    connections.
    """

    def __init__(self, url: str, *, verify: Any = True) -> None:
        """``verify``: as in httpx, such as an `ssl.SSLContext` that trusts the server."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not a URL like http://127.0.0.1:8400")
        self._verify = verify
        self._wire = _Wire(url, verify)
        self.domain: str = str(self._wire.call("GET", "health")["domain"])
        self.requests = RemoteRequestLog(self._wire)
        self.faults = RemoteFaults(self._wire)
        self.rate_limits = RemoteRateLimits(self._wire)
        self.actions = RemoteActions(self._wire)
        self.clock = RemoteClock(self._wire)

    @property
    def url(self) -> str:
        """The tenant's URL, without a trailing slash."""
        return self._wire.url

    def environment(self) -> dict[str, str]:
        """The environment variables of a client of this tenant."""
        found: dict[str, str] = self._wire.call("GET", "environment")
        return found

    # Clients.

    def management(self, **options: Any) -> Management:
        """A client of this tenant; options as in `auth0_mgmt.Management`."""
        from auth0_mgmt import Management

        return Management(self._origin, **self._client_options(options, _PrefixedTransport))

    def async_management(self, **options: Any) -> AsyncManagement:
        """An asynchronous client of this tenant."""
        from auth0_mgmt import AsyncManagement

        return AsyncManagement(
            self._origin, **self._client_options(options, _AsyncPrefixedTransport)
        )

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def _client_options(self, given: dict[str, Any], transport: Any) -> dict[str, Any]:
        options = {"auth": "fake-token", **given}
        if options.get("http_client") is None and "transport" not in options:
            options["transport"] = transport(urlsplit(self.url).path, self._verify)
        return options

    def token(self, *scopes: str, lifetime: float = 86_400) -> str:
        """A token that this tenant signed."""
        body = {"scopes": list(scopes), "lifetime": lifetime}
        return str(self._wire.call("POST", "tokens", body)["token"])

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> httpx.Response:
        """Return the response to one raw request; ``target`` is path and query."""
        return self._wire.http.request(
            method, self.url + target, headers=dict(headers), content=body
        )

    # State.

    def load(self, source: str | PathLike[str] | Mapping[str, Any]) -> None:
        """As `FakeTenant.load`; a file is read here."""
        self._wire.call("POST", "load", read(source).value)

    def export(
        self, path: str | PathLike[str] | None = None, *, secrets: bool = False
    ) -> dict[str, Any]:
        """As `FakeTenant.export`; a file is written here."""
        value: dict[str, Any] = self._wire.call("GET", "state", secrets=str(secrets).lower())
        if path is not None:
            write(value, path)
        return value

    def reset(self) -> None:
        """As `FakeTenant.reset`."""
        self._wire.call("POST", "reset")

    def snapshot(self) -> RemoteSnapshot:
        """Return a snapshot of the current state, kept by the server."""
        return RemoteSnapshot(str(self._wire.call("POST", "snapshots")["id"]))

    def restore(self, snapshot: RemoteSnapshot) -> None:
        """Restore a snapshot."""
        self._wire.call("POST", f"snapshots/{snapshot.id}/restore")

    def changes_since(self, snapshot: RemoteSnapshot) -> Changes:
        """As `FakeTenant.changes_since`, redacted."""
        found = self._wire.call("GET", f"snapshots/{snapshot.id}/changes")
        return Changes(
            {table: dict(map(_keyed, rows)) for table, rows in found["created"].items()},
            {
                table: {_key(row["key"]): (row["before"], row["document"]) for row in rows}
                for table, rows in found["updated"].items()
            },
            {table: dict(map(_keyed, rows)) for table, rows in found["deleted"].items()},
        )

    def fork(self, name: str) -> RemoteTenant:
        """Create a second tenant of the server, of this name, with this one's state and time."""
        self._wire.call("POST", "fork", {"name": name})
        return self.tenant(name)

    def tenant(self, name: str) -> RemoteTenant:
        """Return another tenant of the same server, created on first use; "" is the default one."""
        base = self._origin
        url = f"{base}/t/{quote(name)}" if name else base
        return RemoteTenant(url, verify=self._verify)

    def required_scopes(self) -> tuple[str, ...]:
        """As `FakeTenant.required_scopes`."""
        return self.requests.required_scopes()

    # Behaviour.

    @property
    def search_delay(self) -> float:
        """As `FakeTenant.search_delay`."""
        return float(self._setting("search_delay"))

    @search_delay.setter
    def search_delay(self, seconds: float) -> None:
        self._wire.call("PATCH", "settings", {"search_delay": seconds})

    @property
    def build_delay(self) -> float:
        """As `FakeTenant.build_delay`."""
        return float(self._setting("build_delay"))

    @build_delay.setter
    def build_delay(self, seconds: float) -> None:
        self._wire.call("PATCH", "settings", {"build_delay": seconds})

    @property
    def require_issued_tokens(self) -> bool:
        """As the option of `FakeTenant`."""
        return bool(self._setting("require_issued_tokens"))

    @require_issued_tokens.setter
    def require_issued_tokens(self, required: bool) -> None:
        self._wire.call("PATCH", "settings", {"require_issued_tokens": required})

    def _setting(self, name: str) -> Any:
        return self._wire.call("GET", "settings")[name]

    # Users.

    def log_in(
        self,
        user: str,
        *,
        client: str | None = None,
        audience: str | None = None,
        scope: str = "openid profile email",
        organization: str | None = None,
        connection: str | None = None,
        ip: str = ADDRESS,
        user_agent: str = AGENT,
    ) -> Login:
        """As `FakeTenant.log_in`; user and client by their ids."""
        found = self._act(
            "log-in",
            user=user,
            client=client,
            audience=audience,
            scope=scope,
            organization=organization,
            connection=connection,
            ip=ip,
            user_agent=user_agent,
        )
        return Login(**found)

    def fail_login(
        self,
        user_id: str,
        *,
        client: str | None = None,
        connection: str | None = None,
        ip: str = ADDRESS,
        user_agent: str = AGENT,
    ) -> None:
        """As `FakeTenant.fail_login`."""
        self._act(
            "fail-login",
            user_id=user_id,
            client=client,
            connection=connection,
            ip=ip,
            user_agent=user_agent,
        )

    def decide_on_device(self, user_id: str, *, approve: bool = True) -> None:
        """As `FakeTenant.decide_on_device`."""
        self._act("decide-on-device", user_id=user_id, approve=approve)

    def use_login_picker(self, enabled: bool = True) -> None:
        """As `FakeTenant.use_login_picker`."""
        self._act("use-login-picker", enabled=enabled)

    def consent(self, user_id: str, client_id: str, audience: str, scope: Sequence[str]) -> str:
        """As `FakeTenant.consent`."""
        found = self._act(
            "consent", user_id=user_id, client_id=client_id, audience=audience, scope=list(scope)
        )
        return str(found["id"])

    def connect_account(self, user_id: str, connection: str, scopes: Sequence[str] = ()) -> str:
        """As `FakeTenant.connect_account`."""
        given = list(scopes)
        found = self._act("connect-account", user_id=user_id, connection=connection, scopes=given)
        return str(found["id"])

    def redeem_ticket(self, ticket: str, *, password: str | None = None) -> None:
        """As `FakeTenant.redeem_ticket`."""
        self._act("redeem-ticket", ticket=ticket, password=password)

    def enable_event_delivery(self, stream_id: str) -> None:
        """As `FakeTenant.enable_event_delivery`."""
        self._act("enable-event-delivery", stream_id=stream_id)

    def block(self, user_id: str, ip: str | None = None) -> None:
        """As `FakeTenant.block`."""
        self._act("block", user_id=user_id, ip=ip)

    def publish_dns(self, domain: str) -> None:
        """As `FakeTenant.publish_dns`."""
        self._act("publish-dns", domain=domain)

    def block_ip(self, ip: str) -> None:
        """As `FakeTenant.block_ip`."""
        self._act("block-ip", ip=ip)

    def _act(self, action: str, **given: Any) -> Any:
        return self._wire.call("POST", f"actions/{action}", given)

    @property
    def mailbox(self) -> list[Message]:
        """The messages that the tenant sent, oldest first."""
        sent: list[dict[str, Any]] = self._wire.call("GET", "mailbox")
        for message in sent:
            message["sent_at"] = datetime.fromisoformat(message["sent_at"])
        return [Message(**message) for message in sent]

    @property
    def deliveries(self) -> list[Delivery]:
        """What the tenant's streams send, oldest first."""
        found: list[dict[str, Any]] = self._wire.call("GET", "deliveries")
        return [Delivery(**{**each, "attempts": tuple(each["attempts"])}) for each in found]

    def forward_deliveries(self, url: str, to: str) -> None:
        """As `Deliveries.forward`, to a URL of the server's machine."""
        self._wire.call("POST", "deliveries/forward", {"url": url, "to": to})

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()

    def __enter__(self) -> RemoteTenant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<RemoteTenant {self.domain} at {self.url}>"


class RemoteSnapshot:
    """A snapshot on the server."""

    def __init__(self, id: str) -> None:
        self.id = id


class RemoteRequestLog(RequestLog):
    """The request log of a served tenant, fetched whenever it is read."""

    def __init__(self, wire: _Wire) -> None:
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
    )


class RemoteFaults:
    """The faults of a served tenant."""

    def __init__(self, wire: _Wire) -> None:
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

    def __init__(self, wire: _Wire, value: Mapping[str, Any]) -> None:
        self._wire = wire
        self._value = dict(value)

    def _now(self) -> dict[str, Any]:
        for value in self._wire.call("GET", "faults"):
            if value["id"] == self._value["id"]:
                self._value = value
        return self._value

    @property
    def operation(self) -> str:
        """The client name of the operation."""
        return str(self._value["operation"])

    @property
    def calls(self) -> int:
        """Calls of the operation since the fault was added."""
        return int(self._now()["calls"])

    @property
    def hits(self) -> int:
        """How many of them it hit."""
        return int(self._now()["hits"])


class RemoteActions:
    """The code of a served tenant's actions."""

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def run(
        self,
        action: str,
        event: Mapping[str, Any] | None = None,
        *,
        trigger: str | None = None,
        user: str | None = None,
        client: str | None = None,
        resumed: bool = False,
    ) -> ActionRun:
        """As `ActionCollection.run`; the action by id or name, user and client by their ids."""
        given = {"trigger": trigger, "user": user, "client": client, "resumed": resumed}
        body = {"action": action, "event": dict(event or {}), **given}
        return read_run(self._wire.call("POST", "action-runs", body))

    def bind(self, trigger: str, *actions: str) -> None:
        """As `ActionCollection.bind`; actions by id or name."""
        self._wire.call("POST", "action-bindings", {"trigger": trigger, "actions": list(actions)})

    def executions(self) -> list[ActionExecution]:
        """What flows ran so far, oldest first."""
        return [read_execution(each) for each in self._wire.call("GET", "action-executions")]


class RemoteRateLimits:
    """The limits of a served tenant."""

    def __init__(self, wire: _Wire) -> None:
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

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire

    def time(self) -> float:
        """Seconds since the epoch."""
        return float(self._wire.call("GET", "clock")["time"])

    def now(self) -> datetime:
        """The tenant's time as an aware datetime in UTC."""
        from datetime import UTC

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


def _key(value: Any) -> Key:
    return value if isinstance(value, str) else tuple(value)


def _keyed(row: Mapping[str, Any]) -> tuple[Key, dict[str, Any]]:
    return _key(row["key"]), row["document"]
