"""`RelationBehaviour`: links between the documents of two collections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state.store import Doc, Index, visible
from .documents import View
from .listing import Listing, identity, list_response
from .references import Missing


@dataclass(frozen=True, slots=True)
class Relation:
    """The links between documents of two collections; each end is named after its collection.

    A link is a document in a table of its own, under the keys of both ends, found from either and
    deleted with either. Methods take an end as ``organizations="org_1"``. ``right`` is empty where
    the right end is no collection.
    """

    table: str
    left: str
    right: str = ""

    def declare(self, family: Family) -> None:
        """Declare the indexes of the links, and that they are deleted with their ends."""
        for index, field_, of in ((_LEFT, "_left", self.left), (_RIGHT, "_right", self.right)):
            if of:
                family.index(self.table, index, _values(field_))
                family.cascade(self.table, index, of=of)

    def key(self, link: Doc, end: str) -> str:
        """Return the key that a link has at an end."""
        return str(link["_left" if self._index(end) == _LEFT else "_right"])

    def document(self, left: str, right: str, **data: Any) -> Doc:
        """Return a link as it is stored, with its data."""
        return {"_left": left, "_right": right, **data}

    def get(self, context: RequestContext, left: str, right: str) -> Doc | None:
        return context.tx.get(self.table, (left, right))

    def put(self, context: RequestContext, left: str, right: str, **data: Any) -> Doc:
        """Link two documents; linking again keeps the place and replaces the data."""
        return context.tx.put(self.table, (left, right), self.document(left, right, **data))

    def replace(self, context: RequestContext, link: Doc, new: Doc) -> Doc:
        """Replace the data of a link."""
        return self.put(context, link["_left"], link["_right"], **_data(new))

    def delete(self, context: RequestContext, left: str, right: str) -> bool:
        """Delete a link; returns whether it existed."""
        return context.tx.delete(self.table, (left, right))

    def delete_link(self, context: RequestContext, link: Doc) -> None:
        self.delete(context, link["_left"], link["_right"])

    def delete_of(self, context: RequestContext, **end: str) -> None:
        """Delete all links that have this end."""
        ((name, key),) = end.items()
        context.tx.delete_where(self.table, self._index(name), key)

    def of(self, context: RequestContext, **end: str) -> list[Doc]:
        """Return the links that have this end, in order of creation."""
        ((name, key),) = end.items()
        return context.tx.find(self.table, self._index(name), key)

    def keys(self, context: RequestContext, **end: str) -> list[str]:
        """Return the keys at the other end of the links that have this end."""
        (name,) = end
        return [self.key(link, self._other(name)) for link in self.of(context, **end)]

    def others(self, context: RequestContext, **end: str) -> list[Doc]:
        """Return the documents at the other end of the links that have this end."""
        (name,) = end
        found = (context.tx.get(self._other(name), key) for key in self.keys(context, **end))
        return [doc for doc in found if doc is not None]

    def _index(self, end: str) -> str:
        if end not in (self.left, self.right):
            raise LookupError(f"{self.table} links {self.left} and {self.right}, not {end}")
        return _LEFT if end == self.left else _RIGHT

    def _other(self, end: str) -> str:
        return self.right if end == self.left else self.left


_LEFT, _RIGHT = "left", "right"


def _values(field_: str) -> Index:
    return lambda doc: [doc[field_]]


def _data(link: Doc) -> Doc:
    return {name: value for name, value in link.items() if name not in ("_left", "_right")}


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
            raise self.missing.problem(key, self.table)
        return doc


@dataclass
class RelationBehaviour:
    """The operations on the links of a relation, from either side."""

    relation: Relation
    left: End
    right: End
    listing: Listing = field(default_factory=Listing)
    view_right: View = identity
    """What a list from the left shows of a right document."""
    view_left: View = identity

    def __post_init__(self) -> None:
        ends = (self.relation.left, self.relation.right)
        if ends != (self.left.table, self.right.table):
            raise ValueError(f"the ends of {self.relation.table} are {' and '.join(ends)}")

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
        self.relation.declare(family)
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

    def link(self, context: RequestContext, left: str, right: str, **data: Any) -> Doc:
        """Link two documents; linking them again keeps the place and replaces the data."""
        return self.relation.put(context, left, right, **data)

    def linked(self, context: RequestContext, left: str, right: str) -> Doc | None:
        return self.relation.get(context, left, right)

    def unlink(self, context: RequestContext, left: str, right: str) -> bool:
        return self.relation.delete(context, left, right)

    def rights(self, context: RequestContext, left: str) -> list[Doc]:
        """The right documents linked to a left key, each with what the link says."""
        return self._joined(
            context, self.relation.of(context, **{self.left.table: left}), self.right
        )

    def lefts(self, context: RequestContext, right: str) -> list[Doc]:
        return self._joined(
            context, self.relation.of(context, **{self.right.table: right}), self.left
        )

    def _joined(self, context: RequestContext, links: list[Doc], end: End) -> list[Doc]:
        key = self.relation.key
        found = ((context.tx.get(end.table, key(link, end.table)), link) for link in links)
        return [{**doc, **visible(link)} for doc, link in found if doc is not None]
