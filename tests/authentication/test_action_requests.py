"""Actions call their own tenant while it waits for them, and the log-in goes on with what changed."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant

from .conftest import ADA, API, PASSWORD, Browser, claims, exchange, exchange_code, log_types
from .test_actions import bind, events

GIVEN = {"username": "ada@example.com", "password": PASSWORD}


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


def management(tenant: FakeTenant, call: str) -> str:
    """The body of an action that gets a token for the Management API, and makes a call."""
    domain = tenant.domain
    return f"""
      const base = "https://{domain}";
      const got = await fetch(`${{base}}/oauth/token`, {{
        method: "POST",
        headers: {{ "content-type": "application/json" }},
        body: JSON.stringify({{
          grant_type: "client_credentials", client_id: "m2m", client_secret: "m2m-secret",
          audience: `${{base}}/api/v2/`,
        }}),
      }});
      const token = (await got.json()).access_token;
      const api2 = (method, path, body) => fetch(`${{base}}/api/v2/${{path}}`, {{
        method,
        headers: {{ authorization: `Bearer ${{token}}`, "content-type": "application/json" }},
        body: body && JSON.stringify(body),
      }});
      const user = encodeURIComponent(event.user.user_id);
      {call}
    """


@pytest.fixture(autouse=True)
def m2m(tenant: FakeTenant) -> None:
    """A client that may use the Management API."""
    tenant.clients.add(
        client_id="m2m",
        client_secret="m2m-secret",
        name="Machine",
        app_type="non_interactive",
        grant_types=["client_credentials"],
    )
    scope = ["read:users", "update:users", "delete:users", "create:roles", "delete:sessions"]
    tenant.client_grants.add(
        client_id="m2m", audience=f"https://{tenant.domain}/api/v2/", scope=scope
    )


def test_an_action_changes_the_user_by_the_management_api(
    tenant: FakeTenant, http: httpx.Client, browser: Browser
) -> None:
    change = (
        'await api2("PATCH", `users/${user}`, { app_metadata: { plan: "gold" }, name: "Countess" })'
    )
    bind(tenant, "post-login", management(tenant, change), 'api.user.setUserMetadata("seen", true)')
    code = browser.authorize().log_in().answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["name"] == "Countess"
    user = tenant.users[ADA]
    assert user.app_metadata == {"plan": "gold"}
    assert user.user_metadata == {"seen": True}
    assert (user.name, user.logins_count) == ("Countess", 1)


def test_what_an_action_makes_by_the_management_api_stays_where_it_denies(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    call = 'await api2("POST", "roles", { name: "tried" }); api.access.deny("no")'
    bind(tenant, "post-login", management(tenant, call))
    assert exchange(http, "password", **GIVEN).status_code == 403
    assert [role.name for role in mgmt.roles.list()] == ["tried"]
    assert "f" in log_types(tenant)


def test_ids_of_a_log_in_and_of_the_requests_of_its_action_differ(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    calls = "; ".join(f'await api2("POST", "roles", {{ name: "r{n}" }})' for n in range(3))
    bind(tenant, "post-login", management(tenant, calls))
    tokens = [
        tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
        for _ in range(3)
    ]
    assert len({login.session_id for login in tokens}) == 3
    assert len({login.refresh_token for login in tokens}) == 3
    assert len({role.id for role in tenant.roles}) == 3
    logs = [event.log_id for event in tenant.logs]
    assert len(logs) == len(set(logs))


def test_a_user_whom_the_action_deletes_does_not_get_in(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-login", management(tenant, 'await api2("DELETE", `users/${user}`)'))
    assert exchange(http, "password", **GIVEN).status_code == 403
    assert ADA not in tenant.users


def test_a_session_that_the_action_deletes_is_not_continued(
    tenant: FakeTenant, browser: Browser
) -> None:
    browser.authorize().log_in()
    (first,) = tenant.sessions
    call = 'if (event.session) await api2("DELETE", `sessions/${event.session.id}`)'
    bind(tenant, "post-login", management(tenant, call))
    browser.authorize()
    assert first.id not in [session.id for session in tenant.sessions]


def test_actions_that_wait_for_each_other_end(tenant: FakeTenant, http: httpx.Client) -> None:
    body = f"""
      const answer = await fetch("https://{tenant.domain}/oauth/token", {{
        method: "POST",
        headers: {{ "content-type": "application/json" }},
        body: JSON.stringify({{
          grant_type: "password", client_id: "app", client_secret: "app-secret",
          username: "ada@example.com", password: event.secrets.PASSWORD || "{PASSWORD}",
        }}),
      }});
      api.idToken.setCustomClaim("inner", answer.status);
    """
    bind(tenant, "post-login", body)
    exchange(http, "password", **GIVEN)
    (deepest, *_) = events(tenant, "actions_execution_failed")
    assert "wait for each other" in deepest["details"]["action_error"]["message"]


def test_a_run_alone_calls_the_tenant(tenant: FakeTenant) -> None:
    trigger: Any = {"id": "post-login", "version": "v3"}
    call = 'console.log((await api2("GET", `users/${user}`)).status)'
    action = tenant.actions.add(
        name="reads",
        supported_triggers=[trigger],
        code=f"exports.onExecutePostLogin = async (event, api) => {{ {management(tenant, call)} }};",
    )
    assert tenant.actions.run(action, user=ADA).console == ("200",)


def test_log_ins_of_several_threads_are_all_counted(tenant: FakeTenant) -> None:
    call = (
        'await api2("PATCH", `users/${user}`, { app_metadata: { last: event.stats.logins_count } })'
    )
    bind(tenant, "post-login", management(tenant, call))
    threads = [threading.Thread(target=tenant.log_in, args=(ADA,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    user = tenant.users[ADA]
    assert (user.logins_count, user.app_metadata) == (6, {"last": 6})
    assert len(tenant.sessions) == 6
