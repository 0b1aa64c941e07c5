"""The control API below ``/__fake/``: what Python can do with a tenant, over HTTP.

Each endpoint is one entry of `endpoints`, from which requests are routed and the OpenAPI document
(``GET /__fake/openapi.json``) is built. An error is ``{"error": kind, "message": text}``.
"""

from __future__ import annotations

import inspect
import json
import re
import weakref
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import parse_qs, unquote

from auth0_mgmt import __version__
from auth0_mgmt._json import is_object
from auth0_mgmt._redact import redacted

from ..contract.operation_lookup import unknown
from ..engine.request import LoggedRequest
from ..engine.response import Response, json_response
from ..errors import LoadError, MissingDocumentError, StateError
from ..setup.action_collection import read_trigger
from ..setup.user_actions import Login, UserActions
from ..state.clock import format_timestamp
from ..state.store import Doc, Key, Table, visible

if TYPE_CHECKING:
    from ..observation.changes import Changes
    from ..setup.access import Collection
    from ..simulation.faults import Fault
    from ..tenant import FakeTenant, Snapshot

CONTROL = "/__fake/"
_MAX_SNAPSHOTS = 256


class TenantDirectory(Protocol):
    """The interface of a server's tenants for control."""

    @property
    def names(self) -> list[str]: ...
    def tenant(self, name: str) -> FakeTenant: ...
    def put(self, name: str, tenant: FakeTenant) -> None: ...
    def remove(self, name: str) -> None: ...
    def environment(self, name: str = "") -> dict[str, str]: ...
    def name_of(self, tenant: FakeTenant) -> str: ...


@dataclass(slots=True)
class _Held:
    """The control state of one tenant."""

    snapshots: dict[str, Snapshot] = field(default_factory=dict[str, Any])
    times: dict[str, float] = field(default_factory=dict[str, float])
    taken: int = 0


_HELD: weakref.WeakKeyDictionary[FakeTenant, _Held] = weakref.WeakKeyDictionary()


@dataclass(slots=True)
class ControlRequest:
    """One request to the control API, decoded."""

    tenant: FakeTenant
    directory: TenantDirectory | None
    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]

    @property
    def held(self) -> _Held:
        return _HELD.setdefault(self.tenant, _Held())

    def tenants(self) -> TenantDirectory:
        if self.directory is None:
            raise LookupError("this application has one tenant only: serve it to have more")
        return self.directory


Handler = Callable[[ControlRequest], Any]
F = TypeVar("F", bound=Handler)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of the control API."""

    method: str
    path: str
    """Below `CONTROL`, with parameters in braces."""
    summary: str
    handler: Handler
    body: Mapping[str, Any] | None
    """JSON Schemas of the body's members; None: no body."""
    required: tuple[str, ...]
    query: Mapping[str, str]
    """Query parameters and what they do."""
    status: int


_ENDPOINTS: list[Endpoint] = []


def _endpoint(
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    required: tuple[str, ...] = (),
    query: Mapping[str, str] | None = None,
    status: int = 200,
) -> Callable[[F], F]:
    def add(handler: F) -> F:
        summary = (handler.__doc__ or "").strip()
        made = Endpoint(method, path, summary, handler, body, required, query or {}, status)
        _ENDPOINTS.append(made)
        return handler

    return add


