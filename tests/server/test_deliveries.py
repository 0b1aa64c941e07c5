"""A server sends what its tenants' streams deliver."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from typer.testing import CliRunner

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.cli import application

from .conftest import Serve


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            is_json = self.headers["content-type"] == "application/json"
            received.append(json.loads(sent) if is_json else dict(parse_qsl(sent)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}", received
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def test_events_reach_a_local_receiver(
    serve: Serve, receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = receiver
    server = serve(forward=(("https://hooks.example.com", url),))
    with (
        Management(server.url, "any-token") as mgmt,
        httpx.Client(base_url=f"{server.url}/__fake/") as control,
    ):
        mgmt.event_streams.create(
            name="users",
            subscriptions=[{"event_type": "user.created"}],
            destination={
                "type": "webhook",
                "configuration": {
                    "webhook_endpoint": "https://hooks.example.com/in",
                    "webhook_authorization": {"method": "bearer", "token": "hidden-token"},
                },
            },
        )
        mgmt.users.create(
            connection="Username-Password-Authentication",
            email="ada@example.com",
            password="Long-enough-1!",
        )
        [pending] = control.get("deliveries").json()
        assert (pending["type"], pending["status"]) == ("user.created", "pending")
        control.patch("clock", json={"advance": 1}).raise_for_status()
        ends = time.monotonic() + 10
        while not received and time.monotonic() < ends:
            time.sleep(0.05)
        assert [event["type"] for event in received] == ["user.created"]
        while control.get("deliveries").json()[0]["status"] != "delivered":
            assert time.monotonic() < ends
        assert "hidden-token" not in control.get("deliveries").text
        with FakeTenant.connect(server.url) as remote:
            assert [each.status for each in remote.deliveries] == ["delivered"]
        assert control.delete("deliveries").is_success
        assert control.get("deliveries").json() == []
        refused = control.post("deliveries/forward", json={"url": "https://a", "to": "https://b"})
        assert refused.status_code == 400
        assert "is not on this machine" in refused.text


@pytest.mark.parametrize("value", ["https://hooks.example.com", "hooks=http://127.0.0.1:1"])
def test_a_wrong_forwarding_is_refused_with_an_example(value: str) -> None:
    result = CliRunner().invoke(application(), ["serve", "--port", "0", "--forward", value])
    assert result.exit_code == 2
    assert "https://hooks.example.com=http://127.0.0.1:3000" in " ".join(result.output.split())


def test_logout_tokens_reach_a_local_application(
    serve: Serve, receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = receiver
    server = serve(forward=(("https://app.example.com", url),))
    with FakeTenant.connect(server.url) as tenant, tenant.management() as mgmt:
        app = mgmt.clients.create(
            name="App",
            oidc_logout={
                "backchannel_logout_urls": ["https://app.example.com/logout"],
                "backchannel_logout_initiators": {"mode": "all"},
            },
        )
        user = tenant.users.add(email="ada@example.com")
        session = tenant.log_in(user, client=str(app.client_id)).session_id
        mgmt.sessions.revoke(session)
        tenant.clock.advance(1)
        ends = time.monotonic() + 10
        while not received and time.monotonic() < ends:
            time.sleep(0.05)
        (sent,) = received
        assert sent["logout_token"].count(".") == 2
        while "oidc_backchannel_logout_succeeded" not in [e.type for e in mgmt.logs.list()]:
            assert time.monotonic() < ends
            time.sleep(0.05)
