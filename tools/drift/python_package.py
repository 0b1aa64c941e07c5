"""The facts of the vendor's Python package, read from its source; nothing of it is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .facts import Facts, normalized

_REQUESTS = ("request", "stream")


def of_python(folder: Path) -> Facts:
    """The facts of an unpacked ``auth0-python``."""
    facts = Facts()
    root = folder / "auth0" / "management"
    for file in sorted(root.rglob("raw_client.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for operation, arguments in _operation(node):
                facts.operations.add(operation)
                facts.fields.setdefault(operation, set()).update(arguments)
    for file in sorted(root.rglob("types/*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                fields = set(_fields(node))
                if fields:
                    facts.fields.setdefault(node.name, set()).update(fields)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                values = set(_literals(node.value))
                if values:
                    facts.values.setdefault(node.targets[0].id, set()).update(values)
    return facts


def _operation(node: ast.AST) -> Iterator[tuple[str, set[str]]]:
    """The operation of a call of the package's HTTP client, with its query and body members."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return
    client = node.func.value
    if node.func.attr in _REQUESTS and getattr(client, "attr", "") == "httpx_client":
        for keyword in node.keywords:
            if keyword.arg == "method" and isinstance(keyword.value, ast.Constant):
                yield normalized(str(keyword.value.value), _path(node.args[0])), _sent(node)


def _sent(call: ast.Call) -> set[str]:
    return {
        key.value
        for keyword in call.keywords
        if keyword.arg in ("params", "json") and isinstance(keyword.value, ast.Dict)
        for key in keyword.value.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _path(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _fields(node: ast.ClassDef) -> Iterator[str]:
    """The members of a class by the API's names."""
    for statement in node.body:
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        name = statement.target.id
        if name == "model_config":
            continue
        aliases = [
            keyword.value.value
            for part in (statement.annotation, statement.value)
            if part is not None
            for call in ast.walk(part)
            if isinstance(call, ast.Call)
            for keyword in call.keywords
            if keyword.arg == "alias" and isinstance(keyword.value, ast.Constant)
        ]
        yield str(aliases[0]) if aliases else name


def _literals(node: ast.expr) -> Iterator[str]:
    """The strings of a ``Literal[…]``, also within a union."""
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript) and getattr(part.value, "attr", "") == "Literal":
            for value in ast.walk(part.slice):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value
