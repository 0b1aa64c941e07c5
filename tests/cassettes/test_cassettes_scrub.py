"""Scrubbing: what is replaced, by what, and what stays."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from auth0_mgmt_testing.cassettes.check import findings
from auth0_mgmt_testing.recordings.exchange import Exchange
from auth0_mgmt_testing.recordings.scrubbing import Known, left_over, scrub

from .conftest import HOST, exchange

NEUTRAL = "cassette-tenant.eu.auth0.com"
KNOWN = Known(NEUTRAL, [HOST])
SECRET = "Zk3vQ9xTfR7mWc2pLs8yHd4bNj6gXe1a"


def scrubbed(*exchanges: Exchange) -> list[Exchange]:
    return scrub(exchanges, KNOWN)


def answer_of(one: Exchange) -> Any:
    return json.loads(one.response.body)


def after(value: Any, target: str = "/api/v2/things") -> Any:
    """What an answer reads like when it has been scrubbed."""
    return answer_of(scrubbed(exchange(target=target, answer=value))[0])


@pytest.mark.parametrize(
    "document",
    [
        {"client_secret": SECRET},
        {"password": SECRET},
        {"access_token": SECRET},
        {"recovery_code": SECRET},
        {"options": {"client_secret": SECRET}},
        {"options": {"twilio_token": SECRET}},
        {"options": {"configuration": {"ANYTHING": SECRET}}},
        {"credentials": {"smtp_user": SECRET}},
        {"secrets": [{"name": "KEY", "value": SECRET}]},
        {"setup": {"type": "API_KEY", "api_secret": SECRET}},
        {"sink": {"datadogApiKey": SECRET}},
        {"sink": {"httpAuthorization": SECRET}},
        {"sink": {"httpCustomHeaders": [], "mixpanelServiceAccountPassword": SECRET}},
        {"signing_key": {"cert": "x", "key": SECRET}},
        {"destination": {"configuration": {"webhook_authorization": {"token": SECRET}}}},
        {"message": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----"},
        {"note": f"sent eyJhbGciOiJub25lIn0.{SECRET}.{SECRET} along"},
        {"cert": f"-----BEGIN CERTIFICATE-----\n{SECRET}\n-----END CERTIFICATE-----"},
    ],
)
def test_secrets_go(document: Any) -> None:
    text = json.dumps(after(document))
    assert SECRET not in text
    assert "scrubbedsecret" in text


@pytest.mark.parametrize(
    "document",
    [
        {"name": "editor", "id": "rol_AAAAAAAAAAAAAAA1", "description": "May edit"},
        {"client_id": SECRET, "token_endpoint_auth_method": "client_secret_post"},
        {"jwt_configuration": {"secret_encoded": False, "alg": "RS256"}},
        {"token_lifetime": 86400, "token_dialect": "access_token"},
        {"email": "ada@example.com", "nickname": "ada", "name": "ada@example.com"},
        {"phone_number": "+15555550100", "ip": "203.0.113.7"},
        {"pem": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"},
        {"credentials": [{"id": "cred_1", "kid": "k", "alg": "RS256", "name": "n"}]},
    ],
)
def test_what_tells_nothing_stays(document: Any) -> None:
    assert after(document) == document


def test_personal_data_goes() -> None:
    user = {
        "user_id": "google-oauth2|112233445566778899001",
        "email": "grace@navy.mil",
        "name": "Grace Hopper",
        "given_name": "Grace",
        "nickname": "amazing",
        "phone_number": "+442079460123",
        "last_ip": "81.2.69.142",
        "picture": "https://s.gravatar.com/avatar/0123456789abcdef0123456789abcdef?s=480&d=gr.png",
    }
    assert after(user) == {
        "user_id": "scrubbedperson0001z",
        "email": "scrubbed1@cassette.example",
        "name": "scrubbedperson0002z",
        "given_name": "scrubbedperson0003z",
        "nickname": "scrubbedperson0004z",
        "phone_number": "+999000000001",
        "last_ip": "198.18.0.1",
        "picture": after({"picture": user["picture"], "email": user["email"]})["picture"],
    }
    assert "0123456789abcdef" not in json.dumps(after(user))


def test_names_of_things_are_no_personal_data() -> None:
    assert after({"name": "Grace Hopper", "id": "rol_AAAAAAAAAAAAAAA1"})["name"] == "Grace Hopper"


def test_where_somebody_was_goes() -> None:
    place = {"location_info": {"city_name": "Brno", "latitude": 49.19, "country_code": "CZ"}}
    assert after(place)["location_info"]["latitude"] == 0.0
    assert "Brno" not in json.dumps(after(place))


def test_a_value_has_one_pseudonym_wherever_it_stands() -> None:
    first, second, third = scrubbed(
        exchange("POST", "/api/v2/users", {"email": "grace@navy.mil"}, {"client_secret": SECRET}),
        exchange("GET", f"/api/v2/users-by-email?email=grace%40navy.mil&q={SECRET}"),
        exchange("POST", f"/api/v2/x/{SECRET}", {"note": f"it is {SECRET}", "to": ["other@a.org"]}),
    )
    name = "scrubbed1@cassette.example"
    hidden = answer_of(first)["client_secret"]
    assert json.loads(first.request.body) == {"email": name}
    assert second.request.target == (
        f"/api/v2/users-by-email?email=scrubbed1%40cassette.example&q={hidden}"
    )
    assert third.request.path == f"/api/v2/x/{hidden}"
    assert json.loads(third.request.body) == {
        "note": f"it is {hidden}",
        "to": ["scrubbed2@cassette.example"],
    }


def test_a_secret_that_shows_late_is_replaced_in_what_came_before() -> None:
    before, _ = scrubbed(exchange(answer={"note": SECRET}), exchange(answer={"secret": SECRET}))
    assert answer_of(before)["note"].startswith("scrubbedsecret")


def test_secrets_keep_their_length() -> None:
    assert len(after({"client_secret": SECRET * 2})["client_secret"]) == 64


def test_secrets_keep_the_form_that_clients_know_them_by() -> None:
    pem = f"-----BEGIN CERTIFICATE-----\n{SECRET}\n-----END CERTIFICATE-----\n"
    url = f"https://{HOST}/flow/{SECRET}?ticket={SECRET}#{SECRET}"
    hidden = after({"ticket_id": SECRET, "cert": pem, "ticket": url})
    name = hidden["ticket_id"]
    assert hidden["cert"] == f"-----BEGIN CERTIFICATE-----\n{name}\n-----END CERTIFICATE-----\n"
    assert hidden["ticket"] == f"https://{NEUTRAL}/flow/{name}?ticket={name}#{name}"


def test_the_host_becomes_neutral_everywhere() -> None:
    document = {"url": f"https://{HOST}/x", "tenant": "acme", "aud": f"https://{HOST}/api/v2/"}
    (one,) = scrubbed(exchange(answer=document))
    assert one.request.host == NEUTRAL
    assert "acme" not in json.dumps(answer_of(one))


def test_headers_that_replay_does_not_need_go() -> None:
    headers = {
        "authorization": f"Bearer {SECRET}",
        "cookie": "a=b",
        "x-request-id": "1",
        "content-type": "application/json",
        "link": f'<https://{HOST}/api/v2/logs?from=1>; rel="next"',
    }
    (one,) = scrubbed(exchange(sent={}, answer={}, headers=headers))
    assert one.request.headers == {"content-type": "application/json"}
    assert one.response.headers == {
        "content-type": "application/json",
        "link": f'<https://{NEUTRAL}/api/v2/logs?from=1>; rel="next"',
    }


def test_forms_are_scrubbed() -> None:
    body = f"grant_type=client_credentials&client_secret={SECRET}&client_id=abc".encode()
    (one,) = scrubbed(
        exchange(
            "POST",
            "/oauth/token",
            body,
            b"{}",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
    )
    fields = one.request.body.decode()
    assert fields.startswith("grant_type=client_credentials&client_secret=scrubbedsecret")
    assert fields.endswith("&client_id=abc")


def test_multipart_forms_are_scrubbed_and_their_boundary_is_constant() -> None:
    users = json.dumps([{"email": "grace@navy.mil", "password_hash": SECRET}])
    body = (
        '--xyz\r\nContent-Disposition: form-data; name="users"; filename="u.json"\r\n'
        f"Content-Type: application/json\r\n\r\n{users}\r\n--xyz--\r\n"
    ).encode()
    headers = {"content-type": "multipart/form-data; boundary=xyz"}
    (one,) = scrubbed(exchange("POST", "/api/v2/jobs/users-imports", body, b"", headers=headers))
    assert "xyz" not in one.request.headers["content-type"]
    assert SECRET.encode() not in one.request.body
    assert b"scrubbed1@cassette.example" in one.request.body
    assert b'filename="u.json"' in one.request.body


def test_compressed_answers_are_scrubbed() -> None:
    lines = b'{"email":"grace@navy.mil"}\n{"email":"ada@example.com"}\n'
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    (sent,) = scrubbed(exchange(answer=gzip.compress(lines), headers=headers))
    assert b"scrubbed1@cassette.example" in sent.response.body
    (file,) = scrubbed(exchange(answer=gzip.compress(lines), headers={"content-type": "x/y"}))
    assert b"grace" not in gzip.decompress(file.response.body)


def test_what_is_known_must_not_be_left() -> None:
    known = Known(NEUTRAL, [HOST], {}, frozenset({SECRET}))
    clean = exchange(answer={"x": 1})
    assert not list(left_over(scrub([clean], known), known))
    planted = exchange(answer={"odd_place": f"prefix{SECRET}suffix"})
    (told,) = left_over([planted], known)
    assert told.endswith("a credential of the recording run")
    assert SECRET not in told
    (host,) = left_over([exchange(answer={"x": f"x{HOST}"})], Known(NEUTRAL, [HOST]))
    assert host.endswith("the host of the recorded tenant")


@pytest.mark.parametrize(
    ("target", "document"),
    [
        ("/api/v2/rules-configs/KEY", {"value": SECRET}),
        (
            "/api/v2/log-streams",
            {"sink": {"httpCustomHeaders": [{"header": "a", "value": SECRET}]}},
        ),
        ("/api/v2/x", {"customHeaders": [{"name": "a", "value": SECRET}]}),
        ("/api/v2/x", {"options": {"masterkey": SECRET}}),
        ("/api/v2/users", {"user_metadata": {"password_hint": "my dog's name is Rex"}}),
        ("/api/v2/users", {"user_metadata": {"card": "4111 1111 1111 1111"}}),
        ("/api/v2/users", {"user_metadata": {"account": "DE89 3704 0044 0532 0130 00"}}),
        ("/api/v2/users", {"user_metadata": {"ssn": "078-05-1120"}}),
        ("/api/v2/users", {"user_metadata": {"date_of_birth": "1906-12-09"}}),
        ("/api/v2/x", {"note": "sk_" + "live_abcdefghijklmnop"}),
        ("/api/v2/x", {"hook": "https://hooks.slack.com/services/T0/B0/" + "a" * 24}),
        ("/api/v2/x", {"iss": "https://acme.eu.auth0.com/"}),
        ("/api/v2/x", {"db": {"passwd": "Tr0ub4dor"}}),
    ],
)
def test_scrubbing_replaces_what_the_check_finds(target: str, document: Any) -> None:
    for planted in (exchange("PUT", target, document), exchange(target=target, answer=document)):
        (one,) = scrubbed(planted)
        assert not list(findings([one]))
        body = one.request.body or one.response.body
        assert json.loads(body) != document


@pytest.mark.parametrize("path", ["rules-configs/KEY", "hooks/01GQN0P01XY4VE0PCK7H20QZ4M/secrets"])
def test_errors_about_secrets_and_the_tenants_mask_stay(path: str) -> None:
    error = {"statusCode": 403, "error": "Forbidden", "errorCode": "insufficient_scope"}
    refused = exchange("DELETE", f"/api/v2/{path}", answer=error, status=403)
    assert answer_of(scrubbed(refused)[0]) == error
    masked = {"ONE": "_VALUE_NOT_SHOWN_"}
    (shown,) = scrubbed(exchange(target=f"/api/v2/{path}", answer=masked))
    assert answer_of(shown) == masked
    assert not list(findings([shown]))


def test_an_update_of_a_password_can_be_recorded() -> None:
    user = {"user_id": "auth0|1", "last_password_reset": "2026-01-01T00:00:00.000Z"}
    (one,) = scrubbed(exchange("PATCH", "/api/v2/users/auth0|1", {"password": SECRET}, user))
    assert answer_of(one) == user
    assert SECRET.encode() not in one.request.body
    assert not list(findings([one]))


@pytest.mark.parametrize("shift", range(3))
def test_the_host_within_base64_and_in_headers_is_left_over(shift: int) -> None:
    coded = base64.b64encode(b"x" * shift + HOST.encode() + b"/path").decode()
    (told,) = left_over([exchange(answer={"x": coded})], Known(NEUTRAL, [HOST]))
    assert told.endswith("the host of the recorded tenant")
    headers = {"location": f"https://{HOST}/x"}
    assert list(left_over([exchange(answer={}, headers=headers)], Known(NEUTRAL, [HOST])))
