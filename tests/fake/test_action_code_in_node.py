"""Actions whose code needs node: packages, what only node has, tokens of redirects."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

import httpx
import pytest

from auth0_mgmt.models.actions import ActionTrigger
from auth0_mgmt_testing import ActionRun, Clock, FakeTenant
from auth0_mgmt_testing.actions import node_engine

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture
def tenant() -> FakeTenant:
    clock = Clock()
    clock.freeze("2026-03-01T12:00:00Z")
    return FakeTenant(clock=clock)


def run(tenant: FakeTenant, body: str, before: str = "", **event: object) -> ActionRun:
    action = tenant.actions.add(
        name=f"action-{len(tenant.actions)}",
        supported_triggers=[ActionTrigger(id="post-login", version="v3")],
        code=f"{before}\nexports.onExecutePostLogin = async (event, api) => {{ {body} }};",
    )
    return tenant.actions.run(action, event)


@needs_node
def test_packages_come_from_the_folder_that_is_named(
    tenant: FakeTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "node_modules" / "greeting"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": "greeting", "version": "1.0.0"}))
    (package / "index.js").write_text("exports.greet = (name) => `Hello ${name}`;")
    monkeypatch.setenv("AUTH0_FAKE_NODE_FOLDER", str(tmp_path))
    monkeypatch.setenv("A_SECRET_OF_THE_MACHINE", "x")
    before = 'const { greet } = require("greeting");'
    body = """
        console.log(greet("Ada"), process.env.A_SECRET_OF_THE_MACHINE, new Date().toISOString());
        process.stdout.write("noise\\n");
        await new Promise((done) => setTimeout(done, 5));
        api.access.deny("no");
    """
    done = run(tenant, body, before)
    assert done.error is None
    assert done.console[0].startswith("Hello Ada undefined 2026-03-01T12:00:0")
    assert done.effects.denied == "no"
    missing = run(tenant, "", 'require("not-installed");')
    assert "install it there with npm" in str(missing.error)
    assert str(tmp_path) in str(missing.error)


@needs_node
def test_tokens_of_a_redirect_are_made_and_validated(tenant: FakeTenant) -> None:
    body = """
        const options = { secret: "shared secret", payload: { email: event.user.email } };
        const token = api.redirect.encodeToken(options);
        const read = (given) => {
          event.request.query.session_token = given;
          return api.redirect.validateToken({ secret: "shared secret" });
        };
        console.log(read(token).email, read(token).exp - read(token).iat, read(token).sub);
        for (const wrong of [token + "x", token.replace(".", ".x"), undefined, "x.y.z"]) {
          try { read(wrong); console.log("accepted"); } catch (error) { console.log(error.message); }
        }
        const late = api.redirect.encodeToken({ secret: "shared secret", expiresInSeconds: -1 });
        try { read(late); } catch (error) { console.log(error.message); }
        event.user.user_id = "auth0|other";
        try { read(token); } catch (error) { console.log(error.message); }
    """
    done = run(tenant, body, user={"user_id": "auth0|ada", "email": "ada@example.com"})
    assert done.error is None
    assert done.console == (
        "ada@example.com 900 auth0|ada",
        "The signature of session_token is invalid",
        "The signature of session_token is invalid",
        "There is no parameter session_token to validate",
        "The signature of session_token is invalid",
        "session_token has expired",
        "session_token is of another user",
    )


@needs_node
def test_fetch_in_node_goes_the_same_way(tenant: FakeTenant) -> None:
    tenant.actions.http_client = httpx.Client(
        transport=httpx.MockTransport(lambda request: httpx.Response(200, text=str(request.url)))
    )
    body = """
        const url = new URL("/x", "https://api.example.com");
        for (const n of [1, 2]) console.log(await (await fetch(`${url}?n=${n}`)).text());
    """
    assert run(tenant, body).console == (
        "https://api.example.com/x?n=1",
        "https://api.example.com/x?n=2",
    )


@needs_node
def test_code_that_does_not_end_in_node_is_stopped(
    tenant: FakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_engine, "STARTUP", 0.5)
    tenant.actions.time_limit = 0.1
    began = time.monotonic()
    stopped = run(tenant, "Buffer; while (true);")
    assert time.monotonic() - began < 5
    assert stopped.error is not None
    assert stopped.error.kind == "action_timeout"


@needs_node
def test_a_node_process_that_ends_early_is_an_error(tenant: FakeTenant) -> None:
    assert "never ended" in str(run(tenant, "Buffer; await new Promise(() => {});").error)
    assert run(tenant, "process.kill(process.pid, 'SIGKILL');").error is not None


def test_without_node_packages_are_refused_and_other_code_runs(
    tenant: FakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_engine, "find_node", lambda: None)
    refused = run(tenant, "", 'require("lodash");')
    assert refused.error is not None
    assert refused.error.kind == "platform_error"
    assert "node is not installed" in refused.error.message
    assert run(tenant, "if (event.never) Buffer; console.log(1)").console == ("1",)
    missing = run(tenant, "Buffer.from('x')")
    assert "Buffer is not defined: only node has it, which is not installed" in str(missing.error)
    assert "needs node" in str(run(tenant, 'api.redirect.encodeToken({ secret: "x" })').error)


@needs_node
@pytest.mark.parametrize(
    "written",
    ["process.stdout.write('no end of the line')", "process.stdout.write('x'.repeat(5e6))"],
)
def test_what_code_writes_itself_does_not_hide_what_it_does(
    tenant: FakeTenant, written: str
) -> None:
    done = run(tenant, f"{written}; api.access.deny('no')", 'require("fs");')
    assert done.error is None
    assert done.effects.denied == "no"


@needs_node
def test_code_that_throws_in_a_timer_fails_with_that(tenant: FakeTenant) -> None:
    body = "setTimeout(() => { throw new RangeError('late') }, 1); await new Promise(() => {});"
    done = run(tenant, body, 'require("fs");')
    assert str(done.error) == "RangeError: late"


@needs_node
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process may allocate")
def test_memory_beside_the_heap_is_limited_in_node(tenant: FakeTenant) -> None:
    body = "const all = []; for (let i = 0; i < 100; i++) all.push(Buffer.alloc(1e8, 1));"
    done = run(tenant, body)
    assert done.error is not None
    assert "allocation failed" in done.error.message


@needs_node
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_processes_that_code_starts_end_with_it(tenant: FakeTenant) -> None:
    body = 'console.log(require("child_process").spawn("sleep", ["300"]).pid)'
    done = run(tenant, body)
    assert done.error is None
    status = Path("/proc", done.console[0], "stat")
    ends = time.monotonic() + 10
    while status.exists() and status.read_text().split()[2] != "Z":
        assert time.monotonic() < ends
        time.sleep(0.05)


@needs_node
def test_code_that_deletes_the_globals_of_node_harms_only_itself(tenant: FakeTenant) -> None:
    body = """
        for (const name of Object.getOwnPropertyNames(globalThis)) {
          try { delete globalThis[name]; } catch {}
        }
        api.access.deny("no");
    """
    done = run(tenant, body, 'require("fs");')
    assert done.effects.denied == "no" or done.error is not None
    assert run(tenant, "console.log(Buffer.from('x').length)").console == ("1",)
