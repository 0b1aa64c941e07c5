"""The names of every member and parameter of the contract, from the generated modules."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import auth0_mgmt
from auth0_mgmt.resources import operations

PACKAGE = Path(auth0_mgmt.__file__).parent


@cache
def names() -> frozenset[str]:
    """Members of models and of arguments, and query parameters, as the API spells them."""
    found = {name for op in operations() for name in (*op.query, *(op.body or ()))}
    for folder in ("models", "params"):
        for path in (PACKAGE / folder).glob("[a-z]*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    found.add(_alias(node.value) or node.target.id)
                elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TypedDict":
                    found |= {
                        key.value
                        for argument in node.args[1:]
                        if isinstance(argument, ast.Dict)
                        for key in argument.keys
                        if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    }
    return frozenset(found)


def _alias(value: ast.expr | None) -> str | None:
    for keyword in value.keywords if isinstance(value, ast.Call) else ():
        if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return None
