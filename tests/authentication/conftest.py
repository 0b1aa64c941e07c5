"""A tenant with an application, an API and a user, and a browser that fills in forms."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import httpx
import pytest

from auth0_mgmt_testing import Clock, FakeTenant
from tests.log_events import SCHEMA, faults_in_log

CALLBACK = "https://app.example.com/callback"
API = "https://api.example.com"
ADA = "auth0|ada"
PASSWORD = "correct horse battery staple"  # of the user that the tests log in
VERIFIER = "a" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
DATABASE = "Username-Password-Authentication"
EVERY_GRANT = [
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
    "password",
    "http://auth0.com/oauth/grant-type/password-realm",
    "http://auth0.com/oauth/grant-type/passwordless/otp",
    "http://auth0.com/oauth/grant-type/mfa-otp",
    "http://auth0.com/oauth/grant-type/mfa-oob",
    "http://auth0.com/oauth/grant-type/mfa-recovery-code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:openid:params:grant-type:ciba",
]
PUBLIC_GRANTS = [grant for grant in EVERY_GRANT if grant != "client_credentials"]


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.freeze("2026-03-01T12:00:00Z")
    return clock


@pytest.fixture
def tenant(clock: Clock) -> Iterator[FakeTenant]:
    """The tenant; whatever a test writes into its log is of the vendor's form."""
    tenant = _furnished(FakeTenant(clock=clock))
    yield tenant
    if SCHEMA is not None:
        assert faults_in_log(tenant.management()) == []


def _furnished(tenant: FakeTenant) -> FakeTenant:
    tenant.clients.add(
        client_id="app",
        client_secret="app-secret",
        name="App",
        app_type="regular_web",
        callbacks=[CALLBACK],
        initiate_login_uri="https://app.example.com/login",
        allowed_logout_urls=["https://app.example.com/bye"],
        web_origins=["https://app.example.com"],
        grant_types=EVERY_GRANT,
        token_endpoint_auth_method="client_secret_post",
    )
    tenant.clients.add(
        client_id="spa",
        name="Single page",
        app_type="spa",
        callbacks=[CALLBACK],
        web_origins=["https://app.example.com"],
        grant_types=PUBLIC_GRANTS,
        token_endpoint_auth_method="none",
    )
    tenant.resource_servers.add(
        identifier=API,
        name="API",
        allow_offline_access=True,
        scopes=[{"value": "read:things"}, {"value": "write:things"}],
    )
    tenant.users.add(
        user_id=ADA,
        email="ada@example.com",
        email_verified=True,
        name="Ada Lovelace",
        password=PASSWORD,
    )
    enable(tenant, DATABASE, "app", "spa")
    return tenant


def enable(tenant: FakeTenant, connection: str, *clients: str) -> None:
    """Enable a connection for clients."""
    mgmt = tenant.management()
    found = next(doc for doc in mgmt.connections.list() if doc.name == connection)
    mgmt.connections.clients.update(
        str(found.id), body=[{"client_id": client, "status": True} for client in clients]
    )


def add_exchange_profile(tenant: FakeTenant, code: str) -> str:
    """Let ``app`` exchange tokens by an action; returns the type of its subject tokens."""
    mgmt = tenant.management()
    action = mgmt.actions.create(
        name="exchange",
        supported_triggers=[{"id": "custom-token-exchange", "version": "v1"}],
        code=code,
    )
    mgmt.actions.deploy(str(action.id))
    mgmt.token_exchange_profiles.create(
        name="legacy",
        subject_token_type="urn:acme:legacy",
        action_id=str(action.id),
        type="custom_authentication",
    )
    mgmt.clients.update(
        "app", token_exchange={"allow_any_profile_of_type": ["custom_authentication"]}
    )
    return "urn:acme:legacy"


@pytest.fixture
def http(tenant: FakeTenant) -> Iterator[httpx.Client]:
    """A client without cookies' memory of redirects: it follows none."""
    with httpx.Client(
        transport=tenant.transport(), base_url=f"https://{tenant.domain}", follow_redirects=False
    ) as client:
        yield client


@pytest.fixture
def browser(tenant: FakeTenant) -> Iterator[Browser]:
    with httpx.Client(transport=tenant.transport(), base_url=f"https://{tenant.domain}") as client:
        yield Browser(client)


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: list[tuple[str, str]] = []
        self.alerts: list[str] = []
        self.has_form = False
        self._in_alert = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self._in_alert = known.get("role") == "alert"
        self.has_form |= tag == "form"
        if tag == "input" and known.get("type") != "checkbox":
            self.fields[known["name"]] = known.get("value", "")
        if tag == "button" and "name" in known:
            self.buttons.append((known["name"], known.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._in_alert and data.strip():
            self.alerts.append(data.strip())


@dataclass
class Browser:
    """Follows redirects inside of the tenant, and stops where one leads out of it."""

    client: httpx.Client
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))
    left_for: str | None = None
    """Where the last redirect led, out of the tenant."""

    def open(self, url: str, **query: str) -> Browser:
        return self._go("GET", url, params=query or None)

    def authorize(self, client_id: str = "app", **query: str) -> Browser:
        """Open ``/authorize`` with what every request needs, and more."""
        known = {
            "client_id": client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email",
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **query,
        }
        return self.open("/authorize", **{k: v for k, v in known.items() if v})

    @property
    def form(self) -> _Form:
        form = _Form()
        form.feed(self.page.text)
        return form

    def submit(self, **values: str) -> Browser:
        """Send the page's form with these values, by its first button."""
        form = self.form
        assert form.has_form, self.page.text
        button = dict(form.buttons[:1])
        data = {**form.fields, **button, **values}
        return self._go("POST", str(self.page.url), data=data)

    def log_in(self, username: str = "ada@example.com", password: str = PASSWORD) -> Browser:
        return self.submit(username=username, password=password)

    @property
    def screen(self) -> str:
        """The path of the page that is shown."""
        return self.page.url.path

    @property
    def answer(self) -> dict[str, str]:
        """What the client is told by the redirect that led out."""
        assert self.left_for is not None, f"still at {self.page.url}: {self.page.text[:3000]}"
        parts = urlsplit(self.left_for)
        return dict(parse_qsl(parts.query or parts.fragment))

    def _go(self, method: str, url: str, **options: Any) -> Browser:
        self.left_for = None
        response = self.client.request(method, url, follow_redirects=False, **options)
        while response.is_redirect:
            target = urljoin(str(response.url), response.headers["location"])
            if urlsplit(target).netloc != urlsplit(str(response.url)).netloc:
                self.left_for = target
                break
            response = self.client.get(target, follow_redirects=False)
        self.page = response
        return self


def exchange(http: httpx.Client, grant_type: str, **given: Any) -> httpx.Response:
    """Call the token endpoint as the application."""
    known = {"client_id": "app", "client_secret": "app-secret", "grant_type": grant_type, **given}
    return http.post("/oauth/token", data={k: v for k, v in known.items() if v is not None})


def exchange_code(http: httpx.Client, code: str, **given: Any) -> httpx.Response:
    known = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **given}
    return exchange(http, "authorization_code", **known)


def claims(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    import jwt

    return jwt.decode(token, options={"verify_signature": False})


def log_types(tenant: FakeTenant) -> list[str]:
    """The types of the tenant's log events, oldest first, without the Management API's."""
    events = reversed(list(tenant.management().logs.list()))
    return [str(event.type) for event in events if event.type not in ("sapi", "fapi")]


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def link_in(text: str) -> str:
    found = re.search(r"https://\S+", text)
    assert found is not None
    return found[0]
