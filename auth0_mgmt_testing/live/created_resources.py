"""What this run created at a live tenant, and what it therefore may change and remove."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from .._registry import router
from ..contract.router import BASE

_REFERENCES = ("user_id", "client_id", "connection_id", "organization_id")
"""Properties of a body that name what a verb (a ticket, a job) is about."""
_ABSORBS = frozenset({"users.identities.link"})
"""Operations that make the thing which the body names disappear, besides changing the path's."""
_PART = re.compile(rb'name="(\w+)"[^\r\n]*\r\n\r\n([^\r\n]*)\r\n')


class CreatedResources:
    """The ids of what one process created. Only writes are judged; reading is free."""

    def __init__(self) -> None:
        self._created: set[str] = set()

    def note(self, row: Operation[Any], status: int, content: bytes) -> None:
        """Take note of what an answer says was created."""
        if status < 300 and creates(row):
            found = _created_id(row, content)
            if found:
                self._created.add(found)

    def allows(
        self, row: Operation[Any], params: Mapping[str, str], body: Mapping[str, Any]
    ) -> bool:
        """Whether a write touches only what this run created.

        That is so where it creates; where its path leads through something of ours; and where it
        is a verb about things that all are ours. It never is where something else is absorbed.
        """
        named = [str(body[name]) for name in _REFERENCES if body.get(name)]
        ours = all(map(self._is_named, named))
        if row.name in _ABSORBS and not (named and ours):
            return False
        if creates(row) or not self._created.isdisjoint(params.values()):
            return True
        return row.method == "POST" and bool(named) and ours

    def _is_named(self, id: str) -> bool:
        # An identity that is to be linked is named without its provider.
        return id in self._created or any(one.endswith(f"|{id}") for one in self._created)


def creates(row: Operation[Any]) -> bool:
    """Whether an operation adds to a collection of the tenant what can be deleted again."""
    return row.method == "POST" and row.path in _collections()


@cache
def _collections() -> frozenset[str]:
    """Paths without a parameter whose items can be deleted."""
    items = (row.path.rpartition("/") for row in operations() if row.method == "DELETE")
    return frozenset(path for path, _, last in items if last[:1] == "{" and "{" not in path)


def _created_id(row: Operation[Any], content: bytes) -> str | None:
    try:
        document = json.loads(content)
    except ValueError:
        return None
    if not is_object(document):
        return None
    one = row.path.rpartition("/")[2].removesuffix("s").replace("-", "_")
    for name in ("id", f"{one}_id", f"{one}Id", "kid"):
        if isinstance(document.get(name), str):
            return str(document[name])
    return None


def found(method: str, path: str) -> tuple[Operation[Any], dict[str, str]] | None:
    """The operation of the Management API that a request asks, and its path's parameters."""
    if not path.startswith(BASE + "/"):
        return None
    return router().find(method, path)


def read_body(content_type: str, content: bytes) -> dict[str, Any]:
    """The body's properties: of a JSON object, a form, or the texts of a multipart form."""
    if content_type.startswith("multipart/"):
        return {name.decode(): value.decode() for name, value in _PART.findall(content)}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(content.decode()))
    try:
        document: Any = json.loads(content or b"{}")
    except ValueError:
        return {}
    return document if is_object(document) else {}
