"""Log-in and sign-up on two pages, the identifier first; which connection an address leads to."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import ADA, DATABASE, PASSWORD, Browser, claims, enable, exchange_code, log_types

STRONG = "Long enough 4 this!"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def inputs(browser: Browser) -> dict[str, dict[str, str | None]]:
    """The visible inputs of the page by name, in order."""
    tags = _Tags()
    tags.feed(browser.page.text)
    return {
        str(known["name"]): known
        for tag, known in tags.found
        if tag == "input" and known.get("type") != "hidden"
    }


def links(browser: Browser) -> dict[str, str]:
    """The page's links by what they say."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', browser.page.text)
    return {text: address.replace("&amp;", "&") for address, text in found}


def follow(browser: Browser, text: str) -> Browser:
    return browser.open(links(browser)[text])


def one_page(tenant: FakeTenant) -> None:
    tenant.management().prompts.update_settings(identifier_first=False)


def enterprise(
    tenant: FakeTenant, name: str = "corp", *domains: str, show_as_button: bool = False
) -> str:
    """An enterprise connection, enabled for the client; its id."""
    made = tenant.management().connections.create(
        name=name,
        strategy="samlp",
        show_as_button=show_as_button,
        options={
            "signInEndpoint": "https://idp.example.com/saml",
            "signingCert": "MIIB",
            "domain_aliases": list(domains),
        },
    )
    enable(tenant, name, "app")
    return str(made.id)


# --- log-in --------------------------------------------------------------------------------------


def test_a_fresh_tenant_shows_the_pages_that_its_settings_tell_of(
    tenant: FakeTenant, browser: Browser
) -> None:
    assert tenant.management().prompts.get_settings().identifier_first is True
    assert browser.authorize().screen == "/u/login/identifier"
    assert list(inputs(browser)) == ["username"]


