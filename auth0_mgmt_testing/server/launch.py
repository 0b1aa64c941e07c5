"""Assembles a server: sockets, tenants, TLS, state file, and its clients' environment."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from ..adapters.server import listen
from .authority import Authority, trust_variables
from .hosting import HostingOptions, TenantHost
from .http import NoStalls, Server
from .persistence import StateFile
from .sender import DeliverySender
from .served_tenant import ServedTenant


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """The options of a server."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    domain: str | None = None
    tenants: tuple[str, ...] = ()
    state: Path | None = None
    load: tuple[Path, ...] = ()
    mappings: Path | None = None
    """The values of keywords in configurations."""
    plan: str | None = None
    require_issued_tokens: bool = False
    login_picker: bool = False
    """Whether a list of users stands in for the log-in page."""
    trust_actions: bool = False
    """Whether the code of actions may run in node, and send requests to this machine."""
    allow_remote: bool = False
    allowed_hosts: tuple[str, ...] = ()
    forward: tuple[tuple[str, str], ...] = ()
    """What the default tenant's streams send to URLs that begin with the first, sent to the second."""
    proxy_port: int | None = None
    """The port for CONNECT; with TLS a separate port, else the server's own."""


class TenantServer:
    """A server with its tenants; close it, or use it as a context manager."""

    def __init__(self, options: ServerOptions) -> None:
        """Listen and prepare everything.

        Raises `ServerStartError`, `StateFileError`, `LoadError` or ValueError.
        """
        with contextlib.ExitStack() as stack:
            remote = options.allow_remote
            listener = stack.enter_context(listen(options.host, options.port, allow_remote=remote))
            address, port = listener.getsockname()[:2]
            self.authority = Authority() if options.tls or options.proxy_port is not None else None
            file: StateFile | None = None
            if options.state is not None:
                file = stack.enter_context(contextlib.closing(StateFile(options.state)))
            hosting = HostingOptions(
                port=port,
                secure=options.tls,
                domain=options.domain,
                address=address,
                allowed_hosts=tuple(host.lower() for host in options.allowed_hosts),
                plan=options.plan,
                require_issued_tokens=options.require_issued_tokens,
                login_picker=options.login_picker,
                trust_actions=options.trust_actions,
                context=None if self.authority is None else self.authority.server_context,
            )
            self.not_loaded: tuple[Path, ...] = options.load
            """Sources for a tenant that its state file has already: they fill a new one only."""
            self.app = TenantHost(hosting, state_file=file, fill=partial(self._fill, options))
            for name in options.tenants:
                self.app.tenant(name)
            listeners: list[tuple[socket.socket, ssl.SSLContext | None]] = [(listener, None)]
            self.proxy_url: str | None = None
            if self.authority is not None and options.tls:
                listeners = [(listener, self.authority.server_context(address, self.app.addresses))]
            if options.proxy_port is not None:
                proxy_listener = stack.enter_context(
                    listen(options.host, options.proxy_port, allow_remote=remote)
                )
                listeners.append((proxy_listener, None))
                proxy_port = proxy_listener.getsockname()[1]
                self.proxy_url = f"http://{self.app.client_host}:{proxy_port}"
            for url, to in options.forward:
                self.app.default.deliveries.forward(url, to)
            sender = DeliverySender(self.app.tenants.values)
            self.sender = stack.enter_context(contextlib.closing(sender))
            self.server = Server(self.app, listeners)
            self._resources = stack.pop_all()

    def _fill(self, options: ServerOptions, tenant: ServedTenant) -> None:
        """Load what a new tenant begins with."""
        mappings: dict[str, Any] | None = None
        if options.mappings is not None:
            from ..deploy_cli.loading import read_mappings

            mappings = read_mappings(options.mappings)
        for path in options.load:
            tenant.load(path, mappings=mappings)
        self.not_loaded = ()

    @property
    def url(self) -> str:
        """The URL of the server."""
        return self.app.url

    @property
    def tenant(self) -> ServedTenant:
        """The default tenant."""
        return self.app.default

    def environment(self, name: str = "") -> dict[str, str]:
        """Return the environment variables of a client of one tenant, those for TLS included."""
        variables = self.app.environment(name)
        if self.authority is not None:
            files = self.authority.certificate_file, self.authority.bundle_file
            variables |= trust_variables(*files)
        if self.proxy_url is not None:
            variables["HTTPS_PROXY"] = self.proxy_url
        return variables

    def describe(self, name: str = "") -> dict[str, str | None]:
        """Return them as one JSON object for programs."""
        found = self.app.environment(name)
        authority = self.authority
        return {
            "url": found["AUTH0_URL"],
            "domain": found["AUTH0_DOMAIN"],
            "client_id": found["AUTH0_CLIENT_ID"],
            "client_secret": found["AUTH0_CLIENT_SECRET"],
            "audience": found["AUTH0_AUDIENCE"],
            "ca_file": None if authority is None else str(authority.certificate_file),
            "ca_bundle": None if authority is None else str(authority.bundle_file),
            "proxy": self.proxy_url,
            "control": f"{found['AUTH0_URL']}/__fake/",
        }

    def run(self, ready: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; ``ready`` is called once both are handled."""
        stalls = NoStalls()

        def begin() -> None:
            self.sender.start()
            stalls.collect_regularly()
            ready()

        def stop(*_: object) -> None:
            self.server.stop()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        with self, stalls:
            self.server.run(begin)

    def start(self) -> TenantServer:
        """Serve in its own thread; returns once connections are accepted."""
        self.server.start()
        self.sender.start()
        return self

    def close(self) -> None:
        """Stop, and close sockets and files."""
        self.server.close()
        self._resources.close()

    def __enter__(self) -> TenantServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
