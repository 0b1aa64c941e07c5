"""Requests of the Authentication API that fit, each with a tenant that accepts it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

from pyotp.totp import TOTP

from auth0_mgmt_testing import Clock, FakeTenant

CALLBACK = "https://app.example.com/callback"
BYE = "https://app.example.com/bye"
API = "https://api.example.com"
PASSWORD = "A-long-Pa55word-of-Ada"
SECRET = "the-secret-of-the-client"
VERIFIER = "v" * 43
DATABASE = "Username-Password-Authentication"
EMAIL = "ada@example.com"
USER = "auth0|ada"
_NOW = "2026-03-01T12:00:00Z"
_GRANT = "http://auth0.com/oauth/grant-type/"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_CIBA = "urn:openid:params:grant-type:ciba"
_GRANTS = [
    "authorization_code", "implicit", "refresh_token", "client_credentials", "password",
    *(f"{_GRANT}{name}" for name in (
        "password-realm", "passwordless/otp", "mfa-otp", "mfa-oob", "mfa-recovery-code")),
    _DEVICE, _CIBA,
]  # fmt: skip

Media: TypeAlias = Literal["form", "json"]


@dataclass(frozen=True)
class Case:
    """A request that fits: the tenant takes it."""

    name: str
    tenant: FakeTenant
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, Any] | None = None
    media: Media = "form"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_page(self) -> bool:
        """Whether a browser shows what is sent back."""
        first = self.path.split("/")[1]
        pages = (
            "authorize", "u", "lo", "activate", "device", "continue", "v2", "oidc", "passwordless",
        )  # fmt: skip
        shown = first in pages and self.path not in ("/oidc/register", "/passwordless/start")
        return shown and self.path != "/passwordless/verify"


class Walker:
    """A browser without cookies of others: it follows redirects within the tenant."""

    def __init__(self, tenant: FakeTenant) -> None:
        self.tenant = tenant
        self.cookie = ""
        self.target = ""
        self.text = ""
        self.left_for = ""

    def fork(self) -> Walker:
        """The same browser before a copy of the tenant."""
        copy = Walker(self.tenant.fork())
        copy.cookie, copy.target, copy.text = self.cookie, self.target, self.text
        return copy

    def go(self, method: str, target: str, form: Mapping[str, str] | None = None) -> Walker:
        content = b"" if form is None else urlencode(form).encode()
        while True:
            response = self.tenant.send(method, target, self.headers, content)
            if "set-cookie" in response.headers:
                self.cookie = response.headers["set-cookie"].partition(";")[0]
            self.target, self.text = target, (response.body or b"").decode()
            location = response.headers.get("location")
            if location is None:
                return self
            parts = urlsplit(location)
            if parts.netloc not in ("", self.tenant.domain):
                self.left_for = location
                return self
            method, content = "GET", b""
            target = parts._replace(scheme="", netloc="").geturl()

    def authorize(self, **query: str) -> Walker:
        known = {**AUTHORIZE, **query}
        return self.go("GET", f"/authorize?{urlencode({k: v for k, v in known.items() if v})}")

    def submit(self, **values: str) -> Walker:
        return self.go("POST", self.target, {**self.fields, **values})

    def log_in(self) -> Walker:
        return self.submit(username=EMAIL, password=PASSWORD)

    @property
    def code(self) -> str:
        return dict(parse_qsl(urlsplit(self.left_for).query))["code"]

    @property
    def headers(self) -> dict[str, str]:
        form = {"content-type": "application/x-www-form-urlencoded"}
        return {**form, **({"cookie": self.cookie} if self.cookie else {})}

    @property
    def fields(self) -> dict[str, str]:
        """The hidden inputs of the page's form."""
        found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', self.text)
        return {name: html.unescape(value) for name, value in found}

    def cases(self, name: str, /, **values: str) -> Iterator[Case]:
        """The page that is shown, and its form filled in."""
        parts = urlsplit(self.target)
        query, path = dict(parse_qsl(parts.query)), parts.path
        yield Case(f"GET {name}", self.tenant, "GET", path, query, headers=self.headers)
        body = {**self.fields, **values}
        yield Case(f"POST {name}", self.tenant, "POST", path, query, body, headers=self.headers)


_CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()
AUTHORIZE = {
    "client_id": "app",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid profile email offline_access read:things",
    "audience": API,
    "state": "xyz",
    "nonce": "n",
    "code_challenge": _CHALLENGE.rstrip("="),
    "code_challenge_method": "S256",
}
CLIENT = {"client_id": "app", "client_secret": SECRET}


