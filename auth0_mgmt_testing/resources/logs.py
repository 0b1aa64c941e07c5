"""Tenant logs: written by the engine for events of writes, read here."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..engine.query.lists import answer
from ..semantics import Collection, Listing, Missing, visible
from ..state.store import Doc

family = Family()

LOGS = Collection(
    "logs",
    id="log_id",
    missing=Missing("The log does not exist", "inexistent_log"),
    listing=Listing(search="logs", sort=True, reverse=True),
)
LOGS.bind(family, get="get_logs_by_id")
family.index("logs", "user", lambda doc: [doc["user_id"]] if doc.get("user_id") else [])


def write(call: Call, event: Doc, keep: int) -> None:
    """Add a log event; beyond ``keep`` the oldest goes. Ids grow with time, as the API's do."""
    seconds = call.time()
    number = call.tx.next()
    log_id = f"900{int(seconds * 1000):020d}{number:033d}"
    doc = {
        "date": call.now(),
        "client_id": call.caller.client_id or "",
        "ip": "127.0.0.1",
        "user_agent": call.headers.get("user-agent", ""),
        **event,
        "log_id": log_id,
        "_id": log_id,
    }
    call.tx.put("logs", log_id, doc)
    table = call.tx.table("logs")
    if len(table) > keep:
        call.tx.delete("logs", table.ordered()[0])


def _shown(call: Call, doc: Doc) -> Doc:
    return {**visible(doc), "_id": doc["log_id"]}


@family.verb("get_logs", kind="view")
def list_logs(call: Call) -> Any:
    """By criteria newest first; by checkpoint (``from``/``take``) oldest first, from a log id."""
    onward = "from" in call.query or "take" in call.query
    listing = Listing() if onward else LOGS.listing
    return answer(call, call.tx.all("logs"), listing, _shown)


@family.verb("get_logs_by_user", kind="view")
def list_user_logs(call: Call) -> Any:
    """The log events that name a user, newest first."""
    events = call.tx.find("logs", "user", call.path["id"])
    return answer(call, events, Listing(sort=True, reverse=True), _shown)
