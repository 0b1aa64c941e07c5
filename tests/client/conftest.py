"""A scripted tenant and the clients that call it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, Management, _flow

DOMAIN = "tenant.eu.auth0.com"


def fresh(response: httpx.Response) -> httpx.Response:
    """A copy, since a response belongs to the client that got it."""
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        content=response.content,
        extensions=dict(response.extensions),
    )


def no_time(seconds: float) -> None:
    """Sleep for no time, in place of ``time.sleep``."""


class Script:
    """Answers requests from a list (the last answer repeats) and remembers what was asked."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]]
        self.answers = [httpx.Response(200, json={})]
        self.tokens = 0
        self.token_answer: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            self.tokens += 1
            self.requests.append(request)
            if self.token_answer is not None:
                return fresh(self.token_answer)
            return httpx.Response(
                200, json={"access_token": f"token-{self.tokens}", "expires_in": 86400}
            )
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return fresh(answer) if isinstance(answer, httpx.Response) else answer(request)

    @property
    def calls(self) -> list[httpx.Request]:
        """The requests but those for tokens."""
        return [request for request in self.requests if request.url.path != "/oauth/token"]

    @property
    def last(self) -> httpx.Request:
        return self.requests[-1]

    def body(self) -> Any:
        return json.loads(self.last.content)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def mgmt(script: Script) -> Iterator[Management]:
    with Management(DOMAIN, auth="token", transport=httpx.MockTransport(script)) as client:
        yield client


@pytest.fixture
async def amgmt(script: Script) -> Any:
    async with AsyncManagement(
        DOMAIN, auth="token", transport=httpx.MockTransport(script)
    ) as client:
        yield client


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch, mgmt: Management) -> list[float]:
    """Waits are noted instead of waited, and chance is at rest."""
    slept: list[float] = []
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", slept.append)
    monkeypatch.setattr(_flow, "chance", lambda: 0.0)
    return slept
