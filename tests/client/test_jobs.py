"""Bulk imports, waiting for jobs, downloading exports."""

from __future__ import annotations

import gzip
import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt import (
    AsyncManagement,
    InvalidRequestError,
    JobFailedError,
    Management,
    ResponseTooLargeError,
)
from auth0_mgmt._jobs import MAX_FILE, users_files
from auth0_mgmt_testing import FakeTenant

from .conftest import DOMAIN, Script


def people(count: int) -> Iterator[dict[str, Any]]:
    return ({"email": f"user{n}@example.com", "name": "n" * 400} for n in range(count))


def test_files_stay_below_the_limit_and_lose_nobody() -> None:
    files = list(users_files(people(3_000)))
    assert len(files) > 2
    assert all(len(file) < MAX_FILE for file in files)
    assert [user for file in files for user in json.loads(file)] == list(people(3_000))
    assert list(users_files([])) == []
    with pytest.raises(ValueError, match="user 1 alone is"):
        list(users_files([{"a": 1}, {"name": "x" * MAX_FILE}]))


@pytest.mark.parametrize("limit", range(12, 40))
def test_every_file_is_below_its_limit_and_as_full_as_it_can_be(limit: int) -> None:
    users = [{"n": number} for number in range(10)]  # 7 bytes each
    files = list(users_files(users, limit))
    assert [user for file in files for user in json.loads(file)] == users
    assert all(len(file) < limit <= len(file) + 8 for file in files[:-1])


@pytest.mark.parametrize("limit", [9, 8])
def test_a_user_that_fills_a_file_alone_is_refused(limit: int) -> None:
    assert list(users_files([{"n": 1}], 10)) == [b'[{"n":1}]']
    with pytest.raises(InvalidRequestError, match="user 0 alone is 7 bytes"):
        list(users_files([{"n": 1}], limit))


