"""Links are read by the names of their ends: how they are stored, one module knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import auth0_mgmt_testing
from auth0_mgmt_testing.behaviours import Relation
from auth0_mgmt_testing.resources import relations

ROOT = Path(str(auth0_mgmt_testing.__file__)).parent
OWN = ROOT / "behaviours" / "relation.py"
DECLARED = ROOT / "resources" / "relations.py"
RELATIONS = [value for value in vars(relations).values() if isinstance(value, Relation)]
TABLES = {relation.table for relation in RELATIONS}


def private_names(source: str) -> Iterator[str]:
    """Strings by which links are stored: their members, indexes and tables."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in {"_left", "_right", *TABLES}:
            yield f"{node.lineno} {node.value}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            read = node.func.attr in ("find", "keys", "delete_where", "cascade", "index")
            yield from (
                f"{node.lineno} {argument.value}"
                for argument in node.args
                if read
                and isinstance(argument, ast.Constant)
                and argument.value in ("left", "right")
            )


def test_no_other_module_knows_how_links_are_stored() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{name}"
        for path in sorted(ROOT.rglob("*.py"))
        if path not in (OWN, DECLARED)
        for name in private_names(path.read_text("utf-8"))
    ]
    assert found == [], "read links by the ends of a relation of resources.relations"


@pytest.mark.parametrize(
    "source",
    ['link["_left"]', 'context.tx.find(TABLE, "right", key)', 'context.tx.get("user_roles", key)'],
)
def test_knowledge_of_storage_is_found(source: str) -> None:
    assert len(list(private_names(source))) == 1


def test_every_relation_is_declared_once() -> None:
    assert len(RELATIONS) > 10
    assert len(TABLES) == len(RELATIONS)


def test_an_unknown_end_is_named_with_the_ends_there_are() -> None:
    with pytest.raises(LookupError, match="user_roles links users and roles, not clients"):
        relations.USER_ROLES.key({}, "clients")
