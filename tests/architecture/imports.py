"""Who imports whom in a package, by its syntax: late and type-only imports count like all others.

`graph` reads the imports, `circles` finds the groups of modules that reach each other, and
`layers` with `upward` compares the graph with the rules that a package's docstring states: an
indented block of lines, the lower first, each a list of modules or packages; a module may import
from the lines above its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, frozenset[str]]


def modules(package: Path) -> dict[str, Path]:
    """The modules of a package by their full names."""
    found: dict[str, Path] = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


def graph(package: Path) -> Graph:
    """What every module of a package imports of the package, itself excepted."""
    known = modules(package)
    return {
        name: frozenset(set(_imported(name, path, known)) - {name}) for name, path in known.items()
    }


def _imported(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    home = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = home.split(".")
                above = above[: len(above) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{base}.{alias.name}"
                if whole in known:
                    yield whole
                elif base in known:
                    yield base


def circles(found: Graph) -> list[list[str]]:
    """The groups of more than one module in which each reaches the others (Tarjan)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    out: list[list[str]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for other in sorted(found.get(name, ())):
            if other not in order:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], order[other])
        if low[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                out.append(sorted(group))

    for name in found:
        if name not in order:
            visit(name)
    return out


def layers(docstring: str, package: str, known: Mapping[str, object]) -> dict[str, int]:
    """The line of every module of the rules in a docstring; the lowest is 0.

    A line's words up to the first that is no module are its modules; the rest is a remark.
    """
    found: dict[str, int] = {}
    number = 0
    for line in docstring.splitlines():
        if not line.startswith("    "):
            continue
        names: list[str] = []
        for word in line.split():
            if f"{package}.{word}" not in known:
                break
            names.append(f"{package}.{word}")
        if names:
            found.update(dict.fromkeys(names, number))
            number += 1
    return found


def upward(found: Graph, rules: Mapping[str, int]) -> list[str]:
    """The imports that the rules do not allow, and the modules that no line names.

    A module of a package that is named has that package's line; within one package imports are
    free, and so is what a line's own package imports of itself.
    """

    def line(name: str) -> tuple[str, int] | None:
        while name:
            if name in rules:
                return name, rules[name]
            name = name.rpartition(".")[0]
        return None

    wrong: list[str] = []
    for name, others in sorted(found.items()):
        mine = line(name)
        if mine is None:
            if "." in name:
                wrong.append(f"{name} is on no line of the rules")
            continue
        for other in sorted(others):
            its = line(other)
            if its is not None and its[0] != mine[0] and its[1] >= mine[1]:
                wrong.append(f"{name} imports {other}")
    return wrong
