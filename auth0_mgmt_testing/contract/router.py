"""From method and path to the operation: an exact-segment tree built from the operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

from auth0_mgmt._operation import Operation

BASE = "/api/v2"
"""What every path of the Management API begins with."""
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_LONG = 200
"""Characters of a path that is compared with no other."""


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
        self._paths: defaultdict[str, list[str]] = defaultdict(list)
        for operation in operations:
            self.add(operation)

    def add(self, operation: Operation[Any], base: str = "") -> None:
        """Route ``base`` and the operation's own path to the operation."""
        self._paths[operation.method].append(base + operation.path)
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

    def resembling(self, method: str, path: str) -> str:
        """Return what a request that fits no operation could have meant; "" where nothing is near."""
        methods = sorted(each for each in _METHODS if self.find(each, path) is not None)
        if methods:
            return f"this path takes {' and '.join(methods)}"
        close = get_close_matches(path, self._paths[method], 1) if len(path) < _LONG else []
        return f"did you mean {method} {close[0]}?" if close else ""

    def find(self, method: str, path: str) -> tuple[Operation[Any], dict[str, str]] | None:
        """Return the operation and its decoded path parameters; ``path`` is encoded.

        An empty segment is no argument, nor does it match the operation without it.
        """
        segments = path.removeprefix("/").split("/")
        # Where a segment fits a literal and a parameter, the parameter waits for its turn.
        waiting: list[tuple[_Node, int, tuple[str, ...]]] = [(self._root, 0, ())]
        while waiting:
            node, begin, values = waiting.pop()
            for depth in range(begin, len(segments)):
                segment = segments[depth]
                literal = node.literal.get(segment)
                if literal is None:
                    if node.parameter is None or not segment:
                        break
                    node, values = node.parameter, (*values, segment)
                    continue
                if node.parameter is not None and segment:
                    waiting.append((node.parameter, depth + 1, (*values, segment)))
                node = literal
            else:
                if (found := node.operations.get(method)) is not None:
                    return found[0], dict(zip(found[1], map(unquote, values), strict=True))
        return None
