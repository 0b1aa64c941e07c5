"""Statistics, counted on the tenant's logs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc

family = Family()

_COUNTED = {"s": "logins", "ss": "signups", "pwd_leak": "leaked_passwords"}
"""Log event type -> the daily number that it adds to."""
_ACTIVE_DAYS = 30


def _counted(event: Doc) -> str | None:
    """The number that an event adds to; a user made through this API counts as a sign-up."""
    exchange = event.get("_exchange")
    if exchange and event["type"] == "sapi":
        made = (exchange["method"], exchange["path"]) == ("POST", "/api/v2/users")
        return "signups" if made else None
    return _COUNTED.get(event["type"])


@family.operation("stats.get_active_users_count", kind="view")
def count_active_users(context: RequestContext) -> Any:
    """How many users logged in during the last 30 days."""
    since = datetime.fromtimestamp(context.time(), UTC) - timedelta(days=_ACTIVE_DAYS)
    border = since.strftime("%Y-%m-%dT%H:%M:%S")
    events = (doc for doc in context.tx.all("logs") if doc["type"] == "s" and doc["date"] >= border)
    return len({doc.get("user_id") for doc in events})


@family.operation("stats.get_daily", kind="view")
def list_daily(context: RequestContext) -> Any:
    """Log-ins, sign-ups and leaked passwords by day; ``from`` and ``to`` are YYYYMMDD."""
    first, last = context.query.get("from", ""), context.query.get("to", "99999999")
    if first > last:
        raise APIError(400, "from must not be after to", "invalid_query_string")
    days: dict[str, Doc] = {}
    for event in context.tx.all("logs"):
        counted = _counted(event)
        day = str(event["date"])[:10]
        if counted is None or not first <= day.replace("-", "") <= last:
            continue
        row = days.setdefault(
            day,
            {
                "date": f"{day}T00:00:00.000Z",
                "created_at": event["date"],
                "leaked_passwords": 0,
                "logins": 0,
                "signups": 0,
            },
        )
        row[counted] += 1
        row["updated_at"] = event["date"]
    return [days[day] for day in sorted(days)]
