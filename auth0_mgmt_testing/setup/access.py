"""Typed access to a tenant's collections, for test data and assertions.

What is added is handled as by a create request: the same defaults, derived fields, conflicts and
events. It needs no token, is not validated against the contract, leaves the tenant's log alone, and may
set what a request cannot: ids, times, counts.

Models are imported when first used, to keep other tenants light.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from auth0_mgmt._json import is_mapping, is_sequence
from auth0_mgmt._operation import Operation

from .._registry import operation_lookup, registry
from ..contract.operation_lookup import unknown
from ..engine.context import Params, Reply, RequestContext
from ..engine.core import TenantCore
from ..engine.errors import APIError
from ..engine.notifications import notify_subscribers
from ..engine.registry import StoredCollection
from ..errors import StateError
from ..state.clock import format_timestamp
from ..state.store import Doc

if TYPE_CHECKING:
    from auth0_mgmt.models._base import Model


M = TypeVar("M", bound="Model")

_PARAMETER = re.compile(r"\{([^}]*)\}")
_ELSEWHERE: Operation[Any] = Operation("", "", "POST", "")


class Collection(Generic[M]):
    """One collection of a tenant: its documents by id, as models, in order of creation."""

    def __init__(self, core: TenantCore, family: str) -> None:
        self._core = core
        self._family = family
        self._collection: StoredCollection = registry().collections[family]

    # Reading.

    def __getitem__(self, key: str) -> M:
        """Return the document as a request with all scopes reads it; raises KeyError."""
        from auth0_mgmt.models._base import read_json

        operation = self._reading()
        if key not in self or operation is None:
            raise KeyError(f"{self._family} has no {key!r}")
        context = nested(self._core.context(), operation, {self._parameter(operation): key})
        value = self._carry_out(context, operation)
        return read_json(self._model(operation), json.dumps(value).encode())

    def get(self, key: str, default: M | None = None) -> M | None:
        """Return the document, or ``default`` where there is none."""
        if key not in self:
            return default
        return self[key]

    def __contains__(self, key: object) -> bool:
        return key in self._core.state.table(self._collection.table).rows

    def __len__(self) -> int:
        return len(self._core.state.table(self._collection.table))

    def keys(self) -> list[str]:
        """Return every id, in order of creation."""
        return [str(key) for key in self._core.state.table(self._collection.table).ordered()]

    def __iter__(self) -> Iterator[M]:
        return (self[key] for key in self.keys())

    def __repr__(self) -> str:
        return f"<{len(self)} {self._family} of {self._core.domain}>"

    # Writing.

    def __delitem__(self, key: str) -> None:
        """Delete a document and its dependents; raises KeyError."""
        if key not in self:
            raise KeyError(f"{self._family} has no {key!r}")
        operation = self._operation("delete")
        with setup_transaction(self._core) as context:
            if operation is None:
                self._collection.remove(context, self._collection.require(context, key))
            else:
                self._carry_out(
                    nested(context, operation, {self._parameter(operation): key}), operation
                )

    def update(self, key: str, **fields: Any) -> M:
        """Change a document as an update request does, including fields that requests cannot set.

        Raises KeyError, and `StateError` for what the tenant would reject.
        """
        if key not in self:
            raise KeyError(f"{self._family} has no {key!r}")
        operation = self._operation("update") or _ELSEWHERE
        given = self._checked(fields)
        body = {name: value for name, value in given.items() if name in (operation.body or ())}
        with setup_transaction(self._core) as context:
            if body:
                self._carry_out(
                    nested(context, operation, {self._parameter(operation): key}, body), operation
                )
            self._overlay(context, key, given, operation)
        return self[key]

    def put(self, fields: Mapping[str, Any]) -> M:
        """Create a document of these fields; ``add`` is the same with keywords.

        Raises `StateError` for a field that does not exist, for one that is missing, and
        for what the tenant would reject.
        """
        with setup_transaction(self._core) as context:
            key = self.create(context, fields)
        return self[key]

    def create(self, context: RequestContext, fields: Mapping[str, Any]) -> str:
        """Create a document in a call's transaction; return its id."""
        operation = self._operation("create") or _ELSEWHERE
        given = self._completed(context, self._checked(fields))
        missing = [name for name in operation.required if name not in given]
        if missing:
            raise StateError(f"{self._family}: {', '.join(missing)} must be given")
        key = given.get(self._collection.id)
        if key is not None and key in context.tx.table(self._collection.table).rows:
            raise StateError(f"{self._family}: {key!r} already exists")
        own = nested(context, operation, {}, self._body(given))
        made = str(self._carry_out(own, operation)[self._collection.id])
        self._overlay(context, made, given, operation)
        return made

    # Steps for subclasses.

    def _completed(self, context: RequestContext, given: Doc) -> Doc:
        """Return the fields with defaults that the tenant itself does not set."""
        return given

    def _body(self, given: Doc) -> Doc:
        """Return the body for the collection's create operation."""
        return given

    def _operation(self, verb: str) -> Operation[Any] | None:
        return _bound(f"{self._family}.{verb}")

    def _reading(self) -> Operation[Any] | None:
        return self._operation("get") or self._operation("read")

    def model_name(self) -> str | None:
        """Return the documents' model as ``module.Class``; None where nothing reads one by id."""
        operation = self._reading()
        return None if operation is None else operation.response_model

    def _parameter(self, operation: Operation[Any]) -> str:
        return next(reversed(parameters(operation)), "id")

    def _model(self, operation: Operation[Any]) -> type[M]:
        module, _, name = (operation.response_model or "").partition(".")
        found: type[M] = getattr(import_module(f"auth0_mgmt.models.{module}"), name)
        return found

    def _carry_out(self, context: RequestContext, operation: Operation[Any]) -> Any:
        try:
            if operation is _ELSEWHERE:
                return self._collection.add(context, context.body)
            value = registry().behaviours[operation.name].handler(context)
            return value.value if isinstance(value, Reply) else value
        except APIError as problem:
            raise StateError(f"{self._family}: {problem.message}") from problem

    def _checked(self, fields: Mapping[str, Any]) -> Doc:
        """Return the fields as JSON; raises StateError for an unknown name."""
        known = self.fields()
        for name in fields:
            if name not in known:
                raise StateError(f"{self._family}: {unknown('field', name, sorted(known))}")
        return {name: to_json(value) for name, value in fields.items()}

    def fields(self) -> frozenset[str]:
        """Return the names of all fields of the collection's documents."""
        return self._fields

    @cached_property
    def _fields(self) -> frozenset[str]:
        operation, creating = self._reading(), self._operation("create") or _ELSEWHERE
        shown: set[str] = set() if operation is None else _fields_of(self._model(operation))
        return frozenset((*shown, *(creating.body or ()), self._collection.id))

    def _overlay(
        self, context: RequestContext, key: str, given: Doc, operation: Operation[Any]
    ) -> None:
        """Set given fields that no request can set."""
        settable = {*(operation.body or ()), self._collection.id}
        extra = {name: value for name, value in given.items() if name not in settable}
        doc = context.tx.get(self._collection.table, key)
        if doc is not None and any(doc.get(name) != value for name, value in extra.items()):
            context.tx.put(self._collection.table, key, {**doc, **extra})