class Control:
    """The control API of one tenant; with a directory, of the server's other tenants too."""

    def __init__(self, tenant: FakeTenant, directory: TenantDirectory | None = None) -> None:
        self._tenant = tenant
        self._directory = directory

    def respond(self, method: str, target: str, body: bytes) -> Response:
        """Respond to one request; ``target`` is path and query as sent."""
        path, _, search = target.partition("?")
        method = "GET" if method == "HEAD" else method
        found, allowed = _find(method, path.removeprefix(CONTROL))
        if found is None:
            if allowed:
                return _refusal(405, "method_not_allowed", f"{path} takes {', '.join(allowed)}")
            return _refusal(404, "not_found", f"no {method} {path}; see {CONTROL}openapi.json")
        endpoint, params = found
        query = {name: values[-1] for name, values in parse_qs(search).items()}
        try:
            request = ControlRequest(
                self._tenant, self._directory, params, query, _body(endpoint, body)
            )
            value = endpoint.handler(request)
        except LoadError as error:
            return _refusal(400, "load", str(error))
        except MissingDocumentError as error:
            return _refusal(404, "missing_document", str(error))
        except StateError as error:
            return _refusal(400, "state", str(error))
        except LookupError as error:
            return _refusal(404, "not_found", str(error.args[0] if error.args else error))
        except (ValueError, TypeError) as error:
            return _refusal(400, "value", str(error))
        if isinstance(value, Response):
            return value
        if value is None:
            return Response(204)
        return json_response(endpoint.status, value)


def _refusal(status: int, error: str, message: str) -> Response:
    return json_response(status, {"error": error, "message": message})


@cache
def _patterns() -> list[tuple[re.Pattern[str], Endpoint]]:
    return [
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(each.path))), each)
        for each in _ENDPOINTS
    ]


def _find(method: str, path: str) -> tuple[tuple[Endpoint, dict[str, str]] | None, list[str]]:
    allowed: list[str] = []
    for pattern, endpoint in _patterns():
        if (match := pattern.fullmatch(path)) is not None:
            if endpoint.method == method:
                params = {name: unquote(value) for name, value in match.groupdict().items()}
                return (endpoint, params), []
            allowed.append(endpoint.method)
    return None, allowed


def _body(endpoint: Endpoint, body: bytes) -> dict[str, Any]:
    if endpoint.body is None or not body:
        value: Any = {}
    else:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            raise ValueError("the body is not JSON") from None
    if not is_object(value):
        raise ValueError("the body must be an object")
    if endpoint.body is not None and endpoint.body != _ANYTHING:
        for name in value:
            if name not in endpoint.body:
                known = ", ".join(sorted(endpoint.body))
                raise ValueError(f"there is no member {name!r}; known members: {known}")
    for name in endpoint.required:
        if name not in value:
            raise ValueError(f"the member {name!r} is missing")
    return value


_ANYTHING: Mapping[str, Any] = {"*": {}}
_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}
_NUMBER = {"type": "number"}
_INTEGER = {"type": "integer"}
_BOOLEAN = {"type": "boolean"}
_OBJECT = {"type": "object"}


# --- the inspector -------------------------------------------------------------------------------


@_endpoint("GET", "")
def _inspector(request: ControlRequest) -> Any:
    """The inspector, a page for browsers: requests, state, messages, clock, faults."""
    from .inspector import page

    return page(request.tenant.domain)


# --- the server and its tenants ------------------------------------------------------------------


@_endpoint("GET", "health")
def _health(request: ControlRequest) -> Any:
    """Whether the fake is running, and which tenant responds."""
    return {"status": "ok", "domain": request.tenant.domain, "version": __version__}


@_endpoint("GET", "openapi.json")
def _openapi(request: ControlRequest) -> Any:
    """This API's OpenAPI document."""
    return openapi_document()


@_endpoint("GET", "manifest")
def _manifest(request: ControlRequest) -> Any:
    """The tenant's settings, and the support of every operation."""
    from auth0_mgmt.resources import operations

    from .._registry import registry

    behaviours = registry().behaviours
    return {
        "version": __version__,
        "domain": request.tenant.domain,
        "operations": [
            {
                "name": operation.name,
                "id": operation.id,
                "method": operation.method,
                "path": operation.path,
                "scopes": list(operation.scopes),
                "supported": (found := behaviours.get(operation.name)) is not None
                and found.kind != "unsupported",
            }
            for operation in operations()
        ],
    }


