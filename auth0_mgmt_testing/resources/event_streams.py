"""Event streams: where a tenant sends events, and what became of each delivery."""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_array
from auth0_mgmt._redact import is_secret

from ..behaviours import (
    CollectionBehaviour,
    Filter,
    Listing,
    Missing,
    Unique,
    list_response,
    visible,
)
from ..behaviours.attempts import DELIVERED, Progress, failure, progress
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.clock import format_timestamp
from ..state.ids import uuid
from ..state.store import Doc
from .events import EVENTS, epoch_seconds

family = Family()


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    """An EventBridge destination gets the name of its partner source."""
    destination: Doc = doc["destination"]
    if destination["type"] != "eventbridge":
        return doc
    source = f"aws.partner/auth0.com/{context.domain}-{context.new_id(uuid)}/auth0.events"
    configuration = {**destination["configuration"], "aws_partner_event_source": source}
    return {**doc, "destination": {**destination, "configuration": configuration}}


def _view(context: RequestContext, doc: Doc) -> Doc:
    """A webhook's secret is written and never read back."""
    destination: Doc = doc["destination"]
    configuration: Doc = dict(destination["configuration"])
    if "webhook_authorization" in configuration:
        said: Doc = configuration["webhook_authorization"]
        configuration["webhook_authorization"] = {
            key: value for key, value in said.items() if not is_secret(key)
        }
    return {**doc, "destination": {**destination, "configuration": configuration}}


STREAMS = CollectionBehaviour(
    "event_streams",
    new_id=id_forms.EVENT_STREAM,
    missing=Missing("The requested stream does not exist."),
    unique=(Unique("name", "An event stream with the same name already exists."),),
    defaults={"status": "enabled"},
    stamps=True,
    prepare=_prepare,
    view=_view,
    idempotent_delete=True,
)
STREAMS.bind(
    family,
    list="event_streams.list",
    create="event_streams.create",
    get="event_streams.get",
    update="event_streams.update",
    delete="event_streams.delete",
)
family.index("event_deliveries", "stream", lambda doc: [doc["event_stream_id"]])
family.cascade("event_deliveries", "stream", of="event_streams")

DELIVERY_MISSING = Missing("The event delivery does not exist.", "inexistent_event_delivery")


def _sample_user() -> Doc:
    """Somebody for a test event to be about, with everything that a user can have."""
    when = "2025-01-01T00:00:00Z"
    contact: Doc = {
        "email": "sample@example.com",
        "email_verified": False,
        "username": "sample",
        "phone_number": "+15550100000",
        "phone_verified": False,
    }
    names = {"name": "Sample User", "given_name": "Sample", "family_name": "User"}
    return {
        **contact,
        **names,
        "user_id": "auth0|000000000000000000000001",
        "nickname": "Sample User",
        "picture": "https://s.gravatar.com/avatar/00000000000000000000000000000000?s=480",
        "created_at": when,
        "updated_at": when,
        "last_login": when,
        "last_ip": "192.0.2.1",
        "logins_count": 1,
        "blocked": False,
        "multifactor": ["sample"],
        "app_metadata": {"plan": "sample"},
        "user_metadata": {"hobby": "samples"},
        "identities": [
            {
                "provider": "auth0",
                "isSocial": False,
                "connection": "Username-Password-Authentication",
                "user_id": "000000000000000000000001",
                "profileData": {**contact, **names},
            }
        ],
    }


# --- events on their way -----------------------------------------------------------------------

_KEPT = 10_000
"""Deliveries that a tenant keeps; beyond, the oldest fiftieth goes."""


def _deliver(context: RequestContext, stream: Doc, kind: str, event: Doc, key: str) -> Doc:
    """Send an event on its way: pending, nothing tried yet."""
    doc: Doc = {
        "id": key,
        "event_stream_id": stream["id"],
        "event_type": kind,
        "event": event,
        "_rounds": [context.time()],
    }
    context.tx.trim("event_deliveries", _KEPT)
    return context.tx.put("event_deliveries", key, doc)


def _cloud_event(context: RequestContext, stream: Doc, kind: str, key: str, data: Doc) -> Doc:
    return {
        "specversion": "1.0",
        "id": key,
        "source": f"urn:auth0:{context.domain}",
        "type": kind,
        "time": context.now(),
        "data": data,
        "a0stream": stream["id"],
        "a0tenant": context.tenant_name,
    }


