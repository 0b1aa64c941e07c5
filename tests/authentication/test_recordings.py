"""Recorded requests of the Authentication API, answered as the live tenant did: status and shape.

The recordings hold placeholders for what a tenant had issued before (``test-code``): each is filled
in with what this tenant issued for the same purpose. Tokens that the recorder left out are not
compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import jwt
import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyotp.totp import TOTP

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt_testing import FakeTenant

from .conftest import EVERY_GRANT, PUBLIC_GRANTS, Browser, enable

HERE = Path(__file__)
RECORDINGS = HERE.parents[3] / "shared/recordings/go-auth0/authentication"
DATABASE = "Username-Password-Authentication"
PASSWORD = "Testpassword123!"
USER = "auth0|6707939cad3d8bec47ecfa2e"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
LEFT_OUT = {"id_token", "refresh_token"}
EDITED = {"Should_throw_for_an_invalid_code_verifier"}
"""Recordings whose bodies were edited: their status tells something, their bodies do not."""

FILES = sorted(RECORDINGS.rglob("*.yaml")) if RECORDINGS.is_dir() else []


def interactions() -> list[Any]:
    found: list[Any] = []
    for file in FILES:
        document = yaml.safe_load(file.read_text("utf-8"))
        recorded: list[Any] = document.get("interactions") or []
        for interaction in recorded:
            name = str(file.relative_to(RECORDINGS).with_suffix(""))
            found.append(pytest.param(name, interaction, id=name))
    return found


INTERACTIONS = interactions()


@pytest.fixture
def tenant() -> FakeTenant:
    tenant = FakeTenant("go-auth0-dev.eu.auth0.com")
    for client in ("test-client_id", "test-other-clientid"):
        tenant.clients.add(
            client_id=client,
            client_secret="test-client_secret",
            name="Recorded",
            initiate_login_uri="https://app.example.com/login",
            callbacks=["http://localhost:3000", "http://localhost:3000/callback"],
            grant_types=EVERY_GRANT,
            organization_usage="allow",
        )
        for audience in ("test-audience", "my-api", "https://api.example.com"):
            if audience not in {each.identifier for each in tenant.resource_servers}:
                tenant.resource_servers.add(
                    identifier=audience, name=audience, allow_offline_access=True
                )
            tenant.client_grants.add(
                client_id=client,
                audience=audience,
                scope=[],
                organization_usage="allow",
                allow_any_organization=True,
            )
    mgmt = tenant.management()
    database = next(iter(mgmt.connections.list()))
    mgmt.connections.update(str(database.id), options={"passwordPolicy": "none"})
    for strategy in ("email", "sms"):
        mgmt.connections.create(name=strategy, strategy=strategy)
    mgmt.connections.create(name="Username-Password", strategy="auth0")
    for name in (DATABASE, "email", "sms"):
        enable(tenant, name, "test-client_id", "test-other-clientid")
    mgmt.tenants.settings.update(default_directory=DATABASE)
    tenant.users.add(user_id=USER, email="test-user@example.com", password=PASSWORD)
    return tenant


def is_public(tenant: FakeTenant) -> None:
    tenant.clients.update(
        "test-client_id", token_endpoint_auth_method="none", grant_types=PUBLIC_GRANTS
    )


class Preparation:
    """What a tenant had issued before a recorded request was made."""

    def __init__(self, tenant: FakeTenant, http: httpx.Client, name: str) -> None:
        self.tenant = tenant
        self.http = http
        self.name = name
        self.headers: dict[str, str] = {}

    def code(self, given: dict[str, Any]) -> None:
        if "invalid_code" in self.name and "verifier" not in self.name:
            return
        query = {
            "client_id": "test-client_id",
            "response_type": "code",
            "redirect_uri": "http://localhost:3000",
            "scope": "openid",
        }
        if "code_verifier" in given:
            query |= {"code_challenge": challenge(given["code_verifier"])}
            query["code_challenge_method"] = "S256"
            is_public(self.tenant)
            if "invalid_code_verifier" in self.name:
                query["code_challenge"] = challenge("another verifier")
        browser = Browser(self.http).open("/authorize", **query)
        given["code"] = browser.log_in("test-user@example.com", PASSWORD).answer["code"]

    def assertion(self, given: dict[str, Any]) -> None:
        pem = KEY.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        mgmt = self.tenant.management()
        credential = mgmt.clients.credentials.create(
            "test-client_id", credential_type="public_key", name="k", pem=pem.decode(), alg="RS256"
        )
        mgmt.clients.update(
            "test-client_id",
            client_authentication_methods={
                "private_key_jwt": {"credentials": [{"id": credential.id}]}
            },
        )
        now = self.tenant.clock.time()
        said = {
            "iss": "test-client_id",
            "sub": "test-client_id",
            "aud": f"https://{self.tenant.domain}/",
            "exp": now + 60,
            "jti": "j",
        }
        given["client_assertion"] = jwt.encode(said, KEY, "RS256")

    def mfa(self, given: dict[str, Any]) -> None:
        """A first factor passed; the user has the factor that the request is about."""
        mgmt = self.tenant.management()
        token = self._mfa_token(mgmt)
        self.headers["authorization"] = f"Bearer {token}"
        if "associate" in given["_path"]:
            if given["authenticator_types"] == ["otp"]:  # not the user's first
                mgmt.users.authentication_methods.create(
                    USER, type="phone", name="Phone", phone_number="+15550100"
                )
                api = f"https://{self.tenant.domain}/mfa/"
                scopes: Any = [{"value": "enroll"}]
                self.tenant.resource_servers.add(identifier=api, name="MFA", scopes=scopes)
                login = self.tenant.log_in(
                    USER, client="test-client_id", audience=api, scope="enroll"
                )
                self.headers["authorization"] = f"Bearer {login.access_token}"
            return
        given["mfa_token"] = token
        grant = str(given.get("grant_type", ""))
        wants_push = "oob" in grant or str(given.get("authenticator_id", "")).startswith("push")
        kind = {"authenticator_types": ["oob"], "oob_channels": ["auth0"]}
        if not wants_push:
            kind = {"authenticator_types": ["otp"]}
        bearer = {"authorization": f"Bearer {token}"}
        enrolled = self.http.post("/mfa/associate", json=kind, headers=bearer).json()
        if wants_push:
            given["oob_code"] = enrolled.get("oob_code")
            if "denied" in self.name or "approved" in self.name:
                self.tenant.decide_on_device(USER, approve="approved" in self.name)
        else:
            given["otp"] = TOTP(enrolled["secret"]).now()
        if "recovery" in grant:
            given["recovery_code"] = enrolled["recovery_codes"][0]
        listed = self.http.get("/mfa/authenticators", headers=bearer).json()
        if "authenticator_id" in given:
            given["authenticator_id"] = listed[0]["id"]

    def _mfa_token(self, mgmt: Any) -> str:
        mgmt.guardian.policies.set(body=["all-applications"])
        login = {
            "grant_type": "password",
            "client_id": "test-client_id",
            "client_secret": "test-client_secret",
            "username": "test-user@example.com",
            "password": PASSWORD,
            "scope": "openid profile",
        }
        return str(self.http.post("/oauth/token", data=login).json()["mfa_token"])

    def username(self, given: dict[str, Any]) -> None:
        is_public(self.tenant)
        given["username"] = "test-user@example.com"

    def otp(self, given: dict[str, Any]) -> None:
        is_public(self.tenant)
        realm, to = str(given["realm"]), str(given["username"])
        field = "email" if realm == "email" else "phone_number"
        start = {"client_id": "test-client_id", "connection": realm, field: to, "send": "code"}
        self.http.post("/passwordless/start", json=start)
        given["otp"] = self.tenant.mailbox.latest(to).code

    def refresh_token(self, given: dict[str, Any]) -> None:
        is_public(self.tenant)
        scope = "openid profile email offline_access"
        given["refresh_token"] = self._token(scope)

    def token(self, given: dict[str, Any]) -> None:
        given["token"] = self._token("openid offline_access")

    def _token(self, scope: str) -> str | None:
        return self.tenant.log_in(USER, client="test-client_id", scope=scope).refresh_token

    def login_hint(self, given: dict[str, Any]) -> None:
        if "Negative" not in self.name or "scope" in self.name:
            hint = {"format": "iss_sub", "iss": f"https://{self.tenant.domain}/", "sub": USER}
            given["login_hint"] = json.dumps(hint)

    def organization(self, given: dict[str, Any]) -> None:
        self.tenant.organizations.add(id="org_test", name="my-org")
        settings = self.tenant.management().tenants.settings
        settings.update(allow_organization_name_in_authentication_api=True)
        if "invitation" in given:
            mgmt = self.tenant.management()
            invitation = mgmt.organizations.invitations.create(
                "org_test",
                inviter={"name": "I"},
                invitee={"email": "i@example.com"},
                client_id="test-client_id",
            )
            given["invitation"] = str(invitation.ticket_id)


def challenge(verifier: str) -> str:
    import base64
    import hashlib

    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def prepared(preparation: Preparation, path: str, given: dict[str, Any]) -> None:
    """Fill in the placeholders of a request."""
    given["_path"] = path
    steps: list[tuple[bool, Callable[[dict[str, Any]], None]]] = [
        ("code" in given, preparation.code),
        ("client_assertion" in given, preparation.assertion),
        ("mfa" in path or "mfa-" in str(given.get("grant_type")), preparation.mfa),
        (given.get("grant_type") == "password", preparation.username),
        ("realm" in given and "otp" in given, preparation.otp),
        (given.get("grant_type") == "refresh_token", preparation.refresh_token),
        (path == "/oauth/revoke", preparation.token),
        ("login_hint" in given, preparation.login_hint),
        ("organization" in given, preparation.organization),
    ]
    for wanted, step in steps:
        if wanted:
            step(given)
    del given["_path"]


def shape(value: Any) -> Any:
    if is_object(value):
        return {name: shape(item) for name, item in value.items() if name not in LEFT_OUT}
    if is_array(value):
        return [shape(value[0])] if value else []
    return type(value).__name__


@pytest.mark.skipif(not FILES, reason="no recordings: ../shared/recordings is not there")
@pytest.mark.parametrize(("name", "recorded"), INTERACTIONS)
def test_a_recorded_request_is_answered_in_the_recorded_shape(
    tenant: FakeTenant, name: str, recorded: Any
) -> None:
    request, response = recorded["request"], recorded["response"]
    path = urlsplit(str(request["url"])).path
    if "RequiresUsername" in name or "WithUsername" in name:
        tenant.management().connections.update(
            str(next(iter(tenant.connections)).id), options={"passwordPolicy": "none"}
        )
    with httpx.Client(transport=tenant.transport(), base_url=f"https://{tenant.domain}") as http:
        preparation = Preparation(tenant, http, name)
        media = (request["headers"].get("Content-Type") or [""])[0]
        body = request["body"] or ""
        given: dict[str, Any]
        given = json.loads(body) if "json" in media else dict(parse_qsl(body))
        if path == "/userinfo":
            token = tenant.log_in(USER, client="test-client_id").access_token
            preparation.headers["authorization"] = f"Bearer {token}"
        elif given:
            prepared(preparation, path, given)
        sent = json.dumps(given) if "json" in media else urlencode(given)
        answer = http.request(
            request["method"],
            path,
            content=sent if given else None,
            headers={"content-type": media, **preparation.headers},
        )
    recorded_status, edited = response["code"], Path(name).name in EDITED
    assert edited or answer.status_code == recorded_status, answer.text
    if edited:
        assert answer.status_code in (401, 403)
        return
    told = response["body"]
    kind = (response["headers"].get("Content-Type") or [""])[0]
    assert answer.headers.get("content-type", "") == kind
    if "json" not in kind or not told:
        assert answer.text == told
        return
    expected, found = json.loads(told), answer.json()
    expected.pop("unknown-param", None)  # the recorder's own addition
    assert shape(found) == shape(expected)
    if recorded_status >= 400:
        assert found == expected
