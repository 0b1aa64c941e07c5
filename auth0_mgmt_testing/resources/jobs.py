"""Jobs: pending first, then processing, then completed or failed, by the tenant's clock.

What a job does (`user_imports`, `user_exports`) it does when it ends, not when it is created.
"""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

from ..behaviours import CollectionBehaviour, Missing, visible
from ..engine.addresses import base_url
from ..engine.context import Reply, RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc
from .mail import send_verification
from .users import USERS

family = Family()

PENDING, PROCESSING = 0.5, 0.5
"""Seconds that a job waits, and that it takes then."""
KEPT = 86_400.0
"""Seconds that a tenant knows a job after its end.
https://auth0.com/docs/manage-users/user-migration/bulk-user-imports"""


class _Jobs(CollectionBehaviour):
    """Jobs are forgotten a day after they ended."""

    def find(self, context: RequestContext, key: str | None = None) -> Doc | None:
        job = super().find(context, key)
        return job if job is None or context.time() < job["_ends"] + KEPT else None


def _begun(context: RequestContext, job: Doc) -> Doc:
    now = context.time()
    times = {"_begins": now + PENDING, "_ends": now + PENDING + PROCESSING}
    return {**times, **job, "status": "pending", "created_at": context.now()}


def ended(context: RequestContext, job: Doc) -> bool:
    """Whether a job is neither waiting nor at work."""
    return bool(context.time() >= job["_ends"])


def _view(context: RequestContext, job: Doc) -> Doc:
    """A job as it stands now; the results are shown when it has ended."""
    if ended(context, job):
        file = {"location": _address(context, job)} if "_file" in job else {}
        return {**job, "status": "completed", **job.get("_result", {}), **file}
    if context.time() < job["_begins"]:
        return job
    done = (context.time() - job["_begins"]) / PROCESSING
    left = {"percentage_done": int(100 * done), "time_left_seconds": 1}
    return {**job, "status": "processing", **left}


JOBS = _Jobs(
    "jobs",
    new_id=id_forms.JOB,
    missing=Missing("The job does not exist.", "inexistent_job"),
    prepare=_begun,
    view=_view,
)
JOBS.bind(family, get="jobs.get")


def connection_of(context: RequestContext, key: str) -> Doc:
    """The connection that a job is about; raises the 400."""
    found = context.tx.get("connections", key)
    if found is None:
        raise APIError(400, "The connection does not exist.", "inexistent_connection")
    return found


def start(context: RequestContext, job: Doc, work: str = "") -> Doc:
    """A new job as the response shows it; ``work`` is done when it ends (`Family.later`)."""
    made = JOBS.add(context, job)
    if work:
        context.schedule(made["_ends"] - context.time(), work, job=made["id"])
    context.schedule(made["_ends"] + KEPT - context.time(), "jobs.forget", job=made["id"])
    return visible(made)


def finish(context: RequestContext, job: Doc, result: Doc, **kept: Any) -> None:
    """Note what a job came to: ``result`` is shown of it, ``kept`` is not."""
    context.tx.put("jobs", job["id"], {**job, "_result": result, **kept})


@family.task("jobs.forget")
def _forget(context: RequestContext, work: Doc) -> None:
    context.tx.delete("jobs", work["job"])


@family.operation("jobs.errors.get", kind="view")
def list_errors(context: RequestContext) -> Any:
    """What went wrong: a list of users that an import could not take, each with the reasons; for
    a job that failed as a whole, the job; 204 where there is nothing to tell."""
    job = JOBS.require(context)
    shown = visible(JOBS.view(context, job))
    if shown["status"] == "failed":
        return shown
    return (ended(context, job) and job.get("_errors")) or Reply(204)


# --- files -------------------------------------------------------------------------------------

GOOD_FOR = 60
"""Seconds that the address of a file is good for.
https://auth0.com/docs/manage-users/user-migration/bulk-user-exports"""


def _address(context: RequestContext, job: Doc) -> str:
    """Where a job's file is for the next minute: another address each time the job is read."""
    expires = int(context.time()) + GOOD_FOR
    signed = f"?expires={expires}&signature={_signature(context, job['id'], expires)}"
    return f"{base_url(context)}/exports/{job['id']}.{job.get('format') or 'json'}.gz{signed}"


def _signature(context: RequestContext, job: str, expires: int) -> str:
    text = f"{context.world.id_seed}:{job}:{expires}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _download(context: RequestContext) -> Reply:
    """A job's file, packed; 403 for an address that is no longer good, or never was."""
    key = context.path["file"].partition(".")[0]
    expires = context.query.get("expires", "")
    job = context.tx.get("jobs", key)
    if job is None or "_file" not in job:
        raise APIError(404, "The file does not exist.")
    good = expires.isdecimal() and context.query.get("signature") == _signature(
        context, key, int(expires)
    )
    if not good or context.time() > int(expires):
        raise APIError(403, "The address of the file has expired; ask the job for another.")
    packed = gzip.compress(job["_file"].encode(), mtime=0)
    return Reply(200, packed, {"content-type": "application/gzip"})


family.route("GET", "/exports/{file}", _download, "jobs.download")


# --- verification mails ------------------------------------------------------------------------


@family.operation("jobs.verification_email.create")
def send_verification_email(context: RequestContext) -> Any:
    """Ask for a verification mail; the job fails at once where the address is verified already."""
    body: Doc = context.body
    user = USERS.require(context, body["user_id"])
    if not user.get("email"):
        raise APIError(400, "The user does not have an email address.", "inexistent_email")
    named: Doc = body.get("identity") or {}
    known = [(each["provider"], str(each["user_id"])) for each in user["identities"]]
    if named and (named["provider"], str(named["user_id"])) not in known:
        raise APIError(400, "The user does not have this identity.", "inexistent_identity")
    if (key := body.get("organization_id")) and context.tx.get("organizations", key) is None:
        raise APIError(400, "The organization does not exist.", "inexistent_organization")
    if (key := body.get("client_id")) and context.tx.get("clients", key) is None:
        raise APIError(400, "The client does not exist.", "inexistent_client")
    job: Doc = {"type": "verification_email"}
    if user.get("email_verified"):
        return start(context, {**job, "_result": {"status": "failed"}, "_ends": context.time()})
    send_verification(context, user, context.tx.get("clients", str(body.get("client_id"))))
    return start(context, job)
