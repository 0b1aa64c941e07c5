"""What log streams send: the log's events, by stream and category."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object

from ..behaviours.attempts import Progress, failure, progress
from ..engine.context import RequestContext
from ..state.store import Doc

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
_CATEGORIES = {
    "auth.login.success": "s",
    "auth.login.fail": "f fp fu fco fcoa fens pwd_leak idjag_exchange_failed",
    "auth.login.notification": "w",
    "auth.logout.success": "slo oidc_backchannel_logout_succeeded",
    "auth.logout.fail": "flo oidc_backchannel_logout_failed federated_logout_failed",
    "auth.signup.success": "ss",
    "auth.signup.fail": "fs signup_pwd_leak",
    "auth.silent_auth.success": "ssa",
    "auth.silent_auth.fail": "fsa",
    "auth.token_exchange.success": "seacft seccft secte sede sens seoobft seotpft sepft sepkoobft "
    "sepkotpft sepkrcft sepotpft sercft sertft seta srrt",
    "auth.token_exchange.fail": "feacft feccft fecte fede feoobft feotpft fepft fepotpft fercft "
    "ferrt fertft feta",
    "management.success": "sapi mgmt_api_read",
    "management.fail": "fapi",
    "scim.event": "sscim fscim",
    "user.success": "scp scpn scpr scu sce scph scv sd sdu sui sv svr sdel si ublkdu",
    "user.fail": "fcp fcpn fcpr fcpro fcu fce fcph fd fdu fui fv fvr fdel fi fn fpurh",
    "user.notification": "cs cls cp wum gd_send_email gd_send_sms gd_send_voice gd_send_pn",
    "system.notification": "api_limit api_limit_warning depnote limit_delegation limit_mu "
    "limit_phone limit_sul limit_wc pla resource_cleanup appi",
    "actions": "actions_execution_failed",
}
_SECURITY = ("auth.login.fail", "auth.signup.fail", "system.notification")
"""Categories of a priority stream, beside all types of attacks that are in them."""
CATEGORY = {code: name for name, codes in _CATEGORIES.items() for code in codes.split()}
"""The category of a type of event, as filters of log streams name it; else ``other``."""


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
        "event": view(context, event),
        "_rounds": [context.time()],
    }
    context.tx.put(TABLE, key, doc)
    context.tx.trim(TABLE, _KEPT)


def _takes(stream: Doc, event: Doc) -> bool:
    filters = stream.get("filters")
    if not is_array(filters) or not filters:
        return True
    category = CATEGORY.get(str(event.get("type")), "other")
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
