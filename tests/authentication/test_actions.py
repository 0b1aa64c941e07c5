"""Actions in the flows: what they see, what their effects do, and what is recorded of them."""

from __future__ import annotations

import shutil
from typing import Any

import httpx
import jwt
import pytest

from auth0_mgmt import BadRequestError, NotFoundError
from auth0_mgmt.models.actions import ActionTrigger
from auth0_mgmt_testing import FakeTenant, MissingExtraError, StateError

from .conftest import ADA, API, DATABASE, PASSWORD, Browser, claims, exchange, exchange_code

HANDLERS = {
    "post-login": "onExecutePostLogin",
    "credentials-exchange": "onExecuteCredentialsExchange",
    "pre-user-registration": "onExecutePreUserRegistration",
    "post-user-registration": "onExecutePostUserRegistration",
    "post-change-password": "onExecutePostChangePassword",
    "send-phone-message": "onExecuteSendPhoneMessage",
    "password-reset-post-challenge": "onExecutePostChallenge",
}
STRONG = "Correct horse 4 battery!"
ROPG = "http://auth0.com/oauth/grant-type/password-realm"


def bind(tenant: FakeTenant, trigger: Any, *bodies: str) -> None:
    """Bind actions of these handler bodies (or whole codes) to a trigger."""
    versions = {"post-login": "v3", "password-reset-post-challenge": "v1"}
    actions = [
        tenant.actions.add(
            name=f"{trigger} {number}",
            supported_triggers=[ActionTrigger(id=trigger, version=versions.get(trigger, "v2"))],
            code=body
            if "exports" in body
            else f"exports.{HANDLERS[trigger]} = async (event, api) => {{ {body} }};",
        )
        for number, body in enumerate(bodies, len(tenant.actions))
    ]
    tenant.actions.bind(trigger, *actions)


def password(http: httpx.Client, **given: Any) -> httpx.Response:
    known = {"username": "ada@example.com", "password": PASSWORD, "realm": DATABASE}
    return exchange(http, ROPG, **known, scope="openid profile", **given)


def events(tenant: FakeTenant, type: str) -> list[dict[str, Any]]:
    """The tenant's log events of a type, oldest first."""
    found = [e for e in tenant.management().logs.list() if e.type == type]
    return [event.to_dict() for event in reversed(found)]


# --- post-login ----------------------------------------------------------------------------------