@_endpoint("GET", "evidence")
def _evidence(request: ControlRequest) -> Any:
    """How often each operation was called since the request log was cleared, by status."""
    counted: dict[str, dict[str, int]] = {}
    for entry in request.tenant.requests:
        statuses = counted.setdefault(entry.operation or "no operation", {})
        statuses[str(entry.status)] = statuses.get(str(entry.status), 0) + 1
    return counted


@_endpoint("GET", "environment")
def _environment(request: ControlRequest) -> Any:
    """The environment variables of a client of the tenant."""
    directory = request.tenants()
    return directory.environment(directory.name_of(request.tenant))


@_endpoint("GET", "tenants")
def _tenants(request: ControlRequest) -> Any:
    """The server's tenants: name and domain; the default one has the name ""."""
    directory = request.tenants()
    return [{"name": name, "domain": directory.tenant(name).domain} for name in directory.names]


@_endpoint("POST", "tenants", body={"name": _TEXT}, required=("name",), status=201)
def _make_tenant(request: ControlRequest) -> Any:
    """Create a tenant unless it exists."""
    name = str(request.body["name"])
    tenant = request.tenants().tenant(name)
    return {"name": name, "domain": tenant.domain}


@_endpoint("DELETE", "tenants/{name}")
def _remove_tenant(request: ControlRequest) -> Any:
    """Delete a tenant with its state."""
    request.tenants().remove(request.path["name"])


@_endpoint("POST", "fork", body={"name": _TEXT}, required=("name",), status=201)
def _fork(request: ControlRequest) -> Any:
    """Create a tenant of another name with this one's state and time."""
    name = str(request.body["name"])
    twin = request.tenant.fork(_domain_of(request, name))
    request.tenants().put(name, twin)
    return {"name": name, "domain": twin.domain}


def _domain_of(request: ControlRequest, name: str) -> str:
    directory = request.tenants()
    if name in directory.names:
        raise ValueError(f"tenant {name!r} already exists")
    domain = directory.tenant(name).domain
    directory.remove(name)
    return domain


# --- state ---------------------------------------------------------------------------------------


@_endpoint("POST", "reset")
def _reset(request: ControlRequest) -> Any:
    """Restore the state of a new tenant; clock, faults, limits and request log stay."""
    request.tenant.reset()


@_endpoint("POST", "load", body=_ANYTHING)
def _load(request: ControlRequest) -> Any:
    """Load a seed, a complete export or a configuration, as `FakeTenant.load` does."""
    request.tenant.load(request.body)


@_endpoint("GET", "state", query={"secrets": "true: with secrets"})
def _state(request: ControlRequest) -> Any:
    """The tenant's state, as `FakeTenant.export` returns it."""
    return request.tenant.export(secrets=request.query.get("secrets") == "true")


@_endpoint("POST", "configuration", body={"secrets": _BOOLEAN, "mappings": _OBJECT})
def _configuration(request: ControlRequest) -> Any:
    """The configuration in the format of auth0-deploy-cli, with the texts of its files inside."""
    body = request.body
    return request.tenant.export_configuration(
        secrets=body.get("secrets") is True, mappings=body.get("mappings")
    )


@_endpoint("GET", "snapshots")
def _snapshots(request: ControlRequest) -> Any:
    """The snapshots that are kept, oldest first, with the tenant's time when they were taken."""
    held = request.held
    return [{"id": id, "taken_at": format_timestamp(held.times[id])} for id in held.snapshots]


@_endpoint("POST", "snapshots", status=201)
def _snapshot(request: ControlRequest) -> Any:
    """Keep the current state under an id."""
    held = request.held
    held.taken += 1
    id = f"snapshot-{held.taken}"
    held.snapshots[id] = request.tenant.snapshot()
    held.times[id] = request.tenant.clock.time()
    if len(held.snapshots) > _MAX_SNAPSHOTS:
        oldest = next(iter(held.snapshots))
        del held.snapshots[oldest], held.times[oldest]
    return {"id": id}


def _snapshot_of(request: ControlRequest) -> Snapshot:
    found = request.held.snapshots.get(request.path["id"])
    if found is None:
        raise LookupError(f"no snapshot {request.path['id']!r} of this tenant")
    return found


