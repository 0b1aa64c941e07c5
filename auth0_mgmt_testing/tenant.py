"""`FakeTenant`: an Auth0 tenant in memory, and everything that a test can do with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self

from ._registry import registry, router
from .deploy_cli.kinds import is_assets
from .engine.context import ActionSettings, RequestContext
from .engine.core import TenantCore, empty_context, first_state
from .engine.engine import Engine
from .engine.own_requests import OwnRequests
from .engine.registry import Setup
from .engine.response import Response
from .engine.response_validation import ResponseValidator
from .observation.changes import Changes, Expected, ExpectedChanges, between
from .observation.deliveries import Deliveries
from .observation.mailbox import Mailbox
from .observation.request_log import RequestLog
from .setup.access import setup_transaction
from .setup.collections import TenantCollections
from .setup.documents import write
from .setup.exports import exported, is_export, loaded
from .setup.loading import load_seed
from .setup.user_actions import UserActions
from .simulation.faults import Faults
from .simulation.plan import Plan
from .simulation.rate_limits import RateLimits
from .state.bulk import many_objects
from .state.clock import Clock
from .state.store import Doc, State, Transaction

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

    from auth0_mgmt import AsyncManagement, Management

    from .adapters.asgi import ASGIApp
    from .adapters.in_process import Entered
    from .deploy_cli.files import Layout
    from .remote import RemoteTenant

DEFAULT_DOMAIN = "fake-tenant.eu.auth0.test"
"""Below a top-level domain that nobody can own: no request to it ever leaves the machine."""
CHECK_VARIABLE = "AUTH0_FAKE_CHECK_RESPONSES"
"""The environment variable that makes a response outside of the contract an error.

``open``: open objects of the contract may contain members that it does not declare.
"""
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(:[0-9]+)?")


class Snapshot:
    """A tenant's state at one time, for `FakeTenant.restore` and comparison."""

    __slots__ = ("state",)

    def __init__(self, state: State) -> None:
        self.state = state

    def __eq__(self, other: object) -> bool:
        """Whether both contain the same documents, in the same order of creation."""
        return isinstance(other, Snapshot) and self.state.holds_what(other.state)

    def __hash__(self) -> int:
        tables = self.state.tables.items()
        return hash(frozenset((name, len(table)) for name, table in tables if len(table)))


