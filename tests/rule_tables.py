"""Tables that name, for each rule, the tests that hold it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent


@cache
def _functions(module: str) -> frozenset[str]:
    tree = ast.parse((TESTS / module).read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def absent(tests: Iterable[str]) -> list[str]:
    """Those of the tests, written ``module::name`` below ``tests``, that do not exist."""
    return [
        test for test in tests if test.partition("::")[2] not in _functions(test.partition("::")[0])
    ]
