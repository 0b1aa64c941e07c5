"""Many tenants behind one server, isolated, found by host name or path prefix.

A tenant is created on first use: ``acme.localhost:8400`` and ``http://127.0.0.1:8400/t/acme`` are
both the tenant ``acme``. A host that is neither the server's own, nor a reserved name, nor one of
Auth0's is rejected, which prevents DNS rebinding by web pages.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

from ..contract.operation_lookup import unknown
from ..engine.absence import Absent
from ..engine.addresses import PREFIX_HEADER
from ..engine.hosts import TENANT_PATH
from ..engine.response import Response, json_response
from ..engine.tokens import is_loopback, management_audience
from ..errors import TestingError
from ..simulation.rate_limits import PLANS, Plan
from ..tenant import FakeTenant, Snapshot
from .control.api import Control
from .control.endpoint import CONTROL
from .http import HttpRequest
from .persistence import StateFile
from .served_tenant import ServedTenant

"""A path below this and a tenant's name is that tenant's: ``/t/acme/api/v2/users``."""
EXPLANATION = "x-fake-explanation"
_NAME = re.compile(r"[a-z0-9]([a-z0-9_.-]*[a-z0-9])?")
_RESERVED = (".localhost", ".test", ".example", ".invalid")
"""Reserved top-level domains (RFC 2606 and 6761)."""
_AUTH0 = (".auth0.com", ".auth0app.com")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Addresses to listen at, and where clients of this machine reach a server that does."""
_PREFLIGHT_SECONDS = "86400"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One request and its response, for the console and other observers."""

    tenant: ServedTenant
    request: HttpRequest
    response: Response
    seconds: float
    before: Any
    """The tenant's state before the request."""
    polling: bool = False
    """Whether a page or a client only reads the control API."""


Observer = Callable[[Exchanged], None]


@dataclass(kw_only=True)
class HostingOptions:
    """The options of a server's tenants."""

    port: int
    secure: bool = False
    domain: str | None = None
    """The default tenant's domain; None: the address that the server listens on."""
    address: str = "127.0.0.1"
    allowed_hosts: tuple[str, ...] = ()
    """Further accepted host names; ``.example.org`` includes subdomains."""
    plan: str | None = None
    require_issued_tokens: bool = False
    login_picker: bool = False
    """Whether a list of users stands in for the log-in page."""
    trust_actions: bool = False
    """Whether the code of actions may run in node, and send requests to this machine.

    Web pages can send requests to a server, and with them actions.
    """
    context: Callable[[str], ssl.SSLContext] | None = None
    """The TLS context for tunnels; None disables them."""

    def __post_init__(self) -> None:
        if self.plan is not None and self.plan not in PLANS:
            raise ValueError(f"{unknown('plan', self.plan, PLANS)} (plans: {', '.join(PLANS)})")