def test_the_identifier_and_then_the_password_log_in(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    browser.authorize().submit(username="ada@example.com")
    assert browser.screen == "/u/login/password"
    shown = inputs(browser)
    assert (shown["username"]["value"], "readonly" in shown["username"]) == (
        "ada@example.com",
        True,
    )
    code = browser.submit(password=PASSWORD).answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["sub"] == ADA
    assert log_types(tenant) == ["s", "seacft"]


def test_a_form_with_identifier_and_password_needs_no_second_page(browser: Browser) -> None:
    assert browser.authorize().submit(username="ada@example.com", password=PASSWORD).answer["code"]


def test_a_wrong_password_leaves_the_identifier(tenant: FakeTenant, browser: Browser) -> None:
    page = browser.authorize().submit(username="ada@example.com").submit(password="wrong")
    assert (page.screen, page.page.status_code) == ("/u/login/password", 400)
    assert page.form.alerts == ["Wrong username or password"]
    assert log_types(tenant) == ["fp"]
    assert "code" in page.submit(password=PASSWORD).answer


def test_the_first_page_does_not_tell_who_has_an_account(browser: Browser) -> None:
    browser.authorize().submit(username="nobody@example.com")
    assert browser.screen == "/u/login/password"
    assert browser.submit(password="x").form.alerts == ["Wrong username or password"]


def test_the_identifier_can_be_edited(browser: Browser) -> None:
    browser.authorize().submit(username="nobody@example.com")
    follow(browser, "Edit")
    assert browser.screen == "/u/login/identifier"
    assert browser.form.fields["username"] == "nobody@example.com"
    assert "code" in browser.submit(username="ada@example.com").submit(password=PASSWORD).answer


def test_the_identifier_that_the_form_sends_again_does_not_count(
    tenant: FakeTenant, browser: Browser
) -> None:
    tenant.users.add(email="eve@example.com", password=PASSWORD)
    browser.authorize().submit(username="ada@example.com")
    browser.submit(username="eve@example.com", password=PASSWORD)
    assert tenant.management().users.get(ADA).logins_count == 1


def test_the_password_is_not_asked_of_nobody(browser: Browser) -> None:
    query = browser.authorize().page.url.query.decode()
    assert browser.open(f"/u/login/password?{query}").screen == "/u/login/identifier"


def test_an_empty_identifier_is_an_error(browser: Browser) -> None:
    page = browser.authorize().submit(username=" ")
    assert (page.screen, page.page.status_code) == ("/u/login/identifier", 400)
    assert page.form.alerts


def test_a_forgotten_password_is_reset_for_the_identifier(
    tenant: FakeTenant, browser: Browser
) -> None:
    browser.authorize().submit(username="ada@example.com")
    follow(browser, "Forgot password?")
    assert browser.form.fields["email"] == "ada@example.com"
    browser.submit()
    assert tenant.mailbox.latest("ada@example.com", kind="reset_email").link


def test_a_login_hint_fills_in_the_identifier(browser: Browser) -> None:
    page = browser.authorize(login_hint="ada@example.com")
    assert page.form.fields["username"] == "ada@example.com"


@pytest.mark.parametrize("how", ["identifier_first", "classic"])
def test_one_page_asks_for_both_where_the_settings_say_so(
    tenant: FakeTenant, browser: Browser, how: str
) -> None:
    prompts = tenant.management().prompts
    if how == "classic":
        prompts.update_settings(universal_login_experience="classic")
    else:
        prompts.update_settings(identifier_first=False)
    assert browser.authorize().screen == "/u/login"
    assert list(inputs(browser)) == ["username", "password"]
    assert "code" in browser.log_in().answer


def test_a_page_of_the_other_experience_leads_to_the_right_one(
    tenant: FakeTenant, browser: Browser
) -> None:
    query = browser.authorize().page.url.query.decode()
    for kind in ("login", "signup"):
        assert browser.open(f"/u/{kind}?{query}").screen == f"/u/{kind}/identifier"
    one_page(tenant)
    for kind in ("login", "signup"):
        assert browser.open(f"/u/{kind}/identifier?{query}").screen == f"/u/{kind}"


@pytest.mark.parametrize("identifier_first", [True, False])
def test_the_settings_of_the_tenant_tell_the_same(
    tenant: FakeTenant, identifier_first: bool
) -> None:
    tenant.management().prompts.update_settings(identifier_first=identifier_first)
    with httpx.Client(transport=tenant.transport(), headers={"authorization": "Bearer any"}) as api:
        response = api.patch(
            f"https://{tenant.domain}/api/v2/tenants/settings",
            json={"universal_login": {"colors": {"primary": "#222221"}}},
        )
    assert response.json()["universal_login"]["identifier_first"] is identifier_first


# --- words and access ----------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["login-id", "login-password", "signup-id", "signup-password"])
def test_each_page_has_the_tenants_own_words_and_colours(
    tenant: FakeTenant, browser: Browser, prompt: str
) -> None:
    mgmt = tenant.management()
    mgmt.branding.update(colors={"primary": "#ff0000"})
    mgmt.prompts.custom_text.set(
        prompt, "en", body={prompt: {"title": f"{prompt} of ${{clientName}}", "buttonText": "Go"}}
    )
    kind, _, page = prompt.partition("-")
    browser.authorize(screen_hint="signup" if kind == "signup" else "")
    if page == "password":
        browser.submit(**{"username" if kind == "login" else "email": "eve@example.com"})
    assert f"<h1>{prompt} of App</h1>" in browser.page.text
    assert ">Go</button>" in browser.page.text
    assert "--primary: #ff0000" in browser.page.text


def test_fields_tell_password_managers_what_they_are(browser: Browser) -> None:
    def autocompletes() -> dict[str, str | None]:
        return {name: known["autocomplete"] for name, known in inputs(browser).items()}

    browser.authorize()
    assert autocompletes() == {"username": "username"}
    browser.submit(username="ada@example.com")
    assert autocompletes() == {"username": "username", "password": "current-password"}
    browser.authorize(screen_hint="signup")
    assert autocompletes() == {"email": "email"}
    browser.submit(email="eve@example.com")
    assert autocompletes() == {"email": "email", "password": "new-password"}


def test_the_field_to_fill_in_has_the_focus_and_its_error(browser: Browser) -> None:
    browser.authorize().submit(username="ada@example.com")
    shown = inputs(browser)
    assert ["autofocus" in known for known in shown.values()] == [False, True]
    assert "aria-describedby" not in shown["password"]
    shown = inputs(browser.submit(password="wrong"))
    assert shown["password"]["aria-describedby"] == "error"
    assert shown["password"]["aria-invalid"] == "true"
    assert "aria-invalid" not in shown["username"]
    assert '<div role="alert" id="error">' in browser.page.text


def test_the_rules_of_a_password_are_read_with_its_field(browser: Browser) -> None:
    browser.authorize(screen_hint="signup").submit(email="eve@example.com")
    assert inputs(browser)["password"]["aria-describedby"] == "items"
    assert '<ul id="items">' in browser.page.text


@pytest.mark.parametrize("identifier_first", [True, False])
def test_every_input_has_a_label_and_no_page_a_script(
    tenant: FakeTenant, browser: Browser, identifier_first: bool
) -> None:
    tenant.management().prompts.update_settings(identifier_first=identifier_first)
    pages = [browser.authorize().page, browser.submit(username="ada@example.com").page]
    pages.append(browser.authorize(screen_hint="signup").page)
    pages.append(browser.submit(email="eve@example.com").page)
    for page in pages:
        text = page.text
        assert "<script" not in text
        assert len(re.findall(r"<input (?!type=.hidden)", text)) == text.count("<label>")


# --- sign-up -------------------------------------------------------------------------------------


def test_a_user_signs_up_on_two_pages(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    browser.authorize()
    follow(browser, "Sign up")
    assert browser.screen == "/u/signup/identifier"
    browser.submit(email="eve@example.com")
    assert browser.screen == "/u/signup/password"
    assert browser.submit(password="weak").form.alerts == ["Password is too weak"]
    assert browser.form.fields["email"] == "eve@example.com"
    code = browser.submit(password=STRONG).answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["email"] == "eve@example.com"
    assert log_types(tenant) == ["fs", "ss", "svr", "s", "seacft"]


def test_the_address_of_a_sign_up_can_be_edited(browser: Browser) -> None:
    browser.authorize(screen_hint="signup").submit(email="typo@example.com")
    follow(browser, "Edit")
    assert browser.form.fields["email"] == "typo@example.com"
    browser.submit(email="eve@example.com")
    assert "code" in browser.submit(password=STRONG).answer


def test_a_taken_address_is_told_of_after_the_password_only(browser: Browser) -> None:
    browser.authorize(screen_hint="signup").submit(email="ada@example.com")
    assert browser.screen == "/u/signup/password"
    assert browser.submit(password=STRONG).form.alerts


def test_a_database_with_user_names_asks_for_one(tenant: FakeTenant, browser: Browser) -> None:
    mgmt = tenant.management()
    database = next(doc for doc in mgmt.connections.list() if doc.name == DATABASE)
    mgmt.connections.update(str(database.id), options={"requires_username": True})
    browser.authorize(screen_hint="signup").submit(email="eve@example.com", username="eve")
    assert "code" in browser.submit(password=STRONG).answer
    (user,) = mgmt.users.list_users_by_email(email="eve@example.com")
    assert user.username == "eve"


def test_no_password_is_asked_of_a_sign_up_of_nobody(browser: Browser) -> None:
    query = browser.authorize(screen_hint="signup").page.url.query.decode()
    assert browser.open(f"/u/signup/password?{query}").screen == "/u/signup/identifier"
    assert browser.submit(email="").page.status_code == 400


def test_no_sign_up_is_offered_where_no_database_allows_it(
    tenant: FakeTenant, browser: Browser
) -> None:
    mgmt = tenant.management()
    database = next(doc for doc in mgmt.connections.list() if doc.name == DATABASE)
    mgmt.connections.update(str(database.id), options={"disable_signup": True})
    assert "Sign up" not in links(browser.authorize())


# --- other connections ---------------------------------------------------------------------------


@pytest.mark.parametrize("identifier_first", [True, False])
def test_an_address_of_a_companys_domain_leads_to_its_provider(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, identifier_first: bool
) -> None:
    tenant.management().prompts.update_settings(identifier_first=identifier_first)
    enterprise(tenant, "corp", "Corp.example", "other.example")
    browser.authorize().submit(username="Grace@CORP.example")
    assert browser.screen == "/u/identity"
    assert "corp" in browser.page.text
    assert browser.form.fields["email"] == "Grace@CORP.example"
    code = browser.submit().answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["sub"].startswith("samlp|")


@pytest.mark.parametrize(
    "identifier", ["grace@sub.corp.example", "grace@corp.example.com", "corp.example", "grace"]
)
def test_another_address_leads_to_the_password(
    tenant: FakeTenant, browser: Browser, identifier: str
) -> None:
    enterprise(tenant, "corp", "corp.example")
    assert browser.authorize().submit(username=identifier).screen == "/u/login/password"


def test_a_connection_that_is_not_enabled_takes_no_address(
    tenant: FakeTenant, browser: Browser
) -> None:
    enterprise(tenant, "corp", "corp.example")
    browser.authorize("spa").submit(username="grace@corp.example")
    assert browser.screen == "/u/login/password"


@pytest.mark.parametrize("identifier_first", [True, False])
def test_a_sign_up_with_a_companys_address_leads_to_its_provider(
    tenant: FakeTenant, browser: Browser, identifier_first: bool
) -> None:
    tenant.management().prompts.update_settings(identifier_first=identifier_first)
    enterprise(tenant, "corp", "corp.example")
    browser.authorize(screen_hint="signup").submit(email="grace@corp.example")
    assert browser.screen == "/u/identity"


@pytest.mark.parametrize("identifier_first", [True, False])
def test_without_a_database_only_a_companys_address_will_do(
    tenant: FakeTenant, browser: Browser, identifier_first: bool
) -> None:
    tenant.management().prompts.update_settings(identifier_first=identifier_first)
    tenant.clients.add(client_id="b2b", name="B2B", callbacks=["https://app.example.com/callback"])
    for name in ("one", "two"):
        enterprise(tenant, name, f"{name}.example")
        enable(tenant, name, "b2b")
    browser.authorize("b2b")
    assert list(inputs(browser)) == ["username"]
    assert "Sign up" not in links(browser)
    assert browser.submit(username="ada@gmail.com").page.status_code == 400
    assert browser.submit(username="ada@two.example").screen == "/u/identity"


def test_enterprise_connections_have_a_button_if_they_say_so(
    tenant: FakeTenant, browser: Browser
) -> None:
    enterprise(tenant, "hidden")
    enterprise(tenant, "shown", show_as_button=True)
    tenant.management().connections.create(name="google", strategy="google-oauth2")
    enable(tenant, "google", "app")
    for identifier_first in (True, False):
        tenant.management().prompts.update_settings(identifier_first=identifier_first)
        for hint in ("", "signup"):
            buttons = browser.authorize(screen_hint=hint).form.buttons
            assert set(buttons) == {
                ("action", "default"),
                ("connection", "google"),
                ("connection", "shown"),
            }
    browser.authorize().submit(connection="shown")
    assert browser.screen == "/u/identity"


def test_a_button_says_the_tenants_own_words(tenant: FakeTenant, browser: Browser) -> None:
    mgmt = tenant.management()
    mgmt.connections.create(name="google", strategy="google-oauth2", display_name="Google")
    enable(tenant, "google", "app")
    text = "Mit ${connectionName} anmelden"
    mgmt.prompts.custom_text.set(
        "login-id", "en", body={"login-id": {"federatedConnectionButtonText": text}}
    )
    assert ">Mit Google anmelden</button>" in browser.authorize().page.text


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"name": "google-oauth2"}, "Google"),
        ({"name": "google-staff"}, "google-staff"),
        ({"name": "google-oauth2", "display_name": "Staff"}, "Staff"),
    ],
)
def test_a_button_names_the_provider_or_the_connection(
    tenant: FakeTenant, browser: Browser, given: dict[str, Any], title: str
) -> None:
    tenant.connections.add(**given, strategy="google-oauth2", enabled_clients=["app"])
    assert f">Continue with {title}</button>" in browser.authorize().page.text


