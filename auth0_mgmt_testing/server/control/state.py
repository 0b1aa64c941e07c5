"""Control: the state as a whole, snapshots, and documents of collections."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from auth0_mgmt._redact import redacted

from ...contract.operation_lookup import unknown
from ...state.clock import format_timestamp
from ...state.store import Doc, Table, visible
from .endpoint import (
    ANYTHING,
    BOOLEAN,
    OBJECT,
    SECRETS,
    ControlRequest,
    endpoint,
)
from .shown import shown_changes, shown_key

if TYPE_CHECKING:
    from ...setup.access import Collection
    from ...tenant import FakeTenant, Snapshot


_MAX_SNAPSHOTS = 256


@endpoint("POST", "reset")
def _reset(request: ControlRequest) -> Any:
    """Restore the state of a new tenant; clock, faults, limits and request log stay."""
    request.tenant.reset()


@endpoint("POST", "load", body=ANYTHING)
def _load(request: ControlRequest) -> Any:
    """Load a seed, a complete export or a configuration, as `FakeTenant.load` does."""
    request.tenant.load(request.body)


@endpoint("GET", "state", query={"secrets": "true: with secrets"})
def _state(request: ControlRequest) -> Any:
    """The tenant's state, as `FakeTenant.export` returns it."""
    return request.tenant.export(secrets=request.query.get("secrets") == "true")


@endpoint("POST", "configuration", body={"secrets": BOOLEAN, "mappings": OBJECT})
def _configuration(request: ControlRequest) -> Any:
    """The configuration in the format of auth0-deploy-cli, with the texts of its files inside."""
    body = request.body
    return request.tenant.export_configuration(
        secrets=body.get("secrets") is True, mappings=body.get("mappings")
    )


@endpoint("GET", "snapshots")
def _snapshots(request: ControlRequest) -> Any:
    """The snapshots that are kept, oldest first, with the tenant's time when they were taken."""
    held = request.held
    return [{"id": id, "taken_at": format_timestamp(held.times[id])} for id in held.snapshots]


@endpoint("POST", "snapshots", status=201)
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


@endpoint("POST", "snapshots/{id}/restore")
def _restore(request: ControlRequest) -> Any:
    """Restore a snapshot."""
    request.tenant.restore(_snapshot_of(request))


@endpoint("DELETE", "snapshots/{id}")
def _drop_snapshot(request: ControlRequest) -> Any:
    """Delete a snapshot."""
    _snapshot_of(request)
    del request.held.snapshots[request.path["id"]], request.held.times[request.path["id"]]


@endpoint("GET", "snapshots/{id}/changes")
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


@endpoint("GET", "collections")
def _collections(request: ControlRequest) -> Any:
    """What the tenant holds: collections that can be edited, links between them, settings."""
    state, editable = request.tenant.snapshot().state, {*request.tenant.collection_names()}
    return [
        {"name": name, "documents": len(state.table(table)), "editable": name in editable}
        for name, table in sorted(_tables(request.tenant).items())
    ]


@endpoint(
    "GET",
    "collections/{name}",
    query={
        "search": "only documents that hold this text, in whatever case",
        "offset": "documents to leave out",
        "limit": "documents at most (50)",
        **SECRETS,
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
        {"key": shown_key(key), "document": _shown_document(request, doc)} for key, doc in found
    ]
    return {"total": total, "documents": documents}


@endpoint("GET", "collections/{name}/keys")
def _keys(request: ControlRequest) -> Any:
    """The ids of a collection, in order of creation."""
    return _collection(request).keys()


@endpoint("POST", "collections/{name}/documents", body=ANYTHING, query=SECRETS, status=201)
def _add_document(request: ControlRequest) -> Any:
    """Create a document, as ``add`` of the tenant's collection does."""
    return _shown_document(request, _collection(request).put(request.body).to_dict())


@endpoint("GET", "collections/{name}/documents/{key}", query=SECRETS)
def _document(request: ControlRequest) -> Any:
    """A document as a read with every scope shows it."""
    return _shown_document(request, _collection(request)[request.path["key"]].to_dict())


@endpoint("PATCH", "collections/{name}/documents/{key}", body=ANYTHING, query=SECRETS)
def _update_document(request: ControlRequest) -> Any:
    """Change a document, as ``update`` of the tenant's collection does."""
    updated = _collection(request).update(request.path["key"], **request.body)
    return _shown_document(request, updated.to_dict())


@endpoint("DELETE", "collections/{name}/documents/{key}")
def _delete_document(request: ControlRequest) -> Any:
    """Delete a document with all that is deleted with it."""
    del _collection(request)[request.path["key"]]