@_endpoint("POST", "snapshots/{id}/restore")
def _restore(request: ControlRequest) -> Any:
    """Restore a snapshot."""
    request.tenant.restore(_snapshot_of(request))


@_endpoint("DELETE", "snapshots/{id}")
def _drop_snapshot(request: ControlRequest) -> Any:
    """Delete a snapshot."""
    _snapshot_of(request)
    del request.held.snapshots[request.path["id"]], request.held.times[request.path["id"]]


@_endpoint("GET", "snapshots/{id}/changes")
def _changes(request: ControlRequest) -> Any:
    """What was created, updated and deleted since a snapshot; secrets are redacted."""
    return shown_changes(request.tenant.changes_since(_snapshot_of(request)))


# --- collections ---------------------------------------------------------------------------------


def _tables(tenant: FakeTenant) -> dict[str, str]:
    """The name of each collection and the table that holds it; links and settings have the same."""
    tables = {name: getattr(tenant, name).table for name in tenant.collection_names()}
    named = {*tables.values()}
    for table in tenant.snapshot().state.tables:
        if table[:1] != "_" and table not in named:
            tables[table] = table
    return tables


def _table(request: ControlRequest) -> Table:
    name = request.path["name"]
    tables = _tables(request.tenant)
    if name not in tables:
        raise LookupError(unknown("collection", name, tables))
    return request.tenant.snapshot().state.table(tables[name])


def _collection(request: ControlRequest) -> Collection[Any]:
    name = request.path["name"]
    if name not in request.tenant.collection_names():
        raise LookupError(unknown("collection", name, request.tenant.collection_names()))
    found: Collection[Any] = getattr(request.tenant, name)
    return found


def _shown_document(request: ControlRequest, document: Doc) -> Any:
    if request.query.get("secrets") == "true":
        return document
    return redacted(document, request.path["name"])


_SECRETS = {"secrets": "true: with secrets"}


@_endpoint("GET", "collections")
def _collections(request: ControlRequest) -> Any:
    """What the tenant holds: collections that can be edited, links between them, settings."""
    state, editable = request.tenant.snapshot().state, {*request.tenant.collection_names()}
    return [
        {"name": name, "documents": len(state.table(table)), "editable": name in editable}
        for name, table in sorted(_tables(request.tenant).items())
    ]


@_endpoint(
    "GET",
    "collections/{name}",
    query={
        "search": "only documents that hold this text, in whatever case",
        "offset": "documents to leave out",
        "limit": "documents at most (50)",
        **_SECRETS,
    },
)
def _documents(request: ControlRequest) -> Any:
    """Documents as they are kept, in order of creation, and how many there are."""
    wanted = request.query.get("search", "").lower()
    offset, limit = int(request.query.get("offset", 0)), int(request.query.get("limit", 50))
    table = _table(request)
    if not wanted:
        keys = table.ordered(offset, offset + limit)
        found = [(key, visible(table.get(key) or {})) for key in keys]
        total = len(table)
    else:
        every = ((key, visible(table.get(key) or {})) for key in table.ordered())
        name = request.path["name"]
        fits = [pair for pair in every if wanted in json.dumps(redacted(pair[1], name)).lower()]
        found, total = fits[offset : offset + limit], len(fits)
    documents = [
        {"key": _shown_key(key), "document": _shown_document(request, doc)} for key, doc in found
    ]
    return {"total": total, "documents": documents}


@_endpoint("GET", "collections/{name}/keys")
def _keys(request: ControlRequest) -> Any:
    """The ids of a collection, in order of creation."""
    return _collection(request).keys()


@_endpoint("POST", "collections/{name}/documents", body=_ANYTHING, query=_SECRETS, status=201)
def _add_document(request: ControlRequest) -> Any:
    """Create a document, as ``add`` of the tenant's collection does."""
    return _shown_document(request, _collection(request).put(request.body).to_dict())