def test_a_button_leads_to_the_page_of_a_passwordless_connection(
    tenant: FakeTenant, browser: Browser
) -> None:
    for strategy in ("sms", "email"):
        tenant.connections.add(name=strategy, strategy=strategy, enabled_clients=["app"])
    browser.authorize().submit(connection="email")
    assert browser.screen == "/u/passwordless"
    browser.submit(address="ada@example.com")
    code = tenant.mailbox.latest("ada@example.com").code
    assert "code" in browser.submit(code=str(code)).answer


def test_a_single_enterprise_connection_needs_no_choice(
    tenant: FakeTenant, browser: Browser
) -> None:
    tenant.clients.add(client_id="b2b", name="B2B", callbacks=["https://app.example.com/callback"])
    enterprise(tenant, "corp")
    enable(tenant, "corp", "b2b")
    assert browser.authorize("b2b").screen == "/u/identity"
    assert "code" in browser.submit(email="grace@corp.example").answer


def test_a_connection_of_another_client_has_no_way_in(tenant: FakeTenant, browser: Browser) -> None:
    enterprise(tenant, "corp", show_as_button=True)
    browser.authorize("spa").submit(connection="corp")
    assert browser.answer["error"] == "invalid_request"


# --- organizations -------------------------------------------------------------------------------


