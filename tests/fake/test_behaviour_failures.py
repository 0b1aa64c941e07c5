"""What a behaviour raises by mistake: a logged 500 of the fake's own, nothing changed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from auth0_mgmt_testing import BehaviourError, FakeTenant
from auth0_mgmt_testing.engine.context import Reply, RequestContext

HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}
SECRET = "s3cret-value"


def _raising(context: RequestContext) -> Any:
    raise KeyError(SECRET)


def _raising_after_a_write(handler: Callable[[RequestContext], Any]) -> Any:
    def wrong(context: RequestContext) -> Any:
        handler(context)
        raise ValueError(SECRET)

    return wrong


def break_behaviour(monkeypatch: pytest.MonkeyPatch, tenant: FakeTenant, name: str) -> None:
    """Let an operation fail: a read at once, a write when it has written."""
    behaviours = tenant._core.registry.behaviours
    right = behaviours[name]
    read = name.endswith((".get", ".list"))
    handler = _raising if read else _raising_after_a_write(right.handler)
    monkeypatch.setitem(behaviours, name, replace(right, handler=handler))


REQUESTS = pytest.mark.parametrize(
    ("name", "method", "path", "body"),
    [
        ("roles.list", "GET", "/api/v2/roles", b""),
        ("roles.create", "POST", "/api/v2/roles", b'{"name":"admin"}'),
        ("tenants.settings.update", "PATCH", "/api/v2/tenants/settings", b'{"friendly_name":"x"}'),
    ],
)


@REQUESTS
def test_a_failure_is_a_500_that_names_the_operation(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    method: str,
    path: str,
    body: bytes,
) -> None:
    monkeypatch.delenv("AUTH0_FAKE_CHECK_RESPONSES", raising=False)
    tenant = FakeTenant()
    break_behaviour(monkeypatch, tenant, name)
    before = tenant.snapshot()
    with caplog.at_level(logging.ERROR, "auth0_mgmt_testing"):
        response = tenant.send(method, path, HEADERS, body)
    assert response.status == 500
    assert response.json()["error"] == "Internal Server Error"
    assert name in response.json()["message"]
    assert name in caplog.text
    assert SECRET not in caplog.text + response.json()["message"]
    assert tenant.snapshot() == before
    assert [request.status for request in tenant.requests] == [500]


@REQUESTS
@pytest.mark.parametrize("way", ["environment", "parameter"])
def test_strict_checking_fails_the_test(
    monkeypatch: pytest.MonkeyPatch, name: str, method: str, path: str, body: bytes, way: str
) -> None:
    if way == "environment":
        monkeypatch.setenv("AUTH0_FAKE_CHECK_RESPONSES", "1")
        tenant = FakeTenant()
    else:
        monkeypatch.delenv("AUTH0_FAKE_CHECK_RESPONSES", raising=False)
        tenant = FakeTenant(unsupported_parameters="error")
    break_behaviour(monkeypatch, tenant, name)
    before = tenant.snapshot()
    with pytest.raises(BehaviourError, match=name):
        tenant.send(method, path, HEADERS, body)
    assert tenant.snapshot() == before
    assert [request.status for request in tenant.requests] == [500]


def test_a_response_of_4xx_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = FakeTenant()
    right = tenant._core.registry.behaviours["roles.create"]

    def handler(context: RequestContext) -> Any:
        right.handler(context)
        return Reply(409, {"statusCode": 409})

    behaviours = tenant._core.registry.behaviours
    monkeypatch.setitem(behaviours, "roles.create", replace(right, handler=handler))
    before = tenant.snapshot()
    assert tenant.send("POST", "/api/v2/roles", HEADERS, b'{"name":"admin"}').status == 409
    assert tenant.snapshot() == before
