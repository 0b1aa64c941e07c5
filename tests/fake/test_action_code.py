"""The code of single actions: what it sees, what it does, and what it cannot do."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import httpx
import pytest

from auth0_mgmt.models.actions import ActionTrigger
from auth0_mgmt_testing import ActionRun, Clock, FakeTenant, MissingExtraError, StateError


@pytest.fixture
def tenant() -> FakeTenant:
    clock = Clock()
    clock.freeze("2026-03-01T12:00:00Z")
    tenant = FakeTenant(clock=clock)
    tenant.actions.time_limit = 0.5
    return tenant


def run(tenant: FakeTenant, body: str, trigger: str = "post-login", **options: Any) -> ActionRun:
    """Run an action of this body, or of this whole code where it exports its handler itself."""
    handlers: dict[str, str] = {
        "post-login": "onExecutePostLogin",
        "credentials-exchange": "onExecuteCredentialsExchange",
        "pre-user-registration": "onExecutePreUserRegistration",
        "post-user-registration": "onExecutePostUserRegistration",
    }
    whole = f"exports.{handlers[trigger]} = async (event, api) => {{ {body} }};"
    version = "v3" if trigger == "post-login" else "v2"
    action = tenant.actions.add(
        name=f"action-{len(tenant.actions)}",
        supported_triggers=[ActionTrigger(id=trigger, version=version)],
        code=body if "exports" in body else whole,
        secrets=options.pop("secrets", []),
    )
    return tenant.actions.run(action, options.pop("event", None), **options)


def test_code_sees_the_user_and_the_client_that_are_named(tenant: FakeTenant) -> None:
    user = tenant.users.add(
        user_id="auth0|ada", email="ada@example.com", app_metadata={"plan": "gold"}
    )
    client = tenant.clients.add(name="App", client_metadata={"tier": "1"})
    done = run(
        tenant,
        """
        console.log(event.user.email, event.user.app_metadata.plan, event.client.name);
        console.log(event.client.metadata, event.request.ip, event.stats.logins_count);
        """,
        user=user,
        client=client,
        event={"request": {"ip": "198.51.100.1"}},
    )
    assert done.error is None
    assert done.console == ("ada@example.com gold App", '{"tier":"1"} 198.51.100.1 1')


def test_calls_of_the_api_are_the_effects(tenant: FakeTenant) -> None:
    done = run(
        tenant,
        """
        api.idToken.setCustomClaim("https://example.com/plan", "gold")
           .accessToken.setCustomClaim("plan", { name: "gold" });
        api.accessToken.setCustomClaim("sub", "somebody else");
        api.accessToken.addScope("read:more").accessToken.removeScope("read:less");
        api.user.setAppMetadata("seen", 1);
        api.multifactor.enable("any", { allowRememberBrowser: false });
        """,
    )
    assert done.error is None
    effects = done.effects
    assert effects.id_token_claims == {"https://example.com/plan": "gold"}
    assert effects.access_token_claims == {"plan": {"name": "gold"}}
    assert (effects.added_scopes, effects.removed_scopes) == (["read:more"], ["read:less"])
    assert effects.app_metadata == {"seen": 1}
    assert (effects.require_mfa, effects.remember_mfa) == (True, False)


def test_a_run_alone_changes_nothing_in_the_tenant(tenant: FakeTenant) -> None:
    tenant.users.add(user_id="auth0|ada")
    tenant.actions.add(
        name="a",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        code="""exports.onExecutePostLogin = async (event, api) => {
          api.user.setAppMetadata("x", 1); api.cache.set("k", "v"); };""",
    )
    before = tenant.snapshot()
    done = tenant.actions.run("a", user="auth0|ada")
    assert done.cached["k"] is not None
    assert tenant.snapshot() == before
    assert tenant.actions.executions() == []


def test_the_values_of_secrets_reach_code_and_no_output(tenant: FakeTenant) -> None:
    secrets = [{"name": "KEY", "value": "hunter22"}]
    done = run(
        tenant,
        "console.log(event.secrets.KEY.length, event.secrets.KEY); throw new Error(event.secrets.KEY);",
        secrets=secrets,
    )
    assert done.console == ("8 [REDACTED]",)
    assert "hunter22" not in repr(done)
    assert done.error is not None
    assert done.error.message == "[REDACTED]"


def test_secrets_stay_with_an_action_that_is_changed_without_their_values(
    tenant: FakeTenant,
) -> None:
    run(tenant, "console.log(event.secrets.KEY.length)", secrets=[{"name": "KEY", "value": "abc"}])
    mgmt = tenant.management()
    action = next(iter(tenant.actions))
    mgmt.actions.update(str(action.id), secrets=[{"name": "KEY"}, {"name": "MORE", "value": "x"}])
    assert tenant.actions.run(action).console == ("3",)
    assert "abc" not in json.dumps(tenant.export())
    assert "abc" not in mgmt.actions.get(str(action.id)).model_dump_json()


def test_time_is_the_tenants(tenant: FakeTenant) -> None:
    done = run(tenant, "console.log(new Date().toISOString(), new Date(0).getTime())")
    assert done.console[0][:19] == "2026-03-01T12:00:00"
    assert done.console[0].endswith(" 0")


def test_timers_pass_at_once_and_in_order(tenant: FakeTenant) -> None:
    done = run(
        tenant,
        """
        const wait = (ms) => new Promise((done) => setTimeout(done, ms));
        setTimeout(() => console.log("first"), 10);
        await wait(300);
        console.log("second");
        """,
    )
    assert (done.error, done.console) == (None, ("first", "second"))
    assert done.duration < 0.3


def test_fetch_goes_through_the_client_that_is_given(tenant: FakeTenant) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["x-key"] == "1"
        return httpx.Response(201, json={"got": json.loads(request.content)})

    code = """
        const response = await fetch("https://api.example.com/x", {
          method: "POST", headers: { "X-Key": "1" }, body: JSON.stringify({ a: 1 }),
        });
        console.log(response.status, response.ok, (await response.json()).got.a);
    """
    tenant.actions.http_client = httpx.Client(transport=httpx.MockTransport(answer))
    assert run(tenant, code).console == ("201 true 1",)
    tenant.actions.http_client = None
    refused = run(tenant, code)
    assert refused.error is not None
    assert "http_client" in refused.error.message


def test_code_requires_the_tenants_modules(tenant: FakeTenant) -> None:
    mgmt = tenant.management()
    module = mgmt.actions.modules.create(
        name="greeting", code="exports.greet = (name) => `Hello ${name}`;", publish=True
    )
    version = next(iter(mgmt.actions.modules.versions.list(str(module.id))))
    action = mgmt.actions.create(
        name="a",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        code="""const { greet } = require("actions:greeting");
        exports.onExecutePostLogin = async (event) => console.log(greet("Ada"));""",
        modules=[{"module_id": str(module.id), "module_version_id": str(version.id)}],
    )
    assert tenant.actions.run(str(action.id)).console == ("Hello Ada",)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("throw new RangeError('oops')", "RangeError: oops"),
        ("throw 'text'", "Error: text"),
        ("throw null", "Error: null"),
        ("throw { get message() { throw 1; } }", "Error: what was thrown cannot be shown"),
        ("await Promise.reject(new Error('rejected'))", "Error: rejected"),
        ("await new Promise(() => {})", "Error: The action never ended"),
        ("exports.other = 1", "Error: The action exports no function onExecutePostLogin"),
        ("exports.onExecutePostLogin = () => { let x = ; }", "SyntaxError: "),
        ("api.nothing.deny('x')", "TypeError: .*post-login has no api.nothing; it has api.access"),
        ("api.access.allow('x')", "TypeError: .*no api.access.allow; it has api.access.deny"),
        ("api.access.deny(5)", r"TypeError: api.access.deny\(reason\): reason must be of type"),
        ("api.samlResponse.setAudience('x')", "Error: api.samlResponse.setAudience: the fake"),
        ("api.redirect.sendUserTo('/here')", "Error: .*'/here' is no absolute URL"),
        ("api.authentication.enrollWith({type: 'face'})", "Error: the factor 'face' cannot be"),
        ("function f() { f(); } f()", "RangeError: Maximum call stack"),
    ],
)
def test_code_that_fails_says_why_and_has_no_effects(
    tenant: FakeTenant, body: str, error: str
) -> None:
    done = run(tenant, body)
    assert done.error is not None
    assert re.match(error, str(done.error)), str(done.error)
    assert (done.effects.denied, done.effects.id_token_claims) == (None, {})


def test_calls_nest_deeply_whatever_the_stack_of_the_calling_thread_is(tenant: FakeTenant) -> None:
    body = """
        const sum = (n) => (n === 0 ? 0 : n + sum(n - 1));
        console.log(sum(1000));
        const endless = () => endless() + 1;
        endless();
    """
    found: list[ActionRun] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.append(run(tenant, body)))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert found[0].console == ("500500",)
    assert "Maximum call stack" in str(found[0].error)


@pytest.mark.parametrize(
    "body",
    ["while (true);", "for (;;) await null;", "setInterval(() => {}, 1); await new Promise(() => {});",
     "await new Promise((done) => setTimeout(done, 60000));"],
)  # fmt: skip
def test_code_that_does_not_end_is_stopped(tenant: FakeTenant, body: str) -> None:
    tenant.actions.time_limit = 0.05
    done = run(tenant, body)
    assert done.error is not None
    assert done.error.kind == "action_timeout"
    assert done.error.message == "The action did not end within 0.05 seconds"


@pytest.mark.parametrize(
    "body",
    ["const all = []; while (true) all.push('x'.repeat(100000));",
     "let x = 'x'; while (true) x = x + x;"],
)  # fmt: skip
def test_code_that_takes_too_much_memory_is_stopped(tenant: FakeTenant, body: str) -> None:
    tenant.actions.memory_limit = 8 * 1_048_576
    done = run(tenant, body)
    assert done.error is not None
    assert done.effects.denied is None


def test_code_that_takes_too_much_memory_is_told_apart_from_code_that_throws(
    tenant: FakeTenant,
) -> None:
    done = run(tenant, "const all = []; while (true) all.push(new Array(1e6).fill(1.5));")
    assert done.error is not None
    assert done.error.kind == "platform_error"
    assert done.error.message == "The action used more than 64 MiB of memory"


SECRET = 'pass "word" /1\n'


@pytest.mark.parametrize(
    "shown",
    [
        "event.secrets.KEY",
        "JSON.stringify({ key: event.secrets.KEY })",
        "({ key: event.secrets.KEY })",
        "encodeURIComponent(event.secrets.KEY)",
        "`https://example.com/?key=${encodeURIComponent(event.secrets.KEY)}`",
        "'x'.repeat(65536 - 8) + event.secrets.KEY",
    ],
)
def test_secrets_are_hidden_in_whatever_form_output_shows_them(
    tenant: FakeTenant, shown: str
) -> None:
    action = tenant.actions.add(
        name="secretive",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        secrets=[{"name": "KEY", "value": SECRET}],
        code=f"exports.onExecutePostLogin = async (event) => {{ console.log({shown}); }};",
    )
    (line,) = tenant.actions.run(action).console
    assert "pass" not in line
    assert "[REDACTED]" in line


def test_console_output_is_bounded(tenant: FakeTenant) -> None:
    done = run(tenant, "for (let i = 0; i < 1000; i++) console.log('x'.repeat(1024));")
    assert done.error is None
    assert 60_000 < sum(map(len, done.console)) < 70_000
    assert done.console[-1].endswith("[the rest of the output is left out]")


@pytest.mark.parametrize(
    "body",
    [
        "JSON.stringify = () => '['; api.access.deny('no');",
        "Array.prototype.push = () => 0; Array.prototype.join = () => '['; api.access.deny('no');",
        "Object.prototype.toJSON = () => 1; api.access.deny('no');",
        "RegExp.prototype[Symbol.replace] = () => 'x'; api.access.deny('no');",
        "Promise.prototype.then = () => 0;",
        "globalThis.Promise = null; globalThis.Object = null; globalThis.JSON = null;",
        "api.idToken.setCustomClaim('a', 'y'.repeat(3000000));",
        "let a = {}; for (let i = 0; i < 3000; i++) a = { a }; api.idToken.setCustomClaim('x', a);",
        "event.__proto__.polluted = 1; Object.prototype.denied = 'x';",
    ],
)
def test_code_that_breaks_its_surroundings_harms_only_itself(tenant: FakeTenant, body: str) -> None:
    run(tenant, body)  # nothing is raised
    after = run(tenant, "console.log(event.polluted, JSON.stringify([1]))")
    assert (after.error, after.console) == (None, ("undefined [1]",))


def test_text_that_no_encoding_carries_is_replaced(tenant: FakeTenant) -> None:
    done = run(tenant, r"api.idToken.setCustomClaim('x', '\ud800é😀')")
    assert done.effects.id_token_claims == {"x": "?é😀"}


def test_each_trigger_has_its_own_api(tenant: FakeTenant) -> None:
    done = run(
        tenant, "api.access.deny('invalid_scope', 'too much')", trigger="credentials-exchange"
    )
    assert (done.effects.denied_code, done.effects.denied) == ("invalid_scope", "too much")
    done = run(tenant, "api.access.deny('spam', 'Go away')", trigger="pre-user-registration")
    assert (done.effects.denied, done.effects.user_message) == ("spam", "Go away")
    done = run(tenant, "api.access.deny('x')", trigger="post-user-registration")
    assert done.error is not None
    assert "api.cache.get" in done.error.message


def test_what_cannot_run_is_refused_with_its_reason(
    tenant: FakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StateError, match="there is no 'nothing'"):
        tenant.actions.run("nothing")
    tenant.actions.add(name="s", supported_triggers=[{"id": "event-stream", "version": "v1"}])
    with pytest.raises(StateError, match="'event-stream' does not run here"):
        tenant.actions.run("s")
    with pytest.raises(StateError, match="users: there is no"):
        run(tenant, "", user="auth0|nobody")

    from auth0_mgmt_testing.actions import quickjs_engine

    monkeypatch.setattr(quickjs_engine, "_NAME", "quickjs_that_is_not_installed")
    quickjs_engine.load_engine.cache_clear()
    try:
        with pytest.raises(MissingExtraError, match="quickjs"):
            run(tenant, "")
    finally:
        quickjs_engine.load_engine.cache_clear()


def test_limits_must_leave_something(tenant: FakeTenant) -> None:
    with pytest.raises(ValueError, match="more than 0 seconds"):
        tenant.actions.time_limit = 0
    with pytest.raises(ValueError, match="at least"):
        tenant.actions.memory_limit = 10


def test_a_test_call_runs_the_draft(tenant: FakeTenant) -> None:
    mgmt = tenant.management()
    action = mgmt.actions.create(
        name="a",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        code="exports.onExecutePostLogin = async (event) => { event.user.id.length; };",
    )
    good = mgmt.actions.test(str(action.id), payload={"event": {"user": {"id": "x"}}})
    assert good.payload is not None
    assert "error" not in good.payload
    bad = mgmt.actions.test(str(action.id), payload={"event": {"user": {}}})
    assert bad.payload is not None
    assert bad.payload["error"]["name"] == "TypeError"


def test_an_execution_that_a_test_puts_in_is_listed(tenant: FakeTenant) -> None:
    failed = {"action_name": "a", "error": {"id": "action_error", "msg": "TypeError: x"}}
    tenant.action_executions.add(trigger_id="post-login", status="final", results=[failed])
    tenant.action_executions.add(trigger_id="post-login", status="partial")
    first, second = tenant.actions.executions()
    (result,) = first.results
    assert (result.action_name, result.error, result.console) == ("a", "TypeError: x", ())
    assert (second.status, second.results) == ("partial", ())
