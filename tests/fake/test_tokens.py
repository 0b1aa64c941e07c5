"""Tokens: issued at the token endpoint, verified on every call."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from auth0_mgmt.models.clients import Client
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.engine import tokens
from auth0_mgmt_testing.engine.core import TenantCore
from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.keyring import Keyring

DOMAIN = "tenant.example.com"
AUDIENCE = f"https://{DOMAIN}/api/v2/"
NOW = 1_700_000_000.0


@cache
def keys() -> Keyring:
    """The signing keys of a fresh tenant."""
    return Keyring(FakeTenant().snapshot().state)


@cache
def tenant() -> TenantCore:
    """The tenant that tokens are for."""
    return FakeTenant(DOMAIN)._core


def issue(claims: dict[str, Any]) -> str:
    return tokens.issue(claims, keys().current())


@cache
def client_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def verify(token: str | None, *, now: float = NOW, strict: bool = False) -> Any:
    return tokens.verify(token, tenant=tenant(), now=now, strict=strict, keys=keys())


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
        ({"aud": "urn:x"}, "Bad audience: urn:x"),
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
