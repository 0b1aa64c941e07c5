"""Back-channel log-out: whatever ends a session, its applications are sent a logout token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Clock, FakeTenant, Outgoing

from .conftest import ADA, DATABASE, Browser, claims, log_types

URL = "https://app.example.com/backchannel"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
INITIATORS = [
    "rp-logout",
    "idp-logout",
    "password-changed",
    "session-expired",
    "session-revoked",
    "account-deleted",
    "email-identifier-changed",
    "mfa-phone-unenrolled",
    "account-deactivated",
]


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


def listen(mgmt: Management, client_id: str = "app", **settings: Any) -> None:
    """Give a client a URL for logout tokens."""
    wanted: Any = {"backchannel_logout_urls": [f"{URL}/{client_id}"], **settings}
    mgmt.clients.update(client_id, oidc_logout=wanted)


def listen_to(mgmt: Management, *initiators: str) -> None:
    chosen = {"mode": "custom", "selected_initiators": list(initiators)}
    listen(mgmt, backchannel_logout_initiators=chosen)


def token_of(request: Outgoing) -> str:
    (token,) = parse_qs(request.body.decode())["logout_token"]
    return token


def log_in(tenant: FakeTenant) -> str:
    return tenant.log_in(ADA, client="app").session_id


def _log_out(tenant: FakeTenant, mgmt: Management) -> None:
    with httpx.Client(transport=tenant.transport(), base_url=f"https://{tenant.domain}") as client:
        browser = Browser(client)
        browser.authorize().log_in()
        browser.open("/v2/logout", client_id="app")


def _log_out_by_openid(tenant: FakeTenant, mgmt: Management) -> None:
    with httpx.Client(transport=tenant.transport(), base_url=f"https://{tenant.domain}") as client:
        browser = Browser(client)
        browser.authorize().log_in()
        (session,) = mgmt.users.sessions.list(ADA).items
        browser.open("/oidc/logout", client_id="app", logout_hint=str(session.id))


def _revoke_globally(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    with httpx.Client(transport=tenant.transport(), base_url=f"https://{tenant.domain}") as client:
        client.post(
            f"/oauth/global-token-revocation/connection/{DATABASE}",
            headers={"authorization": "Bearer token"},
            json={"subject": {"format": "iss_sub", "iss": "https://idp", "sub": "ada"}},
        ).raise_for_status()


def _reset_password(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    ticket = mgmt.tickets.change_password(user_id=ADA).ticket
    tenant.redeem_ticket(str(ticket), password="Another-passw0rd!")


def _change_password(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    mgmt.users.update(ADA, password="Another-passw0rd!")


def _wait(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    tenant.clock.advance(8 * 86_400)


def _wait_idle(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    tenant.clock.advance(73 * 3_600)


def _delete_session(tenant: FakeTenant, mgmt: Management) -> None:
    mgmt.sessions.delete(log_in(tenant))


def _revoke_session(tenant: FakeTenant, mgmt: Management) -> None:
    mgmt.sessions.revoke(log_in(tenant))


def _delete_sessions(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    mgmt.users.sessions.delete(ADA)


def _revoke_access(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    mgmt.users.revoke_access(ADA)


def _delete_user(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    mgmt.users.delete(ADA)


def _remove_user(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    del tenant.users[ADA]


def _change_email(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    mgmt.users.update(ADA, email="lovelace@example.com")


def _unenroll_phone(tenant: FakeTenant, mgmt: Management) -> None:
    method = mgmt.users.authentication_methods.create(
        ADA, type="phone", name="phone", phone_number="+15550100001"
    )
    log_in(tenant)
    mgmt.users.authentication_methods.delete(ADA, str(method.id))


def _block(tenant: FakeTenant, mgmt: Management) -> None:
    log_in(tenant)
    mgmt.users.update(ADA, blocked=True)


End = Callable[[FakeTenant, Management], None]
ENDS: list[tuple[End, str]] = [
    (_log_out, "rp-logout"),
    (_log_out_by_openid, "rp-logout"),
    (_revoke_globally, "idp-logout"),
    (_reset_password, "password-changed"),
    (_change_password, "password-changed"),
    (_wait, "session-expired"),
    (_wait_idle, "session-expired"),
    (_delete_session, "session-revoked"),
    (_revoke_session, "session-revoked"),
    (_delete_sessions, "session-revoked"),
    (_revoke_access, "session-revoked"),
    (_delete_user, "account-deleted"),
    (_remove_user, "account-deleted"),
    (_change_email, "email-identifier-changed"),
    (_unenroll_phone, "mfa-phone-unenrolled"),
    (_block, "account-deactivated"),
]
_IDS = [end.__name__.strip("_") for end, _ in ENDS]


@pytest.mark.parametrize(("end", "initiator"), ENDS, ids=_IDS)
def test_the_end_of_a_session_is_sent_to_its_application(
    tenant: FakeTenant, mgmt: Management, end: End, initiator: str
) -> None:
    listen_to(mgmt, initiator)
    end(tenant, mgmt)
    (delivery,) = tenant.deliveries
    assert (delivery.kind, delivery.stream_id, delivery.url) == (
        "backchannel_logout",
        "app",
        f"{URL}/app",
    )
    assert delivery.type == initiator
    assert not list(tenant.sessions)


@pytest.mark.parametrize(("end", "initiator"), ENDS, ids=_IDS)
def test_a_reason_that_a_client_did_not_select_is_not_sent(
    tenant: FakeTenant, mgmt: Management, end: End, initiator: str
) -> None:
    listen_to(mgmt, *(each for each in INITIATORS if each != initiator))
    end(tenant, mgmt)
    assert not list(tenant.sessions)
    assert not list(tenant.deliveries)


def test_every_initiator_of_the_contract_but_one_is_modelled() -> None:
    from typing import get_args

    from auth0_mgmt.params.clients import ClientOIDCBackchannelLogoutInitiatorsEnum

    known = set(get_args(ClientOIDCBackchannelLogoutInitiatorsEnum))
    assert known - {initiator for _, initiator in ENDS} == {"profile-changed"}


def test_a_client_that_selects_nothing_is_sent_logouts_only(
    tenant: FakeTenant, mgmt: Management
) -> None:
    listen(mgmt)
    _delete_session(tenant, mgmt)
    assert not list(tenant.deliveries)
    _log_out(tenant, mgmt)
    assert [delivery.type for delivery in tenant.deliveries] == ["rp-logout"]


def test_a_client_of_mode_all_is_sent_everything(tenant: FakeTenant, mgmt: Management) -> None:
    listen(mgmt, backchannel_logout_initiators={"mode": "all"})
    _delete_session(tenant, mgmt)
    assert [delivery.type for delivery in tenant.deliveries] == ["session-revoked"]


def test_every_client_of_a_session_is_sent_its_own_token(
    tenant: FakeTenant, mgmt: Management, browser: Browser
) -> None:
    listen(mgmt)
    listen(mgmt, "spa")
    browser.authorize().log_in()
    browser.authorize("spa")
    browser.open("/v2/logout", client_id="app")
    tokens = [claims(delivery.event["logout_token"]) for delivery in tenant.deliveries]
    assert [token["aud"] for token in tokens] == ["app", "spa"]
    assert tokens[0]["sid"] == tokens[1]["sid"]
    assert tokens[0]["jti"] != tokens[1]["jti"]


def test_a_logout_token_verifies_by_the_tenants_keys(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client, clock: Clock
) -> None:
    listen(mgmt)
    received: list[Outgoing] = []
    tenant.deliveries.forward(URL, received.append)
    _log_out(tenant, mgmt)
    clock.advance(1)
    assert tenant.deliveries.send() == 1
    (request,) = received
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    token = token_of(request)
    header = jwt.get_unverified_header(token)
    assert header["typ"] == "logout+jwt"
    keys = jwt.PyJWKSet.from_dict(http.get("/.well-known/jwks.json").json())
    said = jwt.decode(
        token,
        keys[header["kid"]],
        algorithms=["RS256"],
        audience="app",
        issuer=f"https://{tenant.domain}/",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert said["sub"] == ADA
    assert said["events"] == {EVENT: {}}
    assert said["exp"] - said["iat"] == 120
    assert {"sid", "jti"} <= set(said)
    assert "nonce" not in said


def test_discovery_says_that_logout_tokens_are_sent(http: httpx.Client) -> None:
    found = http.get("/.well-known/openid-configuration").json()
    assert found["backchannel_logout_supported"]
    assert found["backchannel_logout_session_supported"]


@pytest.mark.parametrize("include", [True, False])
def test_the_metadata_of_a_session_is_sent_where_the_client_wants_it(
    tenant: FakeTenant, mgmt: Management, include: bool
) -> None:
    listen(
        mgmt,
        backchannel_logout_initiators={"mode": "all"},
        backchannel_logout_session_metadata={"include": include},
    )
    session = log_in(tenant)
    mgmt.sessions.update(session, session_metadata={"device": "tablet"})
    mgmt.sessions.delete(session)
    said = claims(tenant.deliveries.latest().event["logout_token"])
    assert said.get("session_metadata") == ({"device": "tablet"} if include else None)


def test_a_logout_token_that_arrives_is_logged(
    tenant: FakeTenant, mgmt: Management, clock: Clock
) -> None:
    listen(mgmt)
    tenant.deliveries.forward(URL, lambda request: 204)
    _log_out(tenant, mgmt)
    clock.advance(1)
    tenant.deliveries.send()
    clock.advance(60)
    event = mgmt.logs.list().items[0]
    assert log_types(tenant).count("oidc_backchannel_logout_succeeded") == 1
    assert event.client_id == "app"
    assert event.to_dict()["details"] == {
        "initiator": "rp-logout",
        "request": {"method": "POST", "backchannel_logout_uri": f"{URL}/app"},
        "response": {"statusCode": 204},
    }


def test_a_logout_token_that_is_refused_is_sent_again_then_logged_as_failed(
    tenant: FakeTenant, mgmt: Management, clock: Clock
) -> None:
    listen(mgmt)
    tenant.deliveries.forward(URL, lambda request: 503)
    _log_out(tenant, mgmt)
    for _ in range(10):
        clock.advance(1)
        tenant.deliveries.send()
    assert tenant.deliveries.latest().status == "failed"
    assert len(tenant.deliveries.latest().attempts) == 4
    assert log_types(tenant).count("oidc_backchannel_logout_failed") == 1
    details = mgmt.logs.list().items[0].to_dict()["details"]
    assert details["response"] == {"statusCode": 503}
    assert len(details["errors"]) == 4


def test_a_logout_token_for_a_host_that_is_never_called_fails(
    tenant: FakeTenant, mgmt: Management, clock: Clock
) -> None:
    listen(mgmt)
    _log_out(tenant, mgmt)
    clock.advance(7)
    assert tenant.deliveries.latest().status == "pending"
    clock.advance(1)
    assert tenant.deliveries.latest().status == "failed"
    assert log_types(tenant).count("oidc_backchannel_logout_failed") == 1


def test_a_refused_request_ends_no_session(tenant: FakeTenant, mgmt: Management) -> None:
    listen(mgmt, backchannel_logout_initiators={"mode": "all"})
    session = log_in(tenant)
    with pytest.raises(Exception, match="Password"):
        mgmt.users.update(ADA, password="x")
    assert mgmt.sessions.get(session).id == session
    assert not list(tenant.deliveries)


def test_a_new_session_of_the_same_user_outlives_the_end_of_another(
    tenant: FakeTenant, mgmt: Management
) -> None:
    first, second = log_in(tenant), log_in(tenant)
    mgmt.sessions.delete(first)
    assert [session.id for session in tenant.sessions] == [second]


def test_code_that_revokes_a_session_ends_it_for_its_applications(
    tenant: FakeTenant, mgmt: Management, browser: Browser
) -> None:
    listen(mgmt, backchannel_logout_initiators={"mode": "all"})
    browser.authorize().log_in()
    action = tenant.actions.add(
        name="end",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        code="exports.onExecutePostLogin = async (event, api) => { api.session.revoke('no'); };",
    )
    tenant.actions.bind("post-login", action)
    browser.authorize()
    assert [delivery.type for delivery in tenant.deliveries] == ["session-revoked"]
