"""Log streams: where a tenant sends its logs."""

from __future__ import annotations

from typing import Any

from .._registry import Family
from ..behaviours import CollectionBehaviour, Missing, merged
from ..engine.context import RequestContext
from ..state.ids import uuid
from ..state.store import Doc

family = Family()

_MASKED = frozenset({"mixpanelServiceAccountPassword"})


def _number(raw: bytes) -> str:
    """A stream's id: ``lst_`` and sixteen digits."""
    return f"lst_{int.from_bytes(raw[:6]) % 10**16:016d}"


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    sink: Doc = dict(doc.get("sink") or {})
    if doc["type"] == "eventbridge":
        number = context.new_id(uuid)
        sink.setdefault(
            "awsPartnerEventSource",
            f"aws.partner/auth0.com/{context.domain.split('.')[0]}-{number}/auth0.logs",
        )
    elif doc["type"] == "eventgrid":
        sink.setdefault("azurePartnerTopic", context.new_id(lambda raw: f"auth0-{raw.hex()[:8]}"))
    return _prioritised({**doc, "sink": sink})


def _prioritised(doc: Doc) -> Doc:
    """A priority stream carries security events and nothing else, whatever was asked."""
    if doc.get("isPriority"):
        return {**doc, "filters": [{"type": "category", "name": "security"}]}
    return doc


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """The sink given takes the place of the old one; what the tenant put there stays."""
    new: Doc = merged(old, patch)
    if "sink" in patch:
        kept = {k: v for k, v in old["sink"].items() if k.startswith(("aws", "azure"))}
        new["sink"] = {**kept, **patch["sink"]}
    return _prioritised(new)


def _view(context: RequestContext, doc: Doc) -> Doc:
    sink: Doc = doc["sink"]
    shown: dict[str, Any] = {k: "********" if k in _MASKED else v for k, v in sink.items()}
    without = {key: value for key, value in doc.items() if key != "filters" or value}
    return {**without, "sink": shown}


LOG_STREAMS = CollectionBehaviour(
    "log_streams",
    new_id=_number,
    missing=Missing("The log stream does not exist."),
    defaults={"status": "active"},
    idempotent_delete=True,  # the contract has a 404 that live tenants do not answer
    prepare=_prepare,
    change=_change,
    view=_view,
)
LOG_STREAMS.bind(
    family,
    list="log_streams.list",
    create="log_streams.create",
    get="log_streams.get",
    update="log_streams.update",
    delete="log_streams.delete",
)
