"""What a connection demands of its users, at creation and at change."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import DATABASE

STRONG = "correct-Horse-7-battery"


def database(http: httpx.Client, name: str = "db", **options: Any) -> str:
    """A database connection with these options; gives its name."""
    body = {"name": name, "strategy": "auth0", "options": options}
    assert http.post("/connections", json=body).status_code == 201
    return name


def create(http: httpx.Client, connection: str = DATABASE, **body: Any) -> httpx.Response:
    fill = {"email": "ada@example.com", "password": STRONG}
    given = {name: value for name, value in {**fill, **body}.items() if value is not None}
    return http.post("/users", json={"connection": connection, **given})


def change(http: httpx.Client, who: str, /, **body: Any) -> httpx.Response:
    return http.patch(f"/users/{who}", json=body)


def said(response: httpx.Response) -> str:
    assert response.status_code == 400, response.text
    return str(response.json()["message"])


@pytest.fixture
def social(tenant: FakeTenant) -> str:
    """A user of a social connection; gives the id."""
    tenant.connections.add(name="google", strategy="google-oauth2")
    tenant.users.add(user_id="google-oauth2|1", connection="google", email="g@example.com")
    return "google-oauth2|1"


# --- passwords ---------------------------------------------------------------------------------

WEAK = "PasswordStrengthError: Password is too weak"
POLICIES: list[tuple[str, dict[str, int], str, str]] = [
    ("low", {}, "12345", "123456"),
    ("fair", {}, "abcdefgh1", "Abcdefg1"),
    ("good", {}, "abcdefg1", "abcdef-1"),
    ("excellent", {}, "abcdefff-1", "abcdefgh-1"),
    ("low", {"min_length": 9}, "12345678", "123456789"),
]


@pytest.mark.parametrize(("policy", "complexity", "weak", "strong"), POLICIES)
def test_a_password_meets_the_older_policy(
    http: httpx.Client, policy: str, complexity: dict[str, int], weak: str, strong: str
) -> None:
    options: dict[str, Any] = {"passwordPolicy": policy}
    if complexity:
        options["password_complexity_options"] = complexity
    name = database(http, **options)
    refused = create(http, name, password=weak)
    assert said(refused) == WEAK
    assert "errorCode" not in refused.json()
    made = create(http, name, password=strong)
    assert made.status_code == 201
    assert said(change(http, made.json()["user_id"], password=weak)) == WEAK


COMPLEXITIES = [
    ({"min_length": 15}, "a" * 14, "a" * 15),
    ({"min_length": 8, "character_types": ["number", "special"]}, "abcdefg1", "abcdef-1"),
    (
        {
            "min_length": 8,
            "character_types": ["number", "special", "lowercase", "uppercase"],
            "character_type_rule": "three_of_four",
        },
        "abcdefg1",
        "abcdef-1",
    ),
    ({"min_length": 8, "identical_characters": "block"}, "aaabcdef", "aabbccdd"),
    ({"min_length": 8, "sequential_characters": "block"}, "xyzaceg1", "azbycxdw"),
]


@pytest.mark.parametrize(("complexity", "weak", "strong"), COMPLEXITIES)
def test_a_password_meets_the_newer_options(
    http: httpx.Client, complexity: dict[str, Any], weak: str, strong: str
) -> None:
    name = database(http, password_options={"complexity": complexity})
    assert said(create(http, name, password=weak)) == WEAK
    assert create(http, name, password=strong).status_code == 201


@pytest.mark.parametrize(
    "options",
    [
        {
            "passwordPolicy": "low",
            "password_dictionary": {"enable": True, "dictionary": ["xmas99"]},
        },
        {
            "password_options": {
                "complexity": {"min_length": 1},
                "dictionary": {"active": True, "custom": ["xmas99"]},
            }
        },
    ],
)
def test_a_password_of_the_dictionary_is_refused(
    http: httpx.Client, options: dict[str, Any]
) -> None:
    name = database(http, **options)
    for common in ("password123", "XMAS99"):
        message = "PasswordDictionaryError: Password is too common"
        assert said(create(http, name, password=common)) == message


@pytest.mark.parametrize(
    "options",
    [
        {"passwordPolicy": "low", "password_no_personal_info": {"enable": True}},
        {
            "password_options": {
                "complexity": {"min_length": 1},
                "profile_data": {"active": True, "blocked_fields": ["email"]},
            }
        },
    ],
)
def test_a_password_does_not_hold_personal_information(
    http: httpx.Client, options: dict[str, Any]
) -> None:
    name = database(http, **options)
    message = "PasswordNoUserInfoError: Password contains user information"
    refused = create(http, name, email="lovelace@example.com", password="my-Lovelace-1")
    assert said(refused) == message
    assert create(http, name, password="my-own-1").status_code == 201


@pytest.mark.parametrize(
    "options",
    [
        {"passwordPolicy": "low", "password_history": {"enable": True, "size": 2}},
        {
            "password_options": {
                "complexity": {"min_length": 1},
                "history": {"active": True, "size": 2},
            }
        },
    ],
)
def test_an_earlier_password_is_not_used_again(http: httpx.Client, options: dict[str, Any]) -> None:
    user_id = create(http, database(http, **options), password="first-1").json()["user_id"]
    message = "PasswordHistoryError: Password has previously been used"
    assert said(change(http, user_id, password="first-1")) == message
    assert change(http, user_id, password="second-2").status_code == 200
    assert said(change(http, user_id, password="first-1")) == message
    assert change(http, user_id, password="third-3").status_code == 200
    assert change(http, user_id, password="first-1").status_code == 200


def test_a_database_user_has_a_password(http: httpx.Client) -> None:
    assert "Missing required property: password" in said(create(http, password=None))


# --- usernames and addresses -------------------------------------------------------------------


def test_a_username_is_refused_where_the_connection_has_none(http: httpx.Client) -> None:
    name = database(http, passwordPolicy="low")
    message = "Cannot set username for connection without requires_username"
    assert said(create(http, name, username="ada")) == message
    user_id = create(http, name).json()["user_id"]
    assert said(change(http, user_id, username="ada")) == message


def test_a_username_is_required_where_the_connection_asks_for_it(http: httpx.Client) -> None:
    name = database(http, passwordPolicy="low", requires_username=True)
    message = "Missing username for database connection with requires_username enabled"
    assert said(create(http, name)) == message
    assert create(http, name, username="ada").status_code == 201


@pytest.mark.parametrize("username", ["a" * 16, "ada@example.com", "a b", " "])
def test_a_username_that_does_not_fit_is_refused(http: httpx.Client, username: str) -> None:
    name = database(http, passwordPolicy="low", requires_username=True)
    assert "Username" in said(create(http, name, username=username))
    user_id = create(http, name, username="ada").json()["user_id"]
    assert "Username" in said(change(http, user_id, username=username))


def test_the_length_of_a_username_is_the_connections(http: httpx.Client) -> None:
    validation = {"username": {"min": 3, "max": 5}}
    name = database(http, passwordPolicy="low", requires_username=True, validation=validation)
    message = "Username should have between 3 and 5 characters."
    assert said(create(http, name, username="ab")) == message
    assert said(create(http, name, username="abcdef")) == message
    assert create(http, name, username="abcde").status_code == 201


def test_a_user_is_identified_by_one_of_the_connections_identifiers(http: httpx.Client) -> None:
    assert said(create(http, database(http, passwordPolicy="low"), email=None))
    identified = {"identifier": {"active": True}}
    either = {"email": identified, "username": identified}
    name = database(http, "either", attributes=either)
    assert said(create(http, name, email=None))
    assert create(http, name, email=None, username="ada").status_code == 201


@pytest.mark.parametrize(
    ("strategy", "given", "missing"),
    [("email", {"phone_number": "+15550100000"}, "email"), ("sms", {}, "phone_number")],
)
def test_a_passwordless_user_is_identified_as_the_connection_sends(
    http: httpx.Client, tenant: FakeTenant, strategy: str, given: dict[str, str], missing: str
) -> None:
    tenant.connections.add(name="less", strategy=strategy)
    response = http.post("/users", json={"connection": "less", **given})
    assert f"Missing required property: {missing}" in said(response)


# --- users of identity providers ---------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["google-oauth2", "samlp"])
def test_users_of_an_identity_provider_are_not_created(
    http: httpx.Client, tenant: FakeTenant, strategy: str
) -> None:
    tenant.connections.add(name="outside", strategy=strategy)
    assert said(create(http, "outside"))


@pytest.mark.parametrize(
    "body", [{"email": "x@example.com"}, {"password": STRONG}, {"email_verified": True}]
)
def test_an_outside_user_keeps_its_login(
    http: httpx.Client, social: str, body: dict[str, Any]
) -> None:
    (name,) = body
    assert said(change(http, social, **body)) == f"Cannot update {name} for this user"


def test_an_outside_users_root_attributes_follow_the_provider(
    http: httpx.Client, tenant: FakeTenant, social: str
) -> None:
    assert said(change(http, social, name="Ada")).startswith(
        "The following user attributes cannot be updated: name. The connection (google) must"
    )
    connection = next(c for c in http.get("/connections").json() if c["name"] == "google")
    options = {**connection["options"], "set_user_root_attributes": "on_first_login"}
    http.patch(f"/connections/{connection['id']}", json={"options": options})
    assert change(http, social, name="Ada").status_code == 200
    assert change(http, social, user_metadata={"a": 1}, blocked=True).status_code == 200


# --- what an update may hold -------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["identities", "user_id", "created_at", "logins_count", "foo", "_password"]
)
@pytest.mark.parametrize("value", [[], None, "x", [{}]])
def test_nothing_beyond_the_contract_is_changed(http: httpx.Client, name: str, value: Any) -> None:
    user_id = create(http).json()["user_id"]
    message = f"Payload validation error: 'Additional properties not allowed: {name}'."
    assert said(change(http, user_id, **{name: value})) == message


def test_a_user_as_it_was_read_is_not_written_back(http: httpx.Client) -> None:
    user = create(http).json()
    message = said(change(http, user["user_id"], **user))
    assert message.startswith("Payload validation error: 'Additional properties not allowed: ")


@pytest.mark.parametrize(
    "metadata",
    [
        {"app_metadata": {"clientID": "x"}},
        {"app_metadata": {"email": "x"}},
        {"app_metadata": {"__tenant": "x"}},
        {"user_metadata": {"a.b": 1}},
        {"user_metadata": {"a": {"$b": 1}}},
        {"app_metadata": {"a": [{"b.c": 1}]}},
    ],
)
def test_metadata_have_no_barred_names(http: httpx.Client, metadata: dict[str, Any]) -> None:
    assert said(create(http, **metadata))
    user_id = create(http).json()["user_id"]
    assert said(change(http, user_id, **metadata))


# --- linked accounts ---------------------------------------------------------------------------


def test_a_linked_account_is_not_created_again(http: httpx.Client) -> None:
    main = create(http).json()["user_id"]
    other = create(http, email="other@example.com", user_id="second").json()["user_id"]
    link = {"provider": "auth0", "user_id": other}
    assert http.post(f"/users/{main}/identities", json=link).status_code == 201
    assert create(http, email="other@example.com").status_code == 409
    assert create(http, email="third@example.com", user_id="second").status_code == 409
    assert http.delete(f"/users/{main}/identities/auth0/second").status_code == 200
    assert create(http, email="other@example.com").status_code == 409
    assert http.get(f"/users/{other}").json()["email"] == "other@example.com"
