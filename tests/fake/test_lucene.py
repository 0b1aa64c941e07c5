"""Search by query string."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth0_mgmt_testing.engine.errors import APIError
from auth0_mgmt_testing.engine.query.lucene import compile

PARTS = [
    *'abz019:"()[]{}<>=~^*?/\\+-!&|._ ',
    *("name", "email", "logins_count", "created_at", "_exists_", "identities.connection"),
    *(" AND ", " OR ", " NOT ", " TO ", "2024-01-01", "ada", "&&", "||", "é", "\0"),
]
"""Pieces of queries, also of those that nobody means."""

ADA: dict[str, Any] = {
    "user_id": "auth0|123",
    "email": "Ada@Example.com",
    "name": "Ada Lovelace",
    "username": "Ada",
    "picture": "https://example.com/ada.png",
    "logins_count": 3,
    "blocked": False,
    "created_at": "2024-05-06T01:02:03.000Z",
    "identities": [{"connection": "google-oauth2"}, {"connection": "db"}],
    "user_metadata": {"addresses": [{"cities": ["Paris", "Rome"]}], "age": 36, "empty": []},
    "app_metadata": {"plan": "gold"},
    "deep": [{"a": {"b": 1, "a": {"b": 2}, "c": [3]}}],
}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("email:ada@example.com", True),
        ('email.domain:"example.com"', True),
        ('name:"ada lovelace"', True),
        (r"name:Ada\ Lovelace", True),
        ("name:ada", False),
        ("name:ada*", True),
        ("name:*lace", True),
        ("username:ada", False),
        ("username:Ada", True),
        ("user_id:auth0", False),
        ("user_id:auth0*", True),
        (r"user_id:auth0\*", False),
        ('user_id:"auth0|123"', True),
        ("user_id:auth0|123", True),
        ("blocked:false", True),
        ("blocked:true", False),
        ("logins_count:3", True),
        ("logins_count:[1 TO 3]", True),
        ("logins_count:[1 TO 3}", False),
        ("logins_count:{2 TO *]", True),
        ("logins_count:>3", False),
        ("logins_count:>=3", True),
        ("logins_count:<4", True),
        ("created_at:[2024-05-06 TO *]", True),
        ("created_at:[* TO 2024-05-06]", True),
        ("created_at:{2024-05-06 TO *]", False),
        ("created_at:[* TO 2024-05-06}", False),
        ("created_at:[2024-05-06T01:02:03.000Z TO 2024-05-06T01:02:03.000Z]", True),
        ("identities.connection:db", True),
        ("deep.a.b:1", True),
        ("deep.a.b:2", False),
        ("deep.a.c:3", True),
        ("deep.a:1", False),
        ('user_metadata.addresses.cities:"Paris"', True),
        ("user_metadata.age:36", True),
        ("app_metadata.plan:gold", True),
        ("_exists_:email", True),
        ("_exists_:last_login", False),
        ("_exists_:user_metadata.empty", False),
        ("email:*", True),
        ("last_login:*", False),
        ("*", True),
        ("", True),
        ("NOT _exists_:last_login OR last_login:0", True),
        ("NOT blocked:false", False),
        ("email:x AND name:ada*", False),
        ("email:x OR name:ada*", True),
        ("(email:x OR name:ada*) AND blocked:false", True),
        ("name:(x OR ada*)", True),
        ("email:x name:ada*", True),
        ("+email:x name:ada*", False),
        ("+name:ada* email:x", True),
        ("+name:ada* -email:x", True),
        ("name:ada* -blocked:false", False),
        ("ada@example.com", True),
        ("gold", False),
        ("Paris", False),
        ("picture:*ada.png", False),
    ],
)
def test_users_are_found_as_documented(q: str, found: bool) -> None:
    assert compile(q, "users")(ADA) is found


@pytest.mark.parametrize(
    "q",
    [
        "name:*ab",
        "user_metadata.plan:go*",
        "user_metadata.age:[1 TO 2]",
        "name:(",
        "name:ada~2",
        "/ada/",
        'name:"ada',
        "name:ada AND",
        "a:(b:c)",
        "name:ada~.",
        '"ada lovelace"~.',
        "name:ada^1.2.3",
    ],
)
def test_what_is_not_supported_is_refused(q: str) -> None:
    with pytest.raises(APIError) as refused:
        compile(q, "users")
    assert refused.value.status == 400
    assert refused.value.error_code == "invalid_query_string"


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_any_query_is_compiled_or_refused(q: str) -> None:
    with suppress(APIError):
        compile(q, "users")({"name": "ada", "email": "ada@example.com", "logins_count": 1})


def test_conditions_that_an_index_can_answer_are_told() -> None:
    predicate = compile('email:Ada@Example.com AND username:"Ada" AND name:a*', "users")
    assert predicate.exact == {"email": "ada@example.com", "username": "Ada"}


@pytest.mark.parametrize("q", ["email:a OR email:b", "NOT email:a", "email:a name:b", "email:a*"])
def test_conditions_that_a_match_need_not_meet_are_not_told(q: str) -> None:
    assert compile(q, "users").exact == {}


def test_log_values_are_case_sensitive_and_bare_terms_look_at_documented_fields() -> None:
    log = {"type": "sapi", "description": "Create a User", "user_agent": "curl"}
    assert compile('type:"sapi"', "logs")(log)
    assert not compile("type:SAPI", "logs")(log)
    assert compile("sapi", "logs")(log)
    assert not compile("curl", "logs")(log)


def test_parsing_is_safe_in_many_threads() -> None:
    queries = [f'email:"u{n}@example.com" AND name:a*' for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        predicates = [pool.submit(compile, query, "users") for query in queries]
    found = [predicate.result().exact["email"] for predicate in predicates]
    assert found == [f"u{n}@example.com" for n in range(200)]


def test_a_query_nested_too_deep_is_refused() -> None:
    with pytest.raises(APIError) as caught:
        compile("(" * 5_000 + "a" + ")" * 5_000, "users")
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("q", "value", "found"),
    [
        ("name:a*", "abc", True),
        ("name:a*c", "abc", True),
        ("name:a*c", "ab", False),
        ("name:ab*ba", "aba", False),
        ("name:ab*ba", "abba", True),
        ("name:a*b*c", "axbxc", True),
        ("name:a*b*c", "acb", False),
        ("name:a*bc*c", "abcc", True),
        ("name:a*bc*c", "abc", False),
        ("name:a**b", "axb", True),
        (r"name:a\*b*", "a*bc", True),
        (r"name:a\*b*", "axbc", False),
        ("name:*abc", "xxabc", True),
        ("name:*abc*", "xabcx", True),
        ("name:A*C", "abc", True),
        ("username:A*C", "abc", False),
    ],
)
def test_a_wildcard_stands_for_any_text(q: str, value: str, found: bool) -> None:
    assert compile(q, "users")({"name": value, "username": value}) is found


def test_many_wildcards_take_no_longer_than_the_text() -> None:
    """A matcher that tries every split of the text would not end within the lifetime of a test."""
    query = "name:" + "a*" * 40 + "b"
    assert compile(query, "users")({"name": "a" * 20_000}) is False


def test_the_parser_writes_nothing_and_warns_of_nothing(tmp_path: Path) -> None:
    """Even where its tables were made by another Python, whose docstrings differ."""
    for name in ("luqum", "ply"):
        shutil.copytree(Path(str(import_module(name).__file__)).parent, tmp_path / name)
    (tmp_path / "luqum" / "parsetab.py").write_text("_tabversion = '0'\n")
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    code = "from auth0_mgmt_testing.engine.query.lucene import compile; compile('name:a', 'users')"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}"}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == files