class OtherCollection(Collection[M]):
    """A collection without declared fields for type checkers; unknown names raise, too."""

    def add(self, **fields: Any) -> M:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class UserCollection(Collection[M]):
    """Users: by default of the default database, or of their id's provider."""

    def _completed(self, context: RequestContext, given: Doc) -> Doc:
        provider, bar, own = str(given.get("user_id", "")).partition("|")
        connection = given.get("connection") or _connection_of(
            context, provider if bar else "auth0"
        )
        strategy = next(
            (doc["strategy"] for doc in context.tx.all("connections") if doc["name"] == connection),
            provider,
        )
        if "user_id" in given and not (bar and provider == strategy):
            own, bar = given["user_id"], "|"
        key = {"user_id": f"{strategy}|{own}"} if bar else {}
        return {**given, **key, "connection": connection}

    def _body(self, given: Doc) -> Doc:
        if "user_id" not in given:
            return given
        return {**given, "user_id": given["user_id"].partition("|")[2]}


def _connection_of(context: RequestContext, strategy: str) -> str:
    """Return the first connection of a strategy."""
    for doc in context.tx.all("connections"):
        if doc.get("strategy") == strategy:
            return str(doc["name"])
    raise StateError(f"users: the tenant has no connection of strategy {strategy!r}")


@contextmanager
def setup_transaction(core: TenantCore, *, notify: bool = True) -> Generator[RequestContext]:
    """A context without a request; its changes are committed when the block succeeds.

    ``notify``: whether subscribers of the changed documents are notified. Events that the context
    logs are added to the tenant's log.
    """
    with core.lock:
        context = core.context()
        yield context
        if notify:
            notify_subscribers(context, core.registry)
        for event in context.events:
            core.write_log(context, event)
        core.commit(context.tx.commit())


def nested(
    context: RequestContext, operation: Operation[Any], path: dict[str, str], body: Any = None
) -> RequestContext:
    """Return a context for an operation within another: in the same transaction."""
    return RequestContext(
        operation,
        context.world,
        context.tx,
        path,
        Params({}),
        body,
        context.caller,
        context.headers,
    )


def carry_out(
    context: RequestContext, operation: str, path: dict[str, str], body: Any = None
) -> Any:
    """Carry out an operation as a part of a transaction; raises `StateError` for a refusal."""
    row = operation_lookup().find(operation)
    if row is None:
        raise LookupError(operation)
    try:
        return registry().behaviours[row.name].handler(nested(context, row, path, body))
    except APIError as problem:
        raise StateError(f"{operation}: {problem.message}") from problem


@cache
def _bound(name: str) -> Operation[Any] | None:
    """Return the operation of a name, None where it has no behaviour."""
    operation = operation_lookup().find(name)
    return operation if operation is not None and operation.name in registry().behaviours else None


def parameters(operation: Operation[Any]) -> tuple[str, ...]:
    """Return the names of the parameters in an operation's path."""
    return tuple(_PARAMETER.findall(operation.path))


@cache
def _fields_of(model: type[Model]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def to_json(value: Any) -> Any:
    """Return a value as JSON: models as objects, timestamps (by default UTC) as in the API."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    from auth0_mgmt.models._base import Model

    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, datetime):
        return format_timestamp((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if is_mapping(value):
        return {str(name): to_json(item) for name, item in value.items()}
    if is_sequence(value):
        return [to_json(item) for item in value]
    return value
