"""A server responds to others while the code of an action takes its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import Serve

WAIT = 20.0
"""Seconds after which a test that hangs fails."""


class Gate:
    """An HTTP server that responds once it is opened."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gate.entered.set()
                gate.opened.wait(WAIT)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.opened.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.close()


def test_requests_do_not_wait_for_the_action_of_another_one(serve: Serve, gate: Gate) -> None:
    server = serve(trust_actions=True)
    with FakeTenant.connect(server.url) as tenant, httpx.Client(base_url=server.url) as http:
        user = tenant.users.add(email="ada@example.com")
        action = tenant.actions.add(
            name="slow",
            supported_triggers=[{"id": "post-login", "version": "v3"}],
            code=f"exports.onExecutePostLogin = async () => {{ await fetch('{gate.url}'); }};",
        )
        tenant.actions.bind("post-login", action)
        login = threading.Thread(target=lambda: tenant.log_in(user))
        login.start()
        assert gate.entered.wait(WAIT)
        bearer = {"authorization": "Bearer any"}
        other = http.post("/t/other/api/v2/roles", json={"name": "r"}, headers=bearer)
        assert other.is_success
        assert http.get("/.well-known/jwks.json").status_code == 200
        assert http.get("/api/v2/users", headers=bearer).json()[0]["user_id"] == user.user_id
        assert http.post("/__fake/snapshots", json={"name": "meanwhile"}).is_success
        assert login.is_alive()
        gate.opened.set()
        login.join(WAIT)
        assert [each.status for each in tenant.actions.executions()] == ["final"]
