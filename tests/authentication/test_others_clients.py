"""Clients that others wrote, unmodified: Authlib, requests-oauthlib, PyJWT, the vendor's SDKs."""

from __future__ import annotations

import gc
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from pyotp.totp import TOTP

from auth0_mgmt_testing import Clock, FakeTenant

from .conftest import (
    ADA,
    API,
    CALLBACK,
    PASSWORD,
    VERIFIER,
    Browser,
    add_exchange_profile,
    claims,
    enable,
)

CLIENT = {"client_id": "app", "client_secret": "app-secret"}

pytestmark = pytest.mark.filterwarnings("ignore")  # of the clients' own dependencies


@pytest.fixture
def clock() -> Clock:
    return Clock()  # clients compare times with the machine's clock


def served(tenant: FakeTenant, **options: Any) -> Iterator[int]:
    """The tenant on a loopback port."""
    import uvicorn

    listener = socket.socket()
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        tenant.asgi(), log_level="warning", lifespan="off", ws="none", **options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    for connection in list(server.server_state.connections):
        # Closed politely, a connection over TLS waits half a minute for a client that is gone.
        connection.loop.call_soon_threadsafe(connection.transport.abort)
    server.should_exit = True
    thread.join(timeout=5)
    listener.close()
    gc.collect()  # what clients left open is reported here, not in the next test