@_endpoint("GET", "collections/{name}/documents/{key}", query=_SECRETS)
def _document(request: ControlRequest) -> Any:
    """A document as a read with every scope shows it."""
    return _shown_document(request, _collection(request)[request.path["key"]].to_dict())


@_endpoint("PATCH", "collections/{name}/documents/{key}", body=_ANYTHING, query=_SECRETS)
def _update_document(request: ControlRequest) -> Any:
    """Change a document, as ``update`` of the tenant's collection does."""
    updated = _collection(request).update(request.path["key"], **request.body)
    return _shown_document(request, updated.to_dict())


@_endpoint("DELETE", "collections/{name}/documents/{key}")
def _delete_document(request: ControlRequest) -> Any:
    """Delete a document with all that is deleted with it."""
    del _collection(request)[request.path["key"]]


# --- requests ------------------------------------------------------------------------------------


@_endpoint(
    "GET",
    "requests",
    query={
        "after": "only requests with a greater number",
        "operation": "only requests of this operation",
    },
)
def _requests(request: ControlRequest) -> Any:
    """The newest requests, oldest first; secrets are redacted."""
    after = int(request.query.get("after", 0))
    entries = list(request.tenant.requests)
    if (operation := request.query.get("operation")) is not None:
        entries = request.tenant.requests.for_operation(operation)
    return [shown_request(entry) for entry in entries if entry.number > after]


@_endpoint("GET", "requests/{number}")
def _request(request: ControlRequest) -> Any:
    """One request with its response and the documents that it changed, redacted."""
    wanted = int(request.path["number"])
    for entry in request.tenant.requests:
        if entry.number == wanted:
            changes = [change.shown() for change in entry.changes]
            return {**shown_request(entry), "changes": changes, "response": entry.response}
    raise LookupError(f"no request {wanted} in the log, which keeps the newest")


@_endpoint("DELETE", "requests")
def _clear_requests(request: ControlRequest) -> Any:
    """Forget all requests, and the scopes that they required."""
    request.tenant.requests.clear()


@_endpoint("GET", "required-scopes")
def _required_scopes(request: ControlRequest) -> Any:
    """The smallest set of scopes that allows every operation that was requested."""
    return list(request.tenant.required_scopes())


# --- simulation ----------------------------------------------------------------------------------

_FAULT = {
    "operation": _TEXT,
    "status": _INTEGER,
    "error_code": _TEXT,
    "message": _TEXT,
    "headers": _OBJECT,
    "body": _TEXT,
    "skip": _INTEGER,
    "times": {"type": ["integer", "null"]},
    "latency": _NUMBER,
    "drop_connection": _BOOLEAN,
    "truncate_body": _INTEGER,
    "lose_response": _BOOLEAN,
}


@_endpoint("GET", "faults")
def _faults(request: ControlRequest) -> Any:
    """The current faults, and how often each hit."""
    return [_shown_fault(fault) for fault in request.tenant.faults]


@_endpoint("POST", "faults", body=_FAULT, required=("operation",), status=201)
def _add_fault(request: ControlRequest) -> Any:
    """Let calls of an operation fail, as `Faults.add` does."""
    options = dict(request.body)
    fault = request.tenant.faults.add(str(options.pop("operation")), **options)
    return _shown_fault(fault)


@_endpoint("DELETE", "faults")
def _clear_faults(request: ControlRequest) -> Any:
    """Remove all faults."""
    request.tenant.faults.clear()


def _shown_fault(fault: Fault) -> dict[str, Any]:
    return {
        "id": f"{id(fault):x}",
        "operation": fault.operation.name,
        "status": fault.status,
        "skip": fault.skip,
        "times": fault.times,
        "latency": fault.latency,
        "drop_connection": fault.drop_connection,
        "truncate_body": fault.truncate_body,
        "lose_response": fault.lose_response,
        "calls": fault.calls,
        "hits": fault.hits,
    }


