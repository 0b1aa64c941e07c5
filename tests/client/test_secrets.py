"""Nothing secret reaches a log, a repr, an error or a pickle."""

from __future__ import annotations

import logging
import pickle
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from auth0_mgmt import ClientCredentials, Management, ManagementError, PrivateKeyJWT, Token

from .conftest import DOMAIN

KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    .decode()
)
SECRETS = {
    "token": "s3cret-token",
    "client_secret": "s3cret-client-secret",
    "password": "s3cret-password",
    "private_key": KEY.splitlines()[2],
    "nested": "s3cret-nested",
    "header": "s3cret-header",
    "query": "s3cret-query",
    "answered": "s3cret-answered",
}


class Watch:
    """Collects every text that could give something away, and what assertions were sent."""

    def __init__(self) -> None:
        self.assertions: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth/token":
            for pair in request.content.decode().split("&"):
                if pair.startswith("client_assertion="):
                    self.assertions.append(pair.partition("=")[2])
            return httpx.Response(200, json={"access_token": SECRETS["token"], "expires_in": 86400})
        body = {"message": "no", "client_secret": SECRETS["answered"], "tokens": [SECRETS["token"]]}
        return httpx.Response(400, json=body, headers={"set-cookie": SECRETS["answered"]})


@pytest.mark.parametrize("kind", ["static", "secret", "key"])
def test_nothing_secret_is_logged_shown_raised_or_pickled(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    auth: Any = {
        "static": SECRETS["token"],
        "secret": ClientCredentials("client", SECRETS["client_secret"]),
        "key": PrivateKeyJWT("client", KEY),
    }[kind]
    watch = Watch()
    caplog.set_level(logging.DEBUG, logger="auth0_mgmt")
    mgmt = Management(DOMAIN, auth=auth, transport=httpx.MockTransport(watch))
    texts = [repr(mgmt), repr(auth) if kind != "static" else "", str(mgmt.users)]
    calls = (
        lambda: mgmt.users.create(
            connection="c",
            password=SECRETS["password"],
            user_metadata={"api_key": SECRETS["nested"]},
        ),
        lambda: mgmt.connections.create(
            name="c", strategy="oidc", options={"client_secret": SECRETS["client_secret"]}
        ),
        lambda: mgmt.request(
            "GET",
            "/x",
            query={"access_token": SECRETS["query"]},
            request_options={"headers": {"authorization-x": "a", "x-api-token": SECRETS["header"]}},
        ),
    )
    for call in calls:
        with pytest.raises(ManagementError) as caught:
            call()
        error = caught.value
        texts += [str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))]
    assert len(caplog.records) >= 6
    texts.append(caplog.text)
    everything = "\n".join(texts)
    found = [name for name, value in SECRETS.items() if value in everything]
    assert found == []
    assert not any(assertion in everything for assertion in watch.assertions)
    assert len(watch.assertions) == (1 if kind == "key" else 0)


@pytest.mark.parametrize(
    "thing",
    [
        ClientCredentials("client", SECRETS["client_secret"]),
        PrivateKeyJWT("client", KEY),
        Token(SECRETS["token"]),
        Management(DOMAIN, auth=SECRETS["token"]),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_holds_a_secret_is_not_pickled_and_shows_none(thing: Any) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(thing)
    assert not any(secret in repr(thing) for secret in SECRETS.values())


def test_a_connection_error_shows_no_query(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    mgmt = Management(DOMAIN, auth="t", transport=httpx.MockTransport(refuse), max_attempts=1)
    with pytest.raises(ManagementError) as caught:
        mgmt.users.list(q="email:ada@example.com")
    assert "ada@example.com" not in str(caught.value) + repr(vars(caught.value))
