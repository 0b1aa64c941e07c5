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
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, cached_property
from importlib import import_module
from math import isfinite
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from auth0_mgmt._json import is_array, is_mapping, is_object, is_sequence
from auth0_mgmt._operation import Operation

from .._registry import operation_lookup, registry
from ..authentication.errors import OAuthError
from ..contract.operation_lookup import unknown
from ..engine.context import Params, Reply, RequestContext
from ..engine.core import TenantCore
from ..engine.errors import APIError
from ..engine.notifications import notify_subscribers
from ..engine.registry import StoredCollection
from ..engine.validation import request_validator
from ..errors import MissingDocumentError, StateError, TestingError
from ..state.clock import format_timestamp
from ..state.store import Doc, visible

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

    @property
    def table(self) -> str:
        """The table of the state that holds the documents."""
        return self._collection.table

    # Reading.

    def __getitem__(self, key: str) -> M:
        """Return the document as a request with all scopes reads it.

        Raises `MissingDocumentError`.
        """
        return self._shown(self._core.context(), self._stored(key))

    def get(self, key: str, default: M | None = None) -> M | None:
        """Return the document, or ``default`` where there is none."""
        if key not in self:
            return default
        return self[key]

    def __contains__(self, key: object) -> bool:
        rows = self._core.state.table(self._collection.table).rows
        return isinstance(key, str) and key in rows

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
        """Delete a document and its dependents; raises `MissingDocumentError`."""
        doc = self._stored(key)
        operation = self._operation("delete")
        with self._explained(operation), setup_transaction(self._core) as context:
            if operation is None:
                self._collection.remove(context, doc)
            else:
                path = self._path(operation, doc)
                self._carry_out(nested(context, operation, path), operation)

    def update(self, key: str, /, **fields: Any) -> M:
        """Change a document as an update request does, including fields that requests cannot set.

        Raises `MissingDocumentError`, and `StateError` for what the tenant would reject.
        """
        doc = self._stored(key)
        operation = self._operation("update") or _ELSEWHERE
        given = self._checked(fields)
        body = {name: value for name, value in given.items() if name in (operation.body or ())}
        with self._explained(operation, body), setup_transaction(self._core) as context:
            if body:
                path = self._path(operation, doc)
                self._carry_out(nested(context, operation, path, body), operation)
            self._overlay(context, key, given, operation)
            return self._shown(context, context.tx.get(self._collection.table, key) or doc)

    def put(self, fields: Mapping[str, Any]) -> M:
        """Create a document of these fields; ``add`` is the same with keywords.

        Raises `StateError` for a field that does not exist, for one that is missing, and
        for what the tenant would reject.
        """
        checked = self._checked(fields)
        with setup_transaction(self._core) as context:
            key = self.create(context, checked)
            with self._explained(self._operation("create"), checked):
                return self._shown(context, context.tx.get(self._collection.table, key) or {})

    def create(self, context: RequestContext, fields: Mapping[str, Any]) -> str:
        """Create a document in a call's transaction; return its id."""
        operation = self._operation("create") or _ELSEWHERE
        checked = self._checked(fields)
        with self._explained(operation, checked):
            return self._create(context, operation, checked)

    # Steps for subclasses.

    def _create(self, context: RequestContext, operation: Operation[Any], checked: Doc) -> str:
        given = self._completed(context, checked)
        missing = [name for name in operation.required if name not in given]
        if missing:
            raise StateError(f"{self._family}: {', '.join(missing)} must be given")
        key = given.get(self._collection.id)
        if key is not None and (not isinstance(key, str) or not key):
            raise StateError(
                f"{self._family}: {self._collection.id} must be a str that is not empty"
            )
        if key is not None and context.tx.get(self._collection.table, key) is not None:
            raise StateError(f"{self._family}: {key!r} already exists")
        own = nested(context, operation, *self._placed(context, operation, self._body(given)))
        made = str(self._carry_out(own, operation)[self._collection.id])
        self._overlay(context, made, given, operation)
        return made

    def _shown(self, context: RequestContext, doc: Doc) -> M:
        """Return a document as a request with all scopes reads it."""
        from auth0_mgmt.models._base import read_json

        operation = self._reading()
        value = visible(doc)
        if operation is not None:
            path = self._path(operation, doc)
            value = self._carry_out(nested(context, operation, path), operation)
        return read_json(self._model(), json.dumps(value).encode())

    def _explained(
        self, operation: Operation[Any] | None, body: Any = None
    ) -> AbstractContextManager[None]:
        """Raise as `StateError` whatever the behaviour raises at values that no request can have."""
        return explained(self._family, operation, body)

    def _stored(self, key: str) -> Doc:
        """Return the stored document. Raises `MissingDocumentError`."""
        found = self._core.state.table(self._collection.table).get(key) if key in self else None
        if found is None:
            raise MissingDocumentError(f"{self._family} has no {key!r}")
        return found

    def _path(self, operation: Operation[Any], doc: Doc) -> dict[str, str]:
        """Return the ids in the path of an operation on a document: its own, and its parent's."""
        parent, names = self._collection.parent, parameters(operation)
        path = {next(reversed(names), "id"): str(doc[self._collection.id])}
        return path if parent is None else {parent.param: str(doc[parent.field]), **path}

    def _placed(
        self, context: RequestContext, operation: Operation[Any], body: Doc
    ) -> tuple[dict[str, str], Doc]:
        """Return path and body of the request that creates a document of a nested collection."""
        parent = self._collection.parent
        if parent is None:
            return {}, body
        if not isinstance(key := body.get(parent.public), str):
            raise StateError(f"{self._family}: {parent.public} must be given")
        if context.tx.get(parent.table, key) is None:
            raise StateError(f"{self._family}: {parent.table} has no {key!r}")
        rest = {name: value for name, value in body.items() if name != parent.public}
        if operation is _ELSEWHERE:
            rest[parent.field] = key
        return {parent.param: key}, rest

    def _completed(self, context: RequestContext, given: Doc) -> Doc:
        """Return the fields with defaults that the tenant itself does not set."""
        return given

    def _body(self, given: Doc) -> Doc:
        """Return the body for the collection's create operation."""
        return given

    def _operation(self, verb: str) -> Operation[Any] | None:
        """The operation of the collection by what it does: as it is bound, or its sibling's name."""
        bound = self._collection.operations
        beside = next(iter(bound.values()), f"{self._family}.").rpartition(".")[0]
        return _bound(bound.get(verb) or f"{beside}.{verb}")

    def _reading(self) -> Operation[Any] | None:
        """What reads one document."""
        found = self._operation("get") or self._operation("read")
        return found if found is not None and "{" in found.path.rpartition("/")[2] else None

    def model_name(self) -> str | None:
        """Return the documents' model as ``module.Class``; None where no operation shows one."""
        for operation in (self._reading(), self._operation("list"), self._operation("create")):
            if operation is not None and operation.response_model is not None:
                return operation.response_model
        return None

    def _model(self) -> type[M]:
        module, _, name = (self.model_name() or "_base.Model").partition(".")
        found: type[M] = getattr(import_module(f"auth0_mgmt.models.{module}"), name)
        return found

    def _carry_out(self, context: RequestContext, operation: Operation[Any]) -> Any:
        if operation is _ELSEWHERE:
            return self._collection.add(context, context.body)
        value = registry().behaviours[operation.name].handler(context)
        return value.value if isinstance(value, Reply) else value

    def _checked(self, fields: Mapping[str, Any]) -> Doc:
        """Return the fields as JSON; raises StateError for an unknown name."""
        known = self.fields()
        if not is_mapping(fields):
            raise StateError(f"{self._family}: a mapping of fields was expected, not {fields!r}")
        for name in fields:
            if name not in known:
                raise StateError(f"{self._family}: {unknown('field', str(name), sorted(known))}")
        try:
            return {name: to_json(value) for name, value in fields.items()}
        except StateError as error:
            raise StateError(f"{self._family}: {error}") from None

    def fields(self) -> frozenset[str]:
        """Return the names of all fields of the collection's documents."""
        return self._fields

    @cached_property
    def _fields(self) -> frozenset[str]:
        creating, parent = self._operation("create") or _ELSEWHERE, self._collection.parent
        above = () if parent is None else (parent.public,)
        shown = _fields_of(self._model())
        return frozenset((*shown, *(creating.body or ()), self._collection.id, *above))

    def _overlay(
        self, context: RequestContext, key: str, given: Doc, operation: Operation[Any]
    ) -> None:
        """Set given fields that no request can set."""
        parent = self._collection.parent
        settable = {*(operation.body or ()), self._collection.id}
        if parent is not None:
            settable.add(parent.public)
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
        found = context.tx.find("connections", "unique:name", (connection,))
        strategy = found[0]["strategy"] if found else provider
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


