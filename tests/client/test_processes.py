"""Forked children and several event loops: nobody reads the response of another."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, ClientCredentials, Management
from auth0_mgmt._rate_limit import RateLimiter

from .conftest import DOMAIN, Script

ROOT = Path(__file__).parents[2]
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def run(code: str) -> str:
    """Run code in a process of its own, since forking one with threads is not safe."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True, text=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PARENT = """
import os, sys, threading, time
from auth0_mgmt import *
from tests.client.loopback import served

def children(count, work):
    pids = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            try:
                work(number)
            except BaseException as error:
                print(type(error).__name__, error, flush=True)
                os._exit(1)
            os._exit(0)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
"""


@forks
def test_forked_children_get_their_own_responses() -> None:
    code = """
with served() as origin:
    mgmt = Management(origin, auth='t', max_attempts=1)
    parents = mgmt.users.get('parent').name
    def work(number):
        for each in range(50):
            wanted = f'{number}-{each}'
            user = mgmt.users.get(wanted)
            assert user.user_id == wanted and user.name != parents
    print(children(4, work))
    assert mgmt.users.get('parent').user_id == 'parent'
"""
    assert run(PARENT + code) == "[0, 0, 0, 0]"


@forks
def test_a_child_forked_while_a_thread_fetches_a_token_does_not_wait_for_it() -> None:
    code = """
begun, go = threading.Event(), threading.Event()
calls = []
def source():
    calls.append(1)
    if len(calls) == 1:
        begun.set()
        go.wait()
    return 'token'
with served() as origin:
    mgmt = Management(origin, auth=source, throttle=True)
    thread = threading.Thread(target=mgmt.users.get, args=('x',))
    thread.start()
    begun.wait()
    print(children(1, lambda number: mgmt.users.get('child')))
    go.set()
    thread.join()
"""
    assert run(PARENT + code) == "[0]"


@forks
def test_a_pool_of_ones_own_that_was_used_before_the_fork_is_refused_in_the_child() -> None:
    code = """
import httpx
with served() as origin:
    unused = Management(origin, auth='t', http_client=httpx.Client())
    used = Management(origin, auth='t', http_client=httpx.Client())
    mock = Management(origin, auth='t', transport=httpx.MockTransport(
        lambda request: httpx.Response(200, json={})))
    used.users.get('parent'); mock.users.get('parent')
    def work(number):
        unused.users.get('child'); mock.users.get('child')
        try:
            used.users.get('child')
        except ManagementError as error:
            assert 'create them after the fork' in str(error)
        else:
            raise AssertionError('not refused')
    print(children(1, work))
"""
    assert run(PARENT + code) == "[0]"


def test_locks_are_new_after_a_fork() -> None:
    limiter = RateLimiter()
    limiter._lock.acquire()
    limiter.after_fork()
    assert limiter.reserve(0.0) == 0.0


def test_a_client_has_new_connections_after_a_fork() -> None:
    with Management(DOMAIN, auth="t") as mgmt:
        http = mgmt._dispatcher.http
        before = http.client()
        http.after_fork()
        assert http.client() is not before
        before.close()


async def test_an_asynchronous_client_has_new_connections_after_a_fork() -> None:
    async with AsyncManagement(DOMAIN, auth="t") as mgmt:
        http = mgmt._dispatcher.http
        before = http.loop()
        http.after_fork()
        assert http.loop().client is not before.client
        await before.client.aclose()


LOOPS = """
import asyncio, threading
import httpx
from concurrent.futures import ThreadPoolExecutor
from auth0_mgmt import *
from tests.client.loopback import served
"""


def test_one_client_serves_one_event_loop_after_another() -> None:
    code = """
with served() as origin:
    mgmt = AsyncManagement(origin, auth=lambda: 't', max_attempts=1)
    async def work(name):
        users = await asyncio.gather(*(mgmt.users.get(f'{name}{n}') for n in range(3)))
        return [user.user_id for user in users] == [f'{name}{n}' for n in range(3)]
    print(all(asyncio.run(work(turn)) for turn in range(4)))
"""
    assert run(LOOPS + code) == "True"


def test_one_client_serves_the_event_loops_of_several_threads() -> None:
    code = """
with served() as origin:
    mgmt = AsyncManagement(origin, auth=lambda: 't', max_attempts=1)
    barrier = threading.Barrier(3)
    async def work(name):
        return [(await mgmt.users.get(f'{name}-{n}')).user_id for n in range(10)]
    def thread(name):
        barrier.wait()
        return asyncio.run(work(name))
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(thread, range(3)))
    print(found == [[f'{name}-{n}' for n in range(10)] for name in range(3)])
"""
    assert run(LOOPS + code) == "True"


def test_a_pool_of_ones_own_belongs_to_one_event_loop() -> None:
    code = """
with served() as origin:
    mgmt = AsyncManagement(origin, auth='t', http_client=httpx.AsyncClient(), max_attempts=1)
    async def work():
        await mgmt.users.get('x')
    asyncio.run(work())
    try:
        asyncio.run(work())
    except ManagementError as error:
        print(error)
"""
    assert "create an AsyncManagement for each loop" in run(LOOPS + code)


def test_a_mock_of_ones_own_serves_any_event_loop(script: Script) -> None:
    http = httpx.AsyncClient(transport=httpx.MockTransport(script))
    mgmt = AsyncManagement(DOMAIN, auth=ClientCredentials("c", "s"), http_client=http)

    async def work() -> Any:
        return await mgmt.users.get("x")

    for _ in range(2):
        asyncio.run(work())
    assert (len(script.calls), script.tokens) == (2, 1)


def test_closing_after_the_loop_has_ended_is_quiet() -> None:
    mgmt = AsyncManagement(DOMAIN, auth="t")
    with pytest.raises(StopIteration):
        mgmt.close().send(None)
