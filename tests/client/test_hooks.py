"""Hooks of a client of the caller's own (``event_hooks=``)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import httpx2
import pytest

from auth0_mgmt import (
    AsyncManagement,
    Management,
    NotFoundError,
    RateLimitError,
    ResponseTooLargeError,
)

from .loopback import Reply, served

USER = gzip.compress(json.dumps({"user_id": "u", "note": "x" * 50_000}).encode())
JSON = {"content-type": "application/json"}


class Tenant:
    """Answers by path over a real socket, and remembers the headers of each request."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.origin = ""

    def __call__(self, method: str, path: str, headers: dict[str, str]) -> Reply:
        self.seen.append((path, headers))
        if "absent" in path:
            return 404, JSON, b'{"statusCode": 404, "error": "Not Found", "message": "no user"}'
        if path.endswith("/busy"):
            return 429, {**JSON, "x-ratelimit-reset": "1"}, b"{}"
        if path.endswith("/jobs/j"):
            job = {"id": "j", "status": "completed", "location": f"{self.origin}/file"}
            return 200, JSON, json.dumps(job).encode()
        if path == "/file":
            return 200, {"set-cookie": "file=1"}, b"data"
        return 200, {**JSON, "content-encoding": "gzip"}, USER


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    tenant = Tenant()
    with served(tenant) as tenant.origin:
        yield tenant


def _read(response: Any) -> None:
    response.read()


def _check(response: Any) -> None:
    response.raise_for_status()


async def _aread(response: Any) -> None:
    await response.aread()


async def _acheck(response: Any) -> None:
    response.raise_for_status()


def _mark(request: Any) -> None:
    request.headers["x-own"] = "s3cret"


async def _amark(request: Any) -> None:
    request.headers["x-own"] = "s3cret"


LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=lambda found: found.__name__)
SYNC = [[_read], [_check], [_read, _check]]
ASYNC = [[_aread], [_acheck], [_aread, _acheck]]


@LIBRARIES
@pytest.mark.parametrize("hooks", SYNC, ids=lambda hooks: "+".join(h.__name__ for h in hooks))
def test_a_hook_that_reads_or_raises_changes_no_result(
    tenant: Tenant, library: Any, hooks: list[Any]
) -> None:
    with library.Client(event_hooks={"request": [_mark], "response": hooks}) as client:
        mgmt = Management(tenant.origin, "token", http_client=client, max_attempts=2)
        assert mgmt.users.get("u").user_id == "u"
        assert tenant.seen[-1][1]["x-own"] == "s3cret"
        with pytest.raises(NotFoundError) as caught:
            mgmt.users.get("absent")
        if _read in hooks:
            assert caught.value.message == "no user"
        with pytest.raises(RateLimitError):
            mgmt.with_options(max_attempts=1).users.get("busy")
        with pytest.raises(ResponseTooLargeError):
            mgmt.with_options(max_response_bytes=5_000).users.get("u")
        with pytest.raises(NotFoundError):
            next(iter(mgmt.events.subscribe(request_options={"query": {"x": "absent"}})))


@LIBRARIES
@pytest.mark.parametrize("hooks", ASYNC, ids=lambda hooks: "+".join(h.__name__ for h in hooks))
async def test_an_asynchronous_hook_that_reads_or_raises_changes_no_result(
    tenant: Tenant, library: Any, hooks: list[Any]
) -> None:
    async with library.AsyncClient(event_hooks={"request": [_amark], "response": hooks}) as client:
        mgmt = AsyncManagement(tenant.origin, "token", http_client=client, max_attempts=2)
        assert (await mgmt.users.get("u")).user_id == "u"
        assert tenant.seen[-1][1]["x-own"] == "s3cret"
        with pytest.raises(NotFoundError) as caught:
            await mgmt.users.get("absent")
        if _aread in hooks:
            assert caught.value.message == "no user"
        with pytest.raises(RateLimitError):
            await mgmt.with_options(max_attempts=1).users.get("busy")
        with pytest.raises(ResponseTooLargeError):
            await mgmt.with_options(max_response_bytes=5_000).users.get("u")
        with pytest.raises(NotFoundError):
            await anext(aiter(mgmt.events.subscribe(request_options={"query": {"x": "absent"}})))


@LIBRARIES
async def test_hooks_and_cookies_do_not_meet_the_host_of_a_jobs_file(
    tenant: Tenant, library: Any
) -> None:
    with library.Client(event_hooks={"request": [_mark]}) as client:
        mgmt = Management(tenant.origin, "token", http_client=client)
        assert mgmt.jobs.download("j") == b"data"
        assert mgmt.jobs.get("j").id == "j"  # the connections are still open
        assert not client.cookies
    async with library.AsyncClient(event_hooks={"request": [_amark]}) as client:
        twin = AsyncManagement(tenant.origin, "token", http_client=client)
        assert await twin.jobs.download("j") == b"data"
        assert (await twin.jobs.get("j")).id == "j"
        assert not client.cookies
    files = [headers for path, headers in tenant.seen if path == "/file"]
    assert len(files) == 2
    assert not any("x-own" in headers for headers in files)
