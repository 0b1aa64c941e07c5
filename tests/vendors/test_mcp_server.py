"""npm `@auth0/auth0-mcp-server`: its tools, called as an assistant calls them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from .conftest import Served, need_node


class Assistant:
    """The client's end of the protocol: JSON-RPC in lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._number = 0

    def ask(self, method: str, **params: Any) -> Any:
        """Send a request and read its result."""
        self._number += 1
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            response = json.loads(line)
            if response.get("id") == self._number:
                return response["result"]
        raise AssertionError("the server ended")

    def call(self, tool: str, **arguments: Any) -> str:
        """Call a tool; returns its text."""
        result = self.ask("tools/call", name=tool, arguments=arguments)
        text = "\n".join(part["text"] for part in result["content"])
        assert not result.get("isError"), f"{tool}: {text}"
        return text


@contextmanager
def assistant(served: Served, package: Path) -> Generator[Assistant, None, None]:
    with httpx.Client(verify=False) as http:  # the authority is tested elsewhere
        token = http.post(
            f"{served.url}/oauth/token",
            json={
                "grant_type": "client_credentials",
                "client_id": served.client_id,
                "client_secret": served.client_secret,
                "audience": f"{served.url}/api/v2/",
            },
        ).json()["access_token"]
    process = subprocess.Popen(
        ["node", str(package / "dist" / "index.js"), "run"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**served.variables, "AUTH0_TOKEN": token, "AUTH0_MCP_ANALYTICS": "false"},
    )
    try:
        yield Assistant(process)
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_its_tools_manage_the_tenant(served: Served) -> None:
    package = need_node("@auth0/auth0-mcp-server")
    with assistant(served, package) as client:
        hello: dict[str, Any] = {"protocolVersion": "2024-11-05", "capabilities": {}}
        client.ask("initialize", **hello, clientInfo={"name": "tests", "version": "1"})
        tools = {tool["name"] for tool in client.ask("tools/list")["tools"]}
        assert {"auth0_list_applications", "auth0_create_action", "auth0_get_log"} <= tools

        app = client.call("auth0_create_application", name="From the assistant", app_type="spa")
        app_id = app.split('"client_id": "')[1].split('"')[0]
        client.call("auth0_update_application", client_id=app_id, description="changed")
        assert "changed" in client.call("auth0_get_application", client_id=app_id)
        assert "From the assistant" in client.call("auth0_list_applications")
        client.call(
            "auth0_create_resource_server", name="Orders", identifier="https://orders.example.com"
        )
        assert "orders.example.com" in client.call("auth0_list_resource_servers")
        client.call(
            "auth0_create_action",
            name="claims",
            supported_triggers=[{"id": "post-login", "version": "v3"}],
            code="exports.onExecutePostLogin = async () => {};",
        )
        actions = client.call("auth0_list_actions")
        assert "claims" in actions
        assert "sapi" in client.call("auth0_list_logs")
