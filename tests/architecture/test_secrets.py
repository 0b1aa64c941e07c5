"""What is secret is listed in one table: no other module has a list of such names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import auth0_mgmt
import auth0_mgmt_testing
from auth0_mgmt._redact import SECRET_NAMES, is_secret, normalized
from tests.client.contract_names import names
from tests.planting import FORM

ROOTS = (Path(auth0_mgmt.__file__).parent, Path(str(auth0_mgmt_testing.__file__)).parent)
TABLE = {"auth0_mgmt/_redact.py", "auth0_mgmt_testing/_secrets.py"}
GENERATED = ("auth0_mgmt/models/", "auth0_mgmt/params/", "auth0_mgmt/resources/")
NAMES = SECRET_NAMES | {
    normalized(name)
    for name in (*names(), *FORM, "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie")
    if is_secret(name)
}
LEAST = 3


def lists_of_secrets(source: str) -> Iterator[tuple[int, list[str]]]:
    """The set, tuple and list displays that hold names of secrets, by line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Set, ast.Tuple, ast.List)):
            texts = [
                item.value
                for item in node.elts
                if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
            secret = sorted(text for text in texts if normalized(text) in NAMES)
            if len(secret) >= LEAST:
                yield node.lineno, secret


def test_no_module_but_the_table_lists_names_of_secrets() -> None:
    found: list[str] = []
    for root in ROOTS:
        for path in sorted(root.rglob("*.py")):
            name = str(path.relative_to(root.parent))
            if name not in TABLE and not name.startswith(GENERATED):
                text = path.read_text(encoding="utf-8")
                found += [f"{name}:{line} {names}" for line, names in lists_of_secrets(text)]
    assert found == [], "ask is_secret of auth0_mgmt._redact, or add to auth0_mgmt_testing._secrets"


@pytest.mark.parametrize(
    "source",
    [
        'X = frozenset({"client_secret", "password", "access_token"})',
        'X = ("client_secret", "password", "access_token", "name")',
        'if key in ["client_secret", "password", "access_token"]: pass',
    ],
)
def test_a_list_of_secrets_is_found(source: str) -> None:
    assert list(lists_of_secrets(source)) == [(1, ["access_token", "client_secret", "password"])]


def test_a_list_of_other_names_is_none() -> None:
    assert list(lists_of_secrets('X = ("name", "token_endpoint", "client_secret")')) == []
