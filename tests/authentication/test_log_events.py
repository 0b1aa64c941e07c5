"""The types of log events that flows write; their form is checked wherever a tenant is used."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import (
    ADA,
    API,
    CALLBACK,
    DATABASE,
    PASSWORD,
    Browser,
    enable,
    exchange,
    exchange_code,
    log_types,
)

LEAKED = "AUTH0-TEST-Long-enough-1!"  # a password that the vendor marks as leaked
CLIENT = {"client_id": "app", "client_secret": "app-secret"}
PASSWORD_GRANT = {"username": "ada@example.com", "password": PASSWORD}
CIBA = "urn:openid:params:grant-type:ciba"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
OTP = "http://auth0.com/oauth/grant-type/passwordless/otp"


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


def newest(mgmt: Management, type: str) -> dict[str, Any]:
    """The newest event of a type."""
    return next(event.to_dict() for event in mgmt.logs.list() if event.type == type)


def fail(http: httpx.Client, times: int = 1, username: str = "ada@example.com") -> list[int]:
    given = {"username": username, "password": "wrong"}
    return [exchange(http, "password", **given).status_code for _ in range(times)]


# --- attack protection ---------------------------------------------------------------------------


def test_brute_force_is_logged_when_it_blocks_and_at_each_further_attempt(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    mgmt.attack_protection.brute_force_protection.update(max_attempts=2)
    assert fail(http, 2) == [403, 403]
    assert log_types(tenant).count("limit_wc") == 1
    event = newest(mgmt, "limit_wc")
    assert (event["user_id"], event["client_id"], event["connection"]) == (ADA, "app", DATABASE)
    assert exchange(http, "password", **PASSWORD_GRANT).status_code == 429
    assert log_types(tenant).count("limit_wc") == 2


def test_brute_force_that_only_notifies_blocks_nobody(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    mgmt.attack_protection.brute_force_protection.update(
        max_attempts=2, shields=["user_notification"]
    )
    fail(http, 2)
    assert "limit_wc" in log_types(tenant)
    assert tenant.mailbox.latest("ada@example.com").kind == "blocked_account"
    assert exchange(http, "password", **PASSWORD_GRANT).status_code == 200


def test_brute_force_protection_that_is_off_logs_nothing(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    mgmt.attack_protection.brute_force_protection.update(enabled=False, max_attempts=2)
    fail(http, 3)
    assert "limit_wc" not in log_types(tenant)


def throttle(mgmt: Management, **settings: Any) -> None:
    mgmt.attack_protection.suspicious_ip_throttling.update(**settings)


def test_an_address_that_fails_for_many_users_is_blocked_and_logged(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    throttle(mgmt, stage={"pre-login": {"max_attempts": 2, "rate": 40_000}})
    statuses = [fail(http, username=f"nobody{n}@example.com")[0] for n in range(3)]
    assert statuses == [403, 403, 429]
    assert log_types(tenant).count("limit_mu") == 2
    assert newest(mgmt, "limit_mu")["details"] == {"flow": "pre-login"}
    mgmt.anomaly.blocks.check_ip("127.0.0.1")


def test_attempts_of_an_address_come_back_at_the_rate_of_the_stage(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client, clock: Clock
) -> None:
    throttle(mgmt, stage={"pre-login": {"max_attempts": 2, "rate": 40_000}})
    for number in range(4):
        assert fail(http, username=f"nobody{number}@example.com") == [403]
        clock.advance(40)
    assert "limit_mu" not in log_types(tenant)


def test_throttling_that_only_notifies_blocks_nobody(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    throttle(
        mgmt,
        shields=["admin_notification"],
        stage={"pre-login": {"max_attempts": 1, "rate": 40_000}},
    )
    assert fail(http, username="nobody@example.com") == [403]
    assert log_types(tenant).count("limit_mu") == 1
    assert exchange(http, "password", **PASSWORD_GRANT).status_code == 200


def sign_up(http: httpx.Client, email: str, password: str = "Long-enough-1!") -> httpx.Response:
    given = {"client_id": "app", "connection": DATABASE, "email": email, "password": password}
    return http.post("/dbconnections/signup", json=given)


def test_too_many_sign_ups_from_an_address_are_refused_and_logged(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client, clock: Clock
) -> None:
    throttle(mgmt, stage={"pre-user-registration": {"max_attempts": 2, "rate": 60_000}})
    statuses = [sign_up(http, f"new{n}@example.com").status_code for n in range(3)]
    assert statuses == [200, 200, 429]
    assert newest(mgmt, "limit_mu")["details"] == {"flow": "pre-user-registration"}
    assert exchange(http, "password", **PASSWORD_GRANT).status_code == 200
    clock.advance(60)
    assert sign_up(http, "new3@example.com").status_code == 200


def test_a_leaked_password_that_only_notifies_logs_in(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    tenant.users.add(user_id="auth0|bob", email="bob@example.com", password=LEAKED)
    mgmt.attack_protection.breached_password_detection.update(
        enabled=True, shields=["user_notification"]
    )
    given = {"username": "bob@example.com", "password": LEAKED}
    assert exchange(http, "password", **given).status_code == 200
    assert "pwd_leak" in log_types(tenant)
    assert tenant.mailbox.latest("bob@example.com").kind == "stolen_credentials"


def test_a_leaked_password_is_logged_at_a_sign_up(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    stage: Any = {"pre-user-registration": {"shields": ["block"]}}
    mgmt.attack_protection.breached_password_detection.update(enabled=True, stage=stage)
    assert sign_up(http, "eve@example.com", LEAKED).status_code == 400
    assert "signup_pwd_leak" in log_types(tenant)


def test_a_leaked_password_is_refused_and_logged_at_a_reset(
    tenant: FakeTenant, mgmt: Management, browser: Browser
) -> None:
    stage: Any = {"pre-change-password": {"shields": ["block"]}}
    mgmt.attack_protection.breached_password_detection.update(enabled=True, stage=stage)
    browser.open(str(mgmt.tickets.change_password(user_id=ADA).ticket))
    browser.submit(password=LEAKED, password_again=LEAKED)
    assert browser.page.status_code == 400
    assert [each for each in log_types(tenant) if each in ("reset_pwd_leak", "fcp", "scp")] == [
        "reset_pwd_leak",
        "fcp",
    ]


# --- authorization requests ------------------------------------------------------------------------


def test_silent_log_ins_are_logged(tenant: FakeTenant, browser: Browser) -> None:
    assert browser.authorize(prompt="none").answer["error"] == "login_required"
    assert log_types(tenant) == ["fsa"]
    browser.authorize().log_in()
    assert "code" in browser.authorize(prompt="none").answer
    assert log_types(tenant)[-1] == "ssa"


@pytest.mark.parametrize(
    "query",
    [
        {"redirect_uri": "https://other.example.com"},
        {"client_id": "nobody"},
        {"connection": "nothing"},
        {"prompt": "dance"},
    ],
)
def test_an_authorization_request_that_is_refused_is_logged(
    tenant: FakeTenant, mgmt: Management, browser: Browser, query: dict[str, str]
) -> None:
    browser.authorize(**query)
    assert log_types(tenant) == ["f"]
    assert newest(mgmt, "f")["details"]["error"]["oauthError"]


def test_a_denied_log_in_is_logged_once(tenant: FakeTenant, browser: Browser) -> None:
    tenant.management().users.update(ADA, blocked=True)
    browser.authorize().log_in()
    assert log_types(tenant) == ["f"]


def test_a_pushed_request_that_is_refused_is_logged(tenant: FakeTenant, http: httpx.Client) -> None:
    given = {**CLIENT, "response_type": "dance", "redirect_uri": CALLBACK}
    assert http.post("/oauth/par", data=given).status_code == 400
    assert log_types(tenant) == ["fpar"]


# --- other flows -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grant_type", "type"),
    [
        ("authorization_code", "feacft"),
        ("refresh_token", "fertft"),
        ("client_credentials", "feccft"),
        ("password", "fepft"),
        (OTP, "fepotpft"),
        (DEVICE, "fede"),
        (CIBA, "ciba_exchange_failed"),
        ("urn:ietf:params:oauth:grant-type:token-exchange", "fecte"),
        ("http://auth0.com/oauth/grant-type/mfa-otp", "feotpft"),
        ("http://auth0.com/oauth/grant-type/mfa-oob", "feoobft"),
        ("http://auth0.com/oauth/grant-type/mfa-recovery-code", "fercft"),
    ],
)
def test_a_client_that_does_not_prove_itself_is_logged(
    tenant: FakeTenant, http: httpx.Client, grant_type: str, type: str
) -> None:
    assert exchange(http, grant_type, client_secret="wrong").status_code == 401
    assert log_types(tenant) == [type]


def test_a_revoked_refresh_token_is_logged(
    tenant: FakeTenant, http: httpx.Client, browser: Browser
) -> None:
    browser.authorize(scope="openid offline_access", audience=API).log_in()
    token = exchange_code(http, browser.answer["code"]).json()["refresh_token"]
    http.post("/oauth/revoke", data={**CLIENT, "token": token}).raise_for_status()
    assert log_types(tenant)[-1] == "srrt"


@pytest.mark.parametrize(
    ("subject", "type"), [("ada", "universal_logout_succeeded"), ("x", "universal_logout_failed")]
)
def test_a_revocation_by_an_identity_provider_is_logged(
    tenant: FakeTenant, http: httpx.Client, subject: str, type: str
) -> None:
    http.post(
        f"/oauth/global-token-revocation/connection/{DATABASE}",
        headers={"authorization": "Bearer token"},
        json={"subject": {"format": "iss_sub", "iss": "https://idp", "sub": subject}},
    )
    assert log_types(tenant) == [type]


def test_a_new_password_is_logged_with_its_request(
    tenant: FakeTenant, http: httpx.Client, browser: Browser
) -> None:
    for email in ("ada@example.com", "nobody@example.com"):
        given = {"client_id": "app", "connection": DATABASE, "email": email}
        http.post("/dbconnections/change_password", json=given).raise_for_status()
    assert log_types(tenant) == ["scpr", "fcpr"]
    link = tenant.mailbox.latest("ada@example.com").link
    assert link is not None
    browser.open(link).submit(password="Another-passw0rd!", password_again="Another-passw0rd!")
    assert log_types(tenant)[-1] == "scp"
    assert "Another-passw0rd!" not in str([event.to_dict() for event in tenant.logs])


def test_codes_are_logged_when_they_are_sent_and_redeemed(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    mgmt.connections.create(name="sms", strategy="sms")
    mgmt.connections.create(name="email", strategy="email")
    for name in ("sms", "email"):
        enable(tenant, name, "app")
    start = "/passwordless/start"
    http.post(start, json={**CLIENT, "connection": "sms", "phone_number": "+15550100"})
    http.post(start, json={**CLIENT, "connection": "email", "email": "e@e.com", "send": "code"})
    assert log_types(tenant) == ["cs", "cls"]
    given = {"realm": "email", "username": "e@e.com"}
    assert exchange(http, OTP, **given, otp="000").status_code == 403
    code = tenant.mailbox.latest("e@e.com").code
    assert exchange(http, OTP, **given, otp=code).status_code == 200
    types = log_types(tenant)
    assert [each for each in types if each.endswith("epotpft")] == ["fepotpft", "sepotpft"]


def test_device_codes_are_logged(tenant: FakeTenant, http: httpx.Client, browser: Browser) -> None:
    refused = http.post("/oauth/device/code", data={**CLIENT, "audience": "https://no.example.com"})
    assert refused.is_error
    assert log_types(tenant) == ["fdeaz"]
    codes = http.post("/oauth/device/code", data=CLIENT).json()
    browser.open("/activate").submit(user_code=codes["user_code"]).submit(action="cancel")
    assert log_types(tenant)[-1] == "fdecc"
    assert exchange(http, DEVICE, device_code=codes["device_code"]).is_error
    assert log_types(tenant)[-1] == "fede"


def test_ciba_requests_are_logged(tenant: FakeTenant, http: httpx.Client) -> None:
    hint = f'{{"format":"iss_sub","iss":"https://{tenant.domain}/","sub":"{ADA}"}}'
    given = {**CLIENT, "scope": "openid", "binding_message": "1"}
    http.post("/bc-authorize", data={**given, "login_hint": "{}"})
    started = http.post("/bc-authorize", data={**given, "login_hint": hint}).json()
    assert log_types(tenant) == ["ciba_start_failed", "ciba_start_succeeded"]
    tenant.decide_on_device(ADA, approve=False)
    exchange(http, CIBA, auth_req_id=started["auth_req_id"])
    assert log_types(tenant)[-1] == "ciba_exchange_failed"


def test_users_of_a_file_are_logged(tenant: FakeTenant, mgmt: Management, clock: Clock) -> None:
    database = next(str(doc.id) for doc in mgmt.connections.list() if doc.name == DATABASE)
    for file in (b'[{"email": "eve@example.com"}]', b"no JSON"):
        mgmt.jobs.users_imports.create(users=file, connection_id=database)
        clock.advance(60)
    assert [each for each in log_types(tenant) if each in ("sui", "fui")] == ["sui", "fui"]


def test_too_many_refresh_tokens_are_cleaned_up_which_is_logged(
    tenant: FakeTenant, mgmt: Management
) -> None:
    for _ in range(201):
        tenant.log_in(ADA, client="app", audience=API, scope="openid offline_access")
    assert newest(mgmt, "resource_cleanup")["details"] == {
        "start": 200,
        "removedCount": 1,
        "endCount": 199,
    }


def test_an_unenrolled_factor_is_logged(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    mgmt.guardian.factors.set("sms", enabled=True)
    mgmt.guardian.policies.set(["all-applications"])
    token = exchange(http, "password", **PASSWORD_GRANT).json()["mfa_token"]
    bearer = {"authorization": f"Bearer {token}"}
    given = {"authenticator_types": ["oob"], "oob_channels": ["sms"], "phone_number": "+15550100"}
    http.post("/mfa/associate", json={**CLIENT, **given}, headers=bearer).raise_for_status()
    assert log_types(tenant)[-1] == "gd_send_sms"
    listed = http.get("/mfa/authenticators", headers=bearer).json()
    phone = next(each["id"] for each in listed if each["id"].startswith("sms"))
    http.delete(f"/mfa/authenticators/{phone}", headers=bearer)
    assert log_types(tenant)[-1] == "gd_unenroll"


def test_factors_are_logged_by_the_mfa_api_as_by_pages(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    mgmt.guardian.factors.set("email", enabled=True)
    mgmt.guardian.factors.set("recovery-code", enabled=True)
    mgmt.guardian.policies.set(["all-applications"])
    token = exchange(http, "password", **PASSWORD_GRANT).json()["mfa_token"]
    bearer = {"authorization": f"Bearer {token}"}
    given = {"authenticator_types": ["oob"], "oob_channels": ["email"], "email": "ada@example.com"}
    enrolled = http.post("/mfa/associate", json={**CLIENT, **given}, headers=bearer).json()
    assert log_types(tenant)[-2:] == ["gd_start_enroll", "gd_send_email"]
    code = tenant.mailbox.latest("ada@example.com").code
    grant = "http://auth0.com/oauth/grant-type/mfa-oob"
    oob = {"oob_code": enrolled["oob_code"], "binding_code": code}
    assert exchange(http, grant, mfa_token=token, **oob).status_code == 200
    assert {"gd_enrollment_complete", "gd_auth_succeed", "seoobft"} <= set(log_types(tenant))
    token = exchange(http, "password", **PASSWORD_GRANT).json()["mfa_token"]
    challenge = {**CLIENT, "mfa_token": token, "challenge_type": "oob"}
    http.post("/mfa/challenge", json=challenge).raise_for_status()
    assert log_types(tenant)[-2:] == ["gd_start_auth", "gd_send_email"]
    recovery = "http://auth0.com/oauth/grant-type/mfa-recovery-code"
    wrong = exchange(http, recovery, mfa_token=token, recovery_code="no")
    assert wrong.status_code == 403
    assert {"gd_recovery_failed", "fercft"} <= set(log_types(tenant))
    right = enrolled["recovery_codes"][0]
    assert exchange(http, recovery, mfa_token=token, recovery_code=right).status_code == 200
    assert {"gd_recovery_succeed", "sercft"} <= set(log_types(tenant))