@_endpoint("GET", "clock")
def _clock(request: ControlRequest) -> Any:
    """The tenant's time."""
    clock = request.tenant.clock
    time = clock.time()
    return {"time": time, "now": format_timestamp(time), "frozen": clock.frozen}


_CLOCK = {"freeze": {"type": ["string", "boolean"]}, "advance": _NUMBER, "resume": _BOOLEAN}


@_endpoint("PATCH", "clock", body=_CLOCK)
def _set_clock(request: ControlRequest) -> Any:
    """Freeze the clock (true: now; or a timestamp), advance it by seconds, or let it run on."""
    clock = request.tenant.clock
    if freeze := request.body.get("freeze"):
        clock.freeze(None if freeze is True else str(freeze))
    if (seconds := request.body.get("advance")) is not None:
        clock.advance(float(seconds))
    if request.body.get("resume"):
        clock.resume()
    return _clock(request)


@_endpoint("GET", "rate-limits")
def _rate_limits(request: ControlRequest) -> Any:
    """Whether requests are limited."""
    return {"enabled": request.tenant.rate_limits.enabled}


_LIMITS = {"plan": _TEXT_OR_NULL, "limit": _INTEGER, "per_second": _INTEGER}


@_endpoint("PUT", "rate-limits", body=_LIMITS)
def _enable_limits(request: ControlRequest) -> Any:
    """Limit requests as a plan does, or by one bucket."""
    request.tenant.rate_limits.enable(**request.body)


@_endpoint("DELETE", "rate-limits")
def _disable_limits(request: ControlRequest) -> Any:
    """Limit nothing."""
    request.tenant.rate_limits.disable()


@_endpoint("POST", "rate-limits/reset")
def _reset_limits(request: ControlRequest) -> Any:
    """Fill every bucket."""
    request.tenant.rate_limits.reset()


_SETTINGS = {
    "search_delay": _NUMBER,
    "build_delay": _NUMBER,
    "require_issued_tokens": _BOOLEAN,
    "unsupported_parameters": {"enum": ["warn", "error"]},
}


@_endpoint("GET", "settings")
def _settings(request: ControlRequest) -> Any:
    """How the fake behaves."""
    return {name: getattr(request.tenant, name) for name in _SETTINGS}


@_endpoint("PATCH", "settings", body=_SETTINGS)
def _set_settings(request: ControlRequest) -> Any:
    """Change how the fake behaves."""
    if request.body.get("unsupported_parameters", "warn") not in ("warn", "error"):
        raise ValueError("unsupported_parameters must be 'warn' or 'error'")
    for name, value in request.body.items():
        present: Any = getattr(request.tenant, name)
        number = _SETTINGS[name] is _NUMBER
        if not isinstance(value, (int, float) if number else present.__class__):
            raise ValueError(f"{name}: {value!r} is of a wrong type")
        setattr(request.tenant, name, value)
    return _settings(request)


# --- tokens and users ----------------------------------------------------------------------------


@_endpoint("POST", "tokens", body={"scopes": _TEXTS, "lifetime": _NUMBER}, status=201)
def _token(request: ControlRequest) -> Any:
    """Issue a token of the Management API with these scopes."""
    scopes = [str(scope) for scope in request.body.get("scopes", ())]
    lifetime = float(request.body.get("lifetime", 86_400))
    return {"token": request.tenant.token(*scopes, lifetime=lifetime)}


@_endpoint(
    "POST", "clients", body={"name": _TEXT, "scopes": _TEXTS}, required=("name",), status=201
)
def _client(request: ControlRequest) -> Any:
    """Create a machine-to-machine client that is granted these scopes."""
    admit = getattr(request.tenant, "admit", None)
    if admit is None:
        raise LookupError("only a served tenant creates clients")
    scopes = [str(scope) for scope in request.body.get("scopes", ())]
    return asdict(admit(str(request.body["name"]), scopes))


_TYPES: Mapping[str, Mapping[str, Any]] = {"bool": _BOOLEAN, "Sequence[str]": _TEXTS}


