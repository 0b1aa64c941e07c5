"""OAuth and OpenID Connect requests that must fail, or must not do more than they may.

`test_attacks` has those of the code flow; here are the proofs of clients, response modes, PKCE, request
objects, tokens of others, log-out, and every page.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auth0_mgmt_testing import Clock, FakeTenant
from tools.fuzz.login import unchanged
from tools.fuzz.login_cases import Case, cases

from .conftest import (
    ADA,
    API,
    CALLBACK,
    CHALLENGE,
    EVERY_GRANT,
    PASSWORD,
    VERIFIER,
    Browser,
    claims,
    exchange,
    exchange_code,
)

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
BYE = "https://app.example.com/bye"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def encoded(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed_by_hand(
    payload: dict[str, Any], algorithm: str, secret: bytes = b"", **more: Any
) -> str:
    """A JWT as an attacker makes it: with no signature, or with the public key for a secret."""
    head = f"{encoded({'alg': algorithm, 'typ': 'JWT', **more})}.{encoded(payload)}"
    signature = hmac.new(secret, head.encode(), hashlib.sha256).digest() if secret else b""
    return f"{head}.{encoded(signature)}"


FORGERIES = {
    "none": ("none", b""),
    "None": ("None", b""),
    "HS256 by the public key": ("HS256", PEM),
    "no signature": ("RS256", b""),
}


# --- proofs of clients ---------------------------------------------------------------------------


@pytest.fixture
def keyed(tenant: FakeTenant) -> str:
    """A client that proves itself by a key; its id."""
    credential: Any = {
        "credential_type": "public_key",
        "name": "key",
        "pem": PEM.decode(),
        "alg": "RS256",
    }
    tenant.clients.add(
        client_id="keyed",
        name="Keyed",
        callbacks=[CALLBACK],
        client_authentication_methods={"private_key_jwt": {"credentials": [credential]}},
    )
    tenant.client_grants.add(client_id="keyed", audience=API, scope=["read:things"])
    return "keyed"


def said(tenant: FakeTenant, **changed: Any) -> dict[str, Any]:
    """The claims of a client assertion."""
    known: dict[str, Any] = {
        "iss": "keyed",
        "sub": "keyed",
        "aud": f"https://{tenant.domain}/",
        "exp": tenant.clock.time() + 60,
        "jti": "j1",
    }
    return {name: value for name, value in {**known, **changed}.items() if value is not None}


def prove(http: httpx.Client, token: str, **given: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "audience": API}
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}
    return http.post("/oauth/token", data={**form, **proof, **given})


def test_an_assertion_counts_once_at_all_endpoints(
    tenant: FakeTenant, http: httpx.Client, keyed: str
) -> None:
    token = jwt.encode(said(tenant), KEY, "RS256")
    assert prove(http, token).status_code == 200
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": token}
    for path in ("/oauth/token", "/oauth/par", "/oauth/revoke", "/oauth/device/code"):
        again = http.post(path, data={**proof, "grant_type": "client_credentials", "token": "t"})
        assert (again.status_code, again.json()["error"]) == (401, "invalid_client"), path


def test_a_refused_assertion_was_not_used(
    tenant: FakeTenant, http: httpx.Client, keyed: str
) -> None:
    """Who sends a forged assertion with another's `jti` first must not spend it."""
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert prove(http, jwt.encode(said(tenant), other, "RS256")).status_code == 401
    assert prove(http, jwt.encode(said(tenant), KEY, "RS256")).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("nan")},
        {"aud": "https://evil.example.com/"},
        {"aud": API},
        {"iss": "app"},
        {"sub": "app"},
        {"iss": "app", "sub": "app"},  # signed by the key of another client
        {"iss": "nobody", "sub": "nobody"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
    ],
    ids=str,
)
def test_an_assertion_with_a_wrong_claim_proves_nothing(
    tenant: FakeTenant, http: httpx.Client, keyed: str, changed: dict[str, Any]
) -> None:
    payload = said(tenant, **changed)
    body = f"{encoded({'alg': 'RS256', 'typ': 'JWT'})}.{encoded(payload)}"
    signature = jwt.api_jws.PyJWS().get_algorithm_by_name("RS256").sign(body.encode(), KEY)
    assert prove(http, f"{body}.{encoded(signature)}").status_code == 401


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_assertion_proves_nothing(
    tenant: FakeTenant, http: httpx.Client, keyed: str, forgery: str
) -> None:
    algorithm, secret = FORGERIES[forgery]
    response = prove(http, signed_by_hand(said(tenant), algorithm, secret))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_the_id_beside_an_assertion_must_be_its_own(
    tenant: FakeTenant, http: httpx.Client, keyed: str
) -> None:
    token = jwt.encode(said(tenant), KEY, "RS256")
    assert prove(http, token, client_id="app").status_code == 401
    assert prove(http, token, client_assertion_type="urn:other").status_code == 400


