"""Jobs that import users from a file: one JSON array, checked user by user.

Rules: https://auth0.com/docs/manage-users/user-migration/bulk-user-imports and
…/bulk-user-import-schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..engine import messages
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..engine.users_file import RowError, row_errors
from ..state.store import Doc
from .authentication_methods import METHODS, USER
from .jobs import connection_of, ended, finish, start
from .log_types import LOG_TYPES
from .users import USERS, gravatar

family = Family()

MAX_FILE = 512_000
"""Bytes."""
AT_ONCE = 2
"""Imports that a tenant works on at the same time."""
_UNREADABLE = "Failed to parse users file JSON when importing users. Make sure it is valid JSON."


@family.operation("jobs.users_imports.create")
def import_users(context: RequestContext) -> Any:
    """Take users of a file into a database connection, once the job is done."""
    body: Doc = context.body
    connection = connection_of(context, body["connection_id"])
    if connection.get("strategy") != "auth0":
        raise APIError(400, "The connection must be a database connection.", "invalid_body")
    file = str(body["users"])
    if len(file.encode()) > MAX_FILE:
        raise messages.payload_too_large(MAX_FILE)
    if not file.strip():
        raise APIError(400, "The users file is empty.", "invalid_body")
    active = [job for job in context.tx.all("jobs") if job["type"] == "users_import"]
    if sum(not ended(context, job) for job in active) >= AT_ONCE:
        raise APIError(
            429,
            f"There are {AT_ONCE} active import users jobs, please wait until some of them are "
            "finished and try again",
        )
    job: Doc = {
        "type": "users_import",
        "connection_id": body["connection_id"],
        "connection": connection["name"],
        "_upsert": str(body.get("upsert", False)).lower() == "true",
        "_users": file,
    }
    if body.get("external_id"):
        job["external_id"] = body["external_id"]
    return start(context, job, "users.import")


@family.task("users.import")
def _import(context: RequestContext, work: Doc) -> None:
    job = context.tx.get("jobs", work["job"])
    if job is None:
        return
    job = dict(job)
    try:
        users = json.loads(job.pop("_users"))
    except ValueError:
        users = None
    if not is_array(users):
        finish(context, job, {"status": "failed", "status_details": _UNREADABLE})
        _log(context, "fui", job)
        return
    summary = {"failed": 0, "updated": 0, "inserted": 0, "total": len(users)}
    errors: list[Doc] = []
    seen: set[tuple[str, str]] = set()
    for user in users:
        outcome, wrong = _take(context, user, str(job["connection"]), job["_upsert"], seen)
        summary[outcome] += 1
        if wrong:
            errors.append({"user": user, "errors": [fault.as_json() for fault in wrong]})
    finish(context, job, {"summary": summary}, _errors=errors)
    _log(context, "sui", job)


def _log(context: RequestContext, code: str, job: Doc) -> None:
    about: Doc = {"connection": job["connection"], "tenant": context.tenant_name}
    context.log(code, LOG_TYPES[code].name, connection=job["connection"], details=about)


# --- one user of the file ----------------------------------------------------------------------


_NOT_UPSERTED = "The user already exist and upsert parameter is false"
_LOGINS = ("email", "username", "phone_number", "user_id")
_FIXED = frozenset(("user_id", "email", "password_hash", "custom_password_hash", "mfa_factors"))
"""What an upsert leaves as it is."""


def _take(
    context: RequestContext, user: Any, connection: str, upsert: bool, seen: set[tuple[str, str]]
) -> tuple[str, list[RowError]]:
    """What became of one user of the file, and what was wrong with it."""
    if not is_object(user):
        return "failed", [RowError("INVALID_TYPE", messages.wrong_type(["object"], user))]
    wrong = list(row_errors(user))
    logins = {(name, str(user[name]).lower()) for name in _LOGINS if user.get(name)}
    if not wrong and logins & seen:
        path = sorted(logins & seen)[0][0]
        wrong = [RowError("DUPLICATED_USER", "The file holds this user twice.", path)]
    seen |= logins
    if wrong:
        return "failed", wrong
    match = next(_matches(context, user, connection), None)
    if match is None:
        return _insert(context, user, connection)
    _, old = match
    if not upsert:
        return "failed", [RowError("DUPLICATED_USER", _NOT_UPSERTED)]
    changed = {key: value for key, value in user.items() if key not in _FIXED}
    USERS.store(context, {**old, **changed, "updated_at": context.now()}, old)
    return "updated", []


def _matches(context: RequestContext, user: Doc, connection: str) -> Iterator[tuple[str, Doc]]:
    """The users of the connection who share a login with one of the file, and which."""
    for name in _LOGINS:
        value = str(user.get(name) or "").lower()
        if name == "user_id" and value:
            found = context.tx.get("users", f"auth0|{user[name]}")
            yield from [] if found is None else [(name, found)]
        elif value:
            for old in context.tx.find("users", "login", (connection, name, value)):
                yield name, old


def _insert(context: RequestContext, user: Doc, connection: str) -> tuple[str, list[RowError]]:
    profile = {key: value for key, value in user.items() if key not in ("mfa_factors",)}
    hashes = {
        f"_{name}": profile.pop(name)
        for name in ("password_hash", "custom_password_hash")
        if name in profile
    }
    label = profile.get("email") or profile.get("phone_number") or profile.get("username")
    profile.setdefault("picture", gravatar(str(label), "secure.gravatar.com"))
    try:
        made = USERS.add(context, {**profile, "connection": connection})
    except APIError as problem:
        return "failed", [RowError("CONFLICT", problem.message)]
    if hashes:
        context.tx.put("users", made["user_id"], {**made, **hashes})
    for factor in user.get("mfa_factors") or ():
        METHODS.add(context, {**_method(factor), USER.field: made["user_id"]})
    return "inserted", []


def _method(factor: Doc) -> Doc:
    """A factor of the file as the authentication method that it becomes."""
    ((kind, said),) = factor.items()
    if kind == "totp":
        return {"type": "totp", "totp_secret": said["secret"]}
    name = "phone_number" if kind == "phone" else "email"
    return {"type": kind, name: said["value"]}
