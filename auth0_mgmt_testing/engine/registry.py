"""The declarations of a resource module (`Family`) and the engine's input (`Registry`).

Every module of `auth0_mgmt_testing.resources` has one `Family`: its declarations bind behaviours to
operations by client name. The registry is the union of all families (`auth0_mgmt_testing._registry`);
the engine receives one and is independent of resources.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from auth0_mgmt._operation import Method, Operation

from ..state.selection import Column
from ..state.store import Cascade, Doc, Index, Schema
from .context import RequestContext

Handler: TypeAlias = Callable[[RequestContext], Any]
Kind: TypeAlias = Literal["collection", "settings", "relation", "view", "action", "unsupported"]
Setup: TypeAlias = Callable[[RequestContext], None]
Task: TypeAlias = Callable[[RequestContext, Doc], None]
"""Called when it is due, with the arguments of `RequestContext.schedule`."""
Subscriber: TypeAlias = Callable[[RequestContext, Doc | None, Doc | None], None]
"""Called with a document before and after; None where it did not or does not exist."""
LogWriter: TypeAlias = Callable[[RequestContext, Doc], None]
"""Adds an event to the tenant's log."""


class Owner(Protocol):
    """The document that each document of a nested collection belongs to."""

    @property
    def table(self) -> str: ...
    @property
    def param(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def public(self) -> str: ...


class StoredCollection(Protocol):
    """A collection that tests can access without requests."""

    @property
    def table(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def operations(self) -> Mapping[str, str]: ...
    @property
    def parent(self) -> Owner | None: ...
    def add(self, context: RequestContext, doc: Doc) -> Doc: ...
    def require(self, context: RequestContext, key: str | None = None) -> Doc: ...
    def remove(self, context: RequestContext, *docs: Doc) -> None: ...


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A handler, its kind, and for ``unsupported`` the reason.

    ``eventual``: it reads the state that searches see, not the newest one.
    """

    handler: Handler
    kind: Kind
    reason: str = ""
    eventual: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A handler for a path outside of the Management API, with an `Operation` to identify it."""

    operation: Operation[Any]
    handler: Handler
    read_only: bool = False
    """It never changes the state, so it needs no lock."""
    cors: bool = False
    """Scripts of every origin may call it, without credentials."""


@dataclass(frozen=True, slots=True)
class OperationSupport:
    """The support of one operation of the contract."""

    operation: Operation[Any]
    kind: Kind
    reason: str
    """The reason, for ``unsupported``."""
    place: str = ""
    """Where it is declared: ``resources.roles``, with the line of an operation's own function."""

    @property
    def group(self) -> Literal["own", "generic", "unsupported"]:
        """A behaviour of its own, a shared one, or 501."""
        if self.kind == "unsupported":
            return "unsupported"
        return "own" if self.kind in ("view", "action") else "generic"


class Family:
    """The behaviours of one resource family, and its initial documents."""

    def __init__(self) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self.indexes: dict[str, dict[str, Index]] = {}
        self.columns: dict[str, dict[str, Column]] = {}
        self.setups: list[tuple[int, Setup]] = []
        self.cascades: list[tuple[str, Cascade]] = []
        self.routes: list[Route] = []
        self.collections: dict[str, StoredCollection] = {}
        """By table: collections that can be written without a request."""
        self.subscribers: dict[str, list[Subscriber]] = {}
        self.tasks: dict[str, Task] = {}
        self.log_writers: list[LogWriter] = []

    def bind(self, operation: str, handler: Handler, kind: Kind, *, eventual: bool = False) -> None:
        """Bind a handler to an operation, which can have only one.

        ``eventual``: its reads may lag behind writes (`Behaviour`).
        """
        if operation in self.behaviours:
            raise ValueError(f"{operation} already has a behaviour")
        self.behaviours[operation] = Behaviour(handler, kind, eventual=eventual)

    def operation(
        self, operation: str, kind: Kind = "action", *, eventual: bool = False
    ) -> Callable[[Handler], Handler]:
        """Decorator: bind a function to an operation (``kind="view"`` if it only reads)."""

        def register(handler: Handler) -> Handler:
            self.bind(operation, handler, kind, eventual=eventual)
            return handler

        return register

    def route(
        self,
        method: Method,
        path: str,
        handler: Handler,
        name: str = "",
        *,
        read_only: bool = False,
        cors: bool = False,
    ) -> None:
        """Bind a handler to a path outside of ``/api/v2``: a path from the host's root.

        ``{name}`` in it is a parameter. The engine checks no token and no contract. The handler
        finds the decoded path parameters in ``context.path``, the query in ``context.query`` and
        the bytes of the body in ``context.body``; it returns JSON, or a `Reply` whose value may be
        bytes with a content type of its own. Its writes take effect whatever status it returns
        (a failed log-in is counted), unless it raises. ``name`` identifies it in tests (default:
        method and path).
        """
        known = f"{method} {path}"
        operation: Operation[Any] = Operation(known, name or known, method, path)
        self.routes.append(Route(operation, handler, read_only, cors))

    def index(self, table: str, name: str, values: Index) -> None:
        """Declare a secondary index: the values that a document of the table is found under."""
        self.indexes.setdefault(table, {})[name] = values

    def column(self, table: str, name: str, value_of: Column) -> None:
        """Declare a value of each document of the table that is kept for searches to read."""
        self.columns.setdefault(table, {})[name] = value_of

    def subscribe(self, table: str, subscriber: Subscriber) -> None:
        """Subscribe a function to documents of a table that a successful write changes.

        It is called before the write takes effect, within it, and may write more.
        """
        self.subscribers.setdefault(table, []).append(subscriber)

    def cascade(
        self,
        table: str,
        index: str,
        *,
        of: str,
        by: Callable[[Doc], Hashable] | None = None,
    ) -> None:
        """Declare that documents are deleted with one of table ``of``: those found under its key.

        ``by``: found under this value of the document, not under its key.
        """
        self.cascades.append((of, Cascade(table, index, by)))

    def task(self, name: str) -> Callable[[Task], Task]:
        """Decorator: runs tasks of this name, scheduled by `RequestContext.schedule`."""

        def register(function: Task) -> Task:
            self.tasks[name] = function
            return function

        return register

    def log_writer(self, function: LogWriter) -> LogWriter:
        """Decorator: adds events to the tenant's log; one family has it."""
        self.log_writers.append(function)
        return function

    def setup(self, order: int = 50) -> Callable[[Setup], Setup]:
        """Decorator: adds initial documents; lower orders run first."""

        def register(function: Setup) -> Setup:
            self.setups.append((order, function))
            return function

        return register


@dataclass(frozen=True, slots=True)
class Registry:
    """All families together."""

    behaviours: Mapping[str, Behaviour]
    routes: Mapping[str, Route]
    """By the id of their operation."""
    collections: Mapping[str, StoredCollection]
    """By table."""
    schema: Schema
    subscribers: Mapping[str, Sequence[Subscriber]]
    """By table."""
    tasks: Mapping[str, Task]
    """Scheduled work by name."""
    setups: tuple[Setup, ...]
    write_log: LogWriter
