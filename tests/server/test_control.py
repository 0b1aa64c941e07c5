"""Control over HTTP, and its Python client: what a tenant does in process, from any process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt import ForbiddenError, InternalServerError, RateLimitError
from auth0_mgmt_testing import ControlError, FakeTenant, LoadError, RemoteTenant, StateError
from auth0_mgmt_testing.server.launch import TenantServer
from auth0_mgmt_testing.setup.user_actions import UserActions

BEARER = {"authorization": "Bearer any"}
USER = {"users": [{"user_id": "auth0|1", "email": "a@example.com"}]}


@pytest.fixture
def remote(server: TenantServer) -> Iterator[RemoteTenant]:
    with FakeTenant.connect(server.url) as tenant:
        yield tenant


def names(remote: RemoteTenant) -> list[str | None]:
    with remote.management() as mgmt:
        return [role.name for role in mgmt.roles.list()]


def make(remote: RemoteTenant, name: str) -> str:
    with remote.management() as mgmt:
        return str(mgmt.roles.create(name=name).id)


def test_state_is_reset_snapped_restored_and_told(remote: RemoteTenant) -> None:
    make(remote, "first")
    snapshot = remote.snapshot()
    id = make(remote, "second")
    changes = remote.changes_since(snapshot)
    assert list(changes.created["roles"]) == [id]
    assert changes.created["roles"][id]["name"] == "second"
    assert f"+ roles {id}" in str(changes)
    remote.restore(snapshot)
    assert names(remote) == ["first"]
    remote.reset()
    assert names(remote) == []


def test_a_tenant_is_loaded_and_exported(remote: RemoteTenant, server: TenantServer) -> None:
    remote.load(USER)
    assert server.tenant.users["auth0|1"].email == "a@example.com"
    held = remote.export(secrets=True)
    assert held == server.tenant.export(secrets=True)
    remote.reset()
    remote.load(held)
    assert remote.export(secrets=True) == held


def test_what_python_refuses_is_refused_alike(remote: RemoteTenant) -> None:
    with pytest.raises(LoadError, match="'user'"):
        remote.load({"user": []})
    with pytest.raises(StateError):
        remote.log_in("auth0|nobody")
    with pytest.raises(ValueError, match=r"users\.gte"):
        remote.faults.add("users.gte", status=500)
    with pytest.raises(ValueError, match="latencyy"):
        remote.faults.add("users.get", latencyy=1)
    with pytest.raises(ValueError, match="moves forward"):
        remote.clock.advance(-1)


def test_faults_hit_and_are_counted(remote: RemoteTenant) -> None:
    fault = remote.faults.add("roles.list", status=500, times=None)
    with remote.management(max_attempts=1) as mgmt, pytest.raises(InternalServerError):
        list(mgmt.roles.list())
    assert (fault.calls, fault.hits, len(remote.faults)) == (1, 1, 1)
    remote.faults.clear()
    assert names(remote) == []


def test_limits_are_set_and_removed(remote: RemoteTenant) -> None:
    remote.clock.freeze()
    remote.rate_limits.enable(limit=1)
    assert remote.rate_limits.enabled
    assert names(remote) == []
    with remote.management(max_attempts=1) as mgmt, pytest.raises(RateLimitError):
        list(mgmt.roles.list())
    remote.rate_limits.disable()
    assert names(remote) == []


def test_the_clock_is_the_tenants(remote: RemoteTenant, server: TenantServer) -> None:
    remote.clock.freeze("2030-01-01T00:00:00Z")
    remote.clock.advance(60)
    assert remote.clock.frozen
    assert server.tenant.clock.time() == remote.clock.time()
    assert remote.clock.now().isoformat() == "2030-01-01T00:01:00+00:00"
    remote.clock.resume()
    assert not remote.clock.frozen


def test_behaviour_is_set(remote: RemoteTenant, server: TenantServer) -> None:
    remote.search_delay = 5
    remote.build_delay = 3
    remote.require_issued_tokens = True
    tenant = server.tenant
    found = (tenant.search_delay, tenant.build_delay, tenant.require_issued_tokens)
    assert found == (5, 3, True) == (
        remote.search_delay, remote.build_delay, remote.require_issued_tokens
    )  # fmt: skip


def test_tokens_have_the_scopes_asked_for(remote: RemoteTenant) -> None:
    with remote.management(auth=remote.token("read:roles")) as mgmt:
        assert list(mgmt.roles.list()) == []
        with pytest.raises(ForbiddenError):
            mgmt.roles.create(name="x")
    assert set(remote.required_scopes()) == {"read:roles", "create:roles"}


def test_users_act(remote: RemoteTenant, server: TenantServer) -> None:
    remote.load(USER)
    login = remote.log_in("auth0|1")
    assert login.user_id == "auth0|1"
    remote.fail_login("auth0|1")
    remote.block("auth0|1")
    assert server.tenant.users["auth0|1"].logins_count == 1
    with pytest.raises(StateError, match="blocked"):
        remote.log_in("auth0|1")


def test_actions_run_and_are_bound(remote: RemoteTenant, server: TenantServer) -> None:
    remote.load(USER)
    with remote.management() as mgmt:
        mgmt.actions.create(
            name="greet",
            supported_triggers=[{"id": "post-login", "version": "v3"}],
            code="""exports.onExecutePostLogin = async (event, api) => {
              console.log(event.user.email, event.request.query.a);
              api.cache.set("k", "v");
              if (event.request.query.a) api.idToken.setCustomClaim("x", { y: [1] });
            };""",
        )
    done = remote.actions.run("greet", {"request": {"query": {"a": "1"}}}, user="auth0|1")
    assert (done.error, done.console) == (None, ("a@example.com 1",))
    assert done.effects.id_token_claims == {"x": {"y": [1]}}
    assert done.cached["k"] is not None
    remote.actions.bind("post-login", "greet")
    remote.log_in("auth0|1")
    assert remote.actions.executions() == server.tenant.actions.executions()
    assert remote.actions.executions()[0].results[0].console == ("a@example.com undefined",)
    with pytest.raises(StateError, match="there is no 'nothing'"):
        remote.actions.run("nothing")
    unknown: Any = "x"
    with pytest.raises(StateError, match="the trigger 'x' does not run here"):
        remote.actions.run("greet", trigger=unknown)


def test_requests_are_told_and_asserted_without_secrets(remote: RemoteTenant) -> None:
    with remote.management() as mgmt:
        mgmt.users.create(
            connection="Username-Password-Authentication", email="b@x.com", password="Pa55-w0rd!x"
        )
    remote.requests.assert_called("users.create", times=1, json={"email": "b@x.com"})
    remote.requests.assert_not_called("roles.create")
    with pytest.raises(AssertionError, match=r"users\.create"):
        remote.requests.assert_called("roles.create")
    text = httpx.get(f"{remote.url}/__fake/requests").text
    assert "Pa55-w0rd!x" not in text
    assert "fake-token" not in text
    remote.requests.clear()
    assert len(remote.requests) == 0


def test_tenants_are_apart_each_with_its_own_clock(remote: RemoteTenant) -> None:
    with remote.tenant("acme") as acme, remote.tenant("other") as other:
        make(acme, "editor")
        acme.clock.freeze("2030-01-01T00:00:00Z")
        assert (names(acme), names(other), names(remote)) == (["editor"], [], [])
        assert not other.clock.frozen
        assert acme.domain.startswith("acme.localhost:")
        with acme.fork("branch") as branch:
            assert (names(branch), branch.clock.frozen) == (["editor"], True)
            make(branch, "author")
            assert names(acme) == ["editor"]
        with pytest.raises(ValueError, match="already"):
            acme.fork("other")


def test_a_forked_tenant_signs_its_client_in(remote: RemoteTenant) -> None:
    with remote.fork("branch") as branch:
        place = branch.environment()
        body = {
            "grant_type": "client_credentials",
            "client_id": place["AUTH0_CLIENT_ID"],
            "client_secret": place["AUTH0_CLIENT_SECRET"],
            "audience": place["AUTH0_AUDIENCE"],
        }
        token = httpx.post(f"{branch.url}/oauth/token", json=body).json()["access_token"]
        with branch.management(auth=token) as mgmt:
            assert list(mgmt.roles.list()) == []


def test_a_tenant_is_found_by_its_host_name(server: TenantServer) -> None:
    port = server.url.rpartition(":")[2]
    for host in (f"acme.localhost:{port}", "acme.eu.auth0.com"):
        headers = {**BEARER, "host": host}
        made = httpx.post(f"{server.url}/api/v2/roles", headers=headers, json={"name": host})
        assert made.is_success
        health = httpx.get(f"{server.url}/__fake/health", headers=headers).json()
        assert health["domain"] == host
    assert set(server.app.names) == {"", "acme", "acme.eu.auth0.com"}
    assert httpx.get(f"{server.url}/t/acme/api/v2/roles", headers=BEARER).json()[0]["name"] == (
        f"acme.localhost:{port}"
    )


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_audiences_that_derive_from_its_own_url_are_accepted(
    server: TenantServer, scheme: str, host: str
) -> None:
    place = server.environment()
    port = server.url.rpartition(":")[2]
    body = {
        "grant_type": "client_credentials",
        "client_id": place["AUTH0_CLIENT_ID"],
        "client_secret": place["AUTH0_CLIENT_SECRET"],
        "audience": f"{scheme}://{host}:{port}/api/v2/",
    }
    token = httpx.post(f"{server.url}/oauth/token", json=body).json()["access_token"]
    server.tenant.require_issued_tokens = True
    headers = {"authorization": f"Bearer {token}"}
    assert httpx.get(f"{server.url}/api/v2/roles", headers=headers).status_code == 200
    foreign = {**body, "audience": "https://other.example.com/api/v2/"}
    assert httpx.post(f"{server.url}/oauth/token", json=foreign).status_code == 403


def test_the_openapi_document_describes_what_is_answered(server: TenantServer) -> None:
    document: dict[str, Any] = httpx.get(f"{server.url}/__fake/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    ids = [
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
    ]
    assert len(ids) == len(set(ids)) > 30
    for path, operations in document["paths"].items():
        wrong = httpx.put(server.url + path.replace("{", "").replace("}", ""))
        if "put" not in operations:
            assert wrong.status_code == 405, path
    for path, operations in document["paths"].items():
        if "get" in operations and "{" not in path:
            with httpx.stream("GET", server.url + path) as response:  # one of them never ends
                assert response.status_code == 200, path
        assert all(each["summary"] for each in operations.values()), path


def test_the_manifest_names_every_operation(server: TenantServer) -> None:
    manifest = httpx.get(f"{server.url}/__fake/manifest").json()
    by_name = {each["name"]: each for each in manifest["operations"]}
    assert by_name["users.create"]["supported"]
    assert by_name["users.create"]["scopes"] == ["create:users"]


def test_nothing_there_is_a_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(ControlError, match="auth0-fake serve"):
        FakeTenant.connect(url)
    with pytest.raises(ValueError, match="not a URL"):
        FakeTenant.connect("acme")


def test_every_action_of_users_is_there() -> None:
    actions = {name for name in vars(UserActions) if name[:1] != "_"}
    assert {name for name in actions if not callable(getattr(RemoteTenant, name, None))} == set()


def test_actions_of_a_server_run_without_node_and_network(
    remote: RemoteTenant, server: TenantServer
) -> None:
    def run(code: str) -> str:
        with remote.management() as mgmt:
            action = mgmt.actions.create(
                name=f"a{len(server.tenant.actions)}",
                supported_triggers=[{"id": "post-login", "version": "v3"}],
                code=f"exports.onExecutePostLogin = async (event, api) => {{ {code} }};",
            )
        return str(remote.actions.run(str(action.id)).error)

    assert "--trust-actions" in run("require('child_process').execSync('true');")
    assert "--trust-actions" in run("Buffer.from('x');")
    assert "--trust-actions" in run(f"await fetch('{server.url}9/');")
    assert remote.actions.trusted is False
    with pytest.raises(TypeError, match="--trust-actions"):
        remote.actions.trusted = True
    assert (
        run(f"const r = await fetch('{server.url}/api/v2/users'); throw r.status;") == "Error: 401"
    )


def test_a_document_of_another_tenant_is_said_to_be_there(server: TenantServer) -> None:
    with FakeTenant.connect(server.url) as tenant, tenant.tenant("acme") as acme:
        role = str(acme.roles.add(name="editor").id)
        bearer = {"authorization": "Bearer any"}
        missing = tenant.send("GET", f"/api/v2/roles/{role}", bearer)
        assert missing.headers["x-fake-explanation"] == f"tenant 'acme' has {role}"
        mine = str(tenant.users.add(user_id="auth0|mine", email="a@example.com").user_id)
        missing = acme.send("GET", f"/api/v2/users/{mine}", bearer)
        assert missing.headers["x-fake-explanation"] == f"tenant 'default' has {mine}"
