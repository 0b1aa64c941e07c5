"""Which operation a name means: a client name, an operation id, or method and path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from auth0_mgmt._operation import Operation

from .router import BASE

_PARAMETER = re.compile(r"\{[^}]*\}")


class OperationLookup:
    """Finds operations by name.

    A path may begin with ``/api/v2``, and its parameters may have any name. Routes outside of the
    Management API have names too: ``oauth.token`` is ``POST /oauth/token``.
    """

    def __init__(self, operations: Iterable[Operation[Any]]) -> None:
        self._operations = tuple(operations)
        self._named = {
            _normalized(name): operation
            for operation in self._operations
            for name in (operation.name, operation.id, f"{operation.method} {operation.path}")
        }
        deleted = (
            each.path.rpartition("/") for each in self._operations if each.method == "DELETE"
        )
        self._collections = frozenset(path for path, _, item in deleted if item[:1] == "{")

    def find(self, name: str) -> Operation[Any] | None:
        """The operation called ``users.get``, ``get_users_by_id`` or ``GET /users/{id}``, if any."""
        return self._named.get(_normalized(name))

    def get(self, name: str) -> Operation[Any]:
        """Find an operation; raises ValueError with close matches for an unknown name."""
        found = self.find(name)
        if found is None:
            raise ValueError(unknown("operation", name, self._spellings(name)))
        return found

    def is_collection(self, path: str) -> bool:
        """Whether there is an operation that deletes an item of what is at a path."""
        return path in self._collections

    def _spellings(self, name: str) -> Iterable[str]:
        """Return the candidates for a suggestion: names of the same form."""
        if " " in name.strip():
            return [f"{operation.method} {operation.path}" for operation in self._operations]
        return [name for found in self._operations for name in (found.name, found.id)]


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for an unknown name, with similar ones."""
    close = get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f"there is no {kind} {name!r}{hint}"


def _normalized(name: str) -> str:
    method, space, path = name.strip().partition(" ")
    if not space:
        return name.strip()
    return f"{method.upper()} {_PARAMETER.sub('{}', path.strip().removeprefix(BASE))}"
