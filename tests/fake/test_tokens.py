"""Tokens: issued at the token endpoint, verified on every call."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auth0_mgmt.models.clients import Client
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.engine import tokens
from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.keyring import Keyring, SigningKey

DOMAIN = "tenant.example.com"
AUDIENCE = f"https://{DOMAIN}/api/v2/"
NOW = 1_700_000_000.0
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def keys() -> Keyring:
    """The signing keys of a fresh tenant."""
    return Keyring(FakeTenant().state)


def issue(claims: dict[str, Any]) -> str:
    return tokens.issue(claims, keys().current())


@cache
def client_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem() -> str:
    return (
        client_key()
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@dataclass
class Tenant:
    """A directory of two clients: one with a secret, one with a key."""

    grant: dict[str, Any] = field(
        default_factory=lambda: {"id": "cgr_1", "scope": ["read:users", "read:roles"]}
    )
    used: set[str] = field(default_factory=set)
    domain: str = DOMAIN
    audience: str = ""

    def now(self) -> float:
        return NOW

    def signing_key(self) -> SigningKey:
        return keys().current()

    def default_audience(self) -> str:
        return self.audience

    def find_client(self, client_id: str) -> Mapping[str, Any] | None:
        clients: dict[str, Mapping[str, Any]] = {
            "app": {"client_id": "app", "client_secret": "s3cret"},
            "spa": {"client_id": "spa", "client_secret": "s", "grant_types": ["implicit"]},
            "key": {
                "client_id": "key",
                "client_authentication_methods": {
                    "private_key_jwt": {"credentials": [{"id": "cred_1"}]}
                },
            },
        }
        return clients.get(client_id)

    def find_grant(self, client_id: str, audience: str) -> Mapping[str, Any] | None:
        return self.grant if audience == AUDIENCE else None

    def find_resource_server(self, identifier: str) -> Mapping[str, Any] | None:
        return {"identifier": identifier} if identifier in (AUDIENCE, "urn:other") else None

    def find_organization(self, name_or_id: str) -> Mapping[str, Any] | None:
        return {"id": "org_1", "name": "acme"} if name_or_id in ("org_1", "acme") else None

    def may_act_for(self, organization_id: str, grant_id: str) -> bool:
        return True

    def find_credential(self, credential_id: str) -> Mapping[str, Any] | None:
        return {"id": credential_id, "alg": "RS256", "pem": pem()}

    def spend(self, jti: str, until: float) -> bool:
        fresh = jti not in self.used
        self.used.add(jti)
        return fresh


def ask(
    tenant: Tenant | None = None, headers: dict[str, str] | None = None, **form: str
) -> tuple[int, dict[str, Any]]:
    said = {"grant_type": "client_credentials", "audience": AUDIENCE, **form}
    sent = {"content-type": "application/x-www-form-urlencoded", **(headers or {})}
    return tokens.grant(tenant or Tenant(), sent, urlencode(said).encode())


def assertion(alg: str = "RS256", **claims: Any) -> str:
    said = {"iss": "key", "sub": "key", "aud": f"https://{DOMAIN}/", "exp": NOW + 60, "jti": "j1"}
    said |= claims
    return jwt.encode({k: v for k, v in said.items() if v is not None}, client_key(), alg)


def by_key(token: str, tenant: Tenant | None = None) -> tuple[int, dict[str, Any]]:
    return ask(tenant, client_assertion_type=ASSERTION, client_assertion=token)


def verify(token: str | None, *, now: float = NOW, strict: bool = False) -> Any:
    return tokens.verify(token, domain=DOMAIN, now=now, strict=strict, keys=keys())


def claims(**changed: Any) -> dict[str, Any]:
    return {
        "iss": f"https://{DOMAIN}/",
        "aud": AUDIENCE,
        "exp": NOW + 60,
        "azp": "app",
        "scope": "read:users",
    } | changed


# --- verifying ---------------------------------------------------------------------------------


def test_an_issued_token_gives_its_client_and_scopes() -> None:
    caller = verify(f"Bearer {issue(claims())}", strict=True)
    assert caller.client_id == "app"
    assert caller.may("read:users")
    assert not caller.may("read:roles")


def test_an_opaque_token_is_all_powerful_unless_strict() -> None:
    assert verify("Bearer anything").may("delete:users")
    with pytest.raises(APIError, match="Invalid token"):
        verify("Bearer anything", strict=True)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (None, "Missing authentication"),
        ("", "Missing authentication"),
        ("Basic abc", "Bad HTTP authentication header format"),
        ("Bearer", "Bad HTTP authentication header format"),
        ("Bearer a.b.c", "Invalid token"),
    ],
)
def test_a_bad_header_is_refused(header: str | None, message: str) -> None:
    with pytest.raises(APIError) as refused:
        verify(header)
    assert (refused.value.status, refused.value.message) == (401, message)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"exp": NOW - 1}, "Expired token received for JSON Web Token validation"),
        ({"aud": "urn:x"}, f"Bad audience: urn:x; expected {AUDIENCE}"),
        ({"iss": "https://other/"}, "Bad issuer: https://other/"),
        ({"nbf": NOW + 60}, "Token is not yet valid for JSON Web Token validation"),
    ],
)
def test_each_fault_of_a_token_has_its_own_message(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(APIError) as refused:
        verify(f"Bearer {issue(claims(**changed))}")
    assert (refused.value.status, refused.value.message) == (401, message)


def test_a_token_that_another_signed_is_refused() -> None:
    kid = keys().current().kid
    forged = jwt.encode(claims(), client_key(), "RS256", headers={"kid": kid})
    with pytest.raises(APIError, match="Invalid signature received"):
        verify(f"Bearer {forged}")


def test_the_published_keys_verify_what_was_issued() -> None:
    key = jwt.PyJWK.from_dict(tokens.jwks(keys(), DOMAIN)["keys"][0])
    token = issue(claims(exp=4_000_000_000))
    assert jwt.decode(token, key.key, ["RS256"], audience=AUDIENCE)["azp"] == "app"
    discovery = tokens.openid_configuration(DOMAIN)
    assert discovery["jwks_uri"] == f"https://{DOMAIN}/.well-known/jwks.json"


def token_of(tenant: FakeTenant, client: Client) -> str:
    """The authorization header that a machine gets itself at the token endpoint."""
    form = {
        "grant_type": "client_credentials",
        "audience": f"https://{tenant.domain}/api/v2/",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    sent = {"content-type": "application/x-www-form-urlencoded"}
    answer = tenant.send("POST", "/oauth/token", sent, urlencode(form).encode()).json()
    return f"Bearer {answer['access_token']}"


def signed_with(header: str) -> str:
    return str(jwt.get_unverified_header(header.partition(" ")[2])["kid"])


def test_the_signing_keys_of_the_api_are_those_that_sign_tokens() -> None:
    tenant = FakeTenant()
    admin = tenant.management()
    client = admin.clients.create(name="Machine", app_type="non_interactive")
    admin.client_grants.create(
        client_id=str(client.client_id),
        audience=f"https://{tenant.domain}/api/v2/",
        scope=["read:signing_keys"],
    )

    def published() -> set[str]:
        keys = tenant.send("GET", "/.well-known/jwks.json", {}).json()["keys"]
        return {key["kid"] for key in keys}

    def accepted(token: str) -> int:
        return tenant.send("GET", "/api/v2/keys/signing", {"authorization": token}).status

    old = token_of(tenant, client)
    first = signed_with(old)
    admin.keys.signing.rotate()
    new = token_of(tenant, client)
    assert signed_with(new) != first
    assert {key.kid for key in admin.keys.signing.list()} == published()
    assert (accepted(old), accepted(new)) == (200, 200)
    admin.keys.signing.revoke(first)
    assert first not in published()
    assert (accepted(old), accepted(new)) == (401, 200)


# --- the token endpoint ------------------------------------------------------------------------


def test_a_secret_gets_the_granted_scopes() -> None:
    status, answer = ask(client_id="app", client_secret="s3cret")
    assert status == 200
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 86_400)
    assert answer["scope"] == "read:users read:roles"
    assert verify(f"Bearer {answer['access_token']}", strict=True).may("read:roles")


def test_the_secret_may_come_as_basic_or_as_json() -> None:
    basic = base64.b64encode(b"app:s3cret").decode()
    assert ask(headers={"authorization": f"Basic {basic}"})[0] == 200
    form = {"grant_type": "client_credentials", "audience": AUDIENCE}
    body = json.dumps({**form, "client_id": "app", "client_secret": "s3cret"}).encode()
    assert tokens.grant(Tenant(), {"content-type": "application/json"}, body)[0] == 200


@pytest.mark.parametrize(
    ("form", "status", "error", "description"),
    [
        ({"client_id": "app", "client_secret": "no"}, 401, "access_denied", "Unauthorized"),
        ({"client_id": "nobody", "client_secret": "x"}, 401, "access_denied", "Unauthorized"),
        ({}, 400, "invalid_request", "client_id"),
        ({"grant_type": "password"}, 403, "unsupported_grant_type", "password"),
        ({"client_id": "spa", "client_secret": "s"}, 403, "unauthorized_client", "not allowed"),
        ({"audience": "urn:x"}, 403, "access_denied", "Service not enabled within domain: urn:x"),
        ({"audience": "urn:other"}, 403, "access_denied", "You need to create a"),
    ],
)
def test_refusals_have_the_shape_of_oauth(
    form: dict[str, str], status: int, error: str, description: str
) -> None:
    if "audience" in form:
        form = {"client_id": "app", "client_secret": "s3cret", **form}
    found, answer = ask(**form)
    assert (found, answer["error"]) == (status, error)
    assert description in answer["error_description"]


def test_an_organization_is_named_in_the_token_where_the_grant_allows_it() -> None:
    tenant = Tenant()
    secret = {"client_id": "app", "client_secret": "s3cret"}
    assert ask(tenant, organization="acme", **secret)[0] == 403
    tenant.grant["organization_usage"] = "require"
    assert ask(tenant, **secret)[0] == 403
    _, answer = ask(tenant, organization="acme", **secret)
    found = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert found["org_id"] == "org_1"


def test_the_tenants_own_audience_is_taken_where_none_is_asked_for() -> None:
    secret = {"client_id": "app", "client_secret": "s3cret", "audience": ""}
    assert ask(Tenant(), **secret)[0] == 403
    assert ask(Tenant(audience=AUDIENCE), **secret)[0] == 200


def test_a_registered_key_authenticates_once() -> None:
    tenant, token = Tenant(), assertion()
    assert by_key(token, tenant)[0] == 200
    status, answer = by_key(token, tenant)
    assert (status, answer["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": NOW - 1},
        {"exp": NOW + 3_600},
        {"exp": None},
        {"iat": NOW + 60},
        {"nbf": NOW + 60},
        {"jti": None},
        {"jti": "j" * 65},
        {"aud": "https://other/"},
        {"aud": [f"https://{DOMAIN}/"]},
        {"iss": "other"},
        {"alg": "PS256"},
    ],
)
def test_an_assertion_that_is_not_right_is_refused(changed: dict[str, Any]) -> None:
    status, answer = by_key(assertion(**changed))
    assert (status, answer["error"]) == (401, "invalid_client")


def test_an_assertion_that_another_signed_is_refused() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    said = {"iss": "key", "sub": "key", "aud": f"https://{DOMAIN}/", "exp": NOW + 60, "jti": "j"}
    assert by_key(jwt.encode(said, other, "RS256"))[0] == 401


def test_a_small_skew_of_clocks_is_forgiven() -> None:
    assert by_key(assertion(iat=NOW + 5, nbf=NOW + 5))[0] == 200
