"""Jobs: imports, exports and verification mails, pending first and completed a second later.

The work is done when the job is posted; only its status waits for the tenant's clock.
"""

from __future__ import annotations

import json
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..semantics import Collection, Missing, dig, visible
from ..state.ids import letters
from ..state.store import Doc
from .users import USERS

family = Family()

SECONDS = 1.0
"""How long a job is pending, by the tenant's clock."""


def _begun(call: Call, doc: Doc) -> Doc:
    due = call.time() + doc.get("_seconds", SECONDS)
    return {**doc, "status": "pending", "created_at": call.now(), "_due": due}


def _view(call: Call, job: Doc) -> Doc:
    """A job as it stands now; the results are shown when it is done."""
    if call.time() < job["_due"]:
        return job
    return {**job, "status": "completed", **job.get("_result", {})}


JOBS = Collection(
    "jobs",
    new_id=letters(16, "job_"),
    missing=Missing("The job does not exist.", "inexistent_job"),
    prepare=_begun,
    view=_view,
)
JOBS.bind(family, get="get_jobs_by_id")


def _connection(call: Call, key: str) -> Doc:
    found = call.tx.get("connections", key)
    if found is None:
        raise Problem(400, "The connection does not exist.", "inexistent_connection")
    return found


@family.verb("get_errors", kind="view")
def list_errors(call: Call) -> Any:
    """The users that an import could not take, with the reasons; 204 where there are none."""
    errors = JOBS.require(call).get("_errors")
    return errors or Reply(204)


@family.verb("post_verification-email")
def send_verification_email(call: Call) -> Any:
    """Ask for a verification mail; the job fails at once where the address is verified already."""
    user = USERS.require(call, call.body["user_id"])
    job: Doc = {"type": "verification_email"}
    if user.get("email_verified"):
        job |= {"_result": {"status": "failed"}, "_seconds": 0.0}
    return visible(JOBS.add(call, job))


# --- imports -----------------------------------------------------------------------------------


@family.verb("post_users-imports")
def import_users(call: Call) -> Any:
    """Take users of a file (one JSON array) into a connection."""
    body: Doc = call.body
    connection = _connection(call, body["connection_id"])
    try:
        users = json.loads(body["users"])
    except ValueError:
        users = None
    if not is_array(users):
        raise Problem(
            400,
            "Failed to parse users file JSON when importing users. Make sure it is valid JSON.",
            "invalid_body",
        )
    upsert = str(body.get("upsert", False)).lower() == "true"
    summary = {"failed": 0, "updated": 0, "inserted": 0, "total": len(users)}
    errors: list[Doc] = []
    for user in users:
        outcome, error = _import_one(call, user, str(connection["name"]), upsert)
        summary[outcome] += 1
        if error is not None:
            errors.append({"user": user, "errors": [error]})
    job: Doc = {
        "type": "users_import",
        "connection_id": body["connection_id"],
        "connection": connection["name"],
    }
    if body.get("external_id"):
        job["external_id"] = body["external_id"]
    return visible(JOBS.add(call, {**job, "_result": {"summary": summary}, "_errors": errors}))


def _import_one(call: Call, user: Any, connection: str, upsert: bool) -> tuple[str, Doc | None]:
    """What became of one user of the file, and what was wrong with it."""
    if not is_object(user):
        return "failed", {"code": "OBJECT_REQUIRED", "message": "Not an object", "path": ""}
    if not any(user.get(name) for name in ("email", "username", "phone_number")):
        message = "Missing required property: email"
        return "failed", {"code": "ANY_OF_MISSING", "message": message, "path": "email"}
    profile = {key: value for key, value in user.items() if not key.endswith("password_hash")}
    email = str(profile.get("email") or "").lower()
    for old in call.tx.find("users", "email", email) if email else ():
        if old["identities"][0]["connection"] != connection:
            continue
        if not upsert:
            message = f"Error in email property - the user {email} already exists"
            return "failed", {"code": "CONFLICT_EMAIL", "message": message, "path": "email"}
        kept = {key: value for key, value in profile.items() if key != "user_id"}
        USERS.store(call, {**old, **kept, "email": email, "updated_at": call.now()}, old)
        return "updated", None
    try:
        USERS.add(call, {**profile, "connection": connection})
    except Problem as problem:
        return "failed", {"code": "CONFLICT", "message": problem.message, "path": ""}
    return "inserted", None


# --- exports -----------------------------------------------------------------------------------


@family.verb("post_users-exports")
def export_users(call: Call) -> Any:
    """Write users of one connection or of all to a file, one JSON object or row a line."""
    body: Doc = call.body or {}
    users = list(call.tx.all("users"))
    job: Doc = {"type": "users_export"}
    if "connection_id" in body:
        name = _connection(call, body["connection_id"])["name"]
        users = [user for user in users if user["identities"][0]["connection"] == name]
        job |= {"connection_id": body["connection_id"], "connection": name}
    users = users[: body.get("limit", len(users))]
    form = body.get("format", "json")
    fields: list[Doc] = body.get("fields") or [
        {"name": name} for name in ("user_id", "email", "name", "nickname", "created_at")
    ]
    rows = [
        {str(field.get("export_as") or field["name"]): _at(user, field["name"]) for field in fields}
        for user in users
    ]
    job |= {name: body[name] for name in ("format", "limit", "fields") if name in body}
    result: Doc = {"location": f"https://{call.domain}/exports/{call.secret(32)}.{form}"}
    content = _csv(rows) if form == "csv" else "".join(f"{json.dumps(row)}\n" for row in rows)
    return visible(JOBS.add(call, {**job, "_result": result, "_content": content}))


def _at(user: Doc, path: str) -> Any:
    """The value at a path such as ``identities[0].connection``, None where there is none."""
    value: Any = user
    for part in path.replace("[", ".").replace("]", "").split("."):
        if is_array(value) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = dig(value, part)
    return value


def _csv(rows: list[Doc]) -> str:
    """Comma-separated; texts are quoted and begin with a single quote, as the API writes them."""
    lines = [",".join(rows[0])] if rows else []
    for row in rows:
        cells = ("" if value is None else str(value).replace('"', '""') for value in row.values())
        lines.append(",".join(f'"\'{cell}"' if cell else "" for cell in cells))
    return "\n".join(lines)
