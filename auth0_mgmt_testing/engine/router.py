"""From method and path to the operation: an exact-segment tree built of the operation rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from auth0_mgmt._operation import Operation

BASE = "/api/v2"
"""What every path of the Management API begins with."""


class _Node:
    __slots__ = ("literal", "operations", "parameter")

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.operations: dict[str, tuple[Operation[Any], tuple[str, ...]]] = {}


class Router:
    """Finds the operation for a request; a literal segment wins over a parameter."""

    def __init__(self, operations: Iterable[Operation[Any]]) -> None:
        self._root = _Node()
        for operation in operations:
            self.add(operation)

    def add(self, operation: Operation[Any], base: str = "") -> None:
        """Lead ``base`` and the operation's own path to the operation."""
        node = self._root
        names: list[str] = []
        for segment in (base + operation.path).strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        node.operations[operation.method] = (operation, tuple(names))

    def find(self, method: str, path: str) -> tuple[Operation[Any], dict[str, str]] | None:
        """The operation and its decoded path parameters; ``path`` is encoded."""
        segments = [segment for segment in path.split("/") if segment]
        return self._search(self._root, method, segments, 0, ())

    def _search(
        self,
        node: _Node,
        method: str,
        segments: list[str],
        depth: int,
        values: tuple[str, ...],
    ) -> tuple[Operation[Any], dict[str, str]] | None:
        if depth == len(segments):
            found = node.operations.get(method)
            if found is None:
                return None
            operation, names = found
            return operation, {
                name: unquote(value) for name, value in zip(names, values, strict=True)
            }
        segment = segments[depth]
        literal = node.literal.get(segment)
        if literal is not None:
            found_below = self._search(literal, method, segments, depth + 1, values)
            if found_below is not None:
                return found_below
        if node.parameter is not None:
            return self._search(node.parameter, method, segments, depth + 1, (*values, segment))
        return None
