"""Which requests are the same, and what pseudonyms stand for."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt_testing.cassettes.match import (
    DecodedRequest,
    differences,
    matches,
    restored_body,
    restored_url,
)

from .conftest import exchange

MAIL = "scrubbed1@cassette.example"
SECRET = "scrubbedsecret0001z"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def asked(
    method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> DecodedRequest:
    return DecodedRequest.of(exchange(method, path, body, headers=headers).request)


@pytest.mark.parametrize(
    ("recorded", "sent"),
    [
        (("GET", "/x?a=1&b=2"), ("GET", "/x?b=2&a=1")),
        (("GET", "/users/auth0%7C1"), ("GET", "/users/auth0|1")),
        (("POST", "/x", {"a": 1, "b": [1, 2]}), ("POST", "/x", b'{ "b": [1, 2.0], "a": 1 }')),
        (("GET", "/x?i=1&i=2"), ("GET", "/x?i=2&i=1")),
    ],
)
def test_spelling_does_not_matter(recorded: Any, sent: Any) -> None:
    assert matches(asked(*recorded), asked(*sent), {}) == {}


DIFFERING: list[tuple[Any, Any, str]] = [
    (("GET", "/x"), ("HEAD", "/x"), "the method"),
    (("GET", "/x"), ("GET", "/y"), "the path"),
    (("GET", "/x"), ("GET", "/x/y"), "the path"),
    (("GET", "/x?a=1"), ("GET", "/x?a=2"), "the query's a"),
    (("GET", "/x?a=1"), ("GET", "/x"), "the query's a"),
    (("POST", "/x", {"a": 1}), ("POST", "/x", {"a": True}), "the body's a"),
    (("POST", "/x", {"a": [1, 2]}), ("POST", "/x", {"a": [2, 1]}), "the body's a"),
    (
        ("POST", "/x", {"a": None}),
        ("POST", "/x", {}),
        "the body's a, which was not sent",
    ),
    (("POST", "/x", {}), ("POST", "/x", {"b": 0}), "the body's b, which was not recorded"),
    (("POST", "/x", {}), ("POST", "/x"), "the body: json, not none"),
]


@pytest.mark.parametrize(("recorded", "sent", "differing"), DIFFERING)
def test_meaning_does(recorded: Any, sent: Any, differing: str) -> None:
    assert matches(asked(*recorded), asked(*sent), {}) is None
    assert differences(asked(*recorded), asked(*sent), {}) == [differing]


def test_forms_are_compared_by_field() -> None:
    one = asked("POST", "/oauth/token", b"a=1&b=%20", headers=FORM)
    assert matches(one, asked("POST", "/oauth/token", b"b=+&a=1", headers=FORM), {}) == {}
    assert matches(one, asked("POST", "/oauth/token", b"b=x&a=1", headers=FORM), {}) is None


def test_multipart_forms_are_compared_by_field() -> None:
    def upload(boundary: str, users: str) -> DecodedRequest:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="users"; filename="u"\r\n'
            f"Content-Type: application/json\r\n\r\n{users}\r\n--{boundary}--\r\n"
        )
        headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
        return asked("POST", "/x", body.encode(), headers=headers)

    one = upload("aaa", '[{"email":"a@example.com","x":1}]')
    assert matches(one, upload("bbb", '[{"x": 1, "email": "a@example.com"}]'), {}) == {}
    assert matches(one, upload("aaa", '[{"x": 2, "email": "a@example.com"}]'), {}) is None


def test_a_pseudonym_stands_for_what_is_sent_in_its_place() -> None:
    bound = matches(
        asked("POST", "/x", {"email": MAIL, "q": f'email:"{MAIL}"', "password": SECRET}),
        asked("POST", "/x", {"email": "g@navy.mil", "q": 'email:"g@navy.mil"', "password": "P"}),
        {},
    )
    assert bound is not None
    assert bound == {MAIL: "g@navy.mil", SECRET: "P"}
    again = asked("GET", f"/users/{MAIL}")
    assert matches(again, asked("GET", "/users/g@navy.mil"), bound) == bound
    assert matches(again, asked("GET", "/users/other@navy.mil"), bound) is None


def test_one_pseudonym_stands_for_one_value() -> None:
    recorded = asked("POST", "/x", {"a": MAIL, "b": MAIL})
    assert matches(recorded, asked("POST", "/x", {"a": "1@a.org", "b": "2@a.org"}), {}) is None


def test_a_pseudonym_that_an_answer_brought_is_sent_back_as_it_is() -> None:
    recorded = asked("POST", "/x", {"secret": SECRET})
    assert matches(recorded, recorded, {}) == {SECRET: SECRET}


def test_answers_hold_what_the_test_sent() -> None:
    bound = {MAIL: 'g"\n@navy.mil', SECRET: "P&Q"}
    body = (
        b'{"email":"scrubbed1@cassette.example","s":"scrubbedsecret0001z","t":"scrubbedsecret2z"}'
    )
    assert restored_body(body, bound) == (
        b'{"email":"g\\"\\n@navy.mil","s":"P&Q","t":"scrubbedsecret2z"}'
    )
    assert restored_body(b"\xff", bound) == b"\xff"
    assert restored_url(f"https://x/?a={SECRET}", bound) == "https://x/?a=P%26Q"


def test_a_request_is_told_without_what_is_secret() -> None:
    shown = str(asked("POST", "/x?token=abc&a=1", {"password": "P", "name": "n"}))
    assert shown == 'POST /x?a=1&token=… {"password":"…","name":"n"}'
