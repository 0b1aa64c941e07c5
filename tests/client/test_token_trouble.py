"""What happens to tokens when the endpoint or a source fails, and who waits for whom."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auth0_mgmt import (
    AsyncManagement,
    ClientCredentials,
    Management,
    ManagementError,
    PrivateKeyJWT,
    Token,
    TokenError,
    _flow,
)

from .conftest import DOMAIN, Script, no_time
from .test_auth import form, pem

SECRETS = ClientCredentials("client", "hush-hush")


def test_waiting_threads_share_one_failure(script: Script) -> None:
    """Eight threads, one of them asks; the others get its failure and ask nothing."""
    waiting = threading.Barrier(8)
    begun = threading.Event()
    asked = 0

    def source() -> str:
        nonlocal asked
        asked += 1
        begun.set()
        threading.Event().wait(0.2)  # the others reach the lock
        raise RuntimeError("sealed")

    mgmt = Management(DOMAIN, auth=source, transport=httpx.MockTransport(script))

    def call(_: int) -> str:
        waiting.wait()
        with pytest.raises(TokenError) as caught:
            mgmt.roles.get("r")
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        errors = set(pool.map(call, range(8)))
    assert errors == {"token_source_failed: RuntimeError"}
    assert asked == 1
    with pytest.raises(TokenError):
        mgmt.roles.get("r")
    assert asked == 2, "a later call tries again"


async def test_waiting_tasks_share_one_failure(script: Script) -> None:
    script.token_answer = httpx.Response(401, json={"error": "access_denied"})
    mgmt = AsyncManagement(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(script))
    found = await asyncio.gather(*(mgmt.roles.get("r") for _ in range(8)), return_exceptions=True)
    assert {str(error) for error in found} == {"access_denied (401)"}
    assert len({id(error) for error in found}) == 8, "each has an error of its own"
    assert script.tokens == 1


async def test_a_cancelled_fetch_leaves_the_next_to_try(script: Script) -> None:
    begun = asyncio.Event()
    calls = 0

    async def source() -> str:
        nonlocal calls
        calls += 1
        if calls == 1:
            begun.set()
            await asyncio.Event().wait()
        return "t"

    mgmt = AsyncManagement(DOMAIN, auth=source, transport=httpx.MockTransport(script))
    first = asyncio.create_task(mgmt.roles.get("r"))
    await begun.wait()
    second = asyncio.create_task(mgmt.roles.get("r"))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second) is not None
    assert calls == 2


def test_who_waited_for_the_lock_looks_at_the_cache_again(script: Script) -> None:
    """The re-check under the lock: without it every waiter would fetch a token of its own."""
    asked: list[int] = []
    go = threading.Event()

    def source() -> str:
        asked.append(1)
        go.wait()
        return "t"

    mgmt = Management(DOMAIN, auth=source, transport=httpx.MockTransport(script))
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(mgmt.roles.get, "r") for _ in range(4)]
        while not asked:
            pass
        threading.Event().wait(0.2)
        go.set()
        for call in calls:
            call.result()
    assert len(asked) == 1


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_000.0]
    monkeypatch.setattr(_flow, "clock", lambda: now[0])
    return now


async def test_a_token_that_is_still_valid_is_used_when_renewal_fails(
    script: Script, clock: list[float]
) -> None:
    answers = [
        httpx.Response(200, json={"access_token": "first", "expires_in": 3600}),
        httpx.Response(400, json={"error": "down"}),
    ]
    for kind in (Management, AsyncManagement):
        script.token_answer, clock[0] = answers[0], 1_000.0
        mgmt: Any = kind(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(script))

        async def call(mgmt: Any = mgmt) -> None:
            found = mgmt.roles.get("r")
            if isinstance(mgmt, AsyncManagement):
                await found

        await call()
        script.token_answer, clock[0] = answers[1], 1_000.0 + 3545  # 55 s are left
        asked = script.tokens
        await call()
        await call()
        assert script.last.headers["authorization"] == "Bearer first"
        assert script.tokens == asked + 1, "it is not renewed with every call"
        clock[0] += 14
        await call()
        assert script.tokens == asked + 2
        clock[0] += 60
        with pytest.raises(TokenError, match="down"):
            await call()


def test_a_token_that_the_tenant_refused_is_not_used_again(script: Script) -> None:
    script.answers = [httpx.Response(200, json={}), httpx.Response(401, json={})]
    mgmt = Management(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(script))
    mgmt.roles.get("r")
    script.token_answer = httpx.Response(400, json={"error": "down"})
    with pytest.raises(TokenError, match="down"):
        mgmt.roles.get("r")


@pytest.mark.parametrize(
    "seconds", ["soon", "3600", True, -5, 0, [], {}, 10**400, float("inf"), float("nan")]
)
def test_an_odd_expires_in_is_a_token_error(script: Script, seconds: Any) -> None:
    import json

    content = json.dumps({"access_token": "t", "expires_in": seconds}).encode()
    script.token_answer = httpx.Response(200, content=content)
    mgmt = Management(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(script))
    with pytest.raises(TokenError, match="expires_in"):
        mgmt.roles.get("r")
    assert script.calls == []


@pytest.mark.parametrize(
    "given",
    [("t",), ("t", "3600"), ("t", None), ("t", float("nan")), ("t", 10**400), (1, 2), ("t", 1, 2),
     (), b"t", None, 5, ["", 60], "", "a b"],
)  # fmt: skip
async def test_an_odd_result_of_a_source_is_a_token_error(script: Script, given: Any) -> None:
    transport = httpx.MockTransport(script)
    with pytest.raises(TokenError, match="invalid_token_source"):
        Management(DOMAIN, auth=lambda: given, transport=transport).roles.get("r")
    with pytest.raises(TokenError, match="invalid_token_source"):
        await AsyncManagement(DOMAIN, auth=lambda: given, transport=transport).roles.get("r")


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"[]", b"null", b"", b'"x"', b'{"access_token": 5}', b"\xff"]
)
@pytest.mark.parametrize("status", [200, 204, 302, 400])
def test_nonsense_of_the_token_endpoint_is_a_token_error(
    script: Script, body: bytes, status: int
) -> None:
    script.token_answer = httpx.Response(status, content=body)
    mgmt = Management(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(script))
    with pytest.raises(TokenError):
        mgmt.roles.get("r")


def test_a_token_says_when_it_expires() -> None:
    import time

    assert Token("t").expires_at is None
    assert Token("t", 5.0).expires_at == 5.0
    assert (Token("t", expires_in=60).expires_at or 0) == pytest.approx(time.time() + 60, abs=5)
    with pytest.raises(ValueError, match="not both"):
        Token("t", 5.0, expires_in=5)
    with pytest.raises(ValueError, match="finite number"):
        Token("t", expires_in=float("inf"))


def test_no_assertion_is_sent_twice(script: Script) -> None:
    """Not over retries, not over renewals."""
    auth = PrivateKeyJWT("c", pem(ec.generate_private_key(ec.SECP256R1())), algorithm="ES256")
    script.token_answer = httpx.Response(503, json={})
    mgmt = Management(DOMAIN, auth=auth, transport=httpx.MockTransport(script), max_attempts=3)
    mgmt._dispatcher.http.sleep = no_time
    for _ in range(2):
        with pytest.raises(ManagementError):
            mgmt.roles.get("r")
    sent = [form(request)["client_assertion"] for request in script.requests]
    assert len(sent) == len(set(sent)) == 6
