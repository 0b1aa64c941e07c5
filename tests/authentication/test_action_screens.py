"""Where the code of actions sends the user: forms, second factors and other sites, in each flow."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant

from .conftest import ADA, DATABASE, PASSWORD, Browser, claims, exchange, exchange_code, query_of
from .test_actions import bind, events

FORM = """
exports.onExecutePostLogin = async (event, api) => {
  api.prompt.render(FORM_ID, { vars: { plan: "gold" }, fields: { city: "London" } });
  api.idToken.setCustomClaim("before", true);
};
exports.onContinuePostLogin = async (event, api) => {
  api.idToken.setCustomClaim("prompt", event.prompt);
  if (event.prompt.fields.city === "nowhere") api.access.deny("Not from nowhere");
};
"""
NEW = "another fine Passw0rd!"


def component(name: str, type: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "category": "FIELD", "type": type, "config": {}, **more}


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


@pytest.fixture
def form(mgmt: Management) -> str:
    """A form of two steps, with a flow and a router between."""
    step = {"id": "first", "type": "STEP", "alias": "About you"}
    nodes: Any = [
        {
            **step,
            "config": {
                "components": [
                    component("city", "TEXT", label="City", required=True),
                    component("age", "NUMBER"),
                    {
                        "id": "next",
                        "category": "BLOCK",
                        "type": "NEXT_BUTTON",
                        "config": {"text": "Go"},
                    },
                ],
                "next_node": "route",
            },
        },
        {"id": "route", "type": "ROUTER", "config": {"rules": [], "fallback": "second"}},
        {
            "id": "second",
            "type": "STEP",
            "config": {
                "components": [component("terms", "LEGAL", required=True)],
                "next_node": "$ending",
            },
        },
    ]
    start: Any = {"next_node": "first"}
    made = mgmt.forms.create(name="profile", nodes=nodes, start=start)
    return str(made.id)


@pytest.fixture
def asking(tenant: FakeTenant, form: str) -> FakeTenant:
    bind(tenant, "post-login", FORM.replace("FORM_ID", f"'{form}'"))
    return tenant


def test_a_form_of_an_action_is_filled_in_before_the_log_in_continues(
    asking: FakeTenant, browser: Browser, http: httpx.Client, form: str
) -> None:
    browser.authorize().log_in()
    assert browser.screen == "/u/form"
    assert "About you" in browser.page.text
    assert browser.form.fields["city"] == "London"
    (execution,) = asking.actions.executions()
    assert execution.status == "suspended"
    browser.submit(city="Paris", age="36").submit(terms="true")
    said = claims(exchange_code(http, browser.answer["code"]).json()["id_token"])
    assert said["before"] is True
    assert said["prompt"] == {
        "id": form,
        "fields": {"city": "Paris", "age": 36, "terms": True},
        "vars": {"plan": "gold"},
    }
    assert [each.status for each in asking.actions.executions()] == ["final"]


def test_a_form_asks_again_for_what_is_required(asking: FakeTenant, browser: Browser) -> None:
    browser.authorize().log_in().submit(city="", age="")
    assert browser.page.status_code == 400
    assert browser.form.alerts
    assert browser.submit(city="Rome").screen == "/u/form"
    assert browser.submit().page.status_code == 400


def test_code_denies_after_its_form(asking: FakeTenant, browser: Browser) -> None:
    browser.authorize().log_in().submit(city="nowhere").submit(terms="true")
    assert browser.answer["error"] == "access_denied"
    assert not list(asking.sessions)


def test_a_form_cannot_be_left_out(asking: FakeTenant, browser: Browser) -> None:
    browser.authorize().log_in()
    state = query_of(str(browser.page.url))["state"][0]
    browser.open("/continue", state=state)
    assert browser.answer["error"] == "invalid_request"


def test_a_form_is_not_silent(asking: FakeTenant, browser: Browser, http: httpx.Client) -> None:
    browser.authorize().log_in().submit(city="Paris").submit(terms="true")
    assert browser.authorize(prompt="none").answer["error"] == "interaction_required"
    given = {"username": "ada@example.com", "password": PASSWORD}
    refused = exchange(http, "password", **given)
    assert refused.json()["error"] == "interaction_required"


def test_a_form_that_there_is_not_fails_the_log_in(tenant: FakeTenant, browser: Browser) -> None:
    bind(tenant, "post-login", FORM.replace("FORM_ID", "'ap_missing'"))
    assert browser.authorize().log_in().answer["error"] == "invalid_request"


# --- sessions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["persistent", "non-persistent"])
def test_code_decides_whether_the_browser_keeps_the_session(
    tenant: FakeTenant, browser: Browser, mode: str
) -> None:
    bind(tenant, "post-login", f"api.session.setCookieMode('{mode}')")
    browser.authorize()
    form = {**browser.form.fields, "username": "ada@example.com", "password": PASSWORD}
    posted = browser.client.post(str(browser.page.url), data=form, follow_redirects=False)
    assert ("Max-Age" in posted.headers["set-cookie"]) is (mode == "persistent")
    (session,) = tenant.sessions
    assert session.to_dict()["cookie"] == {"mode": mode}


def test_a_cookie_mode_that_there_is_not_is_an_error(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-login", "api.session.setCookieMode('eternal')")
    given = {"username": "ada@example.com", "password": PASSWORD}
    assert exchange(http, "password", **given).status_code == 403
    (event,) = events(tenant, "actions_execution_failed")
    assert "api.session.setCookieMode" in event["details"]["action_error"]["message"]


# --- password resets -------------------------------------------------------------------------------


def follow(tenant: FakeTenant, browser: Browser, http: httpx.Client) -> Browser:
    """Ask for a new password, and follow the link of the mail."""
    given = {"client_id": "app", "connection": DATABASE, "email": "ada@example.com"}
    http.post("/dbconnections/change_password", json=given).raise_for_status()
    return browser.open(str(tenant.mailbox.latest("ada@example.com").link).partition("#")[0])


CHALLENGE = "api.authentication.challengeWith({ type: 'email' })"


def test_a_reset_challenges_a_factor_of_the_user(
    tenant: FakeTenant, mgmt: Management, browser: Browser, http: httpx.Client
) -> None:
    mgmt.users.authentication_methods.create(
        ADA, type="email", name="mail", email="ada@example.com"
    )
    bind(tenant, "password-reset-post-challenge", CHALLENGE)
    assert follow(tenant, browser, http).screen == "/u/mfa-challenge"
    code = tenant.mailbox.latest("ada@example.com", kind="mfa_oob_code").code
    assert browser.submit(code="000000").screen == "/u/mfa-challenge"
    assert browser.submit(code=str(code)).screen == "/lo/reset"
    browser.submit(password=NEW, password_again=NEW)
    given = {"username": "ada@example.com", "password": NEW}
    assert exchange(http, "password", **given).status_code == 200


def test_a_reset_of_a_user_without_a_factor_is_refused_where_one_is_challenged(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(tenant, "password-reset-post-challenge", CHALLENGE)
    assert follow(tenant, browser, http).page.status_code == 403


def test_a_reset_cannot_skip_its_challenge(
    tenant: FakeTenant, mgmt: Management, browser: Browser, http: httpx.Client
) -> None:
    mgmt.users.authentication_methods.create(
        ADA, type="email", name="mail", email="ada@example.com"
    )
    bind(tenant, "password-reset-post-challenge", CHALLENGE)
    follow(tenant, browser, http)
    link = str(tenant.mailbox.latest("ada@example.com", kind="reset_email").link).partition("#")[0]
    browser.client.post(link, data={"password": NEW, "password_again": NEW})
    given = {"username": "ada@example.com", "password": NEW}
    assert exchange(http, "password", **given).status_code == 403


def test_a_reset_redirects_and_goes_on_where_it_was(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(
        tenant,
        "password-reset-post-challenge",
        """
        exports.onExecutePostChallenge = async (event, api) => {
          api.redirect.sendUserTo("https://check.example.com/", { query: { who: event.user.email } });
        };
        exports.onContinuePostChallenge = async (event, api) => {
          if (event.request.query.ok !== "yes") api.access.deny("Not confirmed");
        };
        """,
    )
    follow(tenant, browser, http)
    sent = query_of(str(browser.left_for))
    assert sent["who"] == ["ada@example.com"]
    ticket = str(tenant.mailbox.latest("ada@example.com").link).partition("ticket=")[2]
    assert ticket.partition("#")[0] not in str(browser.left_for)
    browser.open("/continue", state=sent["state"][0], ok="yes")
    assert browser.screen == "/lo/reset"
    browser.submit(password=NEW, password_again=NEW)
    given = {"username": "ada@example.com", "password": NEW}
    assert exchange(http, "password", **given).status_code == 200
    follow(tenant, browser, http)
    state = query_of(str(browser.left_for))["state"][0]
    assert browser.open("/continue", state=state, ok="no").page.status_code == 403


def test_a_reset_shows_a_form(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, form: str
) -> None:
    bind(
        tenant,
        "password-reset-post-challenge",
        f"""
        exports.onExecutePostChallenge = async (event, api) => {{ api.prompt.render('{form}'); }};
        exports.onContinuePostChallenge = async (event, api) => {{
          if (event.prompt.fields.city !== "Paris") api.access.deny("Wrong city");
        }};
        """,
    )
    follow(tenant, browser, http).submit(city="Paris").submit(terms="true")
    assert browser.screen == "/lo/reset"
    follow(tenant, browser, http).submit(city="Rome").submit(terms="true")
    assert browser.page.status_code == 403