def test_an_import_takes_as_many_jobs_as_it_needs(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    states = {"pending": 0}
    uploads: list[bytes] = []

    def tenant(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            uploads.append(request.content)
            return httpx.Response(202, json={"id": f"job_{len(uploads)}", "status": "pending"})
        states["pending"] += 1
        done = states["pending"] % 2 == 0
        status = "completed" if done else "pending"
        return httpx.Response(200, json={"id": request.url.path[-5:], "status": status})

    script.answers = [tenant]
    progress: list[str | None] = []
    jobs = mgmt.jobs.import_users(
        people(2_000), "con_1", upsert=True, on_progress=lambda job: progress.append(job.status)
    )
    assert [job.id for job in jobs] == ["job_1", "job_2"]
    assert progress == ["pending", "completed"] * 2
    assert b'name="users"; filename="users.json"' in uploads[0]
    assert b"Content-Type: application/json" in uploads[0]
    assert b'name="connection_id"\r\n\r\ncon_1' in uploads[0]
    assert b'name="upsert"\r\n\r\ntrue' in uploads[0]
    assert len(naps) == 2


def test_waiting_ends_with_an_error_where_a_job_fails_or_takes_too_long(
    mgmt: Management, script: Script, naps: list[float]
) -> None:
    script.answers = [httpx.Response(200, json={"id": "j", "status": "failed"})]
    with pytest.raises(JobFailedError, match="job j failed") as caught:
        mgmt.jobs.wait("j")
    assert caught.value.job.status == "failed"
    script.answers = [httpx.Response(200, json={"id": "j", "status": "processing"})]
    with pytest.raises(JobFailedError, match="is still processing after 0 seconds"):
        mgmt.jobs.wait("j", timeout=0)


def test_an_export_is_downloaded_without_the_token(mgmt: Management, script: Script) -> None:
    content = b'{"email":"ada@example.com"}\n'
    job = {"id": "j", "status": "completed", "location": "https://files.example.com/x?sig=1"}
    for packed in (content, gzip.compress(content)):
        script.answers = [httpx.Response(200, json=job), httpx.Response(200, content=packed)]
        assert mgmt.jobs.download("j") == content
        assert script.last.url.host == "files.example.com"
        assert "authorization" not in script.last.headers
    script.answers = [httpx.Response(200, json={"id": "j", "status": "pending"})]
    with pytest.raises(JobFailedError, match="no result to download"):
        mgmt.jobs.download("j")


def test_a_file_that_unpacks_beyond_the_limit_is_abandoned(script: Script) -> None:
    job = {"id": "j", "status": "completed", "location": "https://files.example.com/x"}
    bomb = gzip.compress(b"0" * 100_000)
    script.answers = [httpx.Response(200, json=job), httpx.Response(200, content=bomb)]
    with (
        Management(
            DOMAIN, auth="t", transport=httpx.MockTransport(script), max_response_bytes=10_000
        ) as mgmt,
        pytest.raises(ResponseTooLargeError, match="larger than 10,000 bytes unpacked"),
    ):
        mgmt.jobs.download("j")


async def test_the_asynchronous_helpers_do_the_same(amgmt: AsyncManagement, script: Script) -> None:
    script.answers = [httpx.Response(200, json={"id": "j", "status": "completed"})]
    assert (await amgmt.jobs.wait("j")).id == "j"
    jobs = await amgmt.jobs.import_users(people(2), "con_1")
    assert [job.status for job in jobs] == ["completed"]
    job = {"id": "j", "status": "completed", "location": "https://files.example.com/x"}
    script.answers = [httpx.Response(200, json=job), httpx.Response(200, content=b"data")]
    assert await amgmt.jobs.download("j") == b"data"
    assert "authorization" not in script.last.headers


@pytest.mark.parametrize("kind", ["file", "text", "bytes", "list"])
def test_a_users_file_is_sent_whole_also_when_it_is_sent_again(
    mgmt: Management, script: Script, naps: list[float], kind: str
) -> None:
    text = '[{"email":"ada@example.com"}]'
    users: Any = {
        "file": io.BytesIO(text.encode()),
        "text": text,
        "bytes": text.encode(),
        "list": [{"email": "ada@example.com"}],
    }[kind]
    script.answers = [httpx.Response(429), httpx.Response(202, json={"id": "j"})]
    mgmt.jobs.users_imports.create(users=users, connection_id="con_1")
    assert len(script.calls) == 2
    assert all(text.encode() in request.content for request in script.calls)


# Clocks that stand.


async def test_a_job_of_a_fake_in_this_process_is_not_waited_for() -> None:
    """The tenant's frozen clock is moved; nobody sleeps."""

    def never(seconds: float) -> Any:
        raise AssertionError("slept")

    tenant = FakeTenant()
    tenant.clock.freeze()
    with tenant.management() as mgmt:
        mgmt._dispatcher.http.sleep = never
        connection = mgmt.connections.create(name="db", strategy="auth0")
        (job,) = mgmt.jobs.import_users([{"email": "a@b.example"}], str(connection.id))
        assert job.status == "completed"
        assert [user.email for user in mgmt.users.list()] == ["a@b.example"]
    async with tenant.async_management() as twin:
        twin._dispatcher.http.sleep = never
        (job,) = await twin.jobs.import_users([{"email": "b@b.example"}], str(connection.id))
        assert job.status == "completed"


async def test_waiting_ends_also_where_the_clock_of_the_process_stands(
    mgmt: Management, amgmt: AsyncManagement, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with freezegun or time-machine: what counts then is how long was slept."""
    naps: list[float] = []

    async def anap(seconds: float) -> None:
        naps.append(seconds)

    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", naps.append)
    monkeypatch.setattr(amgmt._dispatcher.http, "sleep", anap)
    script.answers = [httpx.Response(200, json={"id": "j", "status": "pending"})]
    late = r"job j is still pending after 30 seconds; this process's clock does not advance"
    with pytest.raises(JobFailedError, match=late):
        mgmt.jobs.wait("j", timeout=30, interval=2)
    assert sum(naps) == 30
    assert naps[:3] == [2, 3, 4.5]
    with pytest.raises(JobFailedError, match=late):
        await amgmt.jobs.wait("j", timeout=30, interval=2)
    assert sum(naps) == 60


async def test_the_interval_of_an_import_is_the_callers(
    mgmt: Management, amgmt: AsyncManagement, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps: list[float] = []

    async def anap(seconds: float) -> None:
        naps.append(seconds)

    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", naps.append)
    monkeypatch.setattr(amgmt._dispatcher.http, "sleep", anap)
    states = ["pending", "completed"] * 2

    def tenant(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(202, json={"id": "j", "status": "pending"})
        return httpx.Response(200, json={"id": "j", "status": states.pop(0)})

    script.answers = [tenant]
    mgmt.jobs.import_users(people(1), "con_1", interval=7)
    await amgmt.jobs.import_users(people(1), "con_1", interval=7)
    assert naps == [7, 7]


def test_the_time_of_a_fake_is_called_by_its_name(mgmt: Management, script: Script) -> None:
    moved: list[float] = []
    script.answers = [
        lambda request: httpx.Response(
            200, json={"id": "j", "status": "pending"}, extensions={"advance_clock": moved.append}
        )
    ]
    with pytest.raises(JobFailedError, match="after 30 seconds of the tenant's time"):
        mgmt.jobs.wait("j", timeout=30)
    assert sum(moved) == 30


WITHOUT_RAW: list[tuple[str, Callable[[Any], Any]]] = [
    ("jobs.wait", lambda m: m.jobs.with_raw_response.wait("job_1")),
    ("jobs.import_users", lambda m: m.jobs.with_raw_response.import_users([{}], "con_1")),
    ("jobs.download", lambda m: m.jobs.with_raw_response.download("job_1")),
    ("events.subscribe", lambda m: m.events.with_raw_response.subscribe()),
]


@pytest.mark.parametrize(("name", "call"), WITHOUT_RAW)
async def test_helpers_of_several_requests_have_no_raw_response_and_say_so(
    mgmt: Management, amgmt: AsyncManagement, script: Script, name: str, call: Any
) -> None:
    said = rf"^{name}\(\) sends several requests .* call mgmt.{name}\(\) without with_raw_response"
    with pytest.raises(TypeError, match=said):
        call(mgmt)
    with pytest.raises(TypeError, match=said):
        await call(amgmt)
    assert script.requests == []
