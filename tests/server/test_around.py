"""What runs a server for others: the container's command, the GitHub Action, the fixture."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from auth0_mgmt_testing import TenantServer
from auth0_mgmt_testing.server.environments import default_syntax

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-m", "auth0_mgmt_testing"]


def test_the_containers_command_serves_localhost_and_its_name_in_the_network(
    tmp_path: Path,
) -> None:
    text = (ROOT / "Dockerfile").read_text()
    variables = dict(re.findall(r"(AUTH0_FAKE_SERVE_\w+)=(\S+)", text))
    [command] = [json.loads(found) for found in re.findall("^CMD (.*)", text, re.M)]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*RUN, *command, "--port", str(port), "--json", "--quiet"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **variables, "AUTH0_FAKE_HOME": str(tmp_path)},
    )
    try:
        assert process.stdout is not None
        found = json.loads(process.stdout.readline())
        assert (found["domain"], found["url"]) == ("localhost:8400", "http://localhost:8400")
        url = f"http://127.0.0.1:{port}/.well-known/openid-configuration"
        with httpx.Client(trust_env=False) as http:
            statuses = {
                host: http.get(url, headers={"host": host}).status_code
                for host in ("localhost:8400", "auth0:8400", "evil.example.com", "172.17.0.2:8400")
            }
            place = {"host": "localhost:9000"}
            outside = http.get(f"http://127.0.0.1:{port}/__fake/environment", headers=place).json()
            named = http.get(
                f"http://127.0.0.1:{port}/t/acme/__fake/environment", headers=place
            ).json()
    finally:
        process.terminate()
        process.communicate(timeout=10)
    accepted = {"localhost:8400": 200, "auth0:8400": 200, "172.17.0.2:8400": 200}
    assert statuses == {**accepted, "evil.example.com": 421}
    # What a client outside needs: the published port.
    assert outside["AUTH0_URL"] == "http://localhost:9000"
    assert outside["AUTH0_DOMAIN"] == "localhost:9000"
    assert named["AUTH0_URL"] == "http://localhost:9000/t/acme"
    assert named["AUTH0_DOMAIN"] == "acme.localhost:9000"


def test_the_dockerfile_copies_what_the_package_is_built_from() -> None:
    text = (ROOT / "Dockerfile").read_text()
    copied = {name for line in re.findall("^COPY (.*)", text, re.M) for name in line.split()[:-1]}
    assert copied == {"pyproject.toml", "README.md", "LICENSE", "auth0_mgmt", "auth0_mgmt_testing"}
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    assert {f"!{name}" for name in copied} <= set(kept)


@pytest.mark.skipif(sys.platform == "win32", reason="the action's script is for bash")
def test_the_actions_script_serves_and_sets_variables(tmp_path: Path) -> None:
    action: Any = yaml.safe_load((ROOT / "action.yml").read_text())
    [script] = [step["run"] for step in action["runs"]["steps"] if step.get("id") == "serve"]
    tools = tmp_path / "bin"
    tools.mkdir()
    wrapper = tools / "auth0-fake"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m auth0_mgmt_testing "$@"\n')
    wrapper.chmod(0o755)
    files = {name: tmp_path / name for name in ("GITHUB_ENV", "GITHUB_OUTPUT")}
    environment = {
        **os.environ,
        **{name: str(path) for name, path in files.items()},
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "AUTH0_FAKE_HOME": str(tmp_path / "home"),
        "OPTIONS": "--tls",
        "PORT": "0",
        "TOOL": "node",
    }
    process = subprocess.Popen(
        ["bash", "-e", "-c", script], env=environment, start_new_session=True
    )
    try:
        assert process.wait(timeout=30) == 0
        url = files["GITHUB_OUTPUT"].read_text().removeprefix("url=").strip()
        lines = files["GITHUB_ENV"].read_text().splitlines()
        variables = dict(line.split("=", 1) for line in lines)
        assert httpx.URL(url).netloc.decode() == variables["AUTH0_DOMAIN"]
        context = ssl.create_default_context(cafile=variables["NODE_EXTRA_CA_CERTS"])
        token = {
            "grant_type": "client_credentials",
            "client_id": variables["AUTH0_CLIENT_ID"],
            "client_secret": variables["AUTH0_CLIENT_SECRET"],
            "audience": variables["AUTH0_AUDIENCE"],
        }
        with httpx.Client(verify=context, trust_env=False) as http:
            assert http.post(f"{url}/oauth/token", json=token).status_code == 200
    finally:
        os.killpg(process.pid, signal.SIGTERM)


def test_the_fixture_serves_over_https(auth0_server: TenantServer) -> None:
    auth0_server.tenant.roles.add(name="Editor")
    variables = auth0_server.environment()
    context = ssl.create_default_context(cafile=variables["NODE_EXTRA_CA_CERTS"])
    headers = {"authorization": "Bearer any-token"}
    with httpx.Client(verify=context, trust_env=False) as http:
        [role] = http.get(f"{auth0_server.url}/api/v2/roles", headers=headers).json()
    assert (role["name"], auth0_server.url[:8]) == ("Editor", "https://")


def test_shells_complete_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [*RUN, "--show-completion", "bash"],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "AUTH0_FAKE_HOME": str(tmp_path),
            # The shell is the one named, not the parent process's, which may be none.
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
    )
    assert "COMPREPLY" in done.stdout


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("env ", ["python", "node", "go", "terraform", "deploy-cli"]),
        ("env --shell p", ["powershell"]),
        ("serve --plan enterprise-", ["enterprise-nonproduction"]),
        ("export out --format ", ["yaml", "folder", "state"]),
    ],
)
def test_shells_complete_what_an_argument_may_be(words: str, completed: list[str]) -> None:
    script = "import sys; sys.argv = ['auth0-fake']; from auth0_mgmt_testing.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "_AUTH0_FAKE_COMPLETE": "complete_bash",
            "COMP_WORDS": f"auth0-fake {words}",
            "COMP_CWORD": str(len(words.split(" "))),
        },
    )
    assert done.stdout.split() == completed


@pytest.mark.parametrize(
    ("platform", "shell", "syntax"),
    [("win32", None, "powershell"), ("win32", "/usr/bin/bash", "sh"), ("linux", None, "sh")],
)
def test_variables_are_printed_for_the_shell_that_asks(
    monkeypatch: pytest.MonkeyPatch, platform: str, shell: str | None, syntax: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("SHELL", raising=False)
    if shell is not None:
        monkeypatch.setenv("SHELL", shell)
    assert default_syntax() == syntax
