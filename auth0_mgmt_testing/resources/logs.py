"""Tenant logs: written by the engine for events of writes, read here."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from auth0_mgmt._redact import redacted

from ..behaviours import CollectionBehaviour, Listing, Missing, get_path, list_response, visible
from ..engine.addresses import base_url
from ..engine.context import Reply, RequestContext
from ..engine.query.paging import paginate
from ..engine.registry import Family
from ..state.store import Doc
from . import log_deliveries
from .log_types import details_of

family = Family()

ADDRESS = "127.0.0.1"
"""Where every request comes from."""


KEPT = 10_000
"""Events that a tenant keeps; beyond, the oldest fiftieth goes."""

_TO_DIGITS = str.maketrans("", "", "-:.TZ")
_NAMES = ("client_name", "connection", "user_name")
_CRITERION = re.compile(r'(?:([\w.]+):)?(?:"([^"]*)"|(\S+))')


def _starts_with(doc: Doc, search: str) -> bool:
    """``search``: words that names begin with, or fields (quoted: equal), all without case."""

    def meets(field: str, exact: str, begin: str) -> bool:
        found = [str(get_path(doc, name) or "").lower() for name in ([field] if field else _NAMES)]
        return any(v == exact.lower() if exact else v.startswith(begin.lower()) for v in found)

    return all(meets(*criterion) for criterion in _CRITERION.findall(search))


class _Logs(CollectionBehaviour):
    """Events are dated, their ids grow with time, and the oldest go."""

    def add(self, context: RequestContext, doc: Doc) -> Doc:
        added = super().add(context, doc)
        context.tx.trim(self.table, KEPT)
        log_deliveries.enqueue(context, added, _shown)
        return added

    def complete(self, context: RequestContext, doc: Doc) -> Doc:
        now = context.now()
        log_id = doc.get("log_id") or f"900{now.translate(_TO_DIGITS)}{context.tx.next():036d}"
        return {
            "date": now,
            "client_id": context.caller.client_id or "",
            "ip": ADDRESS,
            "user_agent": context.headers.get("user-agent", ""),
            **doc,
            "log_id": log_id,
            "_id": log_id,
        }


LOGS = _Logs(
    "logs",
    id="log_id",
    missing=Missing("The log does not exist", "inexistent_log"),
    listing=Listing(search="logs", filters={"search": _starts_with}, sort=True, reverse=True),
    view=lambda context, doc: _shown(context, doc),
)
LOGS.bind(family, get="logs.get")


family.index("logs", "user", lambda doc: [doc["user_id"]] if doc.get("user_id") else [])

_UNTOLD: Doc = {
    "connection": None, "connection_id": None, "organization_id": None, "organization_name": None,
    "client_name": "", "hostname": None, "user_id": None, "user_name": None, "audience": None,
    "strategy": None, "strategy_type": None, "isMobile": False, "location_info": None,
}  # fmt: skip
"""What events of this API name and leave empty."""


@family.log_writer
def write(context: RequestContext, event: Doc) -> None:
    """Add a log event of a type of the table, with the details that events of it have."""
    known = {} if "_exchange" in event else {"details": details_of(event)}
    LOGS.add(context, {**event, **known})


def _shown(context: RequestContext, doc: Doc) -> Doc:
    shown = visible(doc)
    exchange = doc.get("_exchange")
    return {**_UNTOLD, **shown, "details": _details(doc, exchange)} if exchange else shown


def _details(doc: Doc, exchange: Doc) -> Doc:
    """Request and response, with secrets redacted."""
    return {
        "request": {
            "auth": {"credentials": {}, "strategy": "jwt", "user": {}},
            "body": redacted(exchange["body"]),
            "channel": "api",
            "ip": doc["ip"],
            "method": exchange["method"].lower(),
            "path": exchange["path"],
            "query": redacted(exchange["query"]),
            "userAgent": doc["user_agent"],
        },
        "response": {
            "body": redacted(exchange["answer"]) or {},
            "statusCode": exchange["status"],
        },
    }


@family.operation("logs.list", kind="view", eventual=True)
def list_logs(context: RequestContext) -> Any:
    """By criteria newest first; by checkpoint (``from``/``take``) oldest first, from a log id.

    A checkpoint heeds no criteria; where to go on is given by the ``Link`` header, also after the
    newest event.
    """
    if "from" not in context.query and "take" not in context.query:
        return list_response(context, context.tx.all("logs"), LOGS.listing, _shown)
    context.query.seen.update(context.query)
    page = paginate(list(context.tx.all("logs")), context.query, context.operation)
    onward = {name: context.query[name] for name in ("from", "take") if name in context.query}
    if page.items:
        onward["from"] = page.items[-1]["log_id"]
    address = f"{base_url(context)}/api/v2/logs?{urlencode(onward)}"
    shown = [_shown(context, doc) for doc in page.items]
    return Reply(200, shown, {"link": f'<{address}>; rel="next"'})


@family.operation("users.logs.list", kind="view", eventual=True)
def list_user_logs(context: RequestContext) -> Any:
    """The log events that name a user, newest first."""
    events = context.tx.find("logs", "user", context.path["id"])
    return list_response(context, events, Listing(search="logs", sort=True, reverse=True), _shown)
