"""The table of what is secret: complete for the contract, and used by every sink."""

from __future__ import annotations

import logging
import pickle
import re
from typing import Any

import httpx
import pytest

from auth0_mgmt import (
    AsyncManagement,
    ClientCredentials,
    InvalidRequestError,
    Management,
    ManagementError,
    TokenError,
)
from auth0_mgmt._redact import (
    CONTAINERS,
    PUBLIC_NAMES,
    SECRET_FRAGMENTS,
    SECRET_NAMES,
    is_secret,
    normalized,
    redacted,
    safe_headers,
    safe_text,
    safe_url,
)
from auth0_mgmt.models.users import User

from .conftest import DOMAIN
from .contract_names import names

SUSPICIOUS = re.compile(
    r"secret|passw|passphr|passcode|key|token|cred|cert|otp|cookie|private|p12|pem|pkcs|pfx|assert"
    r"|salt|hash|ticket|signature|nonce|jwt|authorization|linkwith|barcode|recovery|webhook"
    r"|connectionstring|securitycode|headers?$|^pin$|^seed$"
)
MARKER = "m4rk-of-a-s3cret"
SECRETS = sorted(name for name in names() if is_secret(name))


def test_every_suspicious_name_of_the_contract_is_classified() -> None:
    plain = {normalized(name): name for name in names()}
    assert len(plain) > 1_000
    unknown = [
        name
        for short, name in sorted(plain.items())
        if SUSPICIOUS.search(short)
        and not (is_secret(name) or short in PUBLIC_NAMES or short in CONTAINERS)
    ]
    assert unknown == [], "add them to SECRET_NAMES or PUBLIC_NAMES"


def test_the_table_is_written_in_its_own_spelling_and_does_not_contradict_itself() -> None:
    for name in (*SECRET_NAMES, *PUBLIC_NAMES, *CONTAINERS, *SECRET_FRAGMENTS):
        assert name == normalized(name)
    assert not SECRET_NAMES & PUBLIC_NAMES


@pytest.mark.parametrize(
    "name",
    ["link_with", "p12", "server_key", "masterkey", "id_token", "dpop", "cookie", "x-api-key",
     "private_key", "privateKey", "client_secret", "signing_keys", "totp_secret", "Set-Cookie"],
)  # fmt: skip
def test_a_name_is_secret_however_it_is_spelled(name: str) -> None:
    assert is_secret(name)
    assert is_secret(name.upper())
    assert redacted({name: MARKER}) == {name: "[REDACTED]"}
    assert redacted({"a": [{name: [MARKER]}]}) == {"a": [{name: ["[REDACTED]"]}]}


@pytest.mark.parametrize("name", ["token_endpoint", "id_token_signed_response_alg", "password_policy",
                                  "accessKeyId", "last_password_reset", "public_key"])  # fmt: skip
def test_settings_about_secrets_stay_readable(name: str) -> None:
    assert redacted({name: "shown"}) == {name: "shown"}


@pytest.mark.parametrize(
    "value",
    [
        {"httpCustomHeaders": [{"header": "X-Key", "value": MARKER}]},
        {"customHeaders": [{"header": "X-Key", "value": MARKER}]},
        {"customHeaders": {"X-Anything": MARKER}},
        {"secrets": [{"name": "S", "value": MARKER}]},
        {"options": {"configuration": {"anything": MARKER}}},
        {"custom_password_hash": {"algorithm": "md5", "hash": {"value": MARKER, "encoding": "hex"}}},
        {"location": f"https://files.example.com/x?sig={MARKER}&anything={MARKER}"},
        {"setup": {"authHeader": MARKER}},
    ],
)  # fmt: skip
def test_what_stands_in_a_container_is_secret(value: Any) -> None:
    shown = redacted(value)
    assert MARKER not in repr(shown)
    assert shown.keys() == value.keys()


def test_nesting_that_is_too_deep_is_not_shown() -> None:
    deep: Any = MARKER
    for _ in range(5_000):
        deep = [deep]
    assert MARKER not in str(redacted(deep))


def test_addresses_are_shown_without_credentials() -> None:
    url = f"https://user:{MARKER}@host/path?access_token={MARKER}&q=email:{MARKER}&page=2#{MARKER}"
    assert MARKER not in safe_url(url)
    assert safe_url(url).endswith("&page=2")
    headers = safe_headers({"Location": f"https://h/x?any={MARKER}", "DPoP": MARKER, "x-a": "b"})
    assert MARKER not in repr(headers)
    assert headers["x-a"] == "b"


