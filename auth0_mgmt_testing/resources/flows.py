"""Flows, what they ran, and the vault of their connections to third parties."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, Parent, get_path, merged
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.ids import hexadecimal
from ..state.store import Doc

family = Family()

MISSING = Missing("Flow not found")


def _view(context: RequestContext, flow: Doc) -> Doc:
    """A flow, with the number of forms that run it where that is requested."""
    if "form_count" not in (context.query.get("hydrate") or ()):
        return flow
    forms = [form for form in context.tx.all("forms") if _runs(form, flow["id"])]
    return {**flow, "form_count": len(forms)}


def _runs(form: Doc, flow_id: str) -> bool:
    return any(get_path(node, "config.flow_id") == flow_id for node in form.get("nodes") or ())


def _listed(context: RequestContext, flow: Doc) -> Doc:
    return {key: value for key, value in _view(context, flow).items() if key != "actions"}


def _synchronous(flow: Doc, wanted: Any) -> bool:
    return bool(flow.get("synchronous", False)) == bool(wanted)


FLOWS = CollectionBehaviour(
    "flows",
    new_id=id_forms.FLOW,
    missing=MISSING,
    stamps=True,
    drop_nulls=True,
    listing=Listing(filters={"synchronous": _synchronous}),
    view=_view,
    listed=_listed,
)
FLOWS.bind(
    family,
    list="flows.list",
    create="flows.create",
    get="flows.get",
    update="flows.update",
    delete="flows.delete",
)


def _run(context: RequestContext, doc: Doc) -> Doc:
    return {"trace_id": context.new_id(hexadecimal(32)), "status": "completed"}


def _with_debug(context: RequestContext, run: Doc) -> Doc:
    """An execution, with what it logged where that is wanted."""
    wanted = "debug" in (context.query.get("hydrate") or ())
    return run if wanted else {key: value for key, value in run.items() if key != "debug"}


EXECUTIONS = CollectionBehaviour(
    "flow_executions",
    missing=Missing("Flow execution not found"),
    defaults=_run,
    stamps=True,
    view=_with_debug,
    parent=Parent("flows", "flow_id", MISSING),
)
EXECUTIONS.bind(
    family,
    list="flows.executions.list",
    get="flows.executions.get",
    delete="flows.executions.delete",
)


def _print(doc: Doc) -> str:
    """Distinguishes contents of a vault connection without showing it."""
    content = {key: doc.get(key) for key in ("id", "name", "app_id", "setup", "_setup")}
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()


def _sealed(context: RequestContext, doc: Doc) -> Doc:
    """The setup holds credentials: it is kept, and never shown."""
    sealed = {("_setup" if key == "setup" else key): value for key, value in doc.items()}
    return {**sealed, "ready": bool(sealed.get("_setup")), "fingerprint": _print(sealed)}


def _resealed(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    return _sealed(context, merged(old, patch))


def _read(context: RequestContext, doc: Doc) -> Doc:
    """When it was refreshed is shown to writers only, as long as it never was."""
    return {key: value for key, value in doc.items() if key != "refreshed_at" or value}


VAULT = CollectionBehaviour(
    "flow_vault_connections",
    new_id=id_forms.FLOW_VAULT_CONNECTION,
    missing=Missing("Connection not found"),
    defaults={"refreshed_at": None},
    stamps=True,
    prepare=_sealed,
    change=_resealed,
    listed=_read,
)
VAULT.bind(
    family,
    list="flows.vault.connections.list",
    create="flows.vault.connections.create",
    update="flows.vault.connections.update",
    delete="flows.vault.connections.delete",
)


@family.operation("flows.vault.connections.get", kind="collection")
def read_vault_connection(context: RequestContext) -> Any:
    doc = _read(context, VAULT.require(context))
    return {key: value for key, value in doc.items() if key[:1] != "_"}