def _act(name: str) -> Handler:
    """Return the handler of a method of `UserActions`; its result is returned as JSON."""

    def act(request: ControlRequest) -> Any:
        value = getattr(request.tenant, name)(**request.body)
        if value is None:
            return None
        return asdict(value) if isinstance(value, Login) else {"id": value}

    act.__name__ = name
    act.__doc__ = (getattr(UserActions, name).__doc__ or "").partition("\n")[0]
    return act


def _add_actions() -> None:
    """An endpoint for each public method of `UserActions`, with its parameters as members."""
    for name, method in vars(UserActions).items():
        if name.startswith("_") or not callable(method):
            continue
        parameters = list(inspect.signature(method).parameters.values())[1:]
        _endpoint(
            "POST",
            f"actions/{name.replace('_', '-')}",
            body={p.name: _TYPES.get(str(p.annotation), _TEXT_OR_NULL) for p in parameters},
            required=tuple(p.name for p in parameters if p.default is p.empty),
        )(_act(name))


_add_actions()


_RUN = {
    "action": _TEXT,
    "event": _OBJECT,
    "trigger": _TEXT_OR_NULL,
    "user": _TEXT_OR_NULL,
    "client": _TEXT_OR_NULL,
    "resumed": _BOOLEAN,
}


@_endpoint("POST", "action-runs", body=_RUN, required=("action",))
def _run_action(request: ControlRequest) -> Any:
    """Run the draft of an action alone, as `tenant.actions.run` does; nothing takes effect."""
    options = dict(request.body)
    if options.get("trigger") is not None:
        options["trigger"] = read_trigger(options["trigger"])
    return asdict(request.tenant.actions.run(str(options.pop("action")), **options))


@_endpoint(
    "POST",
    "action-bindings",
    body={"trigger": _TEXT, "actions": _TEXTS},
    required=("trigger", "actions"),
)
def _bind_actions(request: ControlRequest) -> Any:
    """Run these actions for a trigger, in this order, and no others; deploy them where needed."""
    body = request.body
    request.tenant.actions.bind(read_trigger(body["trigger"]), *map(str, body["actions"]))


_LIMITS_OF_ACTIONS = {"time_limit": _NUMBER, "memory_limit": _INTEGER}


@_endpoint("GET", "action-limits")
def _action_limits(request: ControlRequest) -> Any:
    """What one action may use: seconds and bytes, and whether it may run in node (`trusted`)."""
    names = (*_LIMITS_OF_ACTIONS, "trusted")
    return {name: getattr(request.tenant.actions, name) for name in names}


@_endpoint("PATCH", "action-limits", body=_LIMITS_OF_ACTIONS)
def _set_action_limits(request: ControlRequest) -> Any:
    """Change what one action may use."""
    for name, value in request.body.items():
        setattr(request.tenant.actions, name, value)
    return _action_limits(request)


@_endpoint("GET", "action-executions")
def _executions(request: ControlRequest) -> Any:
    """What flows ran so far, oldest first, with console output."""
    executions = request.tenant.actions.executions()
    return [{**asdict(each), "created_at": each.created_at.isoformat()} for each in executions]


@_endpoint("GET", "mailbox", query={"to": "only messages to this address, number or user id"})
def _mailbox(request: ControlRequest) -> Any:
    """The messages that the tenant sent, oldest first, with their codes and links."""
    mailbox = request.tenant.mailbox
    recipient = request.query.get("to")
    messages = list(mailbox) if recipient is None else mailbox.to(recipient)
    return [{**asdict(each), "sent_at": each.sent_at.isoformat()} for each in messages]


@_endpoint("DELETE", "mailbox")
def _clear_mailbox(request: ControlRequest) -> Any:
    """Delete all messages."""
    request.tenant.mailbox.clear()


