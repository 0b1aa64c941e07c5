"""Helpers on ``mgmt.jobs``: bulk imports of any size, waiting, downloading an export.

Limits: https://auth0.com/docs/manage-users/user-migration/bulk-user-imports (500 KB a file, two
import jobs at once) and …/bulk-user-exports (the result's address is valid for a minute).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from . import _codec, _flow
from ._codec import Prepared
from ._errors import DecodingError, InvalidRequestError, JobFailedError, ResponseTooLargeError
from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from ._flow import Response
    from ._options import Settings
    from .models.jobs import Job

MAX_FILE = 500_000
"""Bytes of a users file that the tenant takes; files are kept below it."""
_ENDED = ("completed", "failed")
Progress = Callable[["Job"], object]


def users_files(users: Iterable[Mapping[str, Any]], limit: int = MAX_FILE) -> Iterator[bytes]:
    """Yield JSON arrays of users, each below ``limit`` bytes; reads the iterable as it goes.

    Raises `InvalidRequestError` for a single user that is over the limit, with its position.
    """
    parts: list[bytes] = []
    size = 2
    for position, user in enumerate(users):
        text = _codec.encode_json(user)
        if len(text) + 2 >= limit:
            raise InvalidRequestError(
                f"user {position} alone is {len(text)} bytes; a file holds {limit}"
            )
        if parts and size + len(text) >= limit:
            yield b"[" + b",".join(parts) + b"]"
            parts, size = [], 2
        parts.append(text)
        size += len(text) + 1
    if parts:
        yield b"[" + b",".join(parts) + b"]"


def _fields(
    connection_id: str, upsert: bool | None, external_id: str | None, send_email: bool | None
) -> dict[str, Any]:
    given = {
        "connection_id": connection_id,
        "upsert": upsert,
        "external_id": external_id,
        "send_completion_email": send_email,
    }
    return {name: value for name, value in given.items() if value is not None}


class _Waiting:
    """How long a job has been waited for; decides on each pause. No I/O.

    What counts is the sum of the pauses or the monotonic clock, whichever is more: a clock that a
    test has stopped (freezegun, time-machine) must not make the wait endless.
    """

    def __init__(self, timeout: float, interval: float, simulated: Callable[[], bool]) -> None:
        if not interval > 0:
            raise InvalidRequestError(f"interval must be more than 0 seconds, not {interval!r}")
        if not timeout >= 0:
            raise InvalidRequestError(f"timeout must be at least 0 seconds, not {timeout!r}")
        self._timeout, self._interval, self._pause = timeout, interval, interval
        self._simulated = simulated
        self._slept = 0.0
        self._began = time.monotonic()

    def pause(self, job: Job) -> float | None:
        """Seconds until the job is looked at again; None: it is completed.

        Raises JobFailedError where it failed or time is up.
        """
        if job.status == "failed":
            raise JobFailedError(f"job {job.id} failed", job)
        if job.status in _ENDED:
            return None
        measured = time.monotonic() - self._began
        waited = max(self._slept, measured)
        if waited >= self._timeout:
            raise JobFailedError(self._late(job, waited, measured), job)
        pause = min(self._pause, self._timeout - waited)
        self._slept += pause
        self._pause = min(self._pause * 1.5, self._interval * 10)
        return pause

    def _late(self, job: Job, waited: float, measured: float) -> str:
        text = f"job {job.id} is still {job.status} after {round(waited, 1):g} seconds"
        if self._simulated():
            return text + " of the tenant's time"
        if self._slept > 0 and measured == 0:
            return text + "; this process's clock does not advance (frozen by a test?)"
        return text


def _location(job: Job) -> str:
    address = job.get("location")
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise JobFailedError(f"job {job.id} has no result to download (it is {job.status})", job)
    return address


def _file_request(settings: Settings, job: Job) -> Prepared:
    deadline = None if settings.deadline is None else time.monotonic() + settings.deadline
    return Prepared(
        "GET",
        _location(job),
        {},
        None,
        "jobs.download",
        settings.timeout,
        deadline=deadline,
        max_bytes=settings.max_response_bytes,
    )


def _file(request: Prepared, response: Response) -> bytes:
    """The content of a file, unpacked. Raises for an error status and for a broken archive."""
    if response.status >= 300:
        raise _flow.status_error(request, response)
    if response.content[:2] != b"\x1f\x8b":
        return response.content
    from ._http import Unpacker  # late: the fake reads operations and needs no HTTP library

    unpacker, parts, size = Unpacker(), list[bytes](), 0
    try:
        for part in unpacker.feed(response.content):
            size += len(part)
            if size > request.max_bytes:
                raise ResponseTooLargeError(
                    f"the file is larger than {request.max_bytes:,} bytes unpacked"
                    " (max_response_bytes)",
                    _flow.request_info(request),
                )
            parts.append(part)
        unpacker.finish()
    except (zlib.error, EOFError):
        raise DecodingError(
            "jobs.download: the file is not valid gzip",
            _flow.request_info(request),
            _flow.response_info(request, response),
        ) from None
    return b"".join(parts)


class JobsHelpers(Resource):
    """What ``mgmt.jobs`` can do beside the operations."""

    if TYPE_CHECKING:  # of the generated sub-client

        def get(self, id: str) -> Job: ...

        @cached_property
        def users_imports(self) -> Any: ...

    def wait(
        self,
        job_id: str,
        *,
        timeout: float = 600.0,
        interval: float = 1.0,
        on_progress: Progress | None = None,
    ) -> Job:
        """Wait until a job is completed; ``on_progress`` is called with each state of it.

        Polls every ``interval`` seconds, less often the longer it takes (at most 10 times that).
        A fake tenant in the same process is not waited for: its clock moves on. Raises
        `JobFailedError` where the job failed or is not done after ``timeout`` seconds.
        """
        self._refuse_raw("jobs.wait")
        http = self._dispatcher.http
        waiting = _Waiting(timeout, interval, lambda: http.advance_clock is not None)
        while True:
            job = self.get(job_id)
            if on_progress is not None:
                on_progress(job)
            pause = waiting.pause(job)
            if pause is None:
                return job
            http.wait(pause)

    def import_users(
        self,
        users: Iterable[Mapping[str, Any]],
        connection_id: str,
        *,
        upsert: bool | None = None,
        external_id: str | None = None,
        send_completion_email: bool | None = None,
        timeout: float = 7200.0,
        interval: float = 1.0,
        on_progress: Progress | None = None,
    ) -> list[Job]:
        """Import users from any iterable: as many jobs as it takes, one after another.

        Every file is below 500 KB, and each job is waited for (``timeout`` and ``interval`` as in
        `wait`), since a tenant runs two at once. Returns the finished jobs;
        ``jobs.errors.get(job.id)`` lists the users that were rejected.
        """
        self._refuse_raw("jobs.import_users")
        fields = _fields(connection_id, upsert, external_id, send_completion_email)
        done: list[Job] = []
        for file in users_files(users):
            job = self.users_imports.create(**fields, users=file)
            done.append(
                self.wait(job.id, timeout=timeout, interval=interval, on_progress=on_progress)
            )
        return done

    def download(self, job_id: str) -> bytes:
        """Return the result of a finished export: NDJSON or CSV, unpacked.

        The host that keeps the result gets neither the token nor headers, cookies or ``auth=`` of
        an ``http_client`` of yours.
        """
        self._refuse_raw("jobs.download")
        request = _file_request(self._dispatcher.settings, self.get(job_id))
        return _file(request, self._dispatcher.http.fetch(request))


class AsyncJobsHelpers(AsyncResource):
    """What ``mgmt.jobs`` can do beside the operations, asynchronously."""

    if TYPE_CHECKING:  # of the generated sub-client

        async def get(self, id: str) -> Job: ...

        @cached_property
        def users_imports(self) -> Any: ...

    async def wait(
        self,
        job_id: str,
        *,
        timeout: float = 600.0,  # noqa: ASYNC109
        interval: float = 1.0,
        on_progress: Progress | None = None,
    ) -> Job:
        """Wait until a job is completed; see `JobsHelpers.wait`."""
        self._refuse_raw("jobs.wait")
        http = self._dispatcher.http
        waiting = _Waiting(timeout, interval, lambda: http.advance_clock is not None)
        while True:
            job = await self.get(job_id)
            if on_progress is not None:
                on_progress(job)
            pause = waiting.pause(job)
            if pause is None:
                return job
            await http.wait(pause)

    async def import_users(
        self,
        users: Iterable[Mapping[str, Any]],
        connection_id: str,
        *,
        upsert: bool | None = None,
        external_id: str | None = None,
        send_completion_email: bool | None = None,
        timeout: float = 7200.0,  # noqa: ASYNC109
        interval: float = 1.0,
        on_progress: Progress | None = None,
    ) -> list[Job]:
        """Import users from any iterable; see `JobsHelpers.import_users`."""
        self._refuse_raw("jobs.import_users")
        fields = _fields(connection_id, upsert, external_id, send_completion_email)
        done: list[Job] = []
        for file in users_files(users):
            job = await self.users_imports.create(**fields, users=file)
            done.append(
                await self.wait(job.id, timeout=timeout, interval=interval, on_progress=on_progress)
            )
        return done

    async def download(self, job_id: str) -> bytes:
        """Return the result of a finished export, unpacked; see `JobsHelpers.download`."""
        self._refuse_raw("jobs.download")
        request = _file_request(self._dispatcher.settings, await self.get(job_id))
        return _file(request, await self._dispatcher.http.fetch(request))