def _tenant() -> FakeTenant:
    clock = Clock()
    clock.freeze(_NOW)
    tenant = FakeTenant(clock=clock)
    mgmt = tenant.management()
    tenant.clients.add(
        client_id="app",
        client_secret=SECRET,
        name="App",
        app_type="regular_web",
        callbacks=[CALLBACK],
        initiate_login_uri="https://app.example.com/login",
        allowed_logout_urls=[BYE],
        web_origins=["https://app.example.com"],
        grant_types=_GRANTS,
        token_endpoint_auth_method="client_secret_post",
        organization_usage="allow",
    )
    tenant.clients.add(
        client_id="third",
        name="Third party",
        is_first_party=False,
        app_type="spa",
        callbacks=[CALLBACK],
        grant_types=["authorization_code"],
        token_endpoint_auth_method="none",
    )
    tenant.resource_servers.add(
        identifier=API, name="API", allow_offline_access=True, scopes=[{"value": "read:things"}]
    )
    mgmt.client_grants.create(client_id="app", audience=API, scope=["read:things"])
    tenant.users.add(user_id=USER, email=EMAIL, email_verified=True, name="Ada", password=PASSWORD)
    tenant.connections.add(name="email", strategy="email", enabled_clients=["app"])
    tenant.connections.add(name="google", strategy="google-oauth2", enabled_clients=["app"])
    database = next(doc for doc in mgmt.connections.list() if doc.name == DATABASE)
    enabled: Any = [{"client_id": client, "status": True} for client in ("app", "third")]
    mgmt.connections.clients.update(str(database.id), body=enabled)
    mgmt.tenants.settings.update(
        flags={"enable_dynamic_client_registration": True}, default_directory=DATABASE
    )
    organization = mgmt.organizations.create(name="acme")
    mgmt.organizations.enabled_connections.add(str(organization.id), connection_id=str(database.id))
    mgmt.organizations.members.create(str(organization.id), members=[USER])
    return tenant


def _with_factors(
    tenant: FakeTenant, *factors: Literal["otp", "recovery-code", "sms"]
) -> FakeTenant:
    mgmt = tenant.management()
    mgmt.guardian.policies.set(body=["all-applications"])
    for factor in factors:
        mgmt.guardian.factors.set(factor, enabled=True)
    return tenant


def _post(tenant: FakeTenant, path: str, given: Mapping[str, str]) -> dict[str, Any]:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = tenant.send("POST", path, headers, urlencode(given).encode())
    is_json = response.headers["content-type"].startswith("application/json")
    return dict(response.json()) if is_json else {}


# --- the endpoints -------------------------------------------------------------------------------


def _token(tenant: FakeTenant, grant_type: str, **given: str) -> Case:
    body = {**CLIENT, "grant_type": grant_type, **given}
    return Case(f"token {grant_type.rpartition('/')[2]}", tenant, "POST", "/oauth/token", {}, body)