@_endpoint("GET", "deliveries", query={"stream_id": "only what this stream sends"})
def _deliveries(request: ControlRequest) -> Any:
    """What event streams and log streams send, oldest first, with status and failed attempts."""
    deliveries = request.tenant.deliveries
    stream = request.query.get("stream_id")
    return [asdict(each) for each in (deliveries if stream is None else deliveries.of(stream))]


@_endpoint("DELETE", "deliveries")
def _clear_deliveries(request: ControlRequest) -> Any:
    """Delete all deliveries."""
    request.tenant.deliveries.clear()


@_endpoint("POST", "deliveries/forward", body={"url": _TEXT, "to": _TEXT}, required=("url", "to"))
def _forward_deliveries(request: ControlRequest) -> Any:
    """Send what goes to URLs that begin with one somewhere else on this machine."""
    request.tenant.deliveries.forward(request.body["url"], request.body["to"])


@_endpoint("POST", "deliveries/send")
def _send_deliveries(request: ControlRequest) -> Any:
    """Send what is due by the tenant's clock."""
    return {"sent": request.tenant.deliveries.send()}


# --- as JSON -------------------------------------------------------------------------------------


def shown_request(entry: LoggedRequest) -> dict[str, Any]:
    """Return a request of the log as JSON, redacted."""
    return {
        "number": entry.number,
        "time": entry.time,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "params": entry.params,
        "query": entry.query,
        "headers": entry.headers,
        "json": entry.json,
        "status": entry.status,
        "seconds": entry.seconds,
        "explanation": entry.explanation,
        "changes": [
            {"kind": change.kind, "collection": change.collection, "key": _shown_key(change.key)}
            for change in entry.changes
        ],
        "text": str(entry),
    }


def _shown_key(key: Key) -> Any:
    return key if isinstance(key, str) else list(key)


def shown_changes(changes: Changes) -> dict[str, Any]:
    """Changes as JSON: by collection lists of key and document; ``text`` as in a test's message."""
    return {
        "created": {
            table: [
                {"key": _shown_key(key), "document": redacted(doc, table)}
                for key, doc in of.items()
            ]
            for table, of in changes.created.items()
        },
        "updated": {
            table: [
                {
                    "key": _shown_key(key),
                    "before": redacted(old, table),
                    "document": redacted(new, table),
                }
                for key, (old, new) in of.items()
            ]
            for table, of in changes.updated.items()
        },
        "deleted": {
            table: [
                {"key": _shown_key(key), "document": redacted(doc, table)}
                for key, doc in of.items()
            ]
            for table, of in changes.deleted.items()
        },
        "text": str(changes),
    }


# --- the OpenAPI document ------------------------------------------------------------------------


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this API."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in _ENDPOINTS:
        paths.setdefault(CONTROL + endpoint.path, {})[endpoint.method.lower()] = _described(
            endpoint
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of a fake Auth0 tenant",
            "version": __version__,
            "description": "Controls the tenant of the host name or the path prefix.",
        },
        "paths": paths,
    }


def _described(endpoint: Endpoint) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": _TEXT}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, "schema": _TEXT}
        for name, text in endpoint.query.items()
    ]
    refusal = {
        "description": "An error; the message says why.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"error": _TEXT, "message": _TEXT},
                    "required": ["error", "message"],
                }
            }
        },
    }
    described: dict[str, Any] = {
        "operationId": endpoint.handler.__name__.strip("_"),
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": {
            str(endpoint.status): {
                "description": "Done.",
                "content": {"application/json": {"schema": {}}},
            },
            "204": {"description": "Success without a body."},
            "4XX": refusal,
        },
    }
    if endpoint.body is not None:
        anything = endpoint.body == _ANYTHING
        schema: dict[str, Any] = {"type": "object", "additionalProperties": anything}
        if not anything:
            schema["properties"] = dict(endpoint.body)
        if endpoint.required:
            schema["required"] = list(endpoint.required)
        described["requestBody"] = {
            "required": bool(endpoint.required),
            "content": {"application/json": {"schema": schema}},
        }
    return described
