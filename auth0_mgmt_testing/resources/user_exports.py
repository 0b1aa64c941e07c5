"""Jobs that export users to a file of one JSON object or CSV row a line.

https://auth0.com/docs/manage-users/user-migration/bulk-user-exports
"""

from __future__ import annotations

import json
from typing import Any

from auth0_mgmt._json import is_array

from ..behaviours import get_path, visible
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc
from .jobs import connection_of, finish, start

family = Family()

_CSV_FIELDS = 30
_FIELDS = ("user_id", "email", "name", "nickname", "created_at")
"""What is exported by default: the fake's own choice."""


@family.operation("jobs.users_exports.create")
def export_users(context: RequestContext) -> Any:
    """Write users of one connection or of all to a file."""
    body: Doc = context.body or {}
    job: Doc = {"type": "users_export"}
    if "connection_id" in body:
        name = connection_of(context, body["connection_id"])["name"]
        job |= {"connection_id": body["connection_id"], "connection": name}
    if body.get("format") == "csv" and len(body.get("fields") or ()) > _CSV_FIELDS:
        raise APIError(400, f"A CSV export has at most {_CSV_FIELDS} fields.", "invalid_body")
    job |= {name: body[name] for name in ("format", "limit", "fields") if name in body}
    return start(context, job, "users.export")


@family.task("users.export")
def _export(context: RequestContext, work: Doc) -> None:
    job = context.tx.get("jobs", work["job"])
    if job is None:
        return
    users = list(context.tx.all("users"))
    if "connection" in job:
        users = [user for user in users if _in_connection(user, job["connection"])]
    users = users[: job.get("limit", len(users))]
    fields: list[Doc] = job.get("fields") or [{"name": name} for name in _FIELDS]
    rows = [
        {str(field.get("export_as") or field["name"]): _at(user, field["name"]) for field in fields}
        for user in users
    ]
    lines = _csv(rows) if job.get("format") == "csv" else [json.dumps(row) for row in rows]
    finish(context, job, {}, _file="".join(f"{line}\n" for line in lines))


def _in_connection(user: Doc, name: str) -> bool:
    return any(identity["connection"] == name for identity in user["identities"])


def _at(user: Doc, path: str) -> Any:
    """The value at a path such as ``identities[0].connection``, None where there is none."""
    value: Any = visible(user)
    for part in path.replace("[", ".").replace("]", "").split("."):
        if is_array(value) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = get_path(value, part)
    return value


def _csv(rows: list[Doc]) -> list[str]:
    """Comma-separated; texts are quoted and begin with a single quote, as the API writes them."""
    lines = [",".join(rows[0])] if rows else []
    for row in rows:
        cells = ("" if value is None else str(value).replace('"', '""') for value in row.values())
        lines.append(",".join(f'"\'{cell}"' if cell else "" for cell in cells))
    return lines