@family.operation("event_streams.test")
def test_event(context: RequestContext) -> Any:
    """An event of the requested type, on its way."""
    stream = STREAMS.require(context, context.path["id"])
    key, kind = context.new_id(id_forms.EVENT), str(context.body["event_type"])
    data = context.body.get("data") or {"object": _sample_user()}
    event = _cloud_event(context, stream, kind, key, data)
    made = _deliver(context, stream, kind, event, key)
    shown = {**event, "a0purpose": "test"}
    return {**visible(made), "status": "pending", "attempts": [], "event": shown}


def _subscribed(context: RequestContext, before: Doc | None, noted: Doc | None) -> None:
    """Every enabled stream that subscribed to what happened is sent it."""
    if before is not None or noted is None or "type" not in noted:
        return
    if not len(context.tx.table("event_streams")):
        return
    kind = noted["type"]
    parts = ("object", "previous_object")
    data: Doc = {name: noted[name] for name in parts if name in noted}
    for stream in context.tx.all("event_streams"):
        wanted = [each["event_type"] for each in stream.get("subscriptions") or ()]
        if stream["status"] == "enabled" and kind in wanted:
            key = context.new_id(id_forms.EVENT)
            _deliver(context, stream, kind, _cloud_event(context, stream, kind, key, data), key)


family.subscribe(EVENTS, _subscribed)


def accept(context: RequestContext, stream_id: str) -> None:
    """Let the destination of a stream accept events from now on."""
    stream = STREAMS.require(context, stream_id)
    context.tx.put("event_streams", stream_id, {**stream, "_answered_since": context.time()})


# --- what became of them -----------------------------------------------------------------------


def _delivered_since(stream: Doc) -> float:
    return float(stream.get("_answered_since", "inf"))


def attempts_of(context: RequestContext, stream: Doc, delivery: Doc) -> Progress:
    """How far a delivery is by now.

    What goes to a host that the tenant calls waits until it is sent (`tenant.deliveries`). No
    other host responds, unless a test has it so: a round of attempts fails, and each redelivery
    begins another.
    """
    since = _delivered_since(stream)
    target: str = stream["destination"]["configuration"].get("webhook_endpoint", "")

    def assumed(when: float) -> Doc | None:
        if when >= since:
            return DELIVERED
        if context.world.calls(target):
            return None
        return failure(target or "the destination", "no such host", when, 20)

    return progress(delivery, context.time(), assumed)


def _kept(event: Doc) -> Doc:
    """An event as deliveries show it: a user's identities in brief, without multi-factor."""
    data: Doc = event["data"]
    about: Doc = dict(data.get("object") or {})
    about.pop("multifactor", None)
    if is_array(identities := about.get("identities")):
        brief = ("connection", "provider", "user_id")
        about["identities"] = [{k: v for k, v in i.items() if k in brief} for i in identities]
    return {**event, "data": {**data, "object": about}}


def _shown(context: RequestContext, delivery: Doc) -> Doc:
    stream = STREAMS.require(context, delivery["event_stream_id"])
    made = attempts_of(context, stream, delivery)
    event = _kept(delivery["event"])
    return {**visible(delivery), "status": made.status, "attempts": made.attempts, "event": event}


def _deliveries(context: RequestContext) -> list[Doc]:
    """A stream's deliveries that failed: the others are not listed."""
    stream = STREAMS.require(context, context.path["id"])
    found = context.tx.find("event_deliveries", "stream", stream["id"])
    shown = (_shown(context, doc) for doc in found)
    return [doc for doc in shown if doc["status"] == "failed"]


def _one_of(path: str) -> Filter:
    """The field is one of the values given, comma-separated, repeated, or both."""

    def test(doc: Doc, value: Any) -> bool:
        text = ",".join(value) if is_array(value) else str(value)
        return doc[path] in text.split(",")

    return test


def _sent(doc: Doc) -> float:
    return epoch_seconds(doc["event"]["time"], "time")


