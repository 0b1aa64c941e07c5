"""What log streams send: the log's events, by stream and category."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object

from ..behaviours.attempts import Progress, failure, progress
from ..engine.context import RequestContext
from ..state.store import Doc
from .log_types import LOG_TYPES

View: TypeAlias = Callable[[RequestContext, Doc], Doc]

TABLE = "log_deliveries"
_KEPT = 10_000
"""Deliveries that a tenant keeps; beyond, the oldest fiftieth goes."""
_MASK = "*****"
_PERSONAL = {
    "first_name": ("given_name", "first_name"),
    "last_name": ("family_name", "last_name"),
    "username": ("username", "user_name"),
    "email": ("email",),
    "phone": ("phone", "phone_number"),
    "address": ("address",),
}
"""The members of an event that the fields of ``pii_config`` stand for. A guess of the fake's."""
_SECURITY = ("auth.login.fail", "auth.signup.fail", "system.notification")
"""Categories of a priority stream, beside all types of attacks that are in them."""
ENVIRONMENT = "prod"
"""``environment_name`` of events that are sent."""
_ONLY_READ = ("_id", "isMobile", "location_info")
"""Members of events that the API shows and streams do not send."""


def enqueue(context: RequestContext, event: Doc, view: View) -> None:
    """Add an event of the log to what every active stream that takes it sends."""
    if not len(context.tx.table("log_streams")):
        return
    for stream in context.tx.all("log_streams"):
        if stream.get("status") == "active" and _takes(stream, event):
            add(context, stream, event, view)


def add(context: RequestContext, stream: Doc, event: Doc, view: View) -> None:
    """Add an event of the log to what a stream sends."""
    key = f"{stream['id']} {event['log_id']}"
    doc: Doc = {
        "id": key,
        "stream_id": stream["id"],
        "log_id": event["log_id"],
        "event": as_sent(view(context, event), context.tenant_name, context.domain),
        "_rounds": [context.time()],
    }
    context.tx.put(TABLE, key, doc)
    context.tx.trim(TABLE, _KEPT)


def as_sent(event: Doc, tenant_name: str, hostname: str) -> Doc:
    """An event as streams send it: without nulls, and with the name of the tenant."""
    known = {n: value for n, value in event.items() if value is not None and n not in _ONLY_READ}
    return {
        "audience": "",
        "client_name": "",
        "hostname": hostname,
        "strategy": "",
        "strategy_type": "",
        **known,
        "is_mobile": bool(event.get("isMobile")),
        "tenant_name": tenant_name,
        "environment_name": ENVIRONMENT,
        "$event_schema": {"version": "1.0.0"},
    }


def _takes(stream: Doc, event: Doc) -> bool:
    filters = stream.get("filters")
    if not is_array(filters) or not filters:
        return True
    known = LOG_TYPES.get(str(event.get("type")))
    category = "other" if known is None else known.category
    wanted = {str(each.get("name")) for each in filters if is_object(each)}
    return category in wanted or ("security" in wanted and category in _SECURITY)


def attempts_of(context: RequestContext, stream: Doc, delivery: Doc) -> Progress:
    """How far a delivery is by now: it waits where the tenant calls the stream's host."""
    target = str(stream["sink"].get("httpEndpoint", ""))

    def assumed(when: float) -> Doc | None:
        if context.world.calls(target):
            return None
        return failure(target or stream["type"], "no such host", when, 20)

    return progress(delivery, context.time(), assumed)


def payload(stream: Doc, delivery: Doc) -> Doc:
    """An event as a stream sends it."""
    event: Any = delivery["event"]
    config = stream.get("pii_config")
    if is_object(config):
        names = {
            name
            for field in config.get("log_fields") or ()
            for name in _PERSONAL.get(str(field), ())
        }
        event = _without_personal(event, names)
    return {"log_id": delivery["log_id"], "data": event}


def _without_personal(value: Any, names: set[str]) -> Any:
    if is_object(value):
        return {
            key: _MASK if key in names and isinstance(item, str) else _without_personal(item, names)
            for key, item in value.items()
        }
    if is_array(value):
        return [_without_personal(item, names) for item in value]
    return value
