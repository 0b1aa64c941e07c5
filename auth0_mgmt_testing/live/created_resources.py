"""The resources that this run created at a live tenant, and so may change and delete."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation

from .._registry import contract_lookup, router
from ..contract.router import BASE

_REFERENCES = ("user_id", "client_id", "connection_id", "organization_id")
"""Properties of a body that name the subject of an action (a ticket, a job)."""
_LISTED = ("enabled_clients", "users", "members")
"""Properties of a body that list what a write changes besides its own resource."""
_NEW_IDS = frozenset({"users.create"})
"""Operations whose body may choose the id of what they create."""
_INACTIVE = {
    "network_acls.create": "active",
    "rules.create": "enabled",
    "hooks.create": "enabled",
}
"""Operations whose result acts on every user of the tenant unless this property is false."""
_ACTIVE_BY_DEFAULT = frozenset({"rules.create"})
_ABSORBS = frozenset({"users.identities.link"})
"""Operations that delete what the body names, besides changing the path's resource."""
_PART = re.compile(rb'name="(\w+)"[^\r\n]*\r\n\r\n([^\r\n]*)\r\n')


class CreatedResources:
    """The ids of what one process created. Only writes are checked, never reads."""

    def __init__(self) -> None:
        self._created: set[str] = set()
        self._removable: dict[str, Operation[Any]] = {}

    def add(self, *ids: str) -> None:
        """Record ids as created by this run: those of the application under test."""
        self._created.update(ids)

    def removed(self, params: Mapping[str, str]) -> None:
        """Record a deletion that succeeded."""
        for id in params.values():
            self._removable.pop(id, None)

    def remaining(self) -> list[tuple[str, Operation[Any]]]:
        """Return what was created and not deleted yet, the newest first: ids and operations."""
        return list(self._removable.items())[::-1]

    def record(self, operation: Operation[Any], status: int, content: bytes) -> None:
        """Record what a response shows as created."""
        if status < 300 and creates(operation):
            found = _created_id(operation, content)
            if found:
                self._created.add(found)
                self._removable[found] = operation

    def allows(
        self, operation: Operation[Any], params: Mapping[str, str], body: Mapping[str, Any]
    ) -> bool:
        """Whether a write changes only what this run created.

        Everything that the body refers to must be of this run. Besides, the operation creates
        something that has no effect on others, or its path leads through something of this run, or
        it has no path parameter and is an action on what the body names.
        """
        named = [] if operation.name in _NEW_IDS else list(_references(body))
        if not all(map(self._is_named, named)) or (operation.name in _ABSORBS and not named):
            return False
        if creates(operation):
            return _has_no_effect(operation, body)
        if not self._created.isdisjoint(params.values()):
            return True
        return operation.method == "POST" and bool(named) and not params

    def _is_named(self, id: str) -> bool:
        # An identity that is to be linked is named without its provider.
        return id in self._created or any(one.endswith(f"|{id}") for one in self._created)


def _references(body: Mapping[str, Any]) -> Iterator[str]:
    """The ids that a body names."""
    yield from (str(body[name]) for name in _REFERENCES if body.get(name))
    for name in _LISTED:
        listed = body.get(name)
        if is_array(listed):
            yield from (one for one in listed if isinstance(one, str))


def _has_no_effect(operation: Operation[Any], body: Mapping[str, Any]) -> bool:
    """Whether what is created does not affect log-ins of other users."""
    switch = _INACTIVE.get(operation.name)
    return switch is None or not body.get(switch, operation.name in _ACTIVE_BY_DEFAULT)


def creates(operation: Operation[Any]) -> bool:
    """Whether an operation adds to a collection of the tenant what can be deleted again."""
    path = operation.path
    return operation.method == "POST" and "{" not in path and contract_lookup().is_collection(path)


def _created_id(operation: Operation[Any], content: bytes) -> str | None:
    try:
        document = json.loads(content)
    except ValueError:
        return None
    if not is_object(document):
        return None
    one = operation.path.rpartition("/")[2].removesuffix("s").replace("-", "_")
    for name in ("id", f"{one}_id", f"{one}Id", "kid"):
        if isinstance(document.get(name), str):
            return str(document[name])
    return None


def found(method: str, path: str) -> tuple[Operation[Any], dict[str, str]] | None:
    """Return the Management API operation of a request, and its path parameters."""
    if not path.startswith(BASE + "/"):
        return None
    return router().find(method, path)


def read_body(content_type: str, content: bytes) -> dict[str, Any]:
    """Return the body's properties: of a JSON object, a form, or the fields of a multipart form."""
    if content_type.startswith("multipart/"):
        return {name.decode(): value.decode() for name, value in _PART.findall(content)}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(content.decode()))
    try:
        document: Any = json.loads(content or b"{}")
    except ValueError:
        return {}
    return document if is_object(document) else {}
