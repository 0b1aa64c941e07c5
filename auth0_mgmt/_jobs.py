"""Helpers on ``mgmt.jobs``: bulk imports of any size, waiting, downloading an export.

Limits: https://auth0.com/docs/manage-users/user-migration/bulk-user-imports (500 KB a file, two
import jobs at once) and …/bulk-user-exports (the result's address is good for a minute).
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import _codec
from ._errors import JobFailedError

if TYPE_CHECKING:
    from ._client import AsyncCaller, Caller
    from .models.jobs import Job

MAX_FILE = 500_000
"""Bytes of a users file that the tenant takes; files are kept below it."""
_ENDED = ("completed", "failed")
Progress = Callable[["Job"], object]


def users_files(users: Iterable[Mapping[str, Any]], limit: int = MAX_FILE) -> Iterator[bytes]:
    """JSON arrays of users, each below ``limit`` bytes; reads the iterable as it goes.

    Raises ValueError for a single user that is over the limit, naming its position.
    """
    parts: list[bytes] = []
    size = 2
    for position, user in enumerate(users):
        text = _codec.encode_json(user)
        if len(text) + 2 >= limit:
            raise ValueError(f"user {position} alone is {len(text)} bytes; a file holds {limit}")
        if parts and size + len(text) + 1 >= limit:
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


def _ended(job: Job) -> bool:
    if job.status == "failed":
        raise JobFailedError(f"job {job.id} failed", job)
    return job.status in _ENDED


def _late(job: Job, timeout: float) -> JobFailedError:
    return JobFailedError(f"job {job.id} is {job.status} after {timeout:g} seconds", job)


def _location(job: Job) -> str:
    address = job.get("location")
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise JobFailedError(f"job {job.id} has no result to download (it is {job.status})", job)
    return address


def _unpacked(content: bytes) -> bytes:
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


class JobsHelpers:
    """What ``mgmt.jobs`` can do beside the operations."""

    _caller: Caller

    def wait(
        self,
        job_id: str,
        *,
        timeout: float = 600.0,
        interval: float = 1.0,
        on_progress: Progress | None = None,
    ) -> Job:
        """Wait until a job is completed; ``on_progress`` is called with each state of it.

        Asks every ``interval`` seconds, slower the longer it takes (at most 10 times that).
        Raises `JobFailedError` where it failed or is not done after ``timeout`` seconds.
        """
        from .resources.jobs import GET

        began, pause = time.monotonic(), interval
        while True:
            job = self._caller.request(GET, (job_id,), {})
            if on_progress is not None:
                on_progress(job)
            if _ended(job):
                return job  # type: ignore[no-any-return]
            if time.monotonic() - began + pause > timeout:
                raise _late(job, timeout)
            self._caller.http.sleep(pause)
            pause = min(pause * 1.5, interval * 10)

    def import_users(
        self,
        users: Iterable[Mapping[str, Any]],
        connection_id: str,
        *,
        upsert: bool | None = None,
        external_id: str | None = None,
        send_completion_email: bool | None = None,
        timeout: float = 7200.0,
        on_progress: Progress | None = None,
    ) -> list[Job]:
        """Import users from any iterable: as many jobs as it takes, one after another.

        Every file is below 500 KB, and each job is waited for, since a tenant runs two at once.
        Gives the finished jobs; ``jobs.errors.get(job.id)`` tells which users were refused.
        """
        from .resources.jobs import USERS_IMPORTS_CREATE

        fields = _fields(connection_id, upsert, external_id, send_completion_email)
        done: list[Job] = []
        for file in users_files(users):
            job = self._caller.request(USERS_IMPORTS_CREATE, (), {**fields, "users": file})
            done.append(self.wait(job.id, timeout=timeout, on_progress=on_progress))
        return done

    def download(self, job_id: str) -> bytes:
        """The result of a finished export: NDJSON or CSV, unpacked.

        The token is not sent to the host that keeps the result.
        """
        from .resources.jobs import GET

        job = self._caller.request(GET, (job_id,), {})
        return _unpacked(self._caller.http.fetch(_location(job), self._caller.settings.timeout))


class AsyncJobsHelpers:
    """What ``mgmt.jobs`` can do beside the operations, asynchronously."""

    _caller: AsyncCaller

    async def wait(
        self,
        job_id: str,
        *,
        timeout: float = 600.0,  # noqa: ASYNC109
        interval: float = 1.0,
        on_progress: Progress | None = None,
    ) -> Job:
        """Wait until a job is completed; see `JobsHelpers.wait`."""
        from .resources.jobs import GET

        began, pause = time.monotonic(), interval
        while True:
            job = await self._caller.request(GET, (job_id,), {})
            if on_progress is not None:
                on_progress(job)
            if _ended(job):
                return job  # type: ignore[no-any-return]
            if time.monotonic() - began + pause > timeout:
                raise _late(job, timeout)
            await self._caller.http.sleep(pause)
            pause = min(pause * 1.5, interval * 10)

    async def import_users(
        self,
        users: Iterable[Mapping[str, Any]],
        connection_id: str,
        *,
        upsert: bool | None = None,
        external_id: str | None = None,
        send_completion_email: bool | None = None,
        timeout: float = 7200.0,  # noqa: ASYNC109
        on_progress: Progress | None = None,
    ) -> list[Job]:
        """Import users from any iterable; see `JobsHelpers.import_users`."""
        from .resources.jobs import USERS_IMPORTS_CREATE

        fields = _fields(connection_id, upsert, external_id, send_completion_email)
        done: list[Job] = []
        for file in users_files(users):
            job = await self._caller.request(USERS_IMPORTS_CREATE, (), {**fields, "users": file})
            done.append(await self.wait(job.id, timeout=timeout, on_progress=on_progress))
        return done

    async def download(self, job_id: str) -> bytes:
        """The result of a finished export, unpacked; see `JobsHelpers.download`."""
        from .resources.jobs import GET

        job = await self._caller.request(GET, (job_id,), {})
        content = await self._caller.http.fetch(_location(job), self._caller.settings.timeout)
        return _unpacked(content)
