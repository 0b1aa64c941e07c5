"""Flows, what they ran, and the vault of their connections to third parties."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Listing, Missing, Parent, dig, merged
from ..state.ids import base58
from ..state.store import Doc

family = Family()

MISSING = Missing("Flow not found")


def _view(call: Call, flow: Doc) -> Doc:
    """A flow, with the number of forms that run it where that is asked for."""
    if "form_count" not in (call.query.get("hydrate") or ()):
        return flow
    forms = [form for form in call.tx.all("forms") if _runs(form, flow["id"])]
    return {**flow, "form_count": len(forms)}


def _runs(form: Doc, flow_id: str) -> bool:
    return any(dig(node, "config.flow_id") == flow_id for node in form.get("nodes") or ())


def _listed(call: Call, flow: Doc) -> Doc:
    return {key: value for key, value in _view(call, flow).items() if key != "actions"}


def _synchronous(flow: Doc, wanted: Any) -> bool:
    return bool(flow.get("synchronous", False)) == bool(wanted)


def _forget(call: Call, flow: Doc) -> None:
    call.tx.delete_where("flow_executions", "parent", flow["id"])


FLOWS = Collection(
    "flows",
    new_id=base58(22, "af_"),
    missing=MISSING,
    stamps=True,
    drop_nulls=True,
    listing=Listing(filters={"synchronous": _synchronous}),
    view=_view,
    listed=_listed,
    before_delete=_forget,
)
FLOWS.bind(
    family,
    list="get_flows",
    create="post_flows",
    get="get_flows_by_id",
    update="patch_flows_by_id",
    delete="delete_flows_by_id",
)

EXECUTIONS = Collection(
    "flow_executions",
    missing=Missing("Flow execution not found"),
    parent=Parent("flows", "flow_id", MISSING),
)
EXECUTIONS.bind(
    family,
    list="get_flows_executions",
    get="get_flows_executions_by_execution_id",
    delete="delete_flows_executions_by_execution_id",
)


def _print(doc: Doc) -> str:
    """Tells one content of a vault connection from another without showing it."""
    content = {key: doc.get(key) for key in ("id", "name", "app_id", "setup", "_setup")}
    return hashlib.blake2b(json.dumps(content).encode(), digest_size=16).hexdigest()


def _sealed(call: Call, doc: Doc) -> Doc:
    """The setup holds credentials: it is kept, and never shown."""
    sealed = {("_setup" if key == "setup" else key): value for key, value in doc.items()}
    return {**sealed, "ready": bool(sealed.get("_setup")), "fingerprint": _print(sealed)}


def _resealed(call: Call, old: Doc, patch: Doc) -> Doc:
    return _sealed(call, merged(old, patch))


def _read(call: Call, doc: Doc) -> Doc:
    """When it was refreshed is told to writers only, as long as it never was."""
    return {key: value for key, value in doc.items() if key != "refreshed_at" or value}


VAULT = Collection(
    "flow_vault_connections",
    new_id=base58(22, "ac_"),
    missing=Missing("Connection not found"),
    defaults={"refreshed_at": None},
    stamps=True,
    prepare=_sealed,
    change=_resealed,
    listed=_read,
)
VAULT.bind(
    family,
    list="get_flows_vault_connections",
    create="post_flows_vault_connections",
    update="patch_flows_vault_connections_by_id",
    delete="delete_flows_vault_connections_by_id",
)


@family.verb("get_flows_vault_connections_by_id", kind="collection")
def read_vault_connection(call: Call) -> Any:
    doc = _read(call, VAULT.require(call))
    return {key: value for key, value in doc.items() if key[:1] != "_"}
