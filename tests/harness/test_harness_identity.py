"""Recorded identifiers are replaced by those of the tenant at hand, wherever they stand."""

from __future__ import annotations

import pytest

from auth0_mgmt_testing.verification.identity import IdentityMap, canonical, generated, particular

DOMAIN = "here.example.com"


def identities() -> IdentityMap:
    return IdentityMap(["recorded.eu.auth0.com"], DOMAIN)


def test_learned_ids_are_replaced_in_path_query_and_body() -> None:
    known = identities()
    known.learn("auth0|63d17c6a8869daf88ed7dbb5", "auth0|aaaaaaaaaaaaaaaaaaaaaaaa")
    known.learn("rol_recorded00000001", "rol_actual0000000002")
    assert (
        known.target(
            "/api/v2/users/auth0%7C63d17c6a8869daf88ed7dbb5/roles?from=rol_recorded00000001"
        )
        == "/api/v2/users/auth0%7Caaaaaaaaaaaaaaaaaaaaaaaa/roles?from=rol_actual0000000002"
    )
    assert known.body(b'{"x":{"rol_recorded00000001":["rol_recorded00000001"]}}') == (
        b'{"x":{"rol_actual0000000002":["rol_actual0000000002"]}}'
    )


def test_an_unchanged_target_keeps_its_encoding() -> None:
    target = "/api/v2/users/a%7Cb?q=name:%22x%20y%22&fields=a,b"
    assert identities().target(target) == target


def test_the_longest_identifier_wins_and_parts_of_words_stay() -> None:
    known = identities()
    known.learn("abcdef", "111111")
    known.learn("auth0|abcdef", "auth0|222222")
    assert known.text("auth0|abcdef abcdef xabcdefx") == "auth0|222222 111111 xabcdefx"


def test_hosts_become_the_tenants_domain() -> None:
    known = identities()
    assert known.text("https://recorded.eu.auth0.com/api/v2/") == f"https://{DOMAIN}/api/v2/"
    assert known.text("https://recorded.eu.auth0.com.us.auth0.com/x") == f"https://{DOMAIN}/x"
    assert known.text("https://not-recorded.eu.auth0.com") == "https://not-recorded.eu.auth0.com"


def test_what_a_request_named_first_stays() -> None:
    known = identities()
    known.sent("/api/v2/clients/existing%7Cbefore", {"a": [{"b": "given_by_caller"}]})
    known.learn("existing|before", "other")
    known.learn("given_by_caller", "other")
    assert known.text("existing|before given_by_caller") == "existing|before given_by_caller"
    assert known.known("existing|before")
    assert known.known("given_by_caller")


def test_the_first_sight_of_an_identifier_counts() -> None:
    known = identities()
    known.learn("recorded1", "first")
    known.learn("recorded1", "second")
    assert known.text("recorded1") == "first"


def test_bodies_that_are_no_text_stay() -> None:
    assert identities().body(b"\xff\xfe") == b"\xff\xfe"


@pytest.mark.parametrize(
    "text",
    [
        "con_onYEuN99iQXcWnQu",
        "auth0|63d17c6a8869daf88ed7dbb5",
        "792e2d03-3234-465f-8102-fd7fbd43b9ae",
        "Z3FKRhWMsXg7iwljDHcNtAkUnCRXYttO",
    ],
)
def test_identifiers_are_known_by_their_form(text: str) -> None:
    assert generated(text)


@pytest.mark.parametrize("text", ["post-login", "read:users", "client_credentials", "#000000", ""])
def test_names_are_no_identifiers(text: str) -> None:
    assert not generated(text)
    assert canonical(text) == text


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("id", "x", True),
        ("client_id", "x", True),
        ("created_at", "x", True),
        ("exp", 1700000000, True),
        ("client_secret", "x", True),
        ("secret", 1, False),
        ("secret", True, False),
        ("name", "x", False),
        ("token_lifetime", 1, False),
        ("token_endpoint_auth_method", "x", False),
        ("identifier", "x", False),
    ],
)
def test_keys_say_what_is_particular_to_a_tenant(key: str, value: object, expected: bool) -> None:
    assert particular(key, value) is expected