def test_a_client_with_a_key_has_no_secret(
    tenant: FakeTenant, http: httpx.Client, keyed: str
) -> None:
    secret = str(tenant.management().clients.get(keyed).client_secret)
    form = {"client_id": keyed, "client_secret": secret, "audience": API}
    response = http.post("/oauth/token", data={**form, "grant_type": "client_credentials"})
    assert response.status_code == 401


@pytest.mark.parametrize("secret", [None, "wrong", "", "app-secret "])
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/par", "/oauth/revoke", "/bc-authorize"])
def test_a_confidential_client_proves_itself_everywhere(
    http: httpx.Client, path: str, secret: str | None
) -> None:
    form = {"client_id": "app", "client_secret": secret, "grant_type": "password", "token": "t"}
    given = {name: value for name, value in form.items() if value is not None}
    response = http.post(path, data=given)
    assert response.status_code == 401
    assert set(response.json()) == {"error", "error_description"}


# --- response modes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response_type", "response_mode"),
    [
        ("token", "query"),
        ("id_token", "query"),
        ("code id_token", "query"),
        ("code", "magic"),
        ("code", "query.jwt"),
        ("code", "FORM_POST"),
    ],
)
def test_a_response_mode_that_does_not_fit_is_refused_on_a_page(
    browser: Browser, response_type: str, response_mode: str
) -> None:
    browser.authorize().log_in()
    page = browser.authorize(
        response_type=response_type, response_mode=response_mode, nonce="n", prompt="none"
    )
    assert (page.left_for, page.page.status_code) == (None, 400)


@pytest.mark.parametrize("response_type", ["token", "id_token", "code token"])
def test_tokens_reach_a_browser_in_the_fragment_only(browser: Browser, response_type: str) -> None:
    browser.authorize(response_type=response_type, nonce="n").log_in()
    assert browser.left_for is not None
    assert not urlsplit(browser.left_for).query


def test_a_posted_form_carries_its_issuer_and_escapes_what_the_client_sent(
    tenant: FakeTenant, browser: Browser
) -> None:
    state = "\"><script>alert('x')</script>&amp;"
    page = browser.authorize(response_mode="form_post", state=state).log_in()
    assert page.form.fields["state"] == state
    assert page.form.fields["iss"] == f"https://{tenant.domain}/"
    assert page.page.text.count("<script>") == 1  # its own, named by the policy
    policy = page.page.headers["content-security-policy"]
    assert "'unsafe-inline'" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_message_escapes_what_the_client_sent(browser: Browser) -> None:
    browser.authorize("spa").log_in()
    state = "</script><script>alert(1)</script>"
    page = browser.authorize("spa", prompt="none", response_mode="web_message", state=state).page
    assert page.text.count("<script>") == 1
    assert page.text.count("</script>") == 1


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "http://app.example.com", "https://app.example.com:444"]
)
def test_no_message_goes_to_an_origin_that_is_not_allowed(
    tenant: FakeTenant, browser: Browser, origin: str
) -> None:
    tenant.management().clients.update("spa", callbacks=[f"{origin}/callback"])
    page = browser.authorize(
        "spa", redirect_uri=f"{origin}/callback", prompt="none", response_mode="web_message"
    ).page
    assert page.status_code == 400
    assert "postMessage" not in page.text


def test_only_the_clients_own_origin_may_frame_a_message(browser: Browser) -> None:
    browser.authorize("spa").log_in()
    page = browser.authorize("spa", prompt="none", response_mode="web_message").page
    policy = page.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors https://app.example.com")


