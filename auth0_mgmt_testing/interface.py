"""`TenantControl`: everything that a test does with a fake tenant, in process or over HTTP.

`FakeTenant` and `RemoteTenant` both have it, so helpers that are annotated with it take either.
Collections (``tenant.users`` …) are those of `TenantCollections`, which both inherit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Protocol

from .engine.response import Response
from .observation.changes import Changes, Expected
from .observation.deliveries import Deliveries
from .observation.mailbox import Mailbox
from .observation.request_log import RequestLog
from .setup.user_actions import Login

if TYPE_CHECKING:
    import httpx

    from auth0_mgmt import AsyncManagement, Management
    from auth0_mgmt._operation import Operation
    from auth0_mgmt.models.clients import Client
    from auth0_mgmt.models.users import User

    from .setup.collections import Clients, Connections, Organizations, Roles, Users
    from .simulation.rate_limits import Plan


class SetFault(Protocol):
    """A fault that was added, and how often it hit."""

    @property
    def operation(self) -> Operation[Any]: ...
    @property
    def status(self) -> int | None: ...
    @property
    def calls(self) -> int: ...
    @property
    def hits(self) -> int: ...


class FaultControl(Protocol):
    """`Faults`."""

    def add(
        self,
        operation: str,
        *,
        status: int | None = None,
        error_code: str | None = None,
        message: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        skip: int = 0,
        times: int | None = 1,
        latency: float = 0.0,
        drop_connection: bool = False,
        truncate_body: int | None = None,
        lose_response: bool = False,
    ) -> SetFault: ...
    def clear(self) -> None: ...
    def __iter__(self) -> Iterator[SetFault]: ...
    def __len__(self) -> int: ...


class LimitControl(Protocol):
    """`RateLimits`."""

    def enable(
        self, plan: Plan | None = None, *, limit: int | None = None, per_second: int | None = None
    ) -> None: ...
    def disable(self) -> None: ...
    def reset(self) -> None: ...
    @property
    def enabled(self) -> bool: ...


class ClockControl(Protocol):
    """`Clock`."""

    def time(self) -> float: ...
    def now(self) -> datetime: ...
    @property
    def frozen(self) -> bool: ...
    def freeze(self, at: datetime | str | None = None) -> None: ...
    def resume(self) -> None: ...
    def advance(self, delta: timedelta | float) -> None: ...


class TenantControl(Protocol):
    """What `FakeTenant` and `RemoteTenant` have in common; see there."""

    @property
    def domain(self) -> str: ...
    @property
    def requests(self) -> RequestLog: ...
    @property
    def faults(self) -> FaultControl: ...
    @property
    def rate_limits(self) -> LimitControl: ...
    @property
    def clock(self) -> ClockControl: ...
    @property
    def mailbox(self) -> Mailbox: ...
    @property
    def deliveries(self) -> Deliveries: ...

    # Collections that are used most; every other has its name, too.

    @property
    def users(self) -> Users: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def roles(self) -> Roles: ...
    @property
    def organizations(self) -> Organizations: ...
    @property
    def connections(self) -> Connections: ...
    def collection_names(self) -> tuple[str, ...]: ...

    # Clients.

    def management(self, **options: Any) -> Management: ...
    def async_management(self, **options: Any) -> AsyncManagement: ...
    def transport(self) -> httpx.BaseTransport: ...
    def async_transport(self) -> httpx.AsyncBaseTransport: ...
    def token(self, *scopes: str, lifetime: float = 86_400) -> str: ...
    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response: ...

    # State.

    def load(
        self,
        source: str | PathLike[str] | Mapping[str, Any],
        *,
        mappings: Mapping[str, Any] | None = None,
    ) -> None: ...
    def export_configuration(
        self,
        path: str | PathLike[str] | None = None,
        *,
        layout: Literal["yaml", "folder"] = "yaml",
        secrets: bool = False,
        mappings: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]: ...
    def export(
        self, path: str | PathLike[str] | None = None, *, secrets: bool = False
    ) -> dict[str, Any]: ...
    def reset(self) -> None: ...
    def snapshot(self) -> Any: ...
    def restore(self, snapshot: Any, /) -> None: ...
    def changes_since(self, snapshot: Any, /) -> Changes: ...
    def expect_changes(
        self,
        *,
        created: Expected | None = None,
        updated: Expected | None = None,
        deleted: Expected | None = None,
    ) -> Any: ...
    def fork(self, domain: str | None = None) -> Any: ...
    def required_scopes(self) -> tuple[str, ...]: ...

    # Behaviour.

    @property
    def search_delay(self) -> float: ...
    @search_delay.setter
    def search_delay(self, seconds: float) -> None: ...
    @property
    def build_delay(self) -> float: ...
    @build_delay.setter
    def build_delay(self, seconds: float) -> None: ...
    @property
    def require_issued_tokens(self) -> bool: ...
    @require_issued_tokens.setter
    def require_issued_tokens(self, value: bool) -> None: ...
    @property
    def unsupported_parameters(self) -> Literal["warn", "error"]: ...
    @unsupported_parameters.setter
    def unsupported_parameters(self, value: Literal["warn", "error"]) -> None: ...

    # Users.

    def log_in(
        self,
        user: str | User,
        *,
        client: str | Client | None = None,
        audience: str | None = None,
        scope: str = "openid profile email",
        organization: str | None = None,
        connection: str | None = None,
        ip: str = ...,
        user_agent: str = ...,
    ) -> Login: ...
    def fail_login(
        self,
        user_id: str,
        *,
        client: str | None = None,
        connection: str | None = None,
        ip: str = ...,
        user_agent: str = ...,
    ) -> None: ...
    def decide_on_device(self, user_id: str, *, approve: bool = True) -> None: ...
    def use_login_picker(self, enabled: bool = True) -> None: ...
    def consent(self, user_id: str, client_id: str, audience: str, scope: Sequence[str]) -> str: ...
    def connect_account(self, user_id: str, connection: str, scopes: Sequence[str] = ()) -> str: ...
    def redeem_ticket(self, ticket: str, *, password: str | None = None) -> None: ...
    def enable_event_delivery(self, stream_id: str) -> None: ...
    def block(self, user_id: str, ip: str | None = None) -> None: ...
    def block_ip(self, ip: str) -> None: ...
    def publish_dns(self, domain: str) -> None: ...
