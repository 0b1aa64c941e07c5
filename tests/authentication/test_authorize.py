"""``/authorize``: response types and modes, pushed and signed requests, organizations, consent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import (
    ADA,
    API,
    CALLBACK,
    CHALLENGE,
    Browser,
    claims,
    enable,
    exchange_code,
    log_types,
)

CLIENT = {"client_id": "app", "client_secret": "app-secret"}


# --- response types and modes --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response_type", "members"),
    [
        ("token", {"access_token", "token_type", "expires_in", "scope", "state", "iss"}),
        ("id_token", {"id_token", "state", "iss"}),
        (
            "id_token token",
            {"id_token", "access_token", "token_type", "expires_in", "scope", "state", "iss"},
        ),
        ("code id_token", {"code", "id_token", "state", "iss"}),
    ],
)
def test_each_response_type_gives_what_it_names_in_the_fragment(
    browser: Browser, response_type: str, members: set[str]
) -> None:
    browser.authorize(response_type=response_type, nonce="n", audience=API).log_in()
    assert browser.left_for is not None
    parts = urlsplit(browser.left_for)
    assert not parts.query
    answer = dict(parse_qsl(parts.fragment))
    assert set(answer) == members
    if "id_token" in answer and "access_token" in answer:
        assert "at_hash" in claims(answer["id_token"])
    if "id_token" in answer and "code" in answer:
        assert "c_hash" in claims(answer["id_token"])


def test_a_form_is_posted_to_the_client(browser: Browser) -> None:
    page = browser.authorize(response_mode="form_post").log_in()
    fields = page.form.fields
    assert page.form.has_form
    assert fields["state"] == "xyz"
    assert fields["code"]
    assert f'action="{CALLBACK}"' in page.page.text


def test_a_message_goes_to_the_clients_window_only(browser: Browser) -> None:
    browser.authorize("spa").log_in()
    page = browser.authorize("spa", prompt="none", response_mode="web_message").page
    assert page.status_code == 200
    found = re.search(r"postMessage\((\{.*\}),\"(.*)\"\)", page.text)
    assert found is not None
    assert found[2] == "https://app.example.com"
    assert '"type": "authorization_response"' in found[1]
    assert "x-frame-options" not in page.headers


def test_an_unknown_origin_gets_no_message(tenant: FakeTenant, browser: Browser) -> None:
    tenant.management().clients.update("spa", web_origins=["https://other.example.com"])
    page = browser.authorize("spa", prompt="none", response_mode="web_message").page
    assert page.status_code == 400
    assert "postMessage" not in page.text


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"response_type": "magic"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "invalid_request"),  # no nonce
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "\u00b2"}, "invalid_request"),
        ({"max_age": "9" * 5000}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
        ({"scope": "openid online_access offline_access"}, "invalid_request"),
        ({"organization": "org_1"}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_to_the_client(
    browser: Browser, query: dict[str, str], error: str
) -> None:
    answer = browser.authorize(**query).answer
    assert (answer["error"], answer["state"]) == (error, "xyz")


# --- pushed and signed requests ------------------------------------------------------------------


def push(http: httpx.Client, **given: str) -> httpx.Response:
    known = {
        **CLIENT,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "pushed",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return http.post("/oauth/par", data={**known, **given})


def test_a_pushed_request_counts_once_and_briefly(
    http: httpx.Client, browser: Browser, clock: Clock
) -> None:
    pushed = push(http)
    assert (pushed.status_code, pushed.json()["expires_in"]) == (201, 30)
    given = {"client_id": "app", "request_uri": pushed.json()["request_uri"]}
    assert browser.open("/authorize", **given).log_in().answer["state"] == "pushed"
    assert browser.open("/authorize", **given).page.status_code == 400
    late = {"client_id": "app", "request_uri": push(http).json()["request_uri"]}
    clock.advance(30)
    assert browser.open("/authorize", **late).page.status_code == 400


def test_a_pushed_request_needs_the_clients_secret(http: httpx.Client) -> None:
    assert push(http, client_secret="wrong").status_code == 401


def test_another_client_cannot_use_a_pushed_request(http: httpx.Client, browser: Browser) -> None:
    uri = push(http).json()["request_uri"]
    assert browser.open("/authorize", client_id="spa", request_uri=uri).page.status_code == 400


def test_a_client_may_have_to_push(tenant: FakeTenant, browser: Browser) -> None:
    tenant.management().clients.update("app", require_pushed_authorization_requests=True)
    assert "Pushed Authorization Requests" in browser.authorize().page.text


@pytest.fixture
def signing_client(tenant: FakeTenant) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    mgmt = tenant.management()
    credential = mgmt.clients.credentials.create(
        "app", credential_type="public_key", name="jar", pem=pem.decode(), alg="RS256"
    )
    mgmt.clients.update(
        "app", signed_request_object={"required": True, "credentials": [{"id": credential.id}]}
    )
    return key


def request_object(tenant: FakeTenant, key: Any, algorithm: str = "RS256", **given: Any) -> str:
    said = {
        "iss": "app",
        "aud": f"https://{tenant.domain}/",
        "exp": tenant.clock.time() + 60,
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "state": "signed",
        **given,
    }
    return jwt.encode(said, key, algorithm)


def test_a_signed_request_counts_in_place_of_the_query(
    tenant: FakeTenant, browser: Browser, signing_client: rsa.RSAPrivateKey
) -> None:
    token = request_object(tenant, signing_client)
    page = browser.open("/authorize", client_id="app", request=token, scope="other")
    assert page.log_in().answer["state"] == "signed"


@pytest.mark.parametrize("wrong", ["none", "forged", "expired", "audience", "missing"])
def test_a_request_object_that_is_not_right_is_refused(
    tenant: FakeTenant, browser: Browser, signing_client: rsa.RSAPrivateKey, wrong: str
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    tokens: dict[str, Callable[[], str]] = {
        "none": lambda: request_object(tenant, None, "none"),
        "forged": lambda: request_object(tenant, other),
        "expired": lambda: request_object(tenant, signing_client, exp=tenant.clock.time() - 1),
        "audience": lambda: request_object(tenant, signing_client, aud="https://other/"),
        "missing": lambda: "",
    }
    token = tokens[wrong]()
    query = {"client_id": "app", "response_type": "code", "redirect_uri": CALLBACK}
    page = browser.open("/authorize", **query, **({"request": token} if token else {}))
    assert page.page.status_code == 400
    assert page.left_for is None


# --- organizations -------------------------------------------------------------------------------


@pytest.fixture
def organization(tenant: FakeTenant) -> str:
    mgmt = tenant.management()
    created = mgmt.organizations.create(name="acme", display_name="Acme")
    connection = next(iter(mgmt.connections.list()))
    mgmt.organizations.enabled_connections.add(str(created.id), connection_id=str(connection.id))
    mgmt.clients.update("app", organization_usage="allow")
    return str(created.id)


def join(tenant: FakeTenant, organization: str) -> None:
    tenant.management().organizations.members.create(organization, members=[ADA])


def test_a_member_logs_in_to_an_organization(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, organization: str
) -> None:
    join(tenant, organization)
    code = browser.authorize(organization=organization).log_in().answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["org_id"] == organization


def test_who_is_no_member_is_kept_out(browser: Browser, organization: str) -> None:
    answer = browser.authorize(organization=organization).log_in().answer
    assert answer["error"] == "access_denied"
    assert (
        answer["error_description"] == f"user {ADA} is not part of the {organization} organization"
    )


def test_a_client_may_require_an_organization(
    tenant: FakeTenant, browser: Browser, organization: str
) -> None:
    tenant.management().clients.update("app", organization_usage="require")
    answer = browser.authorize().answer
    assert answer["error_description"] == "parameter organization is required for this client"


def test_the_user_names_the_organization_before_the_log_in(
    tenant: FakeTenant, browser: Browser, organization: str
) -> None:
    join(tenant, organization)
    tenant.management().clients.update(
        "app", organization_usage="require", organization_require_behavior="pre_login_prompt"
    )
    assert browser.authorize().screen == "/u/organization"
    assert browser.submit(organization="nobody").form.alerts
    assert "code" in browser.submit(organization="acme").log_in().answer


def test_the_user_picks_an_organization_after_the_log_in(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, organization: str
) -> None:
    mgmt = tenant.management()
    other = mgmt.organizations.create(name="other")
    join(tenant, organization)
    join(tenant, str(other.id))
    mgmt.clients.update(
        "app", organization_usage="require", organization_require_behavior="post_login_prompt"
    )
    browser.authorize().log_in()
    assert browser.screen == "/u/organization-picker"
    code = browser.submit(organization=organization).answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["org_id"] == organization


def test_an_invitation_makes_a_member_with_its_roles_once(
    tenant: FakeTenant, browser: Browser, organization: str
) -> None:
    mgmt = tenant.management()
    role = tenant.roles.add(name="editor")
    invitation = mgmt.organizations.invitations.create(
        organization,
        inviter={"name": "Root"},
        invitee={"email": "new@example.com"},
        client_id="app",
        roles=[str(role.id)],
    )
    query = {"organization": organization, "invitation": str(invitation.ticket_id)}
    assert browser.authorize(**query).screen == "/u/signup/identifier"
    answer = browser.submit(email="new@example.com", password="A long enough 4 it!").answer
    assert "code" in answer
    (member,) = mgmt.organizations.members.list(organization)
    roles = mgmt.organizations.members.roles.list(organization, str(member.user_id))
    assert [each.name for each in roles] == ["editor"]
    assert {"si", "organization_member_added"} <= set(log_types(tenant))
    assert browser.authorize(**query).answer["error"] == "invalid_request"


# --- consent and other screens -------------------------------------------------------------------


def third_party(tenant: FakeTenant) -> None:
    tenant.clients.add(
        client_id="third",
        name="Third party",
        is_first_party=False,
        app_type="spa",
        token_endpoint_auth_method="none",
        callbacks=[CALLBACK],
        grant_types=["authorization_code"],
    )
    enable(tenant, "Username-Password-Authentication", "third")


def test_a_third_party_needs_consent_once(tenant: FakeTenant, browser: Browser) -> None:
    third_party(tenant)
    scope = "openid profile read:things"
    browser.authorize("third", audience=API, scope=scope).log_in()
    assert browser.screen == "/u/consent"
    assert "read:things" in browser.page.text
    assert "code" in browser.submit().answer
    (grant,) = tenant.management().user_grants.list()
    assert (grant.user_id, grant.audience) == (ADA, API)
    assert "code" in browser.authorize("third", audience=API, scope=scope).answer
    more = browser.authorize("third", audience=API, scope=f"{scope} write:things", prompt="none")
    assert more.answer["error"] == "consent_required"


def test_refused_consent_is_told_to_the_client(tenant: FakeTenant, browser: Browser) -> None:
    third_party(tenant)
    browser.authorize("third").log_in()
    answer = browser.submit(action="deny").answer
    assert answer["error"] == "access_denied"
    assert answer["error_description"] == "The user denied the authorization request"


def test_a_social_connection_asks_who_comes_back(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    tenant.management().connections.create(name="google", strategy="google-oauth2")
    enable(tenant, "google", "app")
    browser.authorize(connection="google")
    assert browser.screen == "/u/identity"
    code = browser.submit(email="grace@gmail.com", name="Grace").answer["code"]
    told = claims(exchange_code(http, code).json()["id_token"])
    assert (told["email"], told["name"]) == ("grace@gmail.com", "Grace")
    assert told["sub"].startswith("google-oauth2|")
    logged = next(event for event in tenant.management().logs.list() if event.type == "s")
    assert logged.strategy_type == "social"
    again = browser.authorize(connection="google", prompt="login").submit(email="grace@gmail.com")
    assert "code" in again.answer
    assert len(list(tenant.management().users.list(q='email:"grace@gmail.com"'))) == 1


def test_a_click_logs_in_where_the_picker_is_on(tenant: FakeTenant, browser: Browser) -> None:
    tenant.use_login_picker()
    browser.authorize()
    assert browser.screen == "/u/picker"
    assert "code" in browser.submit(user_id=ADA).answer


def test_a_user_signs_up_and_verifies_the_address(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    browser.authorize(screen_hint="signup")
    weak = browser.submit(email="eve@example.com", password="weak")
    assert weak.form.alerts == ["Password is too weak"]
    code = browser.submit(email="eve@example.com", password="Long enough 4 this!").answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["email_verified"] is False
    link = tenant.mailbox.latest("eve@example.com", kind="verify_email").link
    assert browser.open(str(link)).page.status_code == 200
    (user,) = tenant.management().users.list_users_by_email(email="eve@example.com")
    assert user.email_verified
    assert browser.open(str(link)).page.status_code == 400
    assert log_types(tenant) == ["fs", "ss", "svr", "s", "seacft", "sv"]


def test_a_forgotten_password_is_set_by_mail(tenant: FakeTenant, browser: Browser) -> None:
    browser.authorize()
    browser.open(f"/u/reset-password?{browser.page.url.query.decode()}")
    browser.submit(email="ada@example.com")
    link = tenant.mailbox.latest("ada@example.com", kind="reset_email").link
    browser.open(str(link))
    mismatch = browser.submit(password="One long passw0rd here", password_again="other")
    assert mismatch.form.alerts == ["The passwords did not match"]
    weak = browser.submit(password="weak", password_again="weak")
    assert weak.form.alerts == ["Password is too weak"]
    new = "One long passw0rd here"
    assert browser.submit(password=new, password_again=new).page.status_code == 200
    assert browser.open(str(link)).page.status_code == 400
    assert "code" in browser.authorize().log_in(password=new).answer


def test_pages_wear_the_tenants_branding_and_words(tenant: FakeTenant, browser: Browser) -> None:
    mgmt = tenant.management()
    mgmt.branding.update(colors={"primary": "#ff0000"}, logo_url="https://cdn.example.com/logo.png")
    mgmt.prompts.custom_text.set(
        "login-id", "en", body={"login-id": {"title": "Hi at ${clientName}", "buttonText": "Go"}}
    )
    text = browser.authorize().page.text
    assert "--primary: #ff0000" in text
    assert 'src="https://cdn.example.com/logo.png"' in text
    assert "<h1>Hi at App</h1>" in text
    assert ">Go</button>" in text


def test_what_users_and_admins_write_is_escaped(tenant: FakeTenant, browser: Browser) -> None:
    hostile = '"><script>alert(1)</script>'
    tenant.clients.update("app", name=hostile)
    mgmt = tenant.management()
    mgmt.prompts.custom_text.set("login-id", "en", body={"login-id": {"title": hostile}})
    text = browser.authorize(login_hint=hostile).page.text
    assert "<script>" not in text