# --- PKCE ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["S256", "plain"])
@pytest.mark.parametrize("verifier", [None, "b" * 43, CHALLENGE, f"{VERIFIER}="])
def test_a_challenge_cannot_be_met_by_less_than_its_verifier(
    browser: Browser, http: httpx.Client, method: str, verifier: str | None
) -> None:
    challenge = CHALLENGE if method == "S256" else VERIFIER
    page = browser.authorize(code_challenge=challenge, code_challenge_method=method).log_in()
    code = page.answer["code"]
    refused = exchange_code(http, code, code_verifier=verifier)
    assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant")
    assert exchange_code(http, code).status_code == 200  # a wrong try does not use it up


def test_the_token_request_cannot_choose_the_weaker_method(
    browser: Browser, http: httpx.Client
) -> None:
    code = browser.authorize().log_in().answer["code"]
    refused = exchange_code(http, code, code_verifier=CHALLENGE, code_challenge_method="plain")
    assert refused.json()["error"] == "invalid_grant"


def test_a_challenge_without_a_method_is_plain(browser: Browser, http: httpx.Client) -> None:
    """RFC 7636, 4.3: so the hash of a verifier is no answer to it."""
    page = browser.authorize(code_challenge=CHALLENGE, code_challenge_method="").log_in()
    code = page.answer["code"]
    assert exchange_code(http, code).json()["error"] == "invalid_grant"
    assert exchange_code(http, code, code_verifier=CHALLENGE).status_code == 200


# --- request objects and pushed requests ---------------------------------------------------------


@pytest.fixture
def signing(tenant: FakeTenant) -> str:
    """A client that must sign its requests; its id."""
    mgmt = tenant.management()
    credential = mgmt.clients.credentials.create(
        "app", credential_type="public_key", name="jar", pem=PEM.decode(), alg="RS256"
    )
    mgmt.clients.update(
        "app", signed_request_object={"required": True, "credentials": [{"id": credential.id}]}
    )
    return "app"


def request_claims(tenant: FakeTenant, **changed: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "iss": "app",
        "aud": f"https://{tenant.domain}/",
        "exp": tenant.clock.time() + 60,
        "client_id": "app",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid",
    }
    return {name: value for name, value in {**known, **changed}.items() if value is not None}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_request_object_is_refused(
    tenant: FakeTenant, browser: Browser, signing: str, forgery: str
) -> None:
    algorithm, secret = FORGERIES[forgery]
    token = signed_by_hand(request_claims(tenant), algorithm, secret)
    page = browser.open("/authorize", client_id="app", request=token)
    assert (page.left_for, page.page.status_code) == (None, 400)


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "spa"}, {"iss": "spa"}, {"iss": None}, {"exp": None}, {"exp": float("nan")}],
    ids=str,
)
def test_a_request_object_of_another_is_refused(
    tenant: FakeTenant, browser: Browser, signing: str, changed: dict[str, Any]
) -> None:
    token = jwt.encode(request_claims(tenant, **changed), KEY, "RS256")
    page = browser.open("/authorize", client_id="app", request=token)
    assert (page.left_for, page.page.status_code) == (None, 400)


def test_a_request_object_for_one_client_does_not_serve_another(
    tenant: FakeTenant, browser: Browser, signing: str
) -> None:
    token = jwt.encode(request_claims(tenant), KEY, "RS256")
    page = browser.open("/authorize", client_id="spa", request=token)
    assert (page.left_for, page.page.status_code) == (None, 400)


def test_the_query_adds_nothing_to_a_signed_request(
    tenant: FakeTenant, browser: Browser, http: httpx.Client, signing: str
) -> None:
    token = jwt.encode(request_claims(tenant, redirect_uri=CALLBACK), KEY, "RS256")
    evil = {"redirect_uri": "https://evil.example.com/", "response_mode": "fragment", "scope": "x"}
    browser.open("/authorize", client_id="app", request=token, **evil).log_in()
    assert browser.left_for is not None
    assert browser.left_for.startswith(f"{CALLBACK}?")


def push(http: httpx.Client, **given: str) -> httpx.Response:
    known = {
        "client_id": "app",
        "client_secret": "app-secret",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return http.post("/oauth/par", data={**known, **given})


def test_the_query_adds_nothing_to_a_pushed_request(browser: Browser, http: httpx.Client) -> None:
    given = {"client_id": "app", "request_uri": push(http).json()["request_uri"]}
    evil = {"redirect_uri": "https://evil.example.com/", "code_challenge": "e" * 43}
    page = browser.open("/authorize", **given, **evil, state="evil").log_in()
    assert "state" not in page.answer
    assert exchange_code(http, page.answer["code"]).status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example.com/request.jwt",
        "urn:ietf:params:oauth:request_uri:unknown",
        "file:///etc/passwd",
    ],
)
def test_a_request_uri_that_was_not_pushed_is_not_followed(browser: Browser, uri: str) -> None:
    page = browser.open("/authorize", client_id="app", request_uri=uri)
    assert (page.left_for, page.page.status_code) == (None, 400)


