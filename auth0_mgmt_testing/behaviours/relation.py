"""`RelationBehaviour`: links between the documents of two collections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state.store import Doc, visible
from .documents import View
from .listing import Listing, identity, list_response
from .references import Missing


@dataclass(frozen=True, slots=True)
class End:
    """One side of a relation: the table, the field that names it in bodies, and its 404."""

    table: str
    missing: Missing
    param: str = "id"
    """The path parameter when the relation is reached from this side."""
    field: str = ""
    """The body's property that lists this side's keys (``roles``, ``members``)."""

    def require(self, context: RequestContext, key: str) -> Doc:
        doc = context.tx.get(self.table, key)
        if doc is None:
            raise self.missing.problem()
        return doc


@dataclass
class RelationBehaviour:
    """Links between documents of two tables, optionally with data.

    Links are stored in their own table under (left key, right key), indexed from either side;
    they are deleted with either.
    """

    table: str
    left: End
    right: End
    listing: Listing = field(default_factory=Listing)
    view_right: View = identity
    """What a list from the left shows of a right document."""
    view_left: View = identity

    def bind(
        self,
        family: Family,
        *,
        list: str | None = None,
        add: str | None = None,
        remove: str | None = None,
        list_left: str | None = None,
        add_left: str | None = None,
        remove_left: str | None = None,
    ) -> RelationBehaviour:
        """Bind operations reached from the left (``list/add/remove``) and from the right."""
        for operation, handler in (
            (list, self.list_right),
            (add, self.add_right),
            (remove, self.remove_right),
            (list_left, self.list_left),
            (add_left, self.add_left),
            (remove_left, self.remove_left),
        ):
            if operation is not None:
                family.bind(operation, handler, "relation")
        family.index(self.table, "left", lambda doc: [doc["_left"]])
        family.index(self.table, "right", lambda doc: [doc["_right"]])
        family.cascade(self.table, "left", of=self.left.table)
        family.cascade(self.table, "right", of=self.right.table)
        return self

    # From the left: /users/{id}/roles

    def list_right(self, context: RequestContext) -> Any:
        left = context.path[self.left.param]
        self.left.require(context, left)
        return list_response(context, self.rights(context, left), self.listing, self.view_right)

    def add_right(self, context: RequestContext) -> Any:
        left = context.path[self.left.param]
        self.left.require(context, left)
        for right in self.keys(context, self.right):
            self.right.require(context, right)
            self.link(context, left, right)
        return None

    def remove_right(self, context: RequestContext) -> Any:
        left = context.path[self.left.param]
        self.left.require(context, left)
        for right in self.keys(context, self.right):
            self.unlink(context, left, right)
        return None

    # From the right: /roles/{id}/users

    def list_left(self, context: RequestContext) -> Any:
        right = context.path[self.right.param]
        self.right.require(context, right)
        return list_response(context, self.lefts(context, right), self.listing, self.view_left)

    def add_left(self, context: RequestContext) -> Any:
        right = context.path[self.right.param]
        self.right.require(context, right)
        for left in self.keys(context, self.left):
            self.left.require(context, left)
            self.link(context, left, right)
        return None

    def remove_left(self, context: RequestContext) -> Any:
        right = context.path[self.right.param]
        self.right.require(context, right)
        for left in self.keys(context, self.left):
            self.unlink(context, left, right)
        return None

    # The steps.

    def keys(self, context: RequestContext, end: End) -> list[str]:
        """The keys that the body lists for one side."""
        body = context.body
        return list(body.get(end.field, ())) if is_object(body) else list(body or ())

    def link(self, context: RequestContext, left: str, right: str, **said: Any) -> Doc:
        """Link two documents; linking them again keeps the place and replaces the data."""
        return context.tx.put(self.table, (left, right), {"_left": left, "_right": right, **said})

    def linked(self, context: RequestContext, left: str, right: str) -> Doc | None:
        return context.tx.get(self.table, (left, right))

    def unlink(self, context: RequestContext, left: str, right: str) -> bool:
        return context.tx.delete(self.table, (left, right))

    def rights(self, context: RequestContext, left: str) -> list[Doc]:
        """The right documents linked to a left key, each with the data of the link."""
        return self._joined(
            context, context.tx.find(self.table, "left", left), self.right, "_right"
        )

    def lefts(self, context: RequestContext, right: str) -> list[Doc]:
        return self._joined(
            context, context.tx.find(self.table, "right", right), self.left, "_left"
        )

    def _joined(self, context: RequestContext, links: list[Doc], end: End, side: str) -> list[Doc]:
        found = ((context.tx.get(end.table, link[side]), link) for link in links)
        return [{**doc, **visible(link)} for doc, link in found if doc is not None]
