"""Log streams: where a tenant sends its logs."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_object

from .. import contract
from ..behaviours import CollectionBehaviour, Missing, merged
from ..engine import messages
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.ids import uuid
from ..state.store import Doc
from . import log_deliveries

family = Family()

_MASKED = frozenset({"mixpanelServiceAccountPassword"})


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    sink: Doc = dict(doc.get("sink") or {})
    if doc["type"] == "eventbridge":
        number = context.new_id(uuid)
        sink.setdefault(
            "awsPartnerEventSource",
            f"aws.partner/auth0.com/{context.tenant_name}-{number}/auth0.logs",
        )
    elif doc["type"] == "eventgrid":
        if "azurePartnerTopic" in sink:
            reason = messages.additional_properties(["azurePartnerTopic"])
            raise messages.invalid("body", reason, "sink")
        name = f"{context.tenant_name}-{context.new_id(uuid)}"
        sink["azurePartnerTopic"] = f"azure.partner/auth0.com/{name}/auth0.logs"
    return _completed({**doc, "sink": sink})


def _completed(doc: Doc) -> Doc:
    """A stream with what the tenant fills in.

    A priority stream carries security events only; personal data are hashed unless a method is
    given, always by the same algorithm.
    """
    if doc.get("isPriority"):
        doc = {**doc, "filters": [{"type": "category", "name": "security"}]}
    if is_object(pii := doc.get("pii_config")):
        doc = {**doc, "pii_config": {"method": "hash", "algorithm": "xxhash", **pii}}
    return doc


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """The sink given takes the place of the old one; what the tenant put there stays.

    A patch of the sink without ``pii_config`` removes that.
    """
    new: Doc = merged(old, patch)
    if "sink" in patch:
        if "pii_config" not in patch:
            new.pop("pii_config", None)
        kept = {k: v for k, v in old["sink"].items() if k.startswith(("aws", "azure"))}
        new["sink"] = {**kept, **patch["sink"]}
        _check_sink(old["type"], new["sink"])
    return _completed(new)


_SINKS = {
    "http": "Http", "eventbridge": "EventBridge", "eventgrid": "EventGrid", "datadog": "Datadog",
    "splunk": "Splunk", "sumo": "Sumo", "segment": "Segment", "mixpanel": "Mixpanel",
}  # fmt: skip


def _check_sink(kind: str, sink: Doc) -> None:
    """Raise the 400 of a sink that is not of the stream's type, which an update cannot change."""
    schema = contract.of_operation("patch_log-streams_by_id").definition(
        f"LogStream{_SINKS[kind]}Sink"
    )
    if spare := [name for name in sink if name not in schema["properties"]]:
        raise messages.invalid("body", messages.additional_properties(spare), "sink")
    for name in schema.get("required", ()):
        if name not in sink:
            raise messages.invalid("body", messages.missing_property(name), "sink")


def _view(context: RequestContext, doc: Doc) -> Doc:
    sink: Doc = doc["sink"]
    shown: dict[str, Any] = {k: "********" if k in _MASKED else v for k, v in sink.items()}
    without = {key: value for key, value in doc.items() if key != "filters" or value}
    return {**without, "sink": shown}


LOG_STREAMS = CollectionBehaviour(
    "log_streams",
    new_id=id_forms.LOG_STREAM,
    missing=Missing("The log stream does not exist."),
    defaults={"status": "active", "isPriority": False},
    idempotent_delete=True,  # the contract has a 404 that live tenants do not send
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

family.index(log_deliveries.TABLE, "stream", lambda doc: [doc["stream_id"]])
family.cascade(log_deliveries.TABLE, "stream", of="log_streams")