class FakeTenant(TenantCollections, UserActions):
    """An in-memory tenant that serves the whole Management API.

    As a context manager it responds to every client in the process that calls its domain: httpx
    (through respx), httpx2, requests, urllib3, urllib, http.client and aiohttp. Without patching:
    `transport`, `async_transport`, `asgi`, or `management` for a client that is already connected
    to it.

    ``random_seed``: seeds ids and secrets; the same seed and requests produce the same ids.
    ``require_issued_tokens``: accept only tokens that this tenant issued; by default an opaque
    bearer token may do everything, while JSON Web Tokens are verified either way.
    ``unsupported_parameters``: what a query parameter that the fake does not act on causes,
    ``"warn"`` (`UnsupportedParameterWarning`) or ``"error"`` (`UnsupportedParameterError`).
    ``unavailable_features``: what the tenant's plan does not include (see
    `auth0_mgmt_testing.simulation.plan`), such as ``"bot_detection"``; by default everything is.
    Raises ValueError for a domain that is not a host name, or an unknown feature.
    """

    def __init__(
        self,
        domain: str = DEFAULT_DOMAIN,
        *,
        random_seed: int | str = 0,
        require_issued_tokens: bool = False,
        unsupported_parameters: Literal["warn", "error"] = "warn",
        clock: Clock | None = None,
        unavailable_features: Iterable[str] = (),
    ) -> None:
        if not _HOST.fullmatch(domain):
            raise ValueError(f"{domain!r} is no host name: give one as in {DEFAULT_DOMAIN!r}")
        if unsupported_parameters not in ("warn", "error"):
            raise ValueError(
                f"unsupported_parameters={unsupported_parameters!r}: give 'warn' or 'error'"
            )
        self.clock = clock or Clock()
        self._core = TenantCore(
            domain, random_seed, self.clock, registry(), self._first_state(domain, random_seed)
        )
        self._core.require_issued_tokens = require_issued_tokens
        self._plan = Plan(unavailable_features)
        self._core.unavailable_features = self._plan.without
        self._core.check_plan = self._plan.check if self._plan.without else None
        self._core.unsupported_parameters = unsupported_parameters
        self.faults = Faults()
        self.rate_limits = RateLimits()
        self.requests = RequestLog()
        self.mailbox = Mailbox(self._core)
        self.deliveries = Deliveries(self._core)
        check = os.environ.get(CHECK_VARIABLE)
        checks = ResponseValidator(open_objects=check == "open") if check else None
        self._engine = Engine(
            self._core, router(), self.rate_limits, self.faults, self.requests, checks
        )
        core = self._core
        core.own_requests = OwnRequests(self.send, lambda: core.committed)
        self._entered: list[Entered] = []

    @property
    def domain(self) -> str:
        """The tenant's host name, as it appears in documents and tokens."""
        return self._core.domain

    @property
    def unsupported_parameters(self) -> Literal["warn", "error"]:
        """What a query parameter that the fake does not act on causes."""
        return self._core.unsupported_parameters

    @unsupported_parameters.setter
    def unsupported_parameters(self, value: Literal["warn", "error"]) -> None:
        self._core.unsupported_parameters = value

    @property
    def require_issued_tokens(self) -> bool:
        """Whether only tokens that this tenant issued are accepted."""
        return self._core.require_issued_tokens

    @require_issued_tokens.setter
    def require_issued_tokens(self, value: bool) -> None:
        self._core.require_issued_tokens = value

    # Adapters.

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Response:
        """Handle one raw request; ``target`` is path and query as in a URL.

        ``transport_fault`` of the response says what a fault does to its delivery.
        """
        return self._engine.handle(method, target, headers, body)

    def transport(self) -> httpx.BaseTransport:
        """A transport for an ``httpx.Client`` of your own."""
        from .adapters.transport import TenantTransport

        return TenantTransport(self)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """A transport for an ``httpx.AsyncClient`` of your own."""
        from .adapters.transport import AsyncTenantTransport

        return AsyncTenantTransport(self)

    def asgi(self) -> ASGIApp:
        """An ASGI application, for any server; any host name is accepted as the tenant's."""
        from .adapters.asgi import application

        return application(self)

    @staticmethod
    def connect(url: str, *, verify: Any = None) -> RemoteTenant:
        """The control of a served tenant, from any process: the same methods over HTTP.

        ``url``: where the tenant is served, such as ``http://127.0.0.1:8400`` or
        ``http://127.0.0.1:8400/t/acme``. ``verify``: as httpx takes it, for TLS; by default the
        authority of ``auth0-fake serve --tls`` is trusted for hosts of this machine.
        Raises `ControlError` where no fake tenant responds there, or is not trusted.
        """
        from .remote import RemoteTenant

        return RemoteTenant(url, verify=verify)

    def management(self, **options: Any) -> Management:
        """A client of this tenant; options as `auth0_mgmt.Management` takes them."""
        from auth0_mgmt import Management

        options.setdefault("auth", "fake-token")
        return Management(self.domain, transport=self.transport(), **options)

    def async_management(self, **options: Any) -> AsyncManagement:
        """An asynchronous client of this tenant."""
        from auth0_mgmt import AsyncManagement

        options.setdefault("auth", "fake-token")
        return AsyncManagement(self.domain, transport=self.async_transport(), **options)

    def token(self, *scopes: str, lifetime: float = 86_400) -> str:
        """A token that this tenant signed, for ``auth=``: it has these scopes.

        It expires after ``lifetime`` seconds by the tenant's clock.
        """
        from .engine.keyring import Keyring
        from .engine.tokens import management_token

        return management_token(self._core, Keyring(self._core.state), scopes, lifetime)

    def __enter__(self) -> FakeTenant:
        from .adapters.in_process import Entered

        self._entered.append(Entered(self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._entered:
            raise RuntimeError(f"{self!r} was not entered")
        self._entered.pop().stop(quiet=kind is not None)

    # Control.

    @property
    def search_delay(self) -> float:
        """Seconds, by the tenant's clock, that searches lag behind writes; 0 is off.

        ``GET /users`` with and without ``q`` and the tenant logs lag; reading by id and
        ``/users-by-email`` do not. Raises ValueError when set to less than 0.
        """
        return self._core.search_delay

    @search_delay.setter
    def search_delay(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"search_delay={seconds}: give 0 or more seconds")
        self._core.search_delay = seconds

    @property
    def build_delay(self) -> float:
        """Seconds, by the tenant's clock, that an action stays ``pending`` after each change."""
        return self._core.build_delay

    @build_delay.setter
    def build_delay(self, seconds: float) -> None:
        self._core.build_delay = seconds

    def required_scopes(self) -> tuple[str, ...]:
        """Return the smallest set of scopes that allows all requests since `requests.clear`.

        Where an operation accepts any of several scopes the set needs one of them.
        """
        return self.requests.required_scopes()

    def changes_since(self, snapshot: Snapshot) -> Changes:
        """Return what was created, updated and deleted since a snapshot, by collection."""
        return between(snapshot.state, self._core.state)

    def expect_changes(
        self,
        *,
        created: Expected | None = None,
        updated: Expected | None = None,
        deleted: Expected | None = None,
    ) -> ExpectedChanges[Snapshot]:
        """Return a context manager: the block changes exactly this, and journals (logs, executions).

            with tenant.expect_changes(created={"roles": 1}, deleted={"users": ["auth0|1"]}):
                ...

        Each maps a collection to a number of documents or to keys; what is not named must not
        change. Raises ValueError for an unknown collection, and AssertionError with the
        difference.
        """
        known = {*registry().schema.tables, *self._core.state.tables}
        return ExpectedChanges(self.snapshot, self.changes_since, known, created, updated, deleted)

    # The complete state.

    def load(
        self,
        source: str | PathLike[str] | Mapping[str, Any],
        *,
        mappings: Mapping[str, Any] | None = None,
    ) -> None:
        """Fill the tenant from a file (YAML or JSON), a folder or a mapping.

        Either by family: lists of documents, settings as mappings, relations inside documents
        (see `auth0_mgmt_testing.setup.loading`). Or a complete `export`, which replaces everything that
        the tenant contains. Or a configuration of auth0-deploy-cli, a ``tenant.yaml`` or a folder,
        whose documents are created, or updated where one of that name exists; ``mappings`` are
        the values of its ``##NAME##`` and ``@@NAME@@`` (default: the environment variable
        ``AUTH0_KEYWORD_REPLACE_MAPPINGS``). Or users: an export file (NDJSON, CSV), a JSON array.

        Raises `LoadError`, with line or path, for an unknown name and for what the tenant would
        reject; then nothing is changed.
        """
        from .deploy_cli.loading import import_assets, read_source  # late: few tenants load

        document = read_source(source, mappings)
        core = self._core
        with core.lock, many_objects():
            if is_export(document.value):
                core.replace(loaded(document.value, core.domain, core.id_seed))
                return
            if is_assets(document.value):
                twin = self._scratch()
                import_assets(twin, document.value)
                core.replace(twin._core.state.with_table("logs", core.state.table("logs")))
                return
            with setup_transaction(core) as context:
                load_seed(self._collections(), document, context)

    def export(
        self, path: str | PathLike[str] | None = None, *, secrets: bool = False
    ) -> dict[str, Any]:
        """Return all that the tenant contains as JSON values; also written to ``path`` if given.

        `load` reads it again, with the same ids; URLs of this domain become those of the tenant
        that loads it. Secrets are left out, and replaced by new ones on load, unless ``secrets``
        keeps them. Only the owner may read the file.
        """
        with many_objects():
            value = exported(self._core.state, self.domain, secrets=secrets)
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
        """Return the tenant's configuration in the format of auth0-deploy-cli.

        Users and ids are not part of it. It is also written below the folder ``path``, as one
        ``tenant.yaml`` or as a folder of JSON files (``layout``), scripts and pages in files of
        their own. ``##NAME##`` stands for each secret, unless ``secrets`` keeps it, and for what is
        a value of ``mappings``.
        """
        from .deploy_cli.files import write_configuration
        from .deploy_cli.loading import export_assets

        assets = export_assets(
            self._scratch(), secrets=secrets, mappings=mappings, left_out=self._own_clients()
        )
        if path is not None:
            write_configuration(assets, Path(path), layout)
        return assets

    def _scratch(self) -> Self:
        """A copy that accepts every request, to be thrown away."""
        twin = self.fork()
        twin.require_issued_tokens = False
        twin.unsupported_parameters = "warn"
        twin.search_delay = twin.build_delay = 0.0
        return twin

    def _own_clients(self) -> tuple[str, ...]:
        """Ids of clients that are the fake's own."""
        return ()

    def _first_state(self, domain: str, random_seed: int | str) -> State:
        """The state of a new tenant."""
        return _fresh(domain, random_seed)

    def reset(self) -> None:
        """Restore the state of a new tenant; clock, faults, rate limits and request log stay."""
        self._core.replace(self._first_state(self._core.domain, self._core.id_seed))

    def snapshot(self) -> Snapshot:
        """Return the current state, at no cost: states share structure."""
        return Snapshot(self._core.state)

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a snapshot of this tenant or of one that it was forked from."""
        self._core.replace(snapshot.state)

    def fork(self, domain: str | None = None) -> Self:
        """Return an independent tenant that starts with this one's state and time.

        ``domain``: of the second tenant, by default the same. References in the state to
        the first domain are not changed.
        """
        twin = type(self)(
            domain or self._core.domain,
            random_seed=self._core.id_seed,
            require_issued_tokens=self._core.require_issued_tokens,
            unsupported_parameters=self._core.unsupported_parameters,
            clock=self.clock.copy(),
            unavailable_features=self._plan.without,
        )
        twin._core.replace(self._core.state)
        twin._core.search_delay = self._core.search_delay
        twin._core.build_delay = self._core.build_delay
        twin._core.actions = replace(self._core.actions)
        return twin

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a FakeTenant cannot be pickled or copied: use fork(), or export() and load()"
        )

    def __repr__(self) -> str:
        return f"<FakeTenant {self.domain}>"


@lru_cache(maxsize=64)
def _fresh(domain: str, seed: int | str) -> State:
    """Return the initial state of a tenant, created once for each domain and seed."""
    return first_state(_Founder(domain, seed), registry())


def founded_with(state: State, domain: str, seed: int | str, setup: Setup) -> State:
    """Return the initial state of a tenant with what one more setup adds."""
    tx = Transaction(state, registry().schema)
    setup(empty_context(_Founder(domain, seed), tx))
    return tx.commit()


@dataclass(frozen=True)
class _Founder:
    """The context of setups while a tenant is created."""

    domain: str
    id_seed: int | str
    aliases: frozenset[str] = frozenset()
    unavailable_features: frozenset[str] = frozenset()
    build_delay: float = 0.0
    actions: ActionSettings = field(default_factory=ActionSettings)

    def time(self) -> float:
        return Clock().time()

    def calls(self, url: str) -> bool:
        return False

    def call(self, context: RequestContext, request: Doc, /) -> Doc | None:
        return None
