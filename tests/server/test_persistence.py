"""State files: what is acknowledged lasts, what is not ours is left alone."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from auth0_mgmt_testing import LoadError, StateFileError
from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer
from auth0_mgmt_testing.server.persistence import APPLICATION_ID, StateFile

from .conftest import Serve

BEARER = {"authorization": "Bearer any"}


def export(server: TenantServer, name: str = "") -> dict[str, object]:
    return server.app.tenant(name).export(secrets=True)


def test_every_tenant_is_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "tenants.db"
    with TenantServer(ServerOptions(state=file, tenants=("acme",))) as server:
        tenant = server.tenant
        tenant.load({"users": [{"user_id": "auth0|1", "email": "é@example.com"}]})
        made = tenant.send("POST", "/api/v2/roles", BEARER, b'{"name":"editor"}').json()
        tenant.send("POST", f"/api/v2/roles/{made['id']}/users", BEARER, b'{"users":["auth0|1"]}')
        gone = tenant.send("POST", "/api/v2/roles", BEARER, b'{"name":"gone"}').json()
        tenant.send("DELETE", f"/api/v2/roles/{gone['id']}", BEARER)
        server.app.tenant("acme").send("POST", "/api/v2/roles", BEARER, b'{"name":"other"}')
        before = export(server), export(server, "acme")
        order = tenant.send("GET", "/api/v2/users", BEARER).json()
    port = server.app.options.port
    with TenantServer(ServerOptions(state=file, port=port)) as server:
        assert (export(server), export(server, "acme")) == before
        assert server.app.names == ["", "acme"]
        assert server.tenant.send("GET", "/api/v2/users", BEARER).json() == order
        again = server.tenant.send("POST", "/api/v2/roles", BEARER, b'{"name":"new"}').json()
        assert again["id"] not in (made["id"], gone["id"])
        server.tenant.reset()
        fresh = export(server)
    with TenantServer(ServerOptions(state=file, port=port)) as server:
        assert export(server) == fresh


def test_tenants_move_with_the_address_that_their_file_is_served_at(tmp_path: Path) -> None:
    file = tmp_path / "tenants.db"
    with TenantServer(ServerOptions(state=file, tenants=("acme", "fixed.test"))) as server:
        server.tenant.load({"roles": [{"name": "editor"}]})
        server.app.tenant("acme").load({"roles": [{"name": "other"}]})
    with socket.socket() as taken:  # so that the next server has another port
        taken.bind(("127.0.0.1", server.app.options.port))
        with TenantServer(ServerOptions(state=file)) as server:
            port = server.app.options.port
            assert {name: server.app.tenant(name).domain for name in server.app.names} == {
                "": f"127.0.0.1:{port}",
                "acme": f"acme.localhost:{port}",
                "fixed.test": "fixed.test",
            }
            for name, role in (("", "editor"), ("acme", "other")):
                assert [each.name for each in server.app.tenant(name).roles] == [role]
                found = server.app.environment(name)
                sign_in = {
                    "grant_type": "client_credentials",
                    "client_id": found["AUTH0_CLIENT_ID"],
                    "client_secret": found["AUTH0_CLIENT_SECRET"],
                    "audience": found["AUTH0_AUDIENCE"],
                }
                token = server.app.tenant(name).send(
                    "POST",
                    "/oauth/token",
                    {"content-type": "application/json", "host": found["AUTH0_DOMAIN"]},
                    json.dumps(sign_in).encode(),
                )
                assert token.status == 200, token.body
                apis = [each.identifier for each in server.app.tenant(name).resource_servers]
                assert apis == [found["AUTH0_AUDIENCE"]]
    with TenantServer(ServerOptions(state=file, domain="chosen.test")) as server:
        assert server.tenant.domain == "chosen.test"
        assert [each.name for each in server.tenant.roles] == ["editor"]
    with TenantServer(ServerOptions(state=file)) as server:
        assert server.tenant.domain == "chosen.test"  # chosen once, until another is


def test_each_acknowledged_write_outlives_a_killed_server(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "auth0_mgmt_testing", "serve", "--port", "0", "--json", "--quiet",
        "--state", str(tmp_path / "state.db"),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with httpx.Client(base_url=url, headers=BEARER) as http:
            for number in range(20):
                made = http.post("/api/v2/roles", json={"name": f"role {number}"})
                assert made.status_code == 200
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        process.wait(10)
    finally:
        process.kill()
        process.communicate()
    with TenantServer(ServerOptions(state=tmp_path / "state.db")) as server:
        roles = server.tenant.send("GET", "/api/v2/roles", BEARER).json()
        assert [role["name"] for role in roles] == [f"role {number}" for number in range(20)]


@pytest.mark.parametrize("kind", ["text", "other database", "newer"])
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_is(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "state.db"
    if kind == "text":
        file.write_text("Dear diary")
    else:
        db = sqlite3.connect(file)
        db.execute("CREATE TABLE diary (entry TEXT)")
        if kind == "newer":
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute("PRAGMA user_version = 99")
        db.commit()
        db.close()
    before = file.read_bytes()
    reason = "version 99" if kind == "newer" else "not a state file"
    with pytest.raises(StateFileError, match=reason):
        TenantServer(ServerOptions(state=file))
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob("state*")] == ["state.db"]


def test_a_file_is_one_servers(tmp_path: Path, serve: Serve) -> None:
    serve(state=tmp_path / "state.db")
    with pytest.raises(StateFileError, match="another server uses it"):
        TenantServer(ServerOptions(state=tmp_path / "state.db"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes of files")
def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.db")
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("state.db*")} == {0o600}
    file.close()


def test_a_removed_tenant_is_gone_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with TenantServer(ServerOptions(state=file, tenants=("acme",))) as server:
        server.app.remove("acme")
    with TenantServer(ServerOptions(state=file)) as server:
        assert server.app.names == [""]


def test_a_new_state_file_is_filled_and_goes_on_after_that(tmp_path: Path) -> None:
    seed, file = tmp_path / "team.yaml", tmp_path / "tenant.sqlite"
    seed.write_text("roles: [{name: admin}]")
    options = ServerOptions(load=(seed,), state=file)
    with TenantServer(options) as server:
        assert server.not_loaded == ()
        (role,) = server.tenant.roles
        server.tenant.roles.update(str(role.id), name="renamed")
    seed.write_text("roles: [{name: admin}, {name: editor}]")
    with TenantServer(options) as server:
        assert server.not_loaded == (seed,)
        assert [role.name for role in server.tenant.roles] == ["renamed"]


def test_a_file_that_cannot_be_loaded_leaves_a_new_state_file_to_be_filled(tmp_path: Path) -> None:
    seed, file = tmp_path / "team.yaml", tmp_path / "tenant.sqlite"
    seed.write_text("roles: [{nam: admin}]")
    options = ServerOptions(load=(seed,), state=file)
    with pytest.raises(LoadError):
        TenantServer(options)
    seed.write_text("roles: [{name: admin}]")
    with TenantServer(options) as server:
        assert [role.name for role in server.tenant.roles] == ["admin"]