@pytest.fixture
def url(tenant: FakeTenant) -> Iterator[str]:
    for port in served(tenant):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def tls_domain(
    tenant: FakeTenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The tenant over TLS, by a certificate that every client trusts by its environment."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    write_certificate(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for port in served(tenant, ssl_certfile=str(certificate), ssl_keyfile=str(key)):
        yield f"localhost:{port}"


def write_certificate(certificate: Path, key: Path) -> None:
    """A self-signed certificate of localhost, and its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def user_agent(address: str) -> str:
    """What a browser does with an authorization URL: log in; returns the callback's URL."""
    with httpx.Client() as client:
        done = Browser(client).open(address).log_in()
        assert done.left_for is not None
        return done.left_for


# --- PyJWT ---------------------------------------------------------------------------------------


def test_pyjwkclient_verifies_tokens_over_loopback(tenant: FakeTenant, url: str) -> None:
    body = httpx.post(
        f"{url}/oauth/token",
        data={
            "grant_type": "password",
            "client_id": "app",
            "client_secret": "app-secret",
            "username": "ada@example.com",
            "password": PASSWORD,
            "audience": API,
            "scope": "openid",
        },
    ).json()
    keys = jwt.PyJWKClient(f"{url}/.well-known/jwks.json")
    for token, audience in ((body["access_token"], API), (body["id_token"], "app")):
        key = keys.get_signing_key_from_jwt(token)
        found = jwt.decode(token, key.key, ["RS256"], audience=audience, issuer=f"{url}/")
        assert found["sub"] == ADA
    direct = tenant.log_in(ADA, client="app", audience=API).access_token
    key = keys.get_signing_key_from_jwt(direct)
    assert jwt.decode(direct, key.key, ["RS256"], audience=API)["sub"] == ADA


# --- Authlib -------------------------------------------------------------------------------------


@pytest.fixture
def authlib(url: str) -> Iterator[Any]:
    client_module = pytest.importorskip(
        "authlib.integrations.httpx_client", reason="Authlib is not installed"
    )
    with client_module.OAuth2Client(
        "app",
        "app-secret",
        scope="openid profile offline_access",
        redirect_uri=CALLBACK,
        token_endpoint_auth_method="client_secret_post",
        code_challenge_method="S256",
    ) as client:
        yield client


def test_authlib_walks_the_code_flow_refreshes_and_revokes(url: str, authlib: Any) -> None:
    address, state = authlib.create_authorization_url(
        f"{url}/authorize", code_verifier=VERIFIER, audience=API, nonce="n-1"
    )
    token = authlib.fetch_token(
        f"{url}/oauth/token",
        authorization_response=user_agent(address),
        state=state,
        code_verifier=VERIFIER,
    )
    assert claims(token["id_token"])["nonce"] == "n-1"
    assert authlib.get(f"{url}/userinfo").json()["sub"] == ADA
    fresh = authlib.refresh_token(f"{url}/oauth/token", refresh_token=token["refresh_token"])
    assert claims(fresh["access_token"])["azp"] == "app"
    revoked = authlib.revoke_token(f"{url}/oauth/revoke", token=token["refresh_token"])
    assert revoked.status_code == 200
    with pytest.raises(Exception, match="Unknown or invalid refresh token"):
        authlib.refresh_token(f"{url}/oauth/token", refresh_token=token["refresh_token"])


def test_authlib_verifies_an_id_token_by_discovery(tenant: FakeTenant, url: str) -> None:
    jose = pytest.importorskip("joserfc.jwt", reason="joserfc is not installed")
    from joserfc.jwk import KeySet

    document = httpx.get(f"{url}/.well-known/openid-configuration").json()
    assert document["issuer"] == f"{url}/"
    keys = KeySet.import_key_set(httpx.get(document["jwks_uri"]).json())
    token = tenant.log_in(ADA, client="app").id_token
    assert jose.decode(str(token), keys, algorithms=["RS256"]).claims["sub"] == ADA


@pytest.mark.parametrize(
    ("grant", "extra"),
    [
        ("password", {"username": "ada@example.com", "password": PASSWORD}),
        (
            "http://auth0.com/oauth/grant-type/password-realm",
            {
                "username": "ada@example.com",
                "password": PASSWORD,
                "realm": "Username-Password-Authentication",
            },
        ),
    ],
)
def test_authlib_takes_a_password(
    url: str, authlib: Any, grant: str, extra: dict[str, str]
) -> None:
    token = authlib.fetch_token(f"{url}/oauth/token", grant_type=grant, audience=API, **extra)
    assert claims(token["access_token"])["sub"] == ADA


def test_authlib_takes_client_credentials(tenant: FakeTenant, url: str, authlib: Any) -> None:
    tenant.client_grants.add(client_id="app", audience=API, scope=["read:things"])
    token = authlib.fetch_token(
        f"{url}/oauth/token", grant_type="client_credentials", audience=API, scope=None
    )
    assert claims(token["access_token"])["gty"] == "client-credentials"


def test_authlib_takes_the_code_of_a_mail(tenant: FakeTenant, url: str, authlib: Any) -> None:
    tenant.management().connections.create(name="email", strategy="email")
    enable(tenant, "email", "app")
    mail = "grace@example.com"
    httpx.post(
        f"{url}/passwordless/start",
        json={**CLIENT, "connection": "email", "email": mail, "send": "code"},
    ).raise_for_status()
    token = authlib.fetch_token(
        f"{url}/oauth/token",
        grant_type="http://auth0.com/oauth/grant-type/passwordless/otp",
        realm="email",
        username=mail,
        otp=tenant.mailbox.latest(mail).code,
    )
    assert claims(token["id_token"])["name"] == mail


def test_authlib_takes_second_factors(tenant: FakeTenant, url: str, authlib: Any) -> None:
    mgmt = tenant.management()
    mgmt.guardian.policies.set(body=["all-applications"])
    for factor in ("otp", "sms", "recovery-code"):
        mgmt.guardian.factors.set(factor, enabled=True)

    def mfa_token() -> str:
        with pytest.raises(Exception, match="mfa_required"):
            authlib.fetch_token(
                f"{url}/oauth/token",
                grant_type="password",
                username="ada@example.com",
                password=PASSWORD,
            )
        refused = httpx.post(
            f"{url}/oauth/token",
            data={
                **CLIENT,
                "grant_type": "password",
                "username": "ada@example.com",
                "password": PASSWORD,
            },
        )
        return str(refused.json()["mfa_token"])

    def finish(kind: str, **given: str) -> Any:
        grant = f"http://auth0.com/oauth/grant-type/mfa-{kind}"
        return authlib.fetch_token(f"{url}/oauth/token", grant_type=grant, **given)

    def associate(token: str, **given: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.post(f"{url}/mfa/associate", json={**CLIENT, **given}, headers=headers).json()

    first = mfa_token()
    enrolled = associate(first, authenticator_types=["otp"])
    code = TOTP(enrolled["secret"]).now()
    assert finish("otp", mfa_token=first, otp=code)["access_token"]

    second = mfa_token()
    recovered = finish(
        "recovery-code", mfa_token=second, recovery_code=enrolled["recovery_codes"][0]
    )
    assert recovered["recovery_code"] != enrolled["recovery_codes"][0]

    mgmt.users.authentication_methods.delete_all(ADA)
    third = mfa_token()
    phone = associate(
        third, authenticator_types=["oob"], oob_channels=["sms"], phone_number="+15550100"
    )
    text = tenant.mailbox.latest("+15550100", kind="mfa_code")
    done = finish("oob", mfa_token=third, oob_code=phone["oob_code"], binding_code=str(text.code))
    assert done["access_token"]


def test_authlib_polls_for_a_decision_on_the_users_device(
    tenant: FakeTenant, url: str, authlib: Any
) -> None:
    hint = {"format": "iss_sub", "iss": f"{url}/", "sub": ADA}
    begun = httpx.post(
        f"{url}/bc-authorize",
        data={
            **CLIENT,
            "scope": "openid",
            "binding_message": "Pay 5",
            "login_hint": json.dumps(hint),
        },
    ).json()
    tenant.decide_on_device(ADA)
    token = authlib.fetch_token(
        f"{url}/oauth/token",
        grant_type="urn:openid:params:grant-type:ciba",
        auth_req_id=begun["auth_req_id"],
    )
    assert claims(token["id_token"])["sub"] == ADA


def test_authlib_exchanges_a_token(tenant: FakeTenant, url: str, authlib: Any) -> None:
    subject_token_type = add_exchange_profile(
        tenant,
        """exports.onExecuteCustomTokenExchange = async (event, api) => {
            api.authentication.setUserById(event.transaction.subject_token);
        };""",
    )
    token = authlib.fetch_token(
        f"{url}/oauth/token",
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=ADA,
        subject_token_type=subject_token_type,
        audience=API,
    )
    assert claims(token["access_token"])["sub"] == ADA


def test_authlib_shows_who_it_is_by_a_private_key(tenant: FakeTenant, url: str) -> None:
    library = pytest.importorskip(
        "authlib.integrations.httpx_client", reason="Authlib is not installed"
    )
    rfc7523 = pytest.importorskip("authlib.oauth2.rfc7523", reason="Authlib is not installed")
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    mgmt = tenant.management()
    credential = mgmt.clients.credentials.create(
        "app", credential_type="public_key", pem=public.decode()
    )
    mgmt.clients.update(
        "app",
        token_endpoint_auth_method=None,
        client_authentication_methods={
            "private_key_jwt": {"credentials": [{"id": str(credential.id)}]}
        },
    )
    tenant.client_grants.add(client_id="app", audience=API, scope=["read:things"])
    secret = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    with library.OAuth2Client(
        "app", secret, token_endpoint_auth_method="private_key_jwt"
    ) as client:
        # Tenants take their own address as the audience, and five minutes at most.
        short = {"exp": int(time.time()) + 60}
        client.register_client_auth_method(rfc7523.PrivateKeyJWT(f"{url}/", claims=short))
        token = client.fetch_token(
            f"{url}/oauth/token", grant_type="client_credentials", audience=API
        )
    assert claims(token["access_token"])["gty"] == "client-credentials"


# --- requests-oauthlib ---------------------------------------------------------------------------


def test_requests_oauthlib_walks_the_code_flow(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library = pytest.importorskip("requests_oauthlib", reason="it is not installed")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    session = library.OAuth2Session(
        "app", scope=["openid", "profile"], redirect_uri=CALLBACK, pkce="S256"
    )
    address, _ = session.authorization_url(f"{url}/authorize", audience=API)
    token = session.fetch_token(
        f"{url}/oauth/token",
        authorization_response=user_agent(address),
        client_secret="app-secret",
        include_client_id=True,
    )
    assert claims(token["access_token"])["sub"] == ADA
    assert session.get(f"{url}/userinfo").json()["name"] == "Ada Lovelace"


def test_oauthlib_polls_as_a_device(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    oauth2 = pytest.importorskip("oauthlib.oauth2", reason="oauthlib is not installed")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    device = oauth2.DeviceClient("app", client_secret="app-secret")
    address, headers, body = (
        device.prepare_request_uri(f"{url}/oauth/device/code", scope=["openid"]),
        {"content-type": "application/x-www-form-urlencoded"},
        "client_id=app&scope=openid",
    )
    assert address
    codes = httpx.post(
        f"{url}/oauth/device/code", content=f"{body}&client_secret=app-secret", headers=headers
    ).json()
    with httpx.Client() as client:
        page = Browser(client).open(codes["verification_uri_complete"]).submit().submit()
        assert page.log_in().screen == "/device/success"
    polled = device.prepare_request_body(codes["device_code"], include_client_id=True)
    response = httpx.post(
        f"{url}/oauth/token", content=f"{polled}&client_secret=app-secret", headers=headers
    )
    assert device.parse_request_body_response(response.text)["access_token"]


# --- the vendor's SDKs ---------------------------------------------------------------------------


async def test_the_vendors_api_sdk_verifies_a_users_token(tenant: FakeTenant) -> None:
    sdk = pytest.importorskip("auth0_api_python", reason="auth0-api-python is not installed")
    token = tenant.log_in(ADA, client="app", audience=API, scope="read:things").access_token
    api = sdk.ApiClient(sdk.ApiClientOptions(domain=tenant.domain, audience=API))
    with tenant:
        found = await api.verify_access_token(token)
        assert (found["sub"], found["scope"]) == (ADA, "read:things")
        with pytest.raises(Exception, match=r"(?i)signature|invalid"):
            await api.verify_access_token(token[:-6] + "AAAAAA")


async def test_the_vendors_server_sdk_logs_a_user_in_and_out(tls_domain: str) -> None:
    sdk = pytest.importorskip(
        "auth0_server_python.auth_server.server_client",
        reason="auth0-server-python is not installed",
    )

    class Store:
        def __init__(self) -> None:
            self.kept: dict[str, Any] = {}

        async def set(
            self, key: str, value: Any, remove_if_expires: bool = False, options: Any = None
        ) -> None:
            self.kept[key] = value

        async def get(self, key: str, options: Any = None) -> Any:
            return self.kept.get(key)

        async def delete(self, key: str, options: Any = None) -> None:
            self.kept.pop(key, None)

        async def delete_by_logout_token(self, claims: Any, options: Any = None) -> None:
            self.kept.clear()

    client = sdk.ServerClient(
        domain=tls_domain,
        client_id="app",
        client_secret="app-secret",
        secret="a secret of the application, long enough",
        redirect_uri=CALLBACK,
        transaction_store=Store(),
        state_store=Store(),
        authorization_params={"scope": "openid profile email offline_access", "audience": API},
    )
    address = await client.start_interactive_login()
    done = await client.complete_interactive_login(user_agent(address))
    assert done["state_data"]["user"]["sub"] == ADA
    user = await client.get_user()
    assert user["email"] == "ada@example.com"
    assert claims(await client.get_access_token())["azp"] == "app"
    assert tls_domain in await client.logout()


def test_the_vendors_fastapi_sdk_logs_a_user_in(tenant: FakeTenant, tls_domain: str) -> None:
    why = "auth0-fastapi is not installed"
    sdk: Any = pytest.importorskip("auth0_fastapi.auth.auth_client", reason=why)
    settings: Any = pytest.importorskip("auth0_fastapi.config", reason=why)
    routes: Any = pytest.importorskip("auth0_fastapi.server.routes", reason=why)
    from fastapi import APIRouter, Depends, FastAPI
    from fastapi.testclient import TestClient

    callback = "https://app.example.com/auth/callback"
    tenant.management().clients.update("app", callbacks=[callback])
    config = settings.Auth0Config(
        domain=tls_domain,
        client_id="app",
        client_secret="app-secret",
        app_base_url="https://app.example.com",
        secret="a secret of the application, long enough",
    )
    application, router = FastAPI(), APIRouter()
    application.state.config = config
    application.state.auth_client = auth = sdk.AuthClient(config)
    routes.register_auth_routes(router, config)
    application.include_router(router)

    guard = Depends(auth.require_session)

    @application.get("/me")
    async def me(session: Any = guard) -> Any:
        return {"sub": session["user"]["sub"]}

    browser = TestClient(application, base_url="https://app.example.com", follow_redirects=False)
    assert browser.get("/me").status_code == 401
    begun = browser.get("/auth/login")
    returned = urlsplit(user_agent(begun.headers["location"]))
    done = browser.get(f"{returned.path}?{returned.query}")
    assert done.status_code in (302, 307)
    assert browser.get("/me").json() == {"sub": ADA}
