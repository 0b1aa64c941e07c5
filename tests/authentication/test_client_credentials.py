"""Client credentials, and how a client proves who it is: by secret or by a signed assertion."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auth0_mgmt_testing import Clock, FakeTenant

DOMAIN = "tenant.example.com"
AUDIENCE = f"https://{DOMAIN}/api/v2/"
NOW = 1_700_000_000.0
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = {"content-type": "application/x-www-form-urlencoded"}


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


@pytest.fixture
def tenant() -> FakeTenant:
    """A tenant with a client that has a secret, one that may not, and one that has a key."""
    tenant = FakeTenant(DOMAIN, clock=Clock(datetime.fromtimestamp(NOW, UTC)))
    tenant.clients.add(client_id="app", client_secret="s3cret", name="App")
    tenant.clients.add(client_id="spa", client_secret="s", name="Spa", grant_types=["implicit"])
    credential: Any = {"credential_type": "public_key", "name": "key", "pem": pem(), "alg": "RS256"}
    tenant.clients.add(
        client_id="key",
        name="Key",
        client_authentication_methods={"private_key_jwt": {"credentials": [credential]}},
    )
    tenant.resource_servers.add(identifier="urn:other", name="Other")
    tenant.organizations.add(id="org_1", name="acme")
    for client in ("app", "key"):
        tenant.client_grants.add(
            client_id=client, audience=AUDIENCE, scope=["read:users", "read:roles"]
        )
    return tenant


def ask(
    tenant: FakeTenant, headers: dict[str, str] | None = None, /, **form: str
) -> tuple[int, dict[str, Any]]:
    said = {"grant_type": "client_credentials", "audience": AUDIENCE, **form}
    response = tenant.send(
        "POST", "/oauth/token", {**FORM, **(headers or {})}, urlencode(said).encode()
    )
    return response.status, response.json()


def assertion(alg: str = "RS256", **claims: Any) -> str:
    said: dict[str, Any] = {
        "iss": "key",
        "sub": "key",
        "aud": f"https://{DOMAIN}/",
        "exp": NOW + 60,
        "jti": "j1",
    }
    said |= claims
    return jwt.encode({k: v for k, v in said.items() if v is not None}, client_key(), alg)


def by_key(tenant: FakeTenant, token: str) -> tuple[int, dict[str, Any]]:
    return ask(tenant, client_assertion_type=ASSERTION, client_assertion=token)


def test_the_published_keys_verify_what_was_issued(tenant: FakeTenant) -> None:
    _, answer = ask(tenant, client_id="app", client_secret="s3cret")
    keys = tenant.send("GET", "/.well-known/jwks.json", {}).json()["keys"]
    key = jwt.PyJWK.from_dict(keys[0])
    options: Any = {"verify_exp": False, "verify_iat": False}
    token = answer["access_token"]
    assert jwt.decode(token, key.key, ["RS256"], audience=AUDIENCE, options=options)["azp"] == "app"


def test_a_secret_gets_the_granted_scopes(tenant: FakeTenant) -> None:
    status, answer = ask(tenant, client_id="app", client_secret="s3cret")
    assert status == 200
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 86_400)
    assert answer["scope"] == "read:users read:roles"
    bearer = {"authorization": f"Bearer {answer['access_token']}"}
    assert tenant.send("GET", "/api/v2/roles", bearer).status == 200


def test_the_secret_may_come_as_basic_or_as_json(tenant: FakeTenant) -> None:
    basic = base64.b64encode(b"app:s3cret").decode()
    assert ask(tenant, {"authorization": f"Basic {basic}"})[0] == 200
    form = {"grant_type": "client_credentials", "audience": AUDIENCE}
    body = json.dumps({**form, "client_id": "app", "client_secret": "s3cret"}).encode()
    sent = {"content-type": "application/json"}
    assert tenant.send("POST", "/oauth/token", sent, body).status == 200


@pytest.mark.parametrize(
    ("form", "status", "error", "description"),
    [
        ({"client_id": "app", "client_secret": "no"}, 401, "access_denied", "Unauthorized"),
        ({"client_id": "nobody", "client_secret": "x"}, 401, "access_denied", "Unauthorized"),
        ({}, 400, "invalid_request", "client_id"),
        ({"grant_type": "magic"}, 403, "unsupported_grant_type", "magic"),
        ({"client_id": "spa", "client_secret": "s"}, 403, "unauthorized_client", "not allowed"),
        ({"audience": "urn:x"}, 403, "access_denied", "Service not enabled within domain: urn:x"),
        ({"audience": "urn:other"}, 403, "access_denied", "You need to create a"),
    ],
)
def test_refusals_have_the_shape_of_oauth(
    tenant: FakeTenant, form: dict[str, str], status: int, error: str, description: str
) -> None:
    if "audience" in form:
        form = {"client_id": "app", "client_secret": "s3cret", **form}
    found, answer = ask(tenant, **form)
    assert (found, answer["error"]) == (status, error)
    assert description in answer["error_description"]


def test_an_organization_is_named_in_the_token_where_the_grant_allows_it(
    tenant: FakeTenant,
) -> None:
    secret = {"client_id": "app", "client_secret": "s3cret"}
    assert ask(tenant, organization="acme", **secret)[0] == 403
    grant = tenant.client_grants.keys()[0]
    tenant.client_grants.update(grant, organization_usage="require", allow_any_organization=True)
    assert ask(tenant, **secret)[0] == 403
    _, answer = ask(tenant, organization="acme", **secret)
    found = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert found["org_id"] == "org_1"


def test_the_tenants_own_audience_is_taken_where_none_is_asked_for(tenant: FakeTenant) -> None:
    secret = {"client_id": "app", "client_secret": "s3cret", "audience": ""}
    assert ask(tenant, **secret)[0] == 403
    tenant.management().tenants.settings.update(default_audience=AUDIENCE)
    assert ask(tenant, **secret)[0] == 200


def test_a_registered_key_authenticates_once(tenant: FakeTenant) -> None:
    token = assertion()
    assert by_key(tenant, token)[0] == 200
    status, answer = by_key(tenant, token)
    assert (status, answer["error"]) == (401, "invalid_client")


def test_an_assertion_may_name_its_audience_in_a_list(tenant: FakeTenant) -> None:
    own = f"https://{DOMAIN}/"
    assert by_key(tenant, assertion(aud=[own]))[0] == 200
    assert by_key(tenant, assertion(aud=["https://other/", own], jti="j2"))[0] == 200


def test_a_requested_scope_takes_no_granted_scope_away(tenant: FakeTenant) -> None:
    for scope in ("read:roles", "delete:users"):
        _, answer = ask(tenant, client_id="app", client_secret="s3cret", scope=scope)
        found = jwt.decode(answer["access_token"], options={"verify_signature": False})
        assert found["scope"] == "read:users read:roles"


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
        {"aud": ["https://other/"]},
        {"aud": []},
        {"aud": None},
        {"iss": "other"},
        {"alg": "PS256"},
    ],
)
def test_an_assertion_that_is_not_right_is_refused(
    tenant: FakeTenant, changed: dict[str, Any]
) -> None:
    status, answer = by_key(tenant, assertion(**changed))
    assert (status, answer["error"]) == (401, "invalid_client")


def test_an_assertion_that_another_signed_is_refused(tenant: FakeTenant) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    said: dict[str, Any] = {
        "iss": "key",
        "sub": "key",
        "aud": f"https://{DOMAIN}/",
        "exp": NOW + 60,
        "jti": "j",
    }
    assert by_key(tenant, jwt.encode(said, other, "RS256"))[0] == 401


def test_a_small_skew_of_clocks_is_forgiven(tenant: FakeTenant) -> None:
    assert by_key(tenant, assertion(iat=NOW + 5, nbf=NOW + 5))[0] == 200
