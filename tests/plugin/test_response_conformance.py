"""A response that the contract does not declare fails the test that it comes in, in every mode."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant, ResponseContractError
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.engine.context import RequestContext
from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer

from .conftest import Suite

HEADERS = {"authorization": "Bearer any"}
CREATES = """
    from auth0_mgmt import APIStatusError

    def test_roles(auth0_mgmt):
        try:
            auth0_mgmt.roles.create(name="admin")
        except APIStatusError:
            pass
"""


def undeclared(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "nobody_declared_this": 1}


def mistyped(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "name": ["admin"]}


@pytest.fixture(params=[undeclared, mistyped])
def wrong_response(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """``roles.create`` responds with what its schema refuses; responses are validated."""
    monkeypatch.setenv("AUTH0_FAKE_CHECK_RESPONSES", "1")
    change: Callable[[dict[str, Any]], dict[str, Any]] = request.param
    right = registry().behaviours["roles.create"]

    def handler(context: RequestContext) -> Any:
        return change(right.handler(context))

    monkeypatch.setitem(registry().behaviours, "roles.create", replace(right, handler=handler))


@pytest.mark.usefixtures("wrong_response")
@pytest.mark.parametrize("mode", ["fake", "server"])
def test_the_test_fails_in_each_mode_of_the_plugin(suite: Suite, mode: str) -> None:
    result = suite(CREATES, f"--auth0={mode}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        "*ResponseContractError: roles.create: the response is not what the contract declares*"
    )


@pytest.mark.usefixtures("wrong_response")
def test_an_asgi_application_raises() -> None:
    async def create() -> None:
        transport = httpx.ASGITransport(FakeTenant().asgi())
        async with httpx.AsyncClient(transport=transport, base_url="https://tenant.test") as http:
            await http.post("/api/v2/roles", json={"name": "admin"}, headers=HEADERS)

    with pytest.raises(ResponseContractError, match=r"roles\.create"):
        asyncio.run(create())


@pytest.mark.usefixtures("wrong_response")
def test_a_server_responds_with_a_500_that_says_why() -> None:
    with TenantServer(ServerOptions()) as server:
        response = httpx.post(
            f"{server.start().url}/api/v2/roles", json={"name": "admin"}, headers=HEADERS
        )
    assert response.status_code == 500
    assert "ResponseContractError: roles.create" in response.json()["message"]


def test_a_right_response_fails_nothing(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH0_FAKE_CHECK_RESPONSES", "1")
    for mode in ("fake", "server"):
        assert suite(CREATES, f"--auth0={mode}").ret == pytest.ExitCode.OK