def test_a_pushed_request_of_another_client_stays_usable_for_its_own(
    browser: Browser, http: httpx.Client
) -> None:
    uri = push(http).json()["request_uri"]
    assert browser.open("/authorize", client_id="spa", request_uri=uri).page.status_code == 400
    assert "code" in browser.open("/authorize", client_id="app", request_uri=uri).log_in().answer


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, 400),
        ({"redirect_uri": "https://evil.example.com/"}, 403),
        ({"response_mode": "magic"}, 400),
        ({"response_type": "token", "response_mode": "query"}, 400),
    ],
)
def test_what_may_not_be_authorized_may_not_be_pushed(
    http: httpx.Client, given: dict[str, str], status: int
) -> None:
    response = push(http, **given)
    assert response.status_code == status
    assert set(response.json()) == {"error", "error_description"}


def test_a_strict_third_party_may_not_use_every_parameter(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    made = tenant.management().clients.create(
        name="Third party",
        is_first_party=False,
        third_party_security_mode="strict",
        redirection_policy="open_redirect_protection",
        app_type="regular_web",
        token_endpoint_auth_method="client_secret_post",
        callbacks=[CALLBACK],
    )
    client = str(made.client_id)
    assert client.startswith("tpc_")
    for name in ("screen_hint", "login_ticket", "invitation"):
        answer = browser.authorize(client, **{name: "signup"}).answer
        assert answer["error"] == "invalid_request", name
    for name in ("request", "request_uri"):
        assert browser.authorize(client, **{name: "x"}).page.status_code == 400, name


# --- codes and tokens ----------------------------------------------------------------------------


def test_a_replayed_code_revokes_the_access_token_too(browser: Browser, http: httpx.Client) -> None:
    code = browser.authorize().log_in().answer["code"]
    opaque = exchange_code(http, code).json()["access_token"]
    bearer = {"authorization": f"Bearer {opaque}"}
    assert http.get("/userinfo", headers=bearer).status_code == 200
    assert exchange_code(http, code).status_code == 403
    assert http.get("/userinfo", headers=bearer).status_code == 401


def test_a_replayed_code_revokes_what_was_rotated_since(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    tenant.management().clients.update(
        "app",
        refresh_token={
            "rotation_type": "rotating",
            "expiration_type": "expiring",
            "leeway": 0,
            "token_lifetime": 3600,
        },
    )
    code = browser.authorize(audience=API, scope="openid offline_access").log_in().answer["code"]
    first = exchange_code(http, code).json()["refresh_token"]
    second = exchange(http, "refresh_token", refresh_token=first).json()["refresh_token"]
    exchange_code(http, code)
    assert exchange(http, "refresh_token", refresh_token=second).status_code == 403


def test_a_client_cannot_revoke_the_tokens_of_another(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    opaque = tenant.log_in(ADA, client="app").access_token
    refresh = tenant.log_in(ADA, client="app", audience=API, scope="offline_access").refresh_token
    for token in (opaque, str(refresh)):
        http.post("/oauth/revoke", data={"client_id": "spa", "token": token})
    bearer = {"authorization": f"Bearer {opaque}"}
    assert http.get("/userinfo", headers=bearer).status_code == 200
    assert exchange(http, "refresh_token", refresh_token=refresh).status_code == 200


def test_no_grant_takes_the_codes_of_another_client(tenant: FakeTenant, http: httpx.Client) -> None:
    tenant.clients.add(
        client_id="other",
        client_secret="other-secret",
        name="Other",
        grant_types=EVERY_GRANT,
        token_endpoint_auth_method="client_secret_post",
    )
    mine = {"client_id": "app", "client_secret": "app-secret"}
    theirs = {"client_id": "other", "client_secret": "other-secret"}
    hint = json.dumps({"format": "iss_sub", "iss": "x", "sub": ADA})
    ciba = {**mine, "scope": "openid", "binding_message": "1", "login_hint": hint}
    request_id = http.post("/bc-authorize", data=ciba).json()["auth_req_id"]
    tenant.decide_on_device(ADA, approve=True)
    device = http.post("/oauth/device/code", data=mine).json()["device_code"]
    for grant_type, given in (
        ("urn:openid:params:grant-type:ciba", {"auth_req_id": request_id}),
        ("urn:ietf:params:oauth:grant-type:device_code", {"device_code": device}),
    ):
        form = {"grant_type": grant_type, **given}
        stolen = http.post("/oauth/token", data={**form, **theirs})
        assert stolen.json()["error"] == "invalid_grant", grant_type
    form = {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": request_id}
    assert http.post("/oauth/token", data={**form, **mine}).status_code == 200


def test_no_other_token_is_an_access_token(
    tenant: FakeTenant, http: httpx.Client, browser: Browser
) -> None:
    body = exchange_code(
        http, browser.authorize(audience=API, scope="openid offline_access").log_in().answer["code"]
    ).json()
    machine = exchange(http, "client_credentials", audience=API).json().get("access_token", "none")
    for token in (body["id_token"], body["refresh_token"], machine):
        bearer = {"authorization": f"Bearer {token}"}
        assert http.get("/userinfo", headers=bearer).status_code == 401
    bearer = {"authorization": f"Bearer {body['id_token']}"}
    assert http.get("/api/v2/users", headers=bearer).status_code == 401


@pytest.mark.parametrize("forgery", ["none", "None", "no signature"])
def test_a_forged_access_token_opens_neither_api(
    tenant: FakeTenant, http: httpx.Client, forgery: str
) -> None:
    issued = tenant.log_in(ADA, client="app", audience=API, scope="openid").access_token
    kid = jwt.get_unverified_header(issued)["kid"]
    algorithm, secret = FORGERIES[forgery]
    token = signed_by_hand(claims(issued), algorithm, secret, kid=kid)
    bearer = {"authorization": f"Bearer {token}"}
    assert http.get("/userinfo", headers=bearer).status_code == 401
    assert http.get("/mfa/authenticators", headers=bearer).status_code == 401


# --- second factors ------------------------------------------------------------------------------


def test_an_access_token_for_another_api_does_not_open_the_mfa_api(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    login = tenant.log_in(ADA, client="app", audience=API, scope="openid")
    bearer = {"authorization": f"Bearer {login.access_token}"}
    assert http.get("/mfa/authenticators", headers=bearer).status_code == 401
    kind = {"authenticator_types": ["otp"]}
    assert http.post("/mfa/associate", json=kind, headers=bearer).status_code == 401


def test_an_access_token_for_the_mfa_api_needs_the_scope(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    audience = f"https://{tenant.domain}/mfa/"
    tenant.resource_servers.add(
        identifier=audience,
        name="MFA",
        scopes=[{"value": "read:authenticators"}, {"value": "enroll"}],
    )
    login = tenant.log_in(ADA, client="app", audience=audience, scope="openid read:authenticators")
    bearer = {"authorization": f"Bearer {login.access_token}"}
    assert http.get("/mfa/authenticators", headers=bearer).status_code == 200
    refused = http.post("/mfa/associate", json={"authenticator_types": ["otp"]}, headers=bearer)
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")


def test_a_password_alone_adds_no_second_factor_to_an_enrolled_one(
    tenant: FakeTenant, http: httpx.Client
) -> None:
    mgmt = tenant.management()
    mgmt.guardian.policies.set(body=["all-applications"])
    mgmt.guardian.factors.set("otp", enabled=True)
    mgmt.users.authentication_methods.create(
        ADA, type="totp", name="app", totp_secret="JBSWY3DPEHPK3PXP"
    )
    refused = exchange(http, "password", username="ada@example.com", password=PASSWORD,
                       realm="Username-Password-Authentication")  # fmt: skip
    token = exchange(
        http,
        "http://auth0.com/oauth/grant-type/password-realm",
        username="ada@example.com",
        password=PASSWORD,
        realm="Username-Password-Authentication",
    ).json()["mfa_token"]
    assert refused.status_code == 403
    response = http.post(
        "/mfa/associate",
        json={"authenticator_types": ["otp"]},
        headers={"authorization": f"Bearer {token}"},
    )
    assert (response.status_code, response.json()["error"]) == (403, "access_denied")


# --- log-out -------------------------------------------------------------------------------------


@pytest.fixture
def id_token(browser: Browser, http: httpx.Client) -> str:
    code = browser.authorize().log_in().answer["code"]
    return str(exchange_code(http, code).json()["id_token"])


def is_logged_in(browser: Browser) -> bool:
    return "code" in browser.authorize(prompt="none").answer


@pytest.mark.parametrize("forgery", ["none", "None", "no signature"])
def test_a_forged_hint_ends_no_session(browser: Browser, id_token: str, forgery: str) -> None:
    algorithm, secret = FORGERIES[forgery]
    kid = jwt.get_unverified_header(id_token)["kid"]
    hint = signed_by_hand(claims(id_token), algorithm, secret, kid=kid)
    page = browser.open("/oidc/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert (page.left_for, page.page.status_code) == (None, 400)
    assert is_logged_in(browser)


def test_a_hint_by_the_clients_secret_counts_for_such_clients_only(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    tenant.management().clients.update("app", jwt_configuration={"alg": "HS256"})
    code = browser.authorize().log_in().answer["code"]
    hint = str(exchange_code(http, code).json()["id_token"])
    assert jwt.get_unverified_header(hint)["alg"] == "HS256"
    forged = signed_by_hand(claims(hint), "HS256", b"app-secret-of-another".ljust(32, b"\0"))
    page = browser.open("/oidc/logout", id_token_hint=forged, post_logout_redirect_uri=BYE)
    assert page.page.status_code == 400
    tenant.management().clients.update("app", jwt_configuration={"alg": "RS256"})
    page = browser.open("/oidc/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert page.page.status_code == 400
    tenant.management().clients.update("app", jwt_configuration={"alg": "HS256"})
    page = browser.open("/oidc/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert page.left_for == BYE


def test_the_hint_of_another_tenant_ends_no_session(
    browser: Browser, id_token: str, clock: Clock
) -> None:
    other = FakeTenant("other.eu.auth0.com", clock=clock)
    other.users.add(user_id=ADA, email="ada@example.com")
    other.clients.add(client_id="app", name="App")
    hint = str(other.log_in(ADA, client="app", scope="openid").id_token)
    page = browser.open("/oidc/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert page.page.status_code == 400
    assert is_logged_in(browser)


def test_an_access_token_is_no_hint(tenant: FakeTenant, browser: Browser, id_token: str) -> None:
    hint = tenant.log_in(ADA, client="app", audience=API).access_token
    page = browser.open("/oidc/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert page.page.status_code == 400
    assert is_logged_in(browser)


def test_the_hint_of_another_session_asks_first(
    tenant: FakeTenant, browser: Browser, id_token: str
) -> None:
    hint = str(tenant.log_in(ADA, client="app", scope="openid").id_token)
    page = browser.open("/oidc/logout", id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert (page.left_for, page.page.status_code) == (None, 200)
    assert is_logged_in(browser)


def test_a_hint_that_has_expired_still_says_whose_session_it_is(
    browser: Browser, id_token: str, clock: Clock
) -> None:
    clock.advance(36_001)
    page = browser.open("/oidc/logout", id_token_hint=id_token, post_logout_redirect_uri=BYE)
    assert page.left_for == BYE


def test_the_address_after_a_log_out_is_one_of_the_hints_client(
    tenant: FakeTenant, browser: Browser, id_token: str
) -> None:
    tenant.management().clients.update("spa", allowed_logout_urls=["https://spa.example.com/"])
    for wrong in ("https://spa.example.com/", f"{BYE}?next=evil", f"{BYE}/", f"{BYE}#x"):
        page = browser.open("/oidc/logout", id_token_hint=id_token, post_logout_redirect_uri=wrong)
        assert (page.left_for, page.page.status_code) == (None, 400), wrong
    assert is_logged_in(browser)


def test_another_site_cannot_confirm_a_log_out(browser: Browser, id_token: str) -> None:
    for token in ("", "wrong"):
        form = {"action": "logout", "csrf_token": token}
        response = browser.client.post("/oidc/logout", data=form)
        assert response.status_code == 200  # the user is asked again
        assert is_logged_in(browser)


# --- every page ----------------------------------------------------------------------------------

PAGES = [case for case in cases() if case.is_page]
FORMS = [case for case in PAGES if "csrf_token" in (case.body or {})]


def send(case: Case) -> tuple[FakeTenant, Any]:
    tenant, sent = case.tenant.fork(), unchanged(case)
    return tenant, tenant.send(case.method, sent.target, dict(sent.headers), sent.content)


def protected(case: Case) -> Iterator[Case]:
    """The form as other sites and other browsers can send it."""
    body, headers = dict(case.body or {}), dict(case.headers)
    yield replace(case, body={k: v for k, v in body.items() if k != "csrf_token"})
    yield replace(case, body={**body, "csrf_token": "wrong"})
    yield replace(case, headers={k: v for k, v in headers.items() if k != "cookie"})
    yield replace(case, headers={**headers, "cookie": "auth0=another-browser"})


@pytest.mark.parametrize("case", FORMS, ids=[case.name for case in FORMS])
def test_no_other_site_and_no_other_browser_sends_a_form(case: Case) -> None:
    for forged in protected(case):
        before = case.tenant.snapshot()
        tenant, response = send(forged)
        location = response.headers.get("location", "")
        assert not location or "code=" not in location
        assert response.status >= 400 or case.path == "/oidc/logout"
        changes = tenant.changes_since(before)
        written = {**changes.created, **changes.updated, **changes.deleted}
        assert set(written) <= {"logs"}, written
        assert len(list(tenant.mailbox)) == len(list(case.tenant.mailbox))


def test_every_form_of_a_flow_is_protected() -> None:
    posted = {case.path for case in PAGES if case.method == "POST"}
    unprotected = posted - {case.path for case in FORMS}
    # The first begins a flow, the second is sent from where an action led, the last needs a ticket.
    assert unprotected == {"/authorize", "/continue", "/lo/reset"}


@pytest.mark.parametrize("case", PAGES, ids=[case.name for case in PAGES])
def test_every_page_is_framed_by_nobody_cached_nowhere_and_runs_no_script(case: Case) -> None:
    _, response = send(case)
    policy = response.headers.get("content-security-policy", "")
    assert response.headers["cache-control"] == "no-store"
    if response.status == 302:
        return
    message = case.query.get("response_mode") == "web_message"
    assert ("x-frame-options" in response.headers) is not message
    assert "frame-ancestors 'none'" in policy or message
    assert policy.startswith("default-src 'none'")
    assert "base-uri 'none'" in policy
    assert response.headers["referrer-policy"] == "no-referrer"
    hashes = re.findall(r"script-src 'sha256-([^']+)'", policy)
    scripts = re.findall(r"<script>(.*?)</script>", response.body.decode(), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert digests == hashes


@pytest.mark.parametrize("case", PAGES, ids=[case.name for case in PAGES])
def test_every_cookie_is_for_the_server_alone(case: Case) -> None:
    _, response = send(case)
    cookie = response.headers.get("set-cookie")
    if cookie is not None:
        value, *flags = cookie.split("; ")
        assert value.startswith("auth0=")
        assert {"Path=/", "HttpOnly", "Secure", "SameSite=None"} <= set(flags)
        assert not any(flag.startswith("Domain") for flag in flags)


def test_a_tenant_may_let_others_frame_its_pages(tenant: FakeTenant, browser: Browser) -> None:
    tenant.management().tenants.settings.update(
        flags={"disable_clickjack_protection_headers": True}
    )
    headers = browser.authorize().page.headers
    assert "x-frame-options" not in headers
    assert "frame-ancestors" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_a_page_escapes_what_the_user_sent(browser: Browser) -> None:
    hostile = '"><img src=x onerror=alert(1)>@example.com'
    browser.authorize().submit(username=hostile)
    assert "<img" not in browser.page.text
    assert browser.form.fields["username"] == hostile


def test_the_issuer_of_an_error_is_named_too(tenant: FakeTenant, browser: Browser) -> None:
    answer = browser.authorize(prompt="none").answer
    assert (answer["error"], answer["iss"]) == ("login_required", f"https://{tenant.domain}/")
    page = browser.authorize(prompt="none", response_mode="form_post")
    assert page.form.fields["iss"] == f"https://{tenant.domain}/"
    assert dict(parse_qsl(urlsplit(str(page.page.url)).query))["prompt"] == "none"