@pytest.fixture
def organization(tenant: FakeTenant) -> str:
    mgmt = tenant.management()
    mgmt.clients.update("app", organization_usage="allow")
    return str(mgmt.organizations.create(name="acme").id)


def test_an_organization_has_its_own_connections(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, organization: str
) -> None:
    mgmt = tenant.management()
    theirs = enterprise(tenant, "corp", "corp.example")
    enterprise(tenant, "other", "other.example")
    database = next(doc for doc in mgmt.connections.list() if doc.name == DATABASE)
    connections = mgmt.organizations.enabled_connections
    connections.add(organization, connection_id=str(database.id))
    connections.add(organization, connection_id=theirs, assign_membership_on_login=True)
    browser.authorize(organization=organization).submit(username="x@other.example")
    assert browser.screen == "/u/login/password"
    browser.authorize(organization=organization).submit(username="x@corp.example")
    assert browser.screen == "/u/identity"
    code = browser.submit().answer["code"]
    assert claims(exchange_code(http, code).json()["id_token"])["org_id"] == organization


def test_an_organization_has_its_own_branding(
    tenant: FakeTenant, browser: Browser, organization: str
) -> None:
    mgmt = tenant.management()
    mgmt.branding.update(
        colors={"primary": "#ff0000", "page_background": "#eeeeee"},
        logo_url="https://cdn.example.com/tenant.png",
    )
    mgmt.organizations.update(
        organization,
        branding={
            "logo_url": "https://cdn.example.com/acme.png",
            "colors": {"primary": "#00ff00", "page_background": "#dddddd"},
        },
    )
    database = next(doc for doc in mgmt.connections.list() if doc.name == DATABASE)
    mgmt.organizations.enabled_connections.add(organization, connection_id=str(database.id))
    theirs = browser.authorize(organization=organization).page.text
    assert "--primary: #00ff00" in theirs
    assert 'src="https://cdn.example.com/acme.png"' in theirs
    assert "--primary: #ff0000" in browser.authorize().page.text


@pytest.mark.parametrize("show_as_button", [True, False])
def test_an_organization_says_which_of_its_connections_have_a_button(
    tenant: FakeTenant, browser: Browser, organization: str, show_as_button: bool
) -> None:
    mgmt = tenant.management()
    database = next(doc for doc in mgmt.connections.list() if doc.name == DATABASE)
    theirs = enterprise(tenant, "corp", show_as_button=not show_as_button)
    connections = mgmt.organizations.enabled_connections
    connections.add(organization, connection_id=str(database.id))
    connections.add(organization, connection_id=theirs, show_as_button=show_as_button)
    buttons = browser.authorize(organization=organization).form.buttons
    assert (("connection", "corp") in buttons) is show_as_button


def test_an_organization_whose_connections_are_all_hidden_gets_an_error_page(
    tenant: FakeTenant, browser: Browser, organization: str
) -> None:
    for name in ("one", "two"):
        tenant.management().organizations.enabled_connections.add(
            organization, connection_id=enterprise(tenant, name), show_as_button=False
        )
    page = browser.authorize(organization=organization)
    assert page.page.status_code == 400
    assert "no connections enabled for the organization are visible" in page.page.text
