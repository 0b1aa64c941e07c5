"""Jobs: pending first, then processing, then completed or failed, by the tenant's clock.

What a job does (`user_imports`, `user_exports`) it does when it ends, not when it is asked for.
"""

from __future__ import annotations

import gzip
import hashlib
from typing import Any

from ..catalogue import Family
from ..engine.call import Call, Reply
from ..engine.problem import Problem
from ..semantics import Collection, Missing, visible
from ..state.ids import letters
from ..state.store import Doc
from .users import USERS

family = Family()

PENDING, PROCESSING = 0.5, 0.5
"""Seconds that a job waits, and that it takes then."""
KEPT = 86_400.0
"""Seconds that a tenant knows a job after its end.
https://auth0.com/docs/manage-users/user-migration/bulk-user-imports"""


class _Jobs(Collection):
    """Jobs are forgotten a day after they ended."""

    def find(self, call: Call, key: str | None = None) -> Doc | None:
        job = super().find(call, key)
        return job if job is None or call.time() < job["_ends"] + KEPT else None


def _begun(call: Call, job: Doc) -> Doc:
    now = call.time()
    times = {"_begins": now + PENDING, "_ends": now + PENDING + PROCESSING}
    return {**times, **job, "status": "pending", "created_at": call.now()}


def ended(call: Call, job: Doc) -> bool:
    """Whether a job is neither waiting nor at work."""
    return bool(call.time() >= job["_ends"])


def _view(call: Call, job: Doc) -> Doc:
    """A job as it stands now; the results are shown when it has ended."""
    if ended(call, job):
        file = {"location": _address(call, job)} if "_file" in job else {}
        return {**job, "status": "completed", **job.get("_result", {}), **file}
    if call.time() < job["_begins"]:
        return job
    done = (call.time() - job["_begins"]) / PROCESSING
    left = {"percentage_done": int(100 * done), "time_left_seconds": 1}
    return {**job, "status": "processing", **left}


JOBS = _Jobs(
    "jobs",
    new_id=letters(16, "job_"),
    missing=Missing("The job does not exist.", "inexistent_job"),
    prepare=_begun,
    view=_view,
)
JOBS.bind(family, get="get_jobs_by_id")


def connection_of(call: Call, key: str) -> Doc:
    """The connection that a job is about; raises the 400."""
    found = call.tx.get("connections", key)
    if found is None:
        raise Problem(400, "The connection does not exist.", "inexistent_connection")
    return found


def start(call: Call, job: Doc, work: str = "") -> Doc:
    """A new job as the answer shows it; ``work`` is done when it ends (`Family.later`)."""
    made = JOBS.add(call, job)
    if work:
        call.later(made["_ends"] - call.time(), work, job=made["id"])
    call.later(made["_ends"] + KEPT - call.time(), "jobs.forget", job=made["id"])
    return visible(made)


def finish(call: Call, job: Doc, result: Doc, **kept: Any) -> None:
    """Note what a job came to: ``result`` is shown of it, ``kept`` is not."""
    call.tx.put("jobs", job["id"], {**job, "_result": result, **kept})


@family.later("jobs.forget")
def _forget(call: Call, work: Doc) -> None:
    call.tx.delete("jobs", work["job"])


@family.verb("get_errors", kind="view")
def list_errors(call: Call) -> Any:
    """What went wrong: a list of users that an import could not take, each with the reasons; for
    a job that failed as a whole, the job; 204 where there is nothing to tell."""
    job = JOBS.require(call)
    shown = visible(JOBS.view(call, job))
    if shown["status"] == "failed":
        return shown
    return (ended(call, job) and job.get("_errors")) or Reply(204)


# --- files -------------------------------------------------------------------------------------

GOOD_FOR = 60
"""Seconds that the address of a file is good for.
https://auth0.com/docs/manage-users/user-migration/bulk-user-exports"""


def _address(call: Call, job: Doc) -> str:
    """Where a job's file is for the next minute: another address each time the job is asked."""
    expires = int(call.time()) + GOOD_FOR
    signed = f"?expires={expires}&signature={_signature(call, job['id'], expires)}"
    return f"{_origin(call)}/exports/{job['id']}.{job.get('format') or 'json'}.gz{signed}"


def _origin(call: Call) -> str:
    """Where the tenant was reached: under its own name, or behind a local server."""
    host = call.headers.get("host", call.domain)
    return f"https://{host}" if host == call.domain else f"http://{host}"


def _signature(call: Call, job: str, expires: int) -> str:
    text = f"{call.world.id_seed}:{job}:{expires}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _download(call: Call) -> Reply:
    """A job's file, packed; 403 for an address that is no longer good, or never was."""
    key = call.path["file"].partition(".")[0]
    expires = call.query.get("expires", "")
    job = call.tx.get("jobs", key)
    if job is None or "_file" not in job:
        raise Problem(404, "The file does not exist.")
    good = expires.isdecimal() and call.query.get("signature") == _signature(
        call, key, int(expires)
    )
    if not good or call.time() > int(expires):
        raise Problem(403, "The address of the file has expired; ask the job for another.")
    packed = gzip.compress(job["_file"].encode(), mtime=0)
    return Reply(200, packed, {"content-type": "application/gzip"})


family.route("GET", "/exports/{file}", _download, "jobs.download")


# --- verification mails ------------------------------------------------------------------------


@family.verb("post_verification-email")
def send_verification_email(call: Call) -> Any:
    """Ask for a verification mail; the job fails at once where the address is verified already."""
    body: Doc = call.body
    user = USERS.require(call, body["user_id"])
    if not user.get("email"):
        raise Problem(400, "The user does not have an email address.", "inexistent_email")
    named: Doc = body.get("identity") or {}
    known = [(each["provider"], str(each["user_id"])) for each in user["identities"]]
    if named and (named["provider"], str(named["user_id"])) not in known:
        raise Problem(400, "The user does not have this identity.", "inexistent_identity")
    if (key := body.get("organization_id")) and call.tx.get("organizations", key) is None:
        raise Problem(400, "The organization does not exist.", "inexistent_organization")
    if (key := body.get("client_id")) and call.tx.get("clients", key) is None:
        raise Problem(400, "The client does not exist.", "inexistent_client")
    job: Doc = {"type": "verification_email"}
    if user.get("email_verified"):
        return start(call, {**job, "_result": {"status": "failed"}, "_ends": call.time()})
    call.log("cs_email", "Verification email sent", user_id=user["user_id"])
    return start(call, job)