@pytest.mark.parametrize(
    "text",
    [
        f"Illegal header value b'Bearer {MARKER}\\n'",
        f"cannot connect to https://host/?token={MARKER}",
        f"odd bytes b'{MARKER}' and \"{MARKER}\"",
        f"Authorization failed for Bearer {MARKER}",
    ],
)
def test_a_librarys_text_is_passed_on_without_values(text: str) -> None:
    assert MARKER not in safe_text(text)


def everything(error: BaseException) -> str:
    """What an error could give away."""
    return "\n".join((str(error), repr(error), repr(vars(error)), repr(pickle.dumps(error))))


def test_a_marker_in_every_secret_member_reaches_no_sink(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="auth0_mgmt")
    assert len(SECRETS) > 40
    body: dict[str, Any] = dict.fromkeys(SECRETS, MARKER)
    body |= {"nested": [dict(body)], "httpCustomHeaders": [{"header": "h", "value": MARKER}]}
    body["location"] = f"https://files.example.com/x?anything={MARKER}"
    headers: dict[str, str] = dict.fromkeys(
        ("cookie", "dpop", "x-api-key", "x-auth-token", "proxy-authorization"), MARKER
    )

    def reply(request: httpx.Request) -> httpx.Response:
        status = 400 if request.url.path.endswith("refused") else 200
        given = {"set-cookie": MARKER, "location": f"https://x/?a={MARKER}"}
        return httpx.Response(status, json=body, headers=given)

    mgmt = Management(
        DOMAIN, auth=MARKER, transport=httpx.MockTransport(reply), headers=headers, max_attempts=1
    )
    mgmt.request("POST", "/accepted", json=body, query=dict.fromkeys(SECRETS, MARKER))
    with pytest.raises(ManagementError) as caught:
        mgmt.request("POST", "/refused", json=body, query={"q": MARKER})
    shown = everything(caught.value) + repr(mgmt) + repr(User.model_validate(body))
    assert len(caplog.records) >= 4
    assert MARKER not in caplog.text
    assert MARKER not in shown
    for record in caplog.records:
        assert MARKER not in repr(record.args)


@pytest.mark.parametrize("token", [f"{MARKER}\n", f" {MARKER}", f"{MARKER}\r\n"])
async def test_white_space_around_a_token_is_removed(token: str) -> None:
    sent: list[str] = []

    def reply(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["authorization"])
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(reply)
    for auth in (token, lambda: token, lambda: (token, 60)):
        Management(DOMAIN, auth=auth, transport=transport).roles.get("r")
        await AsyncManagement(DOMAIN, auth=auth, transport=transport).roles.get("r")
    assert set(sent) == {f"Bearer {MARKER}"}


@pytest.mark.parametrize(
    "token", [f"{MARKER}\nx", f"{MARKER} x", f"{MARKER}é", f"{MARKER}\x00", ""]
)
async def test_a_token_that_no_header_carries_is_refused_at_its_source(token: str) -> None:
    with pytest.raises(ValueError, match="the token must") as caught:
        Management(DOMAIN, auth=token)
    assert MARKER not in str(caught.value)

    def reply(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/oauth/token"
        return httpx.Response(200, json={"access_token": token, "expires_in": 60})

    for auth in (lambda: token, lambda: (token, 60), ClientCredentials("c", "s")):
        transport = httpx.MockTransport(reply)
        with pytest.raises(TokenError) as refused:
            Management(DOMAIN, auth=auth, transport=transport).roles.get("r")
        assert MARKER not in everything(refused.value)
        with pytest.raises(TokenError):
            await AsyncManagement(DOMAIN, auth=auth, transport=transport).roles.get("r")


@pytest.mark.parametrize("value", [f"{MARKER}\nx: y", f" {MARKER}", f"{MARKER}é", 5])
def test_a_header_that_cannot_be_sent_is_refused_by_its_name_alone(value: Any) -> None:
    with pytest.raises((InvalidRequestError, TypeError), match="x-own") as caught:
        Management(DOMAIN, auth="t", headers={"x-own": value})
    assert MARKER not in str(caught.value)


def test_the_librarys_error_is_passed_on_without_the_header() -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError(f"Illegal header value b'Bearer {MARKER}\\n'")

    mgmt = Management(DOMAIN, auth=MARKER, transport=httpx.MockTransport(reply))
    with pytest.raises(ManagementError) as caught:
        mgmt.roles.create(name="r")
    assert "LocalProtocolError" in str(caught.value)
    assert MARKER not in everything(caught.value)
