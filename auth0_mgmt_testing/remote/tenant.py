"""`RemoteTenant`: a served tenant as another process controls it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlsplit

import httpx

from ..adapters.local_authority import trust
from ..deploy_cli.files import Layout, write_configuration
from ..deploy_cli.loading import read_source
from ..engine.hosts import TENANT_PATH
from ..engine.response import Response
from ..observation.changes import Changes, Expected, ExpectedChanges
from ..setup.collections import TenantCollections
from ..setup.documents import write
from ..setup.user_actions import ADDRESS, AGENT, Login
from .collections import C, remote_collection
from .parts import (
    RemoteClock,
    RemoteDeliveries,
    RemoteFaults,
    RemoteMailbox,
    RemoteRateLimits,
    RemoteRequestLog,
    RemoteSnapshot,
    key_of,
    keyed,
)
from .wire import AsyncPrefixedTransport, PrefixedTransport, Wire, client_domain

if TYPE_CHECKING:
    from auth0_mgmt import AsyncManagement, Management
    from auth0_mgmt.models.clients import Client
    from auth0_mgmt.models.users import User


class RemoteTenant(TenantCollections):
    """A served tenant controlled from another process: the methods of `FakeTenant`, over HTTP.

    Request log and changes are redacted by the server. A context manager closes its
    connections.
    """

    def __init__(self, url: str, *, verify: Any = None, http: httpx.Client | None = None) -> None:
        """``verify``: as in httpx, such as an `ssl.SSLContext` that trusts the server; by default this
        user's own authority is trusted, too, where the host is one of this machine.

        ``http``: the connections of another tenant of the server, to be shared with it.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not a URL like http://127.0.0.1:8400")
        self._verify = trust(url) if verify is None else verify
        self._wire = Wire(url, self._verify, http)
        self._shares_connections = http is not None
        self.domain: str = str(self._wire.call("GET", "health")["domain"])
        self.requests = RemoteRequestLog(self._wire)
        self.faults = RemoteFaults(self._wire)
        self.rate_limits = RemoteRateLimits(self._wire)
        self.clock = RemoteClock(self._wire)
        self.mailbox = RemoteMailbox(self._wire)
        self.deliveries = RemoteDeliveries(self._wire)

    @property
    def url(self) -> str:
        """The tenant's URL, without a trailing slash."""
        return self._wire.url

    def environment(self) -> dict[str, str]:
        """The environment variables of a client of this tenant."""
        found: dict[str, str] = self._wire.call("GET", "environment")
        return found

    def _make(self, kind: type[C], name: str) -> C:
        return remote_collection(kind, self._wire, name)

    # Clients.

    def management(self, **options: Any) -> Management:
        """A client of this tenant; options as in `auth0_mgmt.Management`."""
        from auth0_mgmt import Management

        return Management(
            client_domain(self.url), **self._client_options(options, PrefixedTransport)
        )

    def async_management(self, **options: Any) -> AsyncManagement:
        """An asynchronous client of this tenant."""
        from auth0_mgmt import AsyncManagement

        return AsyncManagement(
            client_domain(self.url), **self._client_options(options, AsyncPrefixedTransport)
        )

    @property
    def _origin(self) -> str:
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def _client_options(self, given: dict[str, Any], transport: Any) -> dict[str, Any]:
        options = {"auth": "fake-token", **given}
        if options.get("http_client") is None and "transport" not in options:
            options["transport"] = transport(self.url, self._verify)
        return options

    def token(self, *scopes: str, lifetime: float = 86_400) -> str:
        """A token that this tenant signed."""
        body = {"scopes": list(scopes), "lifetime": lifetime}
        return str(self._wire.call("POST", "tokens", body)["token"])

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response:
        """As `FakeTenant.send`; the response came over HTTP."""
        url = self.url + target
        found = self._wire.http.request(method, url, headers=dict(headers), content=body)
        return Response(found.status_code, found.content, dict(found.headers))

    def transport(self) -> httpx.BaseTransport:
        """A transport for an ``httpx.Client`` of your own; its connections are its client's."""
        return PrefixedTransport(self.url, self._verify)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """A transport for an ``httpx.AsyncClient`` of your own."""
        return AsyncPrefixedTransport(self.url, self._verify)

    # State.

    def load(
        self,
        source: str | PathLike[str] | Mapping[str, Any],
        *,
        mappings: Mapping[str, Any] | None = None,
    ) -> None:
        """As `FakeTenant.load`; files are read here."""
        self._wire.call("POST", "load", read_source(source, mappings).value)

    def export(
        self, path: str | PathLike[str] | None = None, *, secrets: bool = False
    ) -> dict[str, Any]:
        """As `FakeTenant.export`; a file is written here."""
        value: dict[str, Any] = self._wire.call("GET", "state", secrets=str(secrets).lower())
        if path is not None:
            write(value, path)
        return value

    def export_configuration(
        self,
        path: str | PathLike[str] | None = None,
        *,
        layout: Layout = "yaml",
        secrets: bool = False,
        mappings: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """As `FakeTenant.export_configuration`; files are written here."""
        body = {"secrets": secrets, "mappings": dict(mappings or {})}
        assets: dict[str, Any] = self._wire.call("POST", "configuration", body)
        if path is not None:
            write_configuration(assets, Path(path), layout)
        return assets

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
            {table: dict(map(keyed, rows)) for table, rows in found["created"].items()},
            {
                table: {key_of(row["key"]): (row["before"], row["document"]) for row in rows}
                for table, rows in found["updated"].items()
            },
            {table: dict(map(keyed, rows)) for table, rows in found["deleted"].items()},
        )

    def expect_changes(
        self,
        *,
        created: Expected | None = None,
        updated: Expected | None = None,
        deleted: Expected | None = None,
    ) -> ExpectedChanges[RemoteSnapshot]:
        """As `FakeTenant.expect_changes`."""
        known = [each["name"] for each in self._wire.call("GET", "collections")]
        return ExpectedChanges(self.snapshot, self.changes_since, known, created, updated, deleted)

    def fork(self, domain: str | None = None) -> RemoteTenant:
        """As `FakeTenant.fork`; the second tenant is one of the server, of this name or domain."""
        name = domain or f"fork-{token_hex(4)}"
        self._wire.call("POST", "fork", {"name": name})
        return self.tenant(name)

    def tenant(self, name: str) -> RemoteTenant:
        """Return another tenant of the same server, created on first use; "" is the default one.

        It shares this one's connections, which this one closes.
        """
        base = self._origin
        url = f"{base}{TENANT_PATH}{quote(name)}" if name else base
        return RemoteTenant(url, verify=self._verify, http=self._wire.http)

    def remove_tenant(self, name: str) -> None:
        """Remove a tenant of the server. Raises LookupError for one that does not exist."""
        self._wire.call("DELETE", f"tenants/{quote(name, safe='')}")

    def admit(self, name: str, scopes: Sequence[str]) -> tuple[str, str]:
        """Add a client that may request these scopes only; return its id and secret."""
        found = self._wire.call("POST", "clients", {"name": name, "scopes": list(scopes)})
        return str(found["client_id"]), str(found["client_secret"])

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
    def unsupported_parameters(self) -> Literal["warn", "error"]:
        """As the option of `FakeTenant`."""
        found: Literal["warn", "error"] = self._setting("unsupported_parameters")
        return found

    @unsupported_parameters.setter
    def unsupported_parameters(self, value: Literal["warn", "error"]) -> None:
        self._wire.call("PATCH", "settings", {"unsupported_parameters": value})

    @property
    def require_issued_tokens(self) -> bool:
        """As the option of `FakeTenant`."""
        return bool(self._setting("require_issued_tokens"))

    @require_issued_tokens.setter
    def require_issued_tokens(self, value: bool) -> None:
        self._wire.call("PATCH", "settings", {"require_issued_tokens": value})

    def _setting(self, name: str) -> Any:
        return self._wire.call("GET", "settings")[name]

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
        ip: str = ADDRESS,
        user_agent: str = AGENT,
    ) -> Login:
        """As `FakeTenant.log_in`."""
        found = self._act(
            "log-in",
            user=user if isinstance(user, str) else str(user.user_id),
            client=client if client is None or isinstance(client, str) else str(client.client_id),
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

    def close(self) -> None:
        """Close the connections, unless they are another tenant's."""
        if not self._shares_connections:
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
