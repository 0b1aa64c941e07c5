"""What a behaviour receives (`RequestContext`) and may return (`Reply`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from auth0_mgmt._operation import Operation

from ..state.clock import format_timestamp
from ..state.ids import derive_bytes
from ..state.store import Doc, Transaction
from .refusal import Refusal

if TYPE_CHECKING:
    import httpx

SCHEDULE = "_schedule"
"""The table of scheduled tasks (`auth0_mgmt_testing.engine.scheduler`)."""

NO_OPERATION: Operation[Any] = Operation("", "", "GET", "")
"""The operation of a context without a request."""


class Params(dict[str, Any]):
    """Query parameters that record which of them a behaviour reads.

    A parameter that was not read had no effect: the engine reports it.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.seen: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.seen.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.seen.add(str(name))
        return super().__contains__(name)

    def unseen(self) -> Iterator[str]:
        """Return the given parameters that were not read."""
        return (name for name in self if name not in self.seen)


@dataclass(slots=True)
class Reply:
    """A response other than the operation's default status with a JSON value."""

    status: int
    value: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: the token's client and scopes; ``scopes`` None: all."""

    client_id: str | None = None
    scopes: frozenset[str] | None = None

    def may(self, *scopes: str) -> bool:
        """Whether the token carries any one of these scopes."""
        return self.scopes is None or any(scope in self.scopes for scope in scopes)


@dataclass(slots=True)
class ActionSettings:
    """How the code of a tenant's actions runs."""

    time_limit: float = 10.0
    """Seconds that one action may compute, and that its timers may wait (which pass at once)."""
    memory_limit: int = 64 * 1_048_576
    """Bytes that one action may use."""
    trusted: bool = True
    """Whether code may run in node, and send requests to this machine."""
    http_client: httpx.Client | None = None
    """What sends the requests of ``fetch``; None: they reach this machine only."""


class TenantContext(Protocol):
    """A tenant's properties, beside its state, that behaviours read."""

    @property
    def domain(self) -> str: ...
    @property
    def aliases(self) -> frozenset[str]:
        """Hosts that the tenant is reached at besides its domain, for a served tenant."""
        ...

    @property
    def unavailable_features(self) -> frozenset[str]:
        """Features that the tenant's plan does not include, by name."""
        ...

    @property
    def id_seed(self) -> int | str: ...
    @property
    def build_delay(self) -> float:
        """Seconds that building an action takes."""
        ...

    @property
    def actions(self) -> ActionSettings:
        """How the code of actions runs."""
        ...

    def time(self) -> float: ...
    def calls(self, url: str, /) -> bool:
        """Whether what goes to a URL is really sent (see `auth0_mgmt_testing.observation`)."""
        ...

    def call(self, context: RequestContext, request: Doc, /) -> Doc | None:
        """Respond to a request that the code of an action sends, from within a request.

        ``request``: ``method``, ``url``, ``headers`` and ``body``. Returns ``status``, ``headers``,
        ``body`` and ``url``, or an ``error``; None for what goes to somebody else. What it changes,
        the context sees from then on.
        """
        ...


@dataclass(slots=True)
class RequestContext:
    """One request that passed every check, with its transaction."""

    operation: Operation[Any]
    world: TenantContext
    tx: Transaction
    path: dict[str, str]
    query: Params
    body: Any
    caller: Principal
    headers: dict[str, str]
    events: list[Doc] = field(default_factory=list[Doc])
    is_request: bool = False
    """Whether it is a client's request; setup by tests is subject to fewer rules."""
    refusal: Refusal | None = None
    """Why the request was refused, where a behaviour returns its refusal."""
    lasting: list[Callable[[RequestContext], None]] = field(
        default_factory=list["Callable[[RequestContext], None]"]
    )
    """What takes effect even where the request is refused (`keep`)."""

    @property
    def domain(self) -> str:
        return self.world.domain

    @property
    def tenant_name(self) -> str:
        """The tenant's name: the first label of its domain; of an address or port, a fixed one."""
        label, _, rest = self.world.domain.partition(".")
        return label if rest and not label.isdecimal() else "fake-tenant"

    def time(self) -> float:
        """Seconds since the epoch, by the tenant's clock."""
        return self.world.time()

    def now(self) -> str:
        """The tenant's time in the API's format: ISO 8601, UTC, milliseconds."""
        return format_timestamp(self.world.time())

    def new_id(self, make: Callable[[bytes], str]) -> str:
        """Return a new identifier; a form of `auth0_mgmt_testing.state.id_forms` makes it."""
        return make(derive_bytes(self.world.id_seed, self.tx.next()))

    def secret(self, length: int = 64) -> str:
        """Return a new secret of letters, digits, ``-`` and ``_``."""
        from ..state.ids import random_text

        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return random_text(derive_bytes(self.world.id_seed, self.tx.next()), length, alphabet)

    def schedule(self, seconds: float, work: str, *, key: str | None = None, **what: Any) -> None:
        """Schedule work of the tenant for so many seconds from now.

        ``work`` is the name that a family registered (`Family.task`); ``what`` are JSON values,
        which are passed to it. Of several with the same ``key`` the first that is due is kept.
        """
        at = self.time() + seconds
        known = None if key is None else self.tx.get(SCHEDULE, key)
        if known is None or at < known["at"]:
            key = key or str(self.tx.next())
            self.tx.put(SCHEDULE, key, {**what, "id": key, "work": work, "at": at})

    def keep(self, effect: Callable[[RequestContext], None]) -> None:
        """Do something now, and again where what the request wrote is rolled back."""
        effect(self)
        self.lasting.append(effect)

    def roll_back(self) -> None:
        """Undo what the request wrote so far, but for what is to last."""
        self.tx = self.tx.restarted()
        self.events.clear()
        for effect in self.lasting:
            effect(self)

    def log(self, type: str, description: str, **fields: Any) -> None:
        """Add a tenant log event, written if the request succeeds."""
        self.events.append({"type": type, "description": description, **fields})