class TenantHost:
    """The application of a server: its tenants, their control, and access checks."""

    def __init__(
        self,
        options: HostingOptions,
        *,
        first: ServedTenant | None = None,
        state_file: StateFile | None = None,
        fill: Callable[[ServedTenant], None] | None = None,
    ) -> None:
        """``first``: the default tenant, if it exists already; ``state_file``: where tenants are
        stored; its tenants are served. ``fill``: called with a default tenant that is new, before
        it is stored: what interrupts it leaves no tenant that is half filled."""
        self.options = options
        self.observers: list[Observer] = []
        self._file = state_file
        self._by_host: dict[str, ServedTenant] = {}
        self.tenants: dict[str, ServedTenant] = {}
        kept = {} if state_file is None else state_file.tenants()
        for name in dict.fromkeys(("", *kept)):
            domain = self._domain_of(name, kept.get(name))
            tenant = first if first is not None and not name else self._make(domain)
            if fill is not None and not name and name not in kept:
                fill(tenant)
            self._add(name, tenant, kept_domain=kept.get(name))

    @property
    def default(self) -> ServedTenant:
        """The default tenant."""
        return self.tenants[""]

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"{self.scheme}://{self._place}"

    @property
    def client_host(self) -> str:
        """The host that clients of this machine reach the server by."""
        address = self.options.address
        return _bracketed(_WILDCARDS.get(address, address))

    @property
    def addresses(self) -> list[str]:
        """The hosts besides its address that it may be reached by: for its certificate."""
        found = [host for host in self.options.allowed_hosts if host[:1] != "."]
        if self._everywhere:
            with contextlib.suppress(OSError):  # a machine may not know its own name
                found += socket.gethostbyname_ex(socket.gethostname())[2]
        return found

    @property
    def _everywhere(self) -> bool:
        """Whether it listens at every address of this machine."""
        return self.options.address in _WILDCARDS

    @property
    def _place(self) -> str:
        """Host and port of the server; one that listens at every address is known by its domain."""
        options, own = self.options, f"{self.client_host}:{self.options.port}"
        if options.domain is None or not self._everywhere:
            return own
        named_port = options.domain != _host_of(options.domain)
        return options.domain if named_port else f"{options.domain}:{options.port}"

    @property
    def scheme(self) -> str:
        return "https" if self.options.secure else "http"

    # --- tenants ---

    def _domain_of(self, name: str, kept: str | None) -> str:
        """The domain of a tenant, ``kept`` being the one that it had when it was last served.

        One that derived from the server's address derives from the present address.
        """
        options = self.options
        if not name:
            if options.domain is None and kept is not None and not is_loopback(kept):
                return kept
            return options.domain or self._place
        own = f"{name}.localhost:{options.port}"
        if kept is not None and _host_of(kept) != _host_of(own):
            return kept
        return name if "." in name else own

    def tenant(self, name: str) -> ServedTenant:
        """The tenant of a name or domain, created on first use; "" is the default one.

        Raises ValueError for an invalid name.
        """
        name = name.lower()
        if (found := self.tenants.get(name)) is not None:
            return found
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a valid tenant name: use a-z, 0-9, '-', '_' and '.'")
        return self._add(name, self._make(self._domain_of(name, None)))

    @property
    def names(self) -> list[str]:
        return list(self.tenants)

    def name_of(self, tenant: FakeTenant) -> str:
        """Return the name of a tenant. Raises LookupError for one of another server."""
        for name, found in self.tenants.items():
            if found is tenant:
                return name
        raise LookupError(f"{tenant!r} is not a tenant of this server")

    def put(self, name: str, tenant: FakeTenant) -> None:
        """Serve a tenant under a name from now on."""
        if not isinstance(tenant, ServedTenant):
            raise TypeError("only a ServedTenant can be served")
        self._by_host.clear()
        self._add(name.lower(), tenant)

    def remove(self, name: str) -> None:
        """Remove a tenant. Raises LookupError for an unknown one, and for the default."""
        if not name or name.lower() not in self.tenants:
            raise LookupError(f"no tenant {name!r} to remove")
        if self._file is not None:
            self._file.forget(name.lower())
        self.tenants.pop(name.lower()).subscribe(None)
        self._by_host.clear()

    def environment(self, name: str = "", url: str = "") -> dict[str, str]:
        """Return the credentials of a tenant's client.

        ``url``: what the client reaches the tenant by, where that is not the server's own URL.
        """
        tenant = self.tenant(name)
        domain = tenant.domain
        if url and is_loopback(domain):  # the port of a container is another one outside of it
            place = urlsplit(url).netloc
            domain = _host_of(domain) + place.removeprefix(_host_of(place)) if name else place
        return {
            "AUTH0_URL": url or (f"{self.url}{TENANT_PATH}{name}" if name else self.url),
            "AUTH0_DOMAIN": domain,
            "AUTH0_CLIENT_ID": tenant.own_client.client_id,
            "AUTH0_CLIENT_SECRET": tenant.own_client.client_secret,
            "AUTH0_AUDIENCE": management_audience(tenant.domain),
        }

    def _make(self, domain: str) -> ServedTenant:
        return ServedTenant(domain=domain, require_issued_tokens=self.options.require_issued_tokens)

    def _add(
        self, name: str, tenant: ServedTenant, *, kept_domain: str | None = None
    ) -> ServedTenant:
        if self._file is not None:
            if kept_domain is not None:
                state = self._file.load(name, domain=tenant.domain)
                tenant.restore(Snapshot(state))
            if kept_domain == tenant.domain:
                self._file.follow(name, tenant)
            else:
                self._file.keep(name, tenant)
        if self.options.plan is not None:
            tenant.rate_limits.enable(cast(Plan, self.options.plan))  # checked above
        if self.options.login_picker:
            tenant.use_login_picker()
        self.tenants[name] = tenant
        tenant.aliases = frozenset(self._aliases(name, tenant))
        tenant.actions.trusted = self.options.trust_actions
        tenant.look_elsewhere(lambda absent: self._tenants_with(absent, tenant))
        return tenant

    def _tenants_with(self, absent: Absent, asking: ServedTenant) -> Iterable[str]:
        """The names of other tenants that have a document; the default one is called "default"."""
        for name, tenant in self.tenants.items():
            if tenant is not asking and absent.key in tenant.state.table(absent.table).rows:
                yield name or "default"

    def _aliases(self, name: str, tenant: ServedTenant) -> Iterable[str]:
        """Hosts, and hosts with a path, that replace the tenant's domain in an audience."""
        port = self.options.port
        for host in ("127.0.0.1", "localhost", "[::1]", _bracketed(self.options.address)):
            yield f"{host}:{port}{TENANT_PATH}{name}" if name else f"{host}:{port}"
        if name:
            yield f"{name}.localhost:{port}"
        yield tenant.domain
        yield tenant.domain.partition(":")[0]

    # --- the application ---

    def handle(self, request: HttpRequest) -> Response:
        begun = time.perf_counter()
        try:
            tenant, target, prefix = self._find(request)
        except _UnknownHost as error:
            return _problem(421, str(error))
        except ValueError as error:
            return _problem(404, str(error))
        before = tenant.state
        try:
            response = self._answer(tenant, target, prefix, request)
        except Exception as error:  # of strict checking, see `Engine.handle`, or our own
            response = self._failed(tenant, error)
        seconds = time.perf_counter() - begun
        for observer in self.observers:
            polling = target.startswith(CONTROL) and request.method in ("GET", "HEAD")
            observer(Exchanged(tenant, request, response, seconds, before, polling))
        return response

    def may_wait(self, request: HttpRequest) -> bool:
        """Whether the tenant has actions: their code may run for seconds, and its writes wait."""
        try:
            return self._find(request)[0].has_actions
        except (ValueError, _UnknownHost):
            return False

    def delay(self, request: HttpRequest, seconds: float) -> float:
        """Sleep if the tenant's clock runs, else advance the clock; return the delay."""
        tenant, _, _ = self._find(request)
        if tenant.clock.frozen:
            tenant.clock.advance(seconds)
            return 0.0
        return seconds

    def tunnel(self, host: str) -> ssl.SSLContext | None:
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if self.options.context is None or not self._allowed(name.lower()):
            return None
        return self.options.context(name)

    def _answer(
        self, tenant: ServedTenant, target: str, prefix: str, request: HttpRequest
    ) -> Response:
        headers = request.headers
        if target.partition("?")[0] == CONTROL.rstrip("/"):
            return Response(308, b"", {"location": prefix + CONTROL})
        if target.startswith(CONTROL):
            if (reason := self._foreign(request)) is not None:
                return _problem(403, reason)
            secure = request.secure or headers.get("x-forwarded-proto") == "https"
            host = request.host or headers.get("host", "")
            url = f"{'https' if secure else 'http'}://{host}{prefix}"
            return Control(tenant, self, url).respond(request.method, target, request.body)
        origin = headers.get("origin")
        api = target.startswith("/api/")  # the Authentication API allows origins by itself
        if (
            api
            and request.method == "OPTIONS"
            and origin
            and "access-control-request-method" in headers
        ):
            return _preflight(origin, headers)
        if request.secure or headers.get("x-forwarded-proto") != "https":
            headers["x-forwarded-proto"] = "https" if request.secure else "http"
        headers.pop(PREFIX_HEADER, None)
        if prefix:
            headers[PREFIX_HEADER] = prefix
        method = "GET" if request.method == "HEAD" else request.method
        response = tenant.send(method, target, headers, request.body)
        if explanation := tenant.requests[-1].explanation:
            response.headers[EXPLANATION] = explanation
        if prefix:
            _put_below(prefix, response)
        if api and origin:
            response.headers.update(_cors(origin))
            response.headers.setdefault(
                "access-control-expose-headers",
                "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
            )
        return response

    @staticmethod
    def _failed(tenant: ServedTenant, error: Exception) -> Response:
        """Keep an exception with the tenant, and respond with a 500 that says what is wrong."""
        tenant.failure = tenant.failure or error
        shown = isinstance(error, TestingError | Warning)  # whose messages hold no secrets
        said = str(error) if shown else "the fake tenant's server failed"
        return _problem(500, f"{type(error).__name__}: {said}")

    def _find(self, request: HttpRequest) -> tuple[ServedTenant, str, str]:
        """The tenant of a request, the target without the prefix that named it, the prefix."""
        host = request.host or request.headers.get("host", "")
        tenant = self._by_host.get(host)
        if tenant is None:
            tenant = self._by_host[host] = self._by_name(host.lower())
            tenant.aliases |= {host}
        target = request.target
        if target.startswith(TENANT_PATH):
            name, slash, rest = target[len(TENANT_PATH) :].partition("/")
            tenant, prefix = self.tenant(name), TENANT_PATH + name
            if host + prefix not in tenant.aliases:
                tenant.aliases |= {host + prefix}
            return tenant, slash + rest or "/", prefix
        return tenant, target, ""

    def _by_name(self, host: str) -> ServedTenant:
        name = _host_of(host)
        if not self._allowed(name):
            raise _UnknownHost(
                f"{host or 'a request without Host'} is not a host of this server; "
                f"start it with --allow-host {name or 'NAME'} to allow it"
            )
        for tenant in self.tenants.values():
            if host == tenant.domain.lower() or name == _host_of(tenant.domain.lower()):
                return tenant
        if name.endswith(".localhost"):
            return self.tenant(name.removesuffix(".localhost"))
        if name.endswith((*_RESERVED, *_AUTH0)):
            return self.tenant(name)
        return self.default

    def _allowed(self, name: str) -> bool:
        options = self.options
        return (
            name in _LOOPBACK
            or name == _bracketed(options.address)
            or (self._everywhere and _is_address(name))  # which no page can rebind
            or name.endswith((*_RESERVED, *_AUTH0))
            or (options.domain is not None and name == _host_of(options.domain.lower()))
            or any(
                name == allowed or (allowed[:1] == "." and name.endswith(allowed))
                for allowed in options.allowed_hosts
            )
        )

    def _foreign(self, request: HttpRequest) -> str | None:
        """Return why a web page is blocked: control is for the server's own pages only."""
        headers = request.headers
        origin = headers.get("origin")
        if origin is not None:
            host = request.host or headers.get("host", "")
            if urlsplit(origin).netloc != host:
                return f"control is not allowed for pages of {origin}"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return "control is not allowed for pages of other sites"
        return None


class _UnknownHost(Exception):
    pass


def _put_below(prefix: str, response: Response) -> None:
    """Let a response's paths, of redirects and cookies, be those that the client knows."""
    headers = response.headers
    location = headers.get("location", "")
    if location.startswith("/") and not location.startswith("//"):
        headers["location"] = prefix + location
    if "set-cookie" in headers:
        headers["set-cookie"] = headers["set-cookie"].replace("; Path=/;", f"; Path={prefix}/;")


def _host_of(authority: str) -> str:
    """Return the host of ``host:port``, with the brackets of an IPv6 address."""
    if authority.startswith("["):
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _problem(status: int, message: str) -> Response:
    reason = HTTPStatus(status).phrase
    return json_response(status, {"statusCode": status, "error": reason, "message": message})


def _cors(origin: str) -> dict[str, str]:
    return {"access-control-allow-origin": origin, "vary": "Origin"}


def _preflight(origin: str, headers: dict[str, str]) -> Response:
    requested = headers.get("access-control-request-headers", "authorization, content-type")
    return Response(
        204,
        b"",
        {
            **_cors(origin),
            "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            "access-control-allow-headers": requested,
            "access-control-max-age": _PREFLIGHT_SECONDS,
        },
    )
