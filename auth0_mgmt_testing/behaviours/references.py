"""References of declarations: the 404 of an id, unique fields, the parent of a nested resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..engine.absence import Absent
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..state.store import Doc
from .documents import get_path


@dataclass(frozen=True, slots=True)
class Missing:
    """The 404 for a non-existent id; ``{id}`` in the message is replaced by that id."""

    message: str
    code: str | None = None

    def problem(self, key: str = "", table: str = "", *, hint: str = "") -> APIError:
        """Return the error; ``table``: where the id should be."""
        absent = Absent(table, key) if key else None
        return APIError(404, self.message.replace("{id}", key), self.code, hint=hint, absent=absent)


@dataclass(frozen=True, slots=True)
class Unique:
    """A field (or several together) that no two documents share; the 409 otherwise."""

    fields: str | tuple[str, ...]
    message: str
    code: str | None = None
    fold: bool = False
    """Compare ignoring case."""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.fields,) if isinstance(self.fields, str) else self.fields

    def index_name(self) -> str:
        return "unique:" + ",".join(self.names)

    def values(self, doc: Doc) -> list[tuple[Any, ...]]:
        found = tuple(get_path(doc, name) for name in self.names)
        if any(value is None or isinstance(value, (dict, list)) for value in found):
            return []
        if self.fold:
            found = tuple(v.lower() if isinstance(v, str) else v for v in found)
        return [found]


@dataclass(frozen=True, slots=True)
class Parent:
    """The document that a nested collection belongs to: its table, path parameter and 404."""

    table: str
    param: str
    missing: Missing

    @property
    def field(self) -> str:
        """The member of a child with its parent's key: internal, never shown."""
        return f"_{self.table}"

    @property
    def public(self) -> str:
        """What tests call the parent's key where they create a child: ``flow_id``."""
        return f"{self.table.removesuffix('s')}_id"

    def require(self, context: RequestContext) -> Doc:
        key = context.path[self.param]
        doc = context.tx.get(self.table, key)
        if doc is None:
            raise self.missing.problem(key, self.table)
        return doc
