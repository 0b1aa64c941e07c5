"""`AttachmentBehaviour`: a document that belongs to another one, at most one for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state.store import Doc, visible
from .documents import Prepare
from .listing import Listing, list_response
from .references import Missing, Parent


@dataclass
class AttachmentBehaviour:
    """A document that belongs to another one, at most one for each; it is deleted with it.

    It is stored under the other's key, with ``_<table of the other>`` for its index.
    """

    table: str
    parent: Parent
    missing: Missing
    taken: str
    """The message of the 409 for a second one."""
    begin: Prepare
    """Default members, derived from the document that it belongs to.

    May raise the error that such a document cannot have one."""
    changed_at: str = "updated_at"
    """The field with the time of the last change."""
    along: tuple[str, ...] = ()
    """Tables of documents, indexed alike, that are deleted with it."""

    def bind(
        self, family: Family, *, list: str, create: str, get: str, update: str, delete: str
    ) -> AttachmentBehaviour:
        """Bind operations (by operationId); index all tables by ``parent``."""
        family.bind(list, self.list, "view")
        family.bind(create, self.create, "action")
        family.bind(get, self.get, "view")
        family.bind(update, self.update, "action")
        family.bind(delete, self.delete, "action")
        for table in (self.table, *self.along):
            family.index(table, "parent", lambda doc: [doc[self.parent.field]])
            family.cascade(table, "parent", of=self.parent.table)
        for table in self.along:
            family.cascade(table, "parent", of=self.table)
        return self

    def list(self, context: RequestContext) -> Any:
        """Return those of all documents."""
        return list_response(context, context.tx.all(self.table), Listing())

    def create(self, context: RequestContext) -> Any:
        parent = self.parent.require(context)
        begun = self.begin(context, parent)
        key = self.key(context)
        if context.tx.get(self.table, key) is not None:
            hint = f"{key} has one already: update it, or delete it first"
            raise APIError(409, self.taken, hint=hint)
        now = context.now()
        times = {"created_at": now, self.changed_at: now}
        doc: Doc = {**begun, **(context.body or {}), **times, self.parent.field: key}
        return visible(context.tx.put(self.table, key, doc))

    def get(self, context: RequestContext) -> Any:
        return visible(self.require(context))

    def update(self, context: RequestContext) -> Any:
        new: Doc = {**self.require(context), **(context.body or {}), self.changed_at: context.now()}
        return visible(context.tx.put(self.table, self.key(context), new))

    def delete(self, context: RequestContext) -> Any:
        """Delete it with its dependents; the response is the same where there was none."""
        self.parent.require(context)
        context.tx.delete(self.table, self.key(context))
        return None

    # The steps, for special operations to use.

    def key(self, context: RequestContext) -> str:
        """Return the key of the path's document, and of its attachment."""
        return context.path[self.parent.param]

    def require(self, context: RequestContext) -> Doc:
        """Return the attachment of the path's document; raises the 404 of either."""
        self.parent.require(context)
        doc = context.tx.get(self.table, self.key(context))
        if doc is None:
            raise self.missing.problem(hint=f"{self.key(context)} has none: create it first")
        return doc
