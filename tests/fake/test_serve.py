"""``auth0-fake serve`` and ``env``: fake tenants as a process of their own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from auth0_mgmt import ClientCredentials, Management
from auth0_mgmt_testing.adapters.server import listen, url
from auth0_mgmt_testing.errors import ServerStartError
from auth0_mgmt_testing.server.served_tenant import ServedTenant
from auth0_mgmt_testing.setup.access import Collection

COMMAND = [sys.executable, "-m", "auth0_mgmt_testing"]


@contextmanager
def served(*options: str) -> Generator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """The exit code, and what was still to be read of both streams."""
    assert process.stdout is not None
    assert process.stderr is not None
    return process.wait(timeout=10), process.stdout.read(), process.stderr.read()


def signing_in(place: dict[str, Any]) -> Management:
    credentials = ClientCredentials(
        place["client_id"], place["client_secret"], audience=place["audience"]
    )
    return Management(place["url"], auth=credentials)


def role_names(place: dict[str, Any]) -> list[str | None]:
    with signing_in(place) as mgmt:
        return [role.name for role in mgmt.roles.list()]


def test_a_served_tenant_signs_its_client_in_before_and_after_a_reset() -> None:
    with served("--json", "--quiet") as process:
        place = json.loads(line(process))
        assert place["domain"] == place["url"].removeprefix("http://")
        health = httpx.get(f"{place['url']}/__fake/health").json()
        assert (health["status"], health["domain"]) == ("ok", place["domain"])
        with signing_in(place) as mgmt:
            mgmt.roles.create(name="editor")
        assert role_names(place) == ["editor"]
        assert httpx.post(f"{place['url']}/__fake/reset").status_code == 204
        assert role_names(place) == []
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, "", "")


@pytest.mark.parametrize(("login", "screen"), [("form", "login/identifier"), ("picker", "picker")])
def test_a_log_in_begins_with_the_page_that_was_chosen(
    tmp_path: Path, login: str, screen: str
) -> None:
    seed = {
        "clients": [{"client_id": "app", "name": "App", "callbacks": ["http://localhost:1/cb"]}],
        "connections": [{"name": "C", "strategy": "auth0", "enabled_clients": ["app"]}],
    }
    (tmp_path / "login.json").write_text(json.dumps(seed))
    options = ("--login", login, "--load", str(tmp_path / "login.json"))
    with served("--json", "--quiet", *options) as process:
        url = json.loads(line(process))["url"]
        query = {"client_id": "app", "response_type": "code"}
        response = httpx.get(f"{url}/authorize", params=query)
        assert httpx.URL(response.headers["location"]).path == f"/u/{screen}"


def test_requests_are_logged_with_what_they_changed() -> None:
    with served("--json") as process:
        place = json.loads(line(process))
        bearer = {"authorization": "Bearer any"}
        api = f"{place['url']}/api/v2/roles"
        made = httpx.post(api, headers=bearer, json={"name": "editor"}).json()
        assert httpx.delete(f"{api}/{made['id']}", headers=bearer).is_success
        gone = httpx.get(f"{api}/{made['id']}", headers=bearer)
        process.send_signal(signal.SIGTERM)
        code, _, log = ended(process)
    assert code == 0
    inspector, *lines = log.splitlines()
    assert inspector == f"Inspector: {place['control']}"
    assert lines[0].startswith("POST   /api/v2/roles 200 ")
    assert f"+1 roles ({made['id']})" in lines[0]
    assert "-1 roles" in lines[1]
    assert f"{made['id']} was deleted by request 2 (roles.delete)" in lines[2]
    assert gone.headers["x-fake-explanation"] in lines[2]


def test_the_environment_is_printed_and_ctrl_c_ends_the_server_cleanly() -> None:
    with served("--quiet") as process:
        assert line(process).startswith("export AUTH0_URL=http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        code, rest, errors = ended(process)
        names = [text.partition("=")[0] for text in rest.splitlines()]
        assert names == [
            "export AUTH0_DOMAIN",
            "export AUTH0_CLIENT_ID",
            "export AUTH0_CLIENT_SECRET",
            "export AUTH0_AUDIENCE",
        ]
        assert (code, errors) == (0, "")


@pytest.mark.parametrize(
    ("options", "begin"),
    [
        (["--shell", "powershell"], "$env:AUTH0_DOMAIN = '127.0.0.1:"),
        (["--shell", "cmd"], 'set "AUTH0_DOMAIN=127.0.0.1:'),
        (["--dotenv"], 'AUTH0_DOMAIN="127.0.0.1:'),
        (["--json"], '{"AUTH0_DOMAIN": "127.0.0.1:'),
    ],
)
def test_the_environment_of_a_tool_is_printed_for_any_shell(options: list[str], begin: str) -> None:
    with served("--json", "--quiet") as process:
        place = json.loads(line(process))
        done = subprocess.run(
            [*COMMAND, "env", "node", "--url", place["url"], *options],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.startswith(begin)
    assert place["client_secret"] in done.stdout
    assert "AUTH0_URL" not in done.stdout


def test_env_says_that_nothing_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    done = subprocess.run(
        [*COMMAND, "env", "--url", f"http://127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no fake tenant responds" in done.stderr
    assert "auth0-fake serve" in done.stderr


def test_the_command_refuses_a_host_that_others_can_reach() -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--host", "0.0.0.0", "--port", "0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "0.0.0.0 is not a loopback address" in done.stderr
    assert "--allow-remote" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
def test_only_loopback_is_listened_at(host: str) -> None:
    with pytest.raises(ServerStartError, match="not a loopback address"):
        listen(host, 0)


def test_other_addresses_are_listened_at_where_that_is_allowed() -> None:
    with listen("0.0.0.0", 0, allow_remote=True) as listener:
        assert listener.getsockname()[0] == "0.0.0.0"


def test_localhost_is_the_loopback_address() -> None:
    with listen("localhost", 0) as listener:
        assert url(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_taken_port_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ServerStartError, match=f"port {port} of 127.0.0.1 cannot be used: Address"
        ):
            listen("127.0.0.1", port)


def test_the_command_says_in_a_line_that_a_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "serve", "--port", port], capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"port {port} of 127.0.0.1 cannot be used")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--plan", "nonesuch"], "plan"),
        (["--tenant", "No Name"], "is not a valid tenant name"),
        (["--load", "nonesuch.yaml"], "nonesuch.yaml"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(options: list[str], reason: str) -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--port", "0", *options], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_the_credentials_depend_on_the_seed_alone_and_do_not_show() -> None:
    first, second, other = ServedTenant(), ServedTenant(), ServedTenant(random_seed=1)
    assert first.own_client == second.own_client
    assert first.own_client != other.own_client
    assert first.own_client.client_secret not in repr(first.own_client)


def test_the_own_client_of_a_served_tenant_hides_no_collection() -> None:
    tenant = ServedTenant()
    assert len(tenant.credentials) == 0
    assert isinstance(tenant._collections()["credentials"], Collection)


def test_the_own_client_has_every_member_that_clients_have() -> None:
    tenant = ServedTenant()
    limited = tenant.admit("limited", ["read:users"])
    mgmt = tenant.management()
    made = mgmt.clients.create(
        name="made", app_type="non_interactive", grant_types=["client_credentials"]
    )
    members = mgmt.clients.get(made.client_id).to_dict().keys()
    for own in (tenant.own_client, limited):
        assert members <= mgmt.clients.get(own.client_id).to_dict().keys()
    grants = {grant.client_id: grant.scope for grant in mgmt.client_grants.list()}
    assert grants[limited.client_id] == ["read:users"]
    assert len(grants[tenant.own_client.client_id] or ()) > 200


def test_a_fork_of_another_domain_keeps_its_clients_and_their_grants() -> None:
    tenant = ServedTenant()
    limited = tenant.admit("limited", ["read:users"])
    twin = tenant.fork("other.example")
    mgmt = twin.management()
    audience = "https://other.example/api/v2/"
    grants = {grant.client_id: grant for grant in mgmt.client_grants.list()}
    assert {grant.audience for grant in grants.values()} == {audience}
    assert grants[limited.client_id].scope == ["read:users"]
    system = [server for server in mgmt.resource_servers.list() if server.is_system]
    assert [server.identifier for server in system] == [audience]
    assert system[0].scopes
    before = {grant.audience for grant in tenant.management().client_grants.list()}
    assert before == {f"https://{tenant.domain}/api/v2/"}
