"""Operations are looked up in one place."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import auth0_mgmt_testing
from auth0_mgmt_testing._registry import contract_lookup, operation_lookup

ROOT = Path(str(auth0_mgmt_testing.__file__)).parent
OWN = {
    "contract/operation_lookup.py",
    "contract/__init__.py",  # which file holds an operation's schemas; below the look-up
}
_LOOPS = (ast.DictComp, ast.GeneratorExp, ast.ListComp, ast.SetComp)


def look_ups(source: str) -> Iterator[int]:
    """Lines of loops over all operations that map them by a name or pick one by it."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, _LOOPS) or not any(
            isinstance(each.iter, ast.Call) and ast.unparse(each.iter.func) == "operations"
            for each in node.generators
        ):
            continue
        conditions = [condition for each in node.generators for condition in each.ifs]
        if isinstance(node, ast.DictComp):
            conditions.append(node.key)
        else:
            conditions.append(node.elt)
        picks = (
            isinstance(node, ast.DictComp)
            and ast.unparse(node.key).endswith((".name", ".id", ".path")),
            any(
                isinstance(part, ast.Compare)
                and ast.unparse(part.left).endswith((".name", ".id", ".path"))
                for condition in conditions
                for part in ast.walk(condition)
            ),
        )
        if any(picks):
            yield node.lineno


def test_no_module_looks_operations_up_on_its_own() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if str(path.relative_to(ROOT)) not in OWN
        for line in look_ups(path.read_text("utf-8"))
    ]
    assert found == [], "use operation_lookup or contract_lookup of _registry"


@pytest.mark.parametrize(
    "source",
    [
        "{each.name: each for each in operations()}",
        "any(each.id == name for each in operations())",
        "next(each for each in operations() if each.path == path)",
    ],
)
def test_a_look_up_is_found(source: str) -> None:
    assert list(look_ups(source)) == [1]


def test_any_other_loop_is_none() -> None:
    assert list(look_ups("{scope for each in operations() for scope in each.scopes}")) == []


def test_the_contracts_operations_are_found_by_every_name() -> None:
    for name in ("users.get", "get_users_by_id", "GET /users/{id}", "GET /api/v2/users/{user}"):
        assert (
            contract_lookup().get(name).id == operation_lookup().get(name).id == "get_users_by_id"
        )
    assert operation_lookup().find("POST /oauth/token") is not None
    assert contract_lookup().find("POST /oauth/token") is None
    assert contract_lookup().is_collection("/roles")
    assert not contract_lookup().is_collection("/jobs")