_LISTING = Listing(
    filters={
        "statuses": _one_of("status"),
        "event_types": _one_of("event_type"),
        "date_from": lambda doc, value: _sent(doc) >= epoch_seconds(value, "date_from"),
        "date_to": lambda doc, value: _sent(doc) <= epoch_seconds(value, "date_to"),
    }
)


@family.operation("event_streams.deliveries.list", kind="view")
def deliveries(context: RequestContext) -> Any:
    """A stream's failed deliveries, by type and time."""
    return list_response(context, _deliveries(context), _LISTING)


def _delivery(context: RequestContext) -> Doc:
    """The delivery that the path names, as it is kept."""
    stream = STREAMS.require(context, context.path["id"])
    doc = context.tx.get("event_deliveries", context.path["event_id"])
    if doc is None or doc["event_stream_id"] != stream["id"]:
        raise DELIVERY_MISSING.problem()
    return doc


@family.operation("event_streams.deliveries.get_history", kind="view")
def delivery(context: RequestContext) -> Any:
    """One delivery with its attempts."""
    return _shown(context, _delivery(context))


# --- statistics --------------------------------------------------------------------------------

_DAY = 86_400
_WINDOW = 14 * _DAY
"""Seconds before the full hour at which the default window begins; it ends with the hour."""


@family.operation("event_streams.stats.get", kind="view")
def statistics(context: RequestContext) -> Any:
    """How many delivery attempts arrived and failed, by day (UTC) of a window."""
    stream = STREAMS.require(context, context.path["id"])
    hour = context.time() // 3600 * 3600
    begin, end = hour - _WINDOW, hour + 3600
    if (given := context.query.get("date_from")) is not None:
        begin = epoch_seconds(given, "date_from")
    if (given := context.query.get("date_to")) is not None:
        end = epoch_seconds(given, "date_to")
    first = int(begin // _DAY)
    days = max(0, int((end - 1) // _DAY) - first + 1)
    if days > _LONGEST:
        raise APIError(400, f"The window may span {_LONGEST} days at most.", "invalid_query_string")
    counts = {"successful": [0] * days, "failed": [0] * days}
    for doc in context.tx.find("event_deliveries", "stream", stream["id"]):
        made = attempts_of(context, stream, doc)
        for attempt in made.attempts:
            if attempt["status"] == "failed":
                when = epoch_seconds(attempt["timestamp"], "timestamp")
                _count(counts["failed"], when, begin, end)
        if made.status == "delivered":
            _count(counts["successful"], made.at, begin, end)
    return {
        "id": stream["id"],
        "name": stream.get("name", ""),
        "window": {
            "date_from": format_timestamp(begin),
            "date_to": format_timestamp(end),
            "bucket_interval": {"scale_factor": _DAY},
        },
        "buckets": [format_timestamp((first + day) * _DAY) for day in range(days)],
        "metrics": [
            {
                "name": f"auth0.event_streams.{name}_deliveries",
                "window_total": sum(data),
                "type": "sum",
                "data": data,
            }
            for name, data in counts.items()
        ],
    }


_LONGEST = 3_660
"""Days that a window may span: the fake's own bound."""


def _count(data: list[int], when: float, begin: float, end: float) -> None:
    if begin <= when < end:
        data[int(when // _DAY) - int(begin // _DAY)] += 1


# --- trying again ------------------------------------------------------------------------------


def _again(context: RequestContext, key: str) -> None:
    doc = context.tx.get("event_deliveries", key)
    if doc is not None:
        rounds = [*doc["_rounds"], context.time()]
        context.tx.put("event_deliveries", key, {**doc, "_rounds": rounds})


@family.operation("event_streams.redeliveries.create")
def redeliver_all(context: RequestContext) -> Any:
    """Every failed delivery that the body's criteria meet is tried again."""
    body: Doc = context.body or {}
    for doc in _deliveries(context):
        if all(test(doc, body[name]) for name, test in _LISTING.filters.items() if body.get(name)):
            _again(context, doc["id"])
    return {}


@family.operation("event_streams.redeliveries.create_by_id")
def redeliver(context: RequestContext) -> Any:
    """One delivery is tried again; 409 for one that has arrived."""
    doc = _delivery(context)
    if _shown(context, doc)["status"] == "delivered":
        raise APIError(409, "The event has been delivered.", "event_not_redeliverable")
    _again(context, doc["id"])
    return {}
