"""Tokens: where they come from, how long they are kept, how often they are fetched."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from auth0_mgmt import (
    AsyncManagement,
    ClientCredentials,
    Management,
    PrivateKeyJWT,
    Token,
    TokenError,
    UnauthorizedError,
    _flow,
)

from .conftest import DOMAIN, Script, no_time

SECRETS = ClientCredentials("client", "hush-hush")


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture(scope="module")
def rsa_pem() -> str:
    return pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def client(script: Script, auth: Any, **options: Any) -> Management:
    return Management(DOMAIN, auth=auth, transport=httpx.MockTransport(script), **options)


def form(request: httpx.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def test_client_credentials_ask_the_token_endpoint_once(script: Script) -> None:
    with client(script, SECRETS) as mgmt:
        mgmt.roles.get("r")
        mgmt.roles.get("r")
    assert script.tokens == 1
    assert form(script.requests[0]) == {
        "grant_type": "client_credentials",
        "client_id": "client",
        "client_secret": "hush-hush",
        "audience": "https://tenant.eu.auth0.com/api/v2/",
    }
    assert script.last.headers["authorization"] == "Bearer token-1"


def test_audience_and_organization_can_be_given(script: Script) -> None:
    auth = ClientCredentials("c", "s", audience="https://t.auth0.com/api/v2/", organization="org_1")
    client(script, auth).roles.get("r")
    assert form(script.requests[0])["audience"] == "https://t.auth0.com/api/v2/"
    assert form(script.requests[0])["organization"] == "org_1"
    client(script, SECRETS, audience="https://other/").roles.get("r")
    assert form(script.requests[2])["audience"] == "https://other/"


def test_a_token_is_renewed_before_it_expires(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(_flow, "clock", lambda: now)
    mgmt = client(script, SECRETS)
    mgmt.roles.get("r")
    now += 86_400 - 61
    mgmt.roles.get("r")
    assert script.tokens == 1
    now += 2
    mgmt.roles.get("r")
    assert script.tokens == 2


def test_a_401_forces_one_renewal(script: Script) -> None:
    script.answers = [httpx.Response(401, json={}), httpx.Response(200, json={"name": "r"})]
    assert client(script, SECRETS).roles.get("r").name == "r"
    assert script.tokens == 2
    script.answers = [httpx.Response(401, json={"message": "Invalid token"})]
    with pytest.raises(UnauthorizedError, match="Invalid token"):
        client(script, SECRETS).roles.get("r")
    assert script.tokens == 4


def test_a_static_token_is_not_renewed(script: Script) -> None:
    script.answers = [httpx.Response(401, json={})]
    with pytest.raises(UnauthorizedError):
        client(script, "static").roles.get("r")
    assert len(script.requests) == 1


def test_a_refused_token_is_raised_as_what_it_is(script: Script) -> None:
    script.token_answer = httpx.Response(
        401, json={"error": "access_denied", "error_description": "Unauthorized"}
    )
    with pytest.raises(TokenError, match="access_denied: Unauthorized") as caught:
        client(script, SECRETS).roles.get("r")
    assert (caught.value.error, caught.value.status_code) == ("access_denied", 401)
    assert script.calls == []
    script.token_answer = httpx.Response(200, text="<html>")
    with pytest.raises(TokenError, match="no access_token"):
        client(script, SECRETS).roles.get("r")


def test_the_token_endpoint_is_retried_like_any_call(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [httpx.Response(503), httpx.Response(200, json={"access_token": "t"})]

    def flaky(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            return answers.pop(0)
        return script(request)

    mgmt = Management(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(flaky))
    monkeypatch.setattr(mgmt._dispatcher.http, "sleep", no_time)
    mgmt.roles.get("r")
    assert script.last.headers["authorization"] == "Bearer t"


def test_many_threads_fetch_one_token(script: Script) -> None:
    barrier = threading.Barrier(8)
    mgmt = client(script, SECRETS)

    def call(_: int) -> None:
        barrier.wait()
        mgmt.roles.get("r")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))
    assert script.tokens == 1


async def test_many_tasks_fetch_one_token(script: Script) -> None:
    transport = httpx.MockTransport(script)
    async with AsyncManagement(DOMAIN, auth=SECRETS, transport=transport) as mgmt:
        await asyncio.gather(*(mgmt.roles.get("r") for _ in range(8)))
    assert script.tokens == 1


def test_every_token_request_signs_a_new_assertion(script: Script, rsa_pem: str) -> None:
    auth = PrivateKeyJWT("client", rsa_pem, algorithm="RS384", kid="key-1")
    script.answers = [httpx.Response(401, json={}), httpx.Response(200, json={})]
    client(script, auth).roles.get("r")
    first, second = (
        form(r)["client_assertion"] for r in script.requests if r.url.path == "/oauth/token"
    )
    assert first != second
    private = serialization.load_pem_private_key(rsa_pem.encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    key = private.public_key()
    claims = jwt.decode(first, key, algorithms=["RS384"], audience="https://tenant.eu.auth0.com/")
    assert (claims["iss"], claims["sub"]) == ("client", "client")
    assert claims["aud"] == "https://tenant.eu.auth0.com/"
    assert claims["exp"] - claims["iat"] == 60
    assert claims["jti"] != jwt.decode(second, options={"verify_signature": False})["jti"]
    assert jwt.get_unverified_header(first)["kid"] == "key-1"


@pytest.mark.parametrize("algorithm", ["RS256", "PS512", "ES256", "ES384", "ES512"])
def test_every_algorithm_signs_with_a_key_that_fits(rsa_pem: str, algorithm: str) -> None:
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    text = rsa_pem
    if algorithm in curves:
        text = pem(ec.generate_private_key(curves[algorithm]))
    auth = PrivateKeyJWT("c", text, algorithm=algorithm)
    assertion = auth.form("https://t/", "aud")["client_assertion"]
    assert jwt.get_unverified_header(assertion)["alg"] == algorithm


def test_a_key_that_does_not_fit_is_told_at_construction(rsa_pem: str) -> None:
    with pytest.raises(ValueError, match="ES256 needs an EC key on the curve secp256r1"):
        PrivateKeyJWT("c", rsa_pem, algorithm="ES256")
    with pytest.raises(ValueError, match="needs an EC key on the curve secp384r1"):
        PrivateKeyJWT("c", pem(ec.generate_private_key(ec.SECP256R1())), algorithm="ES384")
    with pytest.raises(ValueError, match="RS256 needs an RSA key"):
        PrivateKeyJWT("c", pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ValueError, match="is not a private key in PEM"):
        PrivateKeyJWT("c", "-----BEGIN nonsense")
    with pytest.raises(ValueError, match="algorithm must be one of"):
        PrivateKeyJWT("c", rsa_pem, algorithm="HS256")


class Source:
    """A token source."""

    def token(self) -> str:
        return "own"


@pytest.mark.parametrize(
    "source",
    [
        lambda: "own",
        lambda: ("own", 3600),
        lambda: Token("own", None),
        Source(),
    ],
)
def test_a_source_of_ones_own_gives_tokens(script: Script, source: Any) -> None:
    client(script, source).roles.get("r")
    assert script.last.headers["authorization"] == "Bearer own"


def test_a_source_that_fails_or_gives_nonsense_is_a_token_error(script: Script) -> None:
    def broken() -> str:
        raise RuntimeError("vault is sealed: s3cret")

    with pytest.raises(TokenError, match="token_source_failed: RuntimeError"):
        client(script, broken).roles.get("r")
    with pytest.raises(TokenError, match="not int"):
        client(script, lambda: 5).roles.get("r")

    async def later() -> str:
        return "own"

    with pytest.raises(TokenError, match="needs AsyncManagement"):
        client(script, later).roles.get("r")
    assert script.calls == []


async def test_an_asynchronous_client_takes_both_kinds_of_source(script: Script) -> None:
    threads: list[bool] = []

    def plain() -> str:
        threads.append(threading.current_thread() is threading.main_thread())
        return "plain"

    async def later() -> tuple[str, float]:
        return "later", 3600

    for source, token in ((plain, "plain"), (later, "later")):
        async with AsyncManagement(
            DOMAIN, auth=source, transport=httpx.MockTransport(script)
        ) as mgmt:
            await mgmt.roles.get("r")
        assert script.last.headers["authorization"] == f"Bearer {token}"
    assert threads == [False], "a plain source must not hold up the loop"


@pytest.mark.parametrize("auth", ["", "  ", "Bearer x", 5, None])
def test_what_cannot_be_an_auth_is_refused(auth: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="auth"):
        Management(DOMAIN, auth=auth)


@pytest.mark.parametrize(
    "auth",
    [
        "s3cret\n",
        lambda: "\ts3cret\r\n",
        lambda: Token(" s3cret "),
        ClientCredentials("c", "s"),
    ],
)
def test_white_space_around_a_token_is_removed(script: Script, auth: Any) -> None:
    script.token_answer = httpx.Response(200, json={"access_token": "s3cret\n"})
    with Management(DOMAIN, auth=auth, transport=httpx.MockTransport(script)) as mgmt:
        mgmt.roles.get("r")
    assert script.last.headers["authorization"] == "Bearer s3cret"


@pytest.mark.parametrize("token", ["s3cret\nx", "s3cret x", "s3crét"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ValueError, match="one word of printable ASCII") as refused:
        Management(DOMAIN, auth=token)
    assert "s3cr" not in str(refused.value)


def test_empty_credentials_are_refused() -> None:
    with pytest.raises(ValueError, match="client_secret must be"):
        ClientCredentials("c", "")
    with pytest.raises(ValueError, match="client_id must be"):
        ClientCredentials(" ", "s")


def test_an_asynchronous_client_may_be_made_before_there_is_a_loop(script: Script) -> None:
    mgmt = AsyncManagement(DOMAIN, auth=SECRETS, transport=httpx.MockTransport(script))

    async def use() -> None:
        async with mgmt:
            await asyncio.gather(*(mgmt.roles.get("r") for _ in range(3)))

    asyncio.run(use())
    assert script.tokens == 1
