"""The vendor's browser clients, in a headless Chromium: log in, renew, log out."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest

from auth0_mgmt import ClientCredentials, Management

from .conftest import HERE, Served, need_node, serving

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def walk(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    flow: str,
    app_type: Literal["spa", "regular_web"],
) -> dict[str, Any]:
    """What a flow of ``browser/flows.mjs`` found."""
    need_node("playwright-core")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    port = free_port()
    origin = f"http://localhost:{port}"
    monkeypatch.setenv("SSL_CERT_FILE", served.ca_bundle)
    if served.proxy is not None:
        monkeypatch.setenv("HTTPS_PROXY", served.proxy)
    credentials = ClientCredentials(served.client_id, served.client_secret)
    with Management(served.domain, auth=credentials) as mgmt:
        app = mgmt.clients.create(
            name="sample",
            app_type=app_type,
            callbacks=[origin, f"{origin}/callback", f"{origin}/auth/callback"],
            allowed_logout_urls=[origin, f"{origin}/"],
            web_origins=[origin],
            allowed_origins=[origin],
            grant_types=["authorization_code", "refresh_token"],
            token_endpoint_auth_method="none" if app_type == "spa" else "client_secret_post",
            refresh_token={
                "rotation_type": "rotating",
                "expiration_type": "expiring",
                "leeway": 0,
                "token_lifetime": 86_400,
            },
        )
        mgmt.resource_servers.create(
            identifier="https://api.example.com", name="API", allow_offline_access=True
        )
        [database] = mgmt.connections.list(strategy=["auth0"])
        mgmt.connections.clients.update(
            database.id, body=[{"client_id": app.client_id, "status": True}]
        )
        mgmt.users.create(
            connection=database.name, email="ada@example.com", password="Long-enough-1!"
        )
    environment = {
        **served.variables,
        "APP_CLIENT_ID": app.client_id,
        "APP_CLIENT_SECRET": app.client_secret or "",
        "CHROMIUM": CHROMIUM,
    }
    done = subprocess.run(
        ["node", str(HERE / "browser" / "flows.mjs"), flow, str(port)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_express_openid_connect(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert walk(served, monkeypatch, "express", "regular_web") == {
        "before": "false",
        "email": "ada@example.com",
        "info": "ada@example.com",
        "after": "false",
    }


@pytest.mark.parametrize("flow", ["spa-refresh", "spa-iframe"])
def test_spa_js_renews_its_tokens(
    served: Served, monkeypatch: pytest.MonkeyPatch, flow: str
) -> None:
    found = walk(served, monkeypatch, flow, "spa")
    assert found["email"] == "ada@example.com"
    assert found["renewed"] == 3
    assert found["after"] is False
    assert found["refused"] in ("login_required", "missing_refresh_token")


def test_spa_js_logs_in_by_a_popup(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert walk(served, monkeypatch, "spa-popup", "spa") == {"email": "ada@example.com"}


def test_react(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert walk(served, monkeypatch, "react", "spa") == {"greeting": "Hello ada@example.com"}


def test_nextjs_reaches_a_domain_of_auth0_by_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_node("next")
    options = ("--proxy-port", "0", "--domain", "acme.eu.auth0.com")
    with serving(tmp_path / "home", *options) as served:  # it takes no domain with a port
        assert walk(served, monkeypatch, "nextjs", "regular_web") == {
            "before": "Nobody",
            "greeting": "Hello ada@example.com",
            "after": "Nobody",
        }