def _tokens(base: FakeTenant) -> Iterator[Case]:
    walker = Walker(base.fork()).authorize().log_in()
    given = {"code": walker.code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    yield _token(walker.tenant, "authorization_code", **given)
    tenant = base.fork()
    login = tenant.log_in(USER, client="app", audience=API, scope="openid offline_access")
    yield _token(tenant, "refresh_token", refresh_token=str(login.refresh_token))
    yield Case("revoke", tenant, "POST", "/oauth/revoke", {}, {
        **CLIENT, "token": str(login.refresh_token)})  # fmt: skip
    bearer = {"authorization": f"Bearer {tenant.log_in(USER, client='app').access_token}"}
    yield Case("GET userinfo", tenant, "GET", "/userinfo", headers=bearer)
    yield Case("POST userinfo", tenant, "POST", "/userinfo", {}, {}, headers=bearer)
    yield _token(base, "client_credentials", audience=API)
    credentials = {"username": EMAIL, "password": PASSWORD, "scope": "openid", "audience": API}
    yield _token(base, "password", **credentials)
    yield _token(base, f"{_GRANT}password-realm", realm=DATABASE, **credentials)
    exchange = {"subject_token": "its-own-token", "subject_token_type": "urn:acme:legacy"}
    yield _token(base, "urn:ietf:params:oauth:grant-type:token-exchange", **exchange)
    yield from _codes(base)


def _codes(base: FakeTenant) -> Iterator[Case]:
    """Grants of a code that the user has from elsewhere."""
    tenant = base.fork()
    start = {**CLIENT, "connection": "email", "email": EMAIL, "send": "code"}
    yield Case("passwordless start", base, "POST", "/passwordless/start", {}, start, "json")
    _post(tenant, "/passwordless/start", start)
    otp = str(tenant.mailbox.latest(EMAIL).code)
    yield _token(tenant, f"{_GRANT}passwordless/otp", username=EMAIL, otp=otp, realm="email")
    link = {
        **AUTHORIZE, "connection": "email", "email": EMAIL, "verification_code": otp,
    }  # fmt: skip
    yield Case("passwordless link", tenant, "GET", "/passwordless/verify_redirect", link)
    device = {"client_id": "app", "client_secret": SECRET, "scope": "openid"}
    yield Case("device code", base, "POST", "/oauth/device/code", {}, device)
    tenant = base.fork()
    codes = _post(tenant, "/oauth/device/code", device)
    walker = Walker(tenant).go("GET", f"/activate?user_code={codes['user_code']}")
    yield from walker.fork().cases("/activate", user_code=codes["user_code"])
    walker.submit(user_code=codes["user_code"])
    yield from walker.fork().cases("/activate (confirm)", action="confirm")
    walker.submit(action="confirm").log_in()
    yield _token(walker.tenant, _DEVICE, device_code=codes["device_code"])
    hint = f'{{"format":"iss_sub","iss":"https://{base.domain}/","sub":"{USER}"}}'
    ciba = {**CLIENT, "login_hint": hint, "scope": "openid", "binding_message": "1"}
    yield Case("bc-authorize", base, "POST", "/bc-authorize", {}, ciba)
    tenant = base.fork()
    request_id = str(_post(tenant, "/bc-authorize", ciba)["auth_req_id"])
    tenant.decide_on_device(USER, approve=True)
    yield _token(tenant, _CIBA, auth_req_id=request_id)


def _factors(base: FakeTenant) -> Iterator[Case]:
    """The MFA API, and its grants."""
    tenant = _with_factors(base.fork(), "otp", "recovery-code")
    login = {
        **CLIENT, "grant_type": "password", "username": EMAIL, "password": PASSWORD,
        "scope": "openid",
    }  # fmt: skip
    token = str(_post(tenant, "/oauth/token", login)["mfa_token"])
    bearer = {"authorization": f"Bearer {token}"}
    associate = {**CLIENT, "authenticator_types": ["otp"]}
    yield Case(
        "mfa associate", tenant.fork(), "POST", "/mfa/associate", {}, associate, "json", bearer
    )
    enrolled = _post(tenant, "/mfa/associate", {**CLIENT, "mfa_token": token,
                                                "authenticator_types": "otp"})  # fmt: skip
    otp = TOTP(enrolled["secret"]).at(int(tenant.clock.time()))
    yield _token(tenant.fork(), f"{_GRANT}mfa-otp", mfa_token=token, otp=otp)
    recovery = str(enrolled["recovery_codes"][0])
    yield Case("mfa list", tenant, "GET", "/mfa/authenticators", headers=bearer)
    found = tenant.send("GET", "/mfa/authenticators", bearer).json()[0]["id"]
    yield Case("mfa delete", tenant, "DELETE", f"/mfa/authenticators/{found}", headers=bearer)
    confirmed = tenant.fork()
    _post(confirmed, "/oauth/token", {**CLIENT, "grant_type": f"{_GRANT}mfa-otp",
                                      "mfa_token": token, "otp": otp})  # fmt: skip
    again = str(_post(confirmed, "/oauth/token", login)["mfa_token"])
    yield _token(confirmed, f"{_GRANT}mfa-recovery-code", mfa_token=again, recovery_code=recovery)
    challenge = {**CLIENT, "mfa_token": again, "challenge_type": "otp"}
    yield Case("mfa challenge", confirmed, "POST", "/mfa/challenge", {}, challenge, "json")
    yield _token(confirmed, f"{_GRANT}mfa-oob", mfa_token=again, oob_code="none")


def _others(base: FakeTenant) -> Iterator[Case]:
    for path in ("jwks.json", "openid-configuration", "oauth-authorization-server"):
        yield Case(path, base, "GET", f"/.well-known/{path}")
    par = {**AUTHORIZE, "client_secret": SECRET}
    yield Case("par", base, "POST", "/oauth/par", {}, par)
    tenant = base.fork()
    pushed = str(_post(tenant, "/oauth/par", par)["request_uri"])
    query = {"client_id": "app", "request_uri": pushed}
    yield Case("authorize request_uri", tenant, "GET", "/authorize", query)
    signup = {
        "client_id": "app", "connection": DATABASE, "email": "eve@example.com",
        "password": "Another-Pa55word-1!", "name": "Eve",
    }  # fmt: skip
    yield Case("signup", base, "POST", "/dbconnections/signup", {}, signup, "json")
    change = {"client_id": "app", "connection": DATABASE, "email": EMAIL}
    yield Case("change", base, "POST", "/dbconnections/change_password", {}, change, "json")
    metadata = {"client_name": "New", "redirect_uris": ["https://new.example.com/cb"]}
    yield Case("register", base, "POST", "/oidc/register", {}, metadata, "json")
    subject = {"subject": {"format": "iss_sub", "iss": "x", "sub": "ada"}}
    revocation = f"/oauth/global-token-revocation/connection/{DATABASE}"
    bearer = {"authorization": "Bearer any"}
    yield Case("global revocation", base, "POST", revocation, {}, subject, "json", bearer)
    yield Case("retired", base, "POST", "/oauth/ro", {}, CLIENT)
    yield Case("device done", base, "GET", "/device/success")


# --- pages ---------------------------------------------------------------------------------------


def _authorizations(base: FakeTenant) -> Iterator[Case]:
    types = ("code", "token", "id_token", "code id_token", "code id_token token")
    tenant = base.fork()
    walker = Walker(tenant).authorize().log_in()
    for response_type in types:
        for mode in ("", "form_post", "web_message"):
            query = {**AUTHORIZE, "response_type": response_type, "response_mode": mode}
            query = {name: value for name, value in query.items() if value}
            name = f"authorize {response_type} {mode}".strip()
            yield Case(name, tenant, "GET", "/authorize", query, headers=walker.headers)
    yield Case("POST authorize", base, "POST", "/authorize", {}, AUTHORIZE)
    yield Case("authorize silently", tenant, "GET", "/authorize",
               {**AUTHORIZE, "prompt": "none"}, headers=walker.headers)  # fmt: skip
    logout = {"client_id": "app", "returnTo": BYE}
    yield Case("logout", tenant, "GET", "/v2/logout", logout, headers=walker.headers)
    oidc = {"client_id": "app", "post_logout_redirect_uri": BYE, "state": "s"}
    yield Case("oidc logout", tenant, "GET", "/oidc/logout", oidc, headers=walker.headers)
    page = walker.fork().go("GET", f"/oidc/logout?{urlencode(oidc)}")
    yield from page.cases("/oidc/logout (confirm)", action="logout")


def _pages(base: FakeTenant) -> Iterator[Case]:
    start = Walker(base.fork()).authorize()
    yield from start.fork().cases("/u/login/identifier", username=EMAIL)
    second = start.fork().submit(username=EMAIL)
    yield from second.cases("/u/login/password", password=PASSWORD)
    state = urlsplit(start.target).query
    one_page = start.fork()
    one_page.tenant.management().prompts.update_settings(identifier_first=False)
    yield from one_page.go("GET", f"/u/login?{state}").cases(
        "/u/login", username=EMAIL, password=PASSWORD
    )
    new = {"email": "eve@example.com", "password": "Another-Pa55word-1!"}
    yield from one_page.go("GET", f"/u/signup?{state}").cases("/u/signup", **new)
    signup = start.fork().go("GET", f"/u/signup/identifier?{state}")
    yield from signup.fork().cases("/u/signup/identifier", email=new["email"])
    signup.submit(email=new["email"])
    yield from signup.cases("/u/signup/password", password=new["password"])
    forgotten = start.fork().go("GET", f"/u/reset-password?{state}")
    yield from forgotten.cases("/u/reset-password", email=EMAIL)
    code = start.fork().go("GET", f"/u/passwordless?{state}")
    yield from code.fork().cases("/u/passwordless", address=EMAIL)
    code.submit(address=EMAIL)
    yield from code.cases("/u/passwordless-code", code=str(code.tenant.mailbox.latest(EMAIL).code))
    identity = Walker(base.fork()).authorize(connection="google")
    yield from identity.cases("/u/identity", email="grace@gmail.com", name="Grace")
    consent = Walker(base.fork()).authorize(client_id="third").log_in()
    yield from consent.cases("/u/consent", action="accept")
    picker = start.fork()
    picker.tenant.use_login_picker()
    yield from picker.go("GET", f"/u/picker?{state}").cases("/u/picker", user_id=USER)


def _form_page(base: FakeTenant) -> Iterator[Case]:
    tenant = base.fork()
    nodes: Any = [
        {
            "id": "step",
            "type": "STEP",
            "config": {
                "components": [{"id": "city", "category": "FIELD", "type": "TEXT", "config": {}}],
                "next_node": "$ending",
            },
        }
    ]
    form = tenant.forms.add(name="form", nodes=nodes, start={"next_node": "step"})
    shown = (
        f"exports.onExecutePostLogin = async (event, api) => {{ api.prompt.render('{form.id}') }};"
    )
    trigger: Any = {"id": "post-login", "version": "v3"}
    action = tenant.actions.add(name="form", supported_triggers=[trigger], code=shown)
    tenant.actions.bind("post-login", action)
    yield from Walker(tenant).authorize().log_in().cases("/u/form", city="London")


def _organization_pages(base: FakeTenant) -> Iterator[Case]:
    for when, path in (("pre", "/u/organization"), ("post", "/u/organization-picker")):
        tenant = base.fork()
        mgmt = tenant.management()
        mgmt.organizations.create(name="other")
        for each in mgmt.organizations.list():
            mgmt.organizations.members.create(str(each.id), members=[USER])
        behaviour: Any = f"{when}_login_prompt"
        mgmt.clients.update(
            "app", organization_usage="require", organization_require_behavior=behaviour
        )
        walker = Walker(tenant).authorize()
        if when == "post":
            walker.log_in()
        chosen = next(iter(mgmt.organizations.list()))
        value = str(chosen.name if when == "pre" else chosen.id)
        yield from walker.cases(path, organization=value)


def _factor_pages(base: FakeTenant) -> Iterator[Case]:
    phone = Walker(_with_factors(base.fork(), "sms")).authorize().log_in()
    yield from phone.cases("/u/mfa-enroll", phone_number="+15550100001")
    walker = Walker(_with_factors(base.fork(), "otp", "recovery-code")).authorize().log_in()
    key = re.search(r"<code>([A-Z2-7]+)</code>", walker.text)
    assert key is not None, walker.text
    otp = TOTP(key[1]).at(int(walker.tenant.clock.time()))
    yield from walker.fork().cases("/u/mfa-challenge (enroll)", code=otp)
    walker.submit(code=otp)
    yield from walker.fork().cases("/u/mfa-new-recovery-code")
    walker.submit()
    walker.tenant.clock.advance(60)
    walker.cookie = ""
    walker.authorize().log_in()
    otp = TOTP(key[1]).at(int(walker.tenant.clock.time()))
    yield from walker.fork().cases("/u/mfa-challenge", code=otp)
    state = urlsplit(walker.target).query
    query = dict(parse_qsl(state))
    yield Case("GET /u/mfa", walker.fork().tenant, "GET", "/u/mfa", query, headers=walker.headers)
    yield from walker.go("GET", f"/u/mfa-recovery-code?{state}").cases(
        "/u/mfa-recovery-code", code="A" * 24
    )


def _links(base: FakeTenant) -> Iterator[Case]:
    tenant = base.fork()
    _post(tenant, "/dbconnections/change_password",
          {"client_id": "app", "connection": DATABASE, "email": EMAIL})  # fmt: skip
    link = urlsplit(str(tenant.mailbox.latest(EMAIL, kind="reset_email").link))
    walker = Walker(tenant).go("GET", f"{link.path}?{link.query}")
    new = "Another-Pa55word-1!"
    yield from walker.cases("/lo/reset", password=new, password_again=new)
    tenant = base.fork()
    _post(tenant, "/dbconnections/signup",
          {"client_id": "app", "connection": DATABASE, "email": "eve@example.com",
           "password": new})  # fmt: skip
    link = urlsplit(str(tenant.mailbox.latest("eve@example.com", kind="verify_email").link))
    yield Case("verify email", tenant, "GET", link.path, dict(parse_qsl(link.query)))
    yield Case("unblock", base, "GET", "/lo/unblock", {"ticket": "none"})
    yield Case("continue", base, "GET", "/continue", {"state": "none"})
    yield Case("POST continue", base, "POST", "/continue", {"state": "none"}, {})


_PARTS: tuple[Callable[[FakeTenant], Iterator[Case]], ...] = (
    _tokens, _factors, _others, _authorizations, _pages, _form_page, _organization_pages, _factor_pages, _links,
)  # fmt: skip


@cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    base = _tenant()
    return tuple(case for part in _PARTS for case in part(base))