def test_claims_and_scopes_of_an_action_are_in_the_tokens(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(
        tenant,
        "post-login",
        """
        api.idToken.setCustomClaim("https://example.com/roles", event.authorization.roles);
        api.accessToken.setCustomClaim("protocol", event.transaction.protocol);
        api.accessToken.removeScope("write:things");
        """,
    )
    role = tenant.roles.add(name="admin")
    tenant.management().users.roles.assign(ADA, roles=[str(role.id)])
    scope = "openid read:things write:things"
    code = browser.authorize(audience=API, scope=scope).log_in().answer["code"]
    tokens = exchange_code(http, code).json()
    assert claims(tokens["id_token"])["https://example.com/roles"] == ["admin"]
    held = claims(tokens["access_token"])
    assert (held["protocol"], held["scope"]) == ("oidc-basic-profile", "openid read:things")


def test_a_scope_is_removed_where_the_request_names_none(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-login", 'api.accessToken.removeScope("write:things")')
    known = {"username": "ada@example.com", "password": PASSWORD, "realm": DATABASE}
    tokens = exchange(http, ROPG, **known, audience=API).json()
    assert "write:things" not in tokens["scope"].split()
    assert "read:things" in tokens["scope"].split()


def test_actions_run_in_their_order_and_see_what_those_before_set(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(
        tenant,
        "post-login",
        'api.user.setAppMetadata("seen", (event.user.app_metadata.seen || 0) + 1);'
        'api.transaction.setMetadata("from", "first");',
        'api.idToken.setCustomClaim("seen", event.user.app_metadata.seen);'
        'api.idToken.setCustomClaim("from", event.transaction.metadata.from);',
    )
    assert claims(password(http).json()["id_token"])["seen"] == 1
    again = claims(password(http).json()["id_token"])
    assert (again["seen"], again["from"]) == (2, "first")
    assert tenant.users[ADA].app_metadata == {"seen": 2}


def test_a_denial_stops_the_log_in_and_leaves_only_its_record(
    tenant: FakeTenant, browser: Browser
) -> None:
    bind(
        tenant,
        "post-login",
        'api.user.setAppMetadata("x", 1); api.access.deny("not on Sundays"); console.log("denied")',
        "throw new Error('never reached')",
    )
    answer = browser.authorize().log_in().answer
    assert (answer["error"], answer["error_description"]) == ("access_denied", "not on Sundays")
    user = tenant.users[ADA]
    assert (user.app_metadata, user.logins_count) == (None, None)
    assert len(tenant.sessions) == 0
    (execution,) = tenant.actions.executions()
    assert [result.console for result in execution.results] == [("denied",)]
    (event,) = events(tenant, "f")
    assert event["details"]["actions"] == {"executions": [execution.id]}


def test_code_that_fails_stops_the_log_in_and_is_logged(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-login", "event.nothing.at.all")
    refused = password(http)
    assert (refused.status_code, refused.json()["error"]) == (403, "access_denied")
    (event,) = events(tenant, "actions_execution_failed")
    details = event["details"]
    assert (details["error_class"], details["trigger_id"]) == ("action_error", "post-login")
    assert details["action_error"]["name"] == "TypeError"
    assert event["user_id"] == ADA
    shown = tenant.management().actions.executions.get(details["execution_id"])
    assert shown.results is not None
    assert shown.results[0].error is not None
    assert str(shown.results[0].error.msg).startswith("TypeError: ")


def test_an_execution_is_read_by_the_id_that_the_log_has(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-login", "console.log('hello')", "api.idToken.setCustomClaim('a', 1)")
    assert password(http).status_code == 200
    (event,) = events(tenant, "s")
    (id,) = event["details"]["actions"]["executions"]
    shown = tenant.management().actions.executions.get(id).to_dict()
    assert (shown["trigger_id"], shown["status"]) == ("post-login", "final")
    assert [result["action_name"] for result in shown["results"]] == [
        "post-login 0",
        "post-login 1",
    ]
    assert set(shown) == {"id", "trigger_id", "status", "results", "created_at", "updated_at"}
    with pytest.raises(NotFoundError):
        tenant.management().actions.executions.get("nothing")


def test_only_what_is_deployed_and_bound_runs(tenant: FakeTenant, http: httpx.Client) -> None:
    bind(tenant, "post-login", 'api.idToken.setCustomClaim("version", 1)')
    (action,) = tenant.actions
    code = 'exports.onExecutePostLogin = (e, api) => { api.idToken.setCustomClaim("version", 2); }'
    tenant.management().actions.update(str(action.id), code=code)
    assert claims(password(http).json()["id_token"])["version"] == 1
    tenant.management().actions.deploy(str(action.id))
    assert claims(password(http).json()["id_token"])["version"] == 2
    tenant.actions.bind("post-login")
    assert "version" not in claims(password(http).json()["id_token"])


def test_a_log_in_without_a_page_runs_actions_too(tenant: FakeTenant) -> None:
    bind(tenant, "post-login", 'if (event.client.name !== "App") api.access.deny("wrong app")')
    assert tenant.log_in(ADA, client="app").id_token
    with pytest.raises(StateError, match="wrong app"):
        tenant.log_in(ADA, client="spa")
    assert [e.status for e in tenant.actions.executions()] == ["final", "final"]


def test_an_action_asks_for_a_second_factor(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(tenant, "post-login", 'api.multifactor.enable("any")')
    assert browser.authorize().log_in().screen == "/u/mfa-challenge"
    refused = password(http)
    assert (refused.status_code, refused.json()["error"]) == (403, "mfa_required")


def test_an_action_enrolls_the_factor_that_it_names(tenant: FakeTenant, browser: Browser) -> None:
    bind(tenant, "post-login", 'api.authentication.enrollWith({ type: "phone" })')
    assert browser.authorize().log_in().screen == "/u/mfa-enroll"
    assert "phone_number" in browser.form.fields


def test_an_action_challenges_the_factor_that_it_names(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(tenant, "post-login", 'api.authentication.challengeWith({ type: "phone" })')
    methods = tenant.management().users.authentication_methods
    methods.create(ADA, type="totp", totp_secret="JBSWY3DPEHPK3PXP")
    methods.create(ADA, type="phone", phone_number="+15550100")
    refused = password(http).json()
    assert refused["mfa_requirements"] == {"challenge": [{"type": "phone"}]}
    assert browser.authorize().log_in().screen == "/u/mfa-challenge"
    code = str(tenant.mailbox.latest("+15550100").code)
    assert "code" in browser.submit(code=code).answer


def test_an_action_enrolls_a_further_factor(tenant: FakeTenant, browser: Browser) -> None:
    bind(tenant, "post-login", 'api.authentication.enrollWithAny([{ type: "phone" }])')
    methods = tenant.management().users.authentication_methods
    methods.create(ADA, type="totp", totp_secret="JBSWY3DPEHPK3PXP")
    browser.authorize().log_in().submit(phone_number="+15550100")
    code = str(tenant.mailbox.latest("+15550100").code)
    assert "code" in browser.submit(code=code).answer
    assert {method.type for method in methods.list(ADA)} == {"totp", "phone"}


def test_an_action_sees_a_refresh_token_exchange_and_can_revoke(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(
        tenant,
        "post-login",
        """
        if (event.transaction.protocol === "oauth2-refresh-token") {
          if (event.refresh_token.metadata.uses >= 1) return api.refreshToken.revoke("used enough");
          api.refreshToken.setMetadata("uses", 1);
          api.accessToken.setCustomClaim("refreshed", event.authentication.methods[0].name);
          api.accessToken.setCustomClaim("logins", event.stats.logins_count);
          api.accessToken.removeScope("read:things");
        } else api.refreshToken.setMetadata("uses", 0);
        """,
    )
    scope = "openid offline_access read:things"
    token = tenant.log_in(ADA, client="app", audience=API, scope=scope).refresh_token
    first = exchange(http, "refresh_token", refresh_token=token)
    held = claims(first.json()["access_token"])
    assert (held["refreshed"], held["logins"]) == ("pwd", 1)
    assert held["scope"] == "openid offline_access"
    refused = exchange(http, "refresh_token", refresh_token=token)
    assert (refused.status_code, refused.json()["error_description"]) == (403, "used enough")
    assert len(tenant.refresh_tokens) == 0
    assert events(tenant, "fertft")[-1]["details"]["actions"]["executions"]


def test_what_an_action_caches_is_there_for_the_next_log_in(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(
        tenant,
        "post-login",
        """
        const kept = api.cache.get("count");
        const count = kept ? Number(kept.value) + 1 : 1;
        api.cache.set("count", String(count), { ttl: 60000 });
        api.idToken.setCustomClaim("count", count);
        """,
    )
    assert [claims(password(http).json()["id_token"])["count"] for _ in range(2)] == [1, 2]
    tenant.clock.advance(61)
    assert claims(password(http).json()["id_token"])["count"] == 1


def test_an_action_revokes_the_session_that_a_log_in_goes_on_in(
    tenant: FakeTenant, browser: Browser
) -> None:
    bind(
        tenant,
        "post-login",
        """
        if (!event.session) api.session.setMetadata("seen", "once");
        else if (event.session.metadata.seen === "once") api.session.revoke("seen before");
        """,
    )
    assert "code" in browser.authorize().log_in().answer
    (session,) = tenant.sessions
    assert session.to_dict()["session_metadata"] == {"seen": "once"}
    assert browser.authorize().answer["error_description"] == "seen before"
    assert len(tenant.sessions) == 0


def test_an_action_sets_when_session_and_refresh_token_end(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(
        tenant,
        "post-login",
        """
        api.session.setExpiresAt(Date.now() + 60000).session.setIdleExpiresAt(Date.now() + 30000);
        api.refreshToken.setExpiresAt(Date.now() + 60000);
        """,
    )
    scope = "openid offline_access"
    code = browser.authorize(audience=API, scope=scope).log_in().answer["code"]
    token = exchange_code(http, code).json()["refresh_token"]
    assert exchange(http, "refresh_token", refresh_token=token).status_code == 200
    assert "code" in browser.authorize(prompt="none").answer
    tenant.clock.advance(61)
    assert browser.authorize(prompt="none").answer["error"] == "login_required"
    assert exchange(http, "refresh_token", refresh_token=token).status_code == 403


def test_an_action_vouches_for_a_way_of_authentication(
    tenant: FakeTenant, browser: Browser
) -> None:
    url = "https://idv.example.com"
    bind(tenant, "post-login", f'api.authentication.recordMethod("{url}")')
    browser.authorize().log_in()
    (session,) = tenant.sessions
    methods = [method["name"] for method in session.to_dict()["authentication"]["methods"]]
    assert methods == ["pwd", url]


def test_an_action_lets_the_log_in_go_on_as_another_user(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    other = tenant.users.add(user_id="auth0|main", email="main@example.com")
    bind(tenant, "post-login", f'api.authentication.setPrimaryUser("{other.user_id}")')
    assert claims(password(http).json()["id_token"])["sub"] == "auth0|main"


def test_without_the_engine_a_log_in_fails_and_names_the_package(
    tenant: FakeTenant, http: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from auth0_mgmt_testing.actions import quickjs_engine

    def missing() -> Any:
        raise MissingExtraError("the module 'quickjs' is not installed")

    bind(tenant, "post-login", "console.log(1)")
    monkeypatch.setattr(quickjs_engine, "load_engine", missing)
    assert password(http).json()["error_description"] == "the module 'quickjs' is not installed"
    (event,) = events(tenant, "actions_execution_failed")
    assert event["details"]["error_class"] == "platform_error"


def test_code_with_a_syntax_error_is_deployed_and_fails_when_it_runs(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-login", "exports.onExecutePostLogin = () => { let x = ; }")
    assert password(http).status_code == 403
    (event,) = events(tenant, "actions_execution_failed")
    assert event["details"]["action_error"]["name"] == "SyntaxError"


# --- redirects -----------------------------------------------------------------------------------

REDIRECT = """
exports.onExecutePostLogin = async (event, api) => {
  api.idToken.setCustomClaim("before", true);
  api.redirect.sendUserTo("https://survey.example.com/ask", { query: { who: event.user.email } });
};
exports.onContinuePostLogin = async (event, api) => {
  if (event.request.query.answer !== "yes") return api.access.deny("the survey was declined");
  api.idToken.setCustomClaim("answer", event.request.query.answer);
};
"""


def test_an_action_redirects_and_goes_on_where_it_was(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(
        tenant,
        "post-login",
        'api.user.setAppMetadata("runs", (event.user.app_metadata.runs || 0) + 1)',
        REDIRECT,
        'api.idToken.setCustomClaim("runs", event.user.app_metadata.runs)',
    )
    browser.authorize().log_in()
    assert str(browser.left_for).startswith("https://survey.example.com/ask?who=ada%40example.com")
    state = browser.answer["state"]
    (execution,) = tenant.actions.executions()
    assert (execution.status, len(execution.results)) == ("suspended", 2)
    code = browser.open("/continue", state=state, answer="yes").answer["code"]
    held = claims(exchange_code(http, code).json()["id_token"])
    assert (held["before"], held["answer"], held["runs"]) == (True, "yes", 1)
    (execution,) = tenant.actions.executions()
    assert [result.action_name for result in execution.results] == [
        "post-login 0",
        "post-login 1",
        "post-login 1",
        "post-login 2",
    ]
    assert execution.status == "final"


def test_an_action_denies_after_its_redirect(tenant: FakeTenant, browser: Browser) -> None:
    bind(tenant, "post-login", REDIRECT)
    state = browser.authorize().log_in().answer["state"]
    answer = browser.open("/continue", state=state, answer="no").answer
    assert (answer["error"], answer["error_description"]) == (
        "access_denied",
        "the survey was declined",
    )


def test_a_redirect_cannot_be_gone_on_from_in_another_browser(
    tenant: FakeTenant, browser: Browser
) -> None:
    bind(tenant, "post-login", REDIRECT)
    state = browser.authorize().log_in().answer["state"]
    with httpx.Client(transport=tenant.transport(), base_url=f"https://{tenant.domain}") as other:
        stolen = other.get("/continue", params={"state": state, "answer": "yes"})
    assert stolen.status_code == 400
    assert len(tenant.sessions) == 0


def test_what_changes_during_a_redirect_is_kept(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    code = """
    exports.onExecutePostLogin = async (event, api) => {
      api.user.setAppMetadata("survey", "pending");
      api.transaction.setMetadata("asked", "yes");
      api.redirect.sendUserTo("https://survey.example.com");
    };
    exports.onContinuePostLogin = async (event, api) => {
      api.idToken.setCustomClaim("survey", event.user.app_metadata.survey);
      api.idToken.setCustomClaim("asked", event.transaction.metadata.asked);
    };
    """
    bind(tenant, "post-login", code)
    state = browser.authorize().log_in().answer["state"]
    assert tenant.users[ADA].app_metadata == {"survey": "pending"}
    tenant.management().users.update(ADA, app_metadata={"survey": "done"})
    code = browser.open("/continue", state=state).answer["code"]
    held = claims(exchange_code(http, code).json()["id_token"])
    assert (held["survey"], held["asked"]) == ("done", "yes")
    assert tenant.users[ADA].app_metadata == {"survey": "done"}


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_redirect_carries_a_token_there_and_back(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    secret = "a secret that both sides of it share"
    whole = """
    const options = { secret: "SECRET" };
    exports.onExecutePostLogin = async (event, api) => {
      const session_token = api.redirect.encodeToken({ ...options, payload: { plan: "gold" } });
      api.redirect.sendUserTo("https://survey.example.com", { query: { session_token } });
    };
    exports.onContinuePostLogin = async (event, api) => {
      const { answer } = api.redirect.validateToken(options);
      api.idToken.setCustomClaim("answer", answer);
    };
    """
    bind(tenant, "post-login", whole.replace("SECRET", secret))
    given = browser.authorize().log_in().answer
    options: Any = {"verify_exp": False, "verify_iat": False}
    sent = jwt.decode(given["session_token"], secret, algorithms=["HS256"], options=options)
    assert (sent["sub"], sent["iss"], sent["plan"]) == (ADA, tenant.domain, "gold")

    def back(**changed: Any) -> Browser:
        known = {"sub": ADA, "exp": sent["exp"], "state": given["state"], "answer": 42}
        token = jwt.encode({**known, **changed}, secret, "HS256")
        return browser.open("/continue", state=given["state"], session_token=token)

    code = back().answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["answer"] == 42
    given = browser.authorize(prompt="login").log_in().answer
    answer = back(state="of another log-in").answer
    assert answer["error_description"] == "The state of session_token is that of another log-in"


def test_two_actions_redirect_one_after_the_other(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    second = REDIRECT.replace("survey.example.com", "terms.example.com").replace("answer", "agreed")
    bind(tenant, "post-login", REDIRECT, second)
    state = browser.authorize().log_in().answer["state"]
    browser.open("/continue", state=state, answer="yes")
    assert str(browser.left_for).startswith("https://terms.example.com/")
    code = browser.open("/continue", state=state, agreed="yes").answer["code"]
    held = claims(exchange_code(http, code).json()["id_token"])
    assert (held["answer"], held["agreed"]) == ("yes", "yes")


def test_a_redirect_is_not_silent(tenant: FakeTenant, browser: Browser) -> None:
    bind(
        tenant, "post-login", "if (event.session) api.redirect.sendUserTo('https://a.example.com')"
    )
    browser.authorize().log_in()
    assert browser.authorize(prompt="none").answer["error"] == "interaction_required"


def test_a_redirect_comes_back_with_a_form_too(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(tenant, "post-login", REDIRECT.replace("event.request.query", "event.request.body"))
    state = browser.authorize().log_in().answer["state"]
    reply = browser.client.post("/continue", data={"state": state, "answer": "yes"})
    code = str(httpx.URL(reply.headers["location"]).params["code"])
    assert claims(exchange_code(http, code).json()["id_token"])["answer"] == "yes"


def test_without_a_browser_a_redirect_is_refused(tenant: FakeTenant, http: httpx.Client) -> None:
    bind(tenant, "post-login", REDIRECT)
    refused = password(http)
    assert (refused.status_code, refused.json()["error"]) == (403, "interaction_required")
    with pytest.raises(StateError, match="redirected"):
        tenant.log_in(ADA, client="app")


# --- client credentials --------------------------------------------------------------------------


@pytest.fixture
def granted(tenant: FakeTenant) -> FakeTenant:
    tenant.client_grants.add(client_id="app", audience=API, scope=["read:things"])
    return tenant


def test_code_adds_claims_to_the_token_of_a_client(granted: FakeTenant, http: httpx.Client) -> None:
    bind(
        granted,
        "credentials-exchange",
        'api.accessToken.setCustomClaim("tier", event.resource_server.identifier)',
    )
    response = exchange(http, "client_credentials", audience=API)
    assert claims(response.json()["access_token"])["tier"] == API
    assert events(granted, "seccft")[0]["details"]["actions"]["executions"]


@pytest.mark.parametrize(
    ("body", "status", "error", "description"),
    [
        ('api.access.deny("invalid_scope", "no")', 400, "invalid_scope", "no"),
        ('api.access.deny("server_error", "down")', 500, "server_error", "down"),
        ('throw new Error("broken")', 500, "server_error", "broken"),
    ],
)
def test_code_denies_a_client(
    granted: FakeTenant, http: httpx.Client, body: str, status: int, error: str, description: str
) -> None:
    bind(granted, "credentials-exchange", body)
    refused = exchange(http, "client_credentials", audience=API)
    assert refused.status_code == status
    assert refused.json() == {"error": error, "error_description": description}
    assert events(granted, "feccft")[0]["details"]["actions"]["executions"]


# --- registration --------------------------------------------------------------------------------


def sign_up(http: httpx.Client, email: str = "bob@example.com") -> httpx.Response:
    given = {"client_id": "app", "connection": DATABASE, "email": email, "password": STRONG}
    return http.post("/dbconnections/signup", json=given)


DENY_SPAM = """
if (event.user.email.endsWith("@spam.example.com")) api.access.deny("spam", "Not you");
api.user.setAppMetadata("from", event.connection.name);
api.user.setUserMetadata("client", event.client ? event.client.name : "none");
"""


def test_code_denies_a_sign_up_and_nothing_of_it_is_left(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "pre-user-registration", DENY_SPAM)
    refused = sign_up(http, "x@spam.example.com")
    assert (refused.status_code, refused.json()["description"]) == (400, "Not you")
    assert (len(tenant.users), len(tenant.mailbox)) == (1, 0)
    (event,) = events(tenant, "fs")
    assert event["details"]["actions"]["executions"]


def test_the_sign_up_page_shows_what_is_meant_for_the_user(
    tenant: FakeTenant, browser: Browser
) -> None:
    bind(tenant, "pre-user-registration", DENY_SPAM)
    browser.authorize(screen_hint="signup").submit(email="x@spam.example.com", password=STRONG)
    assert browser.form.alerts == ["Not you"]
    assert len(tenant.users) == 1


def test_code_sets_the_metadata_of_a_user_who_signs_up(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "pre-user-registration", DENY_SPAM)
    bind(tenant, "post-user-registration", "console.log(event.user.user_id, event.user.email)")
    own = sign_up(http).json()["_id"]
    user = tenant.users[f"auth0|{own}"]
    assert user.app_metadata == {"from": DATABASE}
    assert user.user_metadata == {"client": "App"}
    assert tenant.actions.executions()[-1].results[0].console == (f"auth0|{own} bob@example.com",)


def test_registration_code_runs_for_users_of_the_management_api(tenant: FakeTenant) -> None:
    bind(tenant, "pre-user-registration", DENY_SPAM)
    users = tenant.management().users
    made = users.create(email="bob@example.com", password=STRONG, connection=DATABASE)
    assert made.user_metadata == {"client": "none"}
    with pytest.raises(BadRequestError, match="400 Not you"):
        users.create(email="x@spam.example.com", password=STRONG, connection=DATABASE)
    assert len(tenant.users) == 2
    assert len(tenant.actions.executions()) == 2


def test_code_after_a_registration_that_fails_stops_nothing(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(tenant, "post-user-registration", "throw new Error('mail is down')")
    assert sign_up(http).status_code == 200
    assert len(tenant.users) == 2
    (event,) = events(tenant, "actions_execution_failed")
    assert event["details"]["action_error"]["message"] == "mail is down"


# --- passwords and messages ----------------------------------------------------------------------


def test_code_runs_when_a_password_was_changed(tenant: FakeTenant, http: httpx.Client) -> None:
    bind(tenant, "post-change-password", "console.log(event.user.email, event.connection.name)")
    tenant.management().users.update(ADA, password="a new Passw0rd!", connection=DATABASE)
    given = {"client_id": "app", "connection": DATABASE, "email": "ada@example.com"}
    http.post("/dbconnections/change_password", json=given)
    link = tenant.mailbox.latest("ada@example.com").link
    tenant.redeem_ticket(str(link), password="another Passw0rd!")
    outputs = [execution.results[0].console for execution in tenant.actions.executions()]
    assert outputs == [(f"ada@example.com {DATABASE}",)] * 2


def test_code_denies_a_password_reset_before_its_page(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    bind(
        tenant,
        "password-reset-post-challenge",
        'event.user.email === "ada@example.com" ? api.access.deny("call us") : 0',
    )
    given = {"client_id": "app", "connection": DATABASE, "email": "ada@example.com"}
    http.post("/dbconnections/change_password", json=given)
    link = str(tenant.mailbox.latest("ada@example.com").link)
    page = http.get(link.partition("#")[0])
    assert (page.status_code, "call us" in page.text) == (403, True)
    assert len(tenant.actions.executions()) == 1


def test_code_chooses_where_a_password_reset_ends(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    bind(
        tenant,
        "password-reset-post-challenge",
        'api.transaction.setResultUrl("https://app.example.com/done")',
    )
    given = {"client_id": "app", "connection": DATABASE, "email": "ada@example.com"}
    http.post("/dbconnections/change_password", json=given)
    new = "another fine Passw0rd!"
    browser.open(str(tenant.mailbox.latest("ada@example.com").link).partition("#")[0])
    browser.submit(password=new, password_again=new)
    assert browser.left_for == "https://app.example.com/done"


def test_code_sees_the_text_messages_that_are_sent(tenant: FakeTenant, http: httpx.Client) -> None:
    bind(
        tenant,
        "send-phone-message",
        "console.log(event.message_options.recipient, event.message_options.message_type)",
    )
    tenant.connections.add(name="sms", strategy="sms", enabled_clients=["app"])
    started = http.post(
        "/passwordless/start",
        json={
            "client_id": "app",
            "client_secret": "app-secret",
            "connection": "sms",
            "phone_number": "+15550100",
        },
    )
    assert started.status_code == 200
    assert tenant.actions.executions()[0].results[0].console == ("+15550100 sms",)