def explained(
    what: str, operation: Operation[Any] | None = None, body: Any = None
) -> AbstractContextManager[None]:
    """Raise as `StateError` whatever the fake raises at values that no request can have.

    What does not fit the contract is named first: behaviours are written for requests that do.
    """
    return _Explained(what, operation, body)


class _Explained(AbstractContextManager[None]):
    # A class: one is made for every document that is loaded, and a generator takes longer.

    __slots__ = ("_body", "_operation", "_what")

    def __init__(self, what: str, operation: Operation[Any] | None, body: Any) -> None:
        self._what = what
        self._operation = operation
        self._body = body

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, TestingError):
            raise StateError(self._reason(error)) from error

    def _reason(self, error: Exception) -> str:
        if isinstance(error, OAuthError):
            return error.description
        prefix = f"{self._what}: " if self._what else ""
        if isinstance(error, APIError):
            return f"{prefix}{error.message}"
        operation = self._operation
        known = operation is not None and operation.id
        fault = request_validator().body_fault(known, self._body) if known else None
        return f"{prefix}{fault or f'the tenant cannot hold these values ({type(error).__name__})'}"


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
    """Return a value as JSON: models as objects, timestamps (by default UTC) as in the API.

    Raises `StateError` for what JSON cannot represent.
    """
    if isinstance(value, str) and type(value) is str:
        if not value.isascii():
            _check_text(value)
        return value
    if value is None or type(value) in (bool, int):
        return value
    if isinstance(value, float) and type(value) is float:
        if not isfinite(value):
            raise StateError(f"{value} is no number in JSON")
        return value
    try:
        return _other_json(value)
    except RecursionError:
        raise StateError("the value is nested too deeply, or contains itself") from None


def _other_json(value: Any) -> Any:
    if is_object(value):
        return {to_json(str(name)): to_json(item) for name, item in value.items()}
    if is_array(value):
        return [to_json(item) for item in value]
    from auth0_mgmt.models._base import Model

    if isinstance(value, Model):
        return to_json(value.to_dict())
    if isinstance(value, datetime):
        return format_timestamp((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return to_json(value.value)
    if is_mapping(value):
        return {to_json(str(name)): to_json(item) for name, item in value.items()}
    if is_sequence(value):
        return [to_json(item) for item in value]
    if isinstance(value, str | int | float):  # of a class below them
        return to_json(str.__str__(value) if isinstance(value, str) else _number(value))
    raise StateError(f"a value of type {type(value).__name__} has no form in JSON")


def _number(value: float) -> float:
    """A number of a class below int or float as one of these."""
    return int(value) if isinstance(value, int) else float(value)


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise StateError("a string holds half of a surrogate pair, which is no text") from None
