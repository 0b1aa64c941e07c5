"""`CollectionBehaviour`: documents of one kind, created, read, listed, changed, replaced, deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.ids import IdForm
from ..state.store import Doc, Index, visible
from .checks import Check, run_checks
from .documents import Cascade, Change, Merge, Prepare, View, merged, without_nulls
from .listing import Listing, identity, item_response, list_response
from .references import Missing, Parent, Unique


@dataclass
class CollectionBehaviour:
    """Documents of one kind: created, read, listed, changed, replaced, deleted.

    Hooks, all optional: ``prepare`` (call, new document) completes what was posted; ``change``
    (call, old, patch) returns the changed document; ``view`` (call, document) is what a reader
    sees; ``created`` is what the response to a create shows (default: ``view``); ``listed`` is what
    a list shows (default: ``view``); ``before_delete`` (call, document) may reject or cascade.
    """

    table: str
    missing: Missing
    id: str = "id"
    new_id: IdForm | None = id_forms.OTHER
    """None: the id is what the caller posted."""
    unique: Sequence[Unique] = ()
    defaults: Mapping[str, Any] | Callable[[RequestContext, Doc], Mapping[str, Any]] = field(
        default_factory=dict[str, Any]
    )
    """Default members; the posted document wins."""
    stamps: bool = False
    """Keep ``created_at`` and ``updated_at``."""
    dated: bool = False
    """Keep the time of the last change, for searches to sort by, but never show it."""
    merge: Merge = "shallow"
    drop_nulls: bool = False
    """A null in a create or an update removes the field instead of storing null."""
    parent: Parent | None = None
    listing: Listing = field(default_factory=Listing)
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    prepare: Prepare | None = None
    change: Change | None = None
    view: View = identity
    created: View | None = None
    listed: View | None = None
    before_delete: Cascade | None = None
    checks: Sequence[Check] = ()
    """Rules of one property against another, or against the state, for every write."""
    limit: tuple[int, APIError] | None = None
    """The maximum of a tenant (or a parent), and the error for one more."""
    idempotent_delete: bool = False
    """Deleting a non-existent document succeeds."""
    operations: dict[str, str] = field(default_factory=dict[str, str], init=False)
    """The names of the bound operations by ``list``, ``create`` and so on."""

    def bind(
        self,
        family: Family,
        *,
        list: str | None = None,
        create: str | None = None,
        get: str | None = None,
        update: str | None = None,
        replace: str | None = None,
        delete: str | None = None,
    ) -> CollectionBehaviour:
        """Bind operations (by operationId) to this collection's behaviours."""
        for verb, operation, handler in (
            ("list", list, self.list),
            ("create", create, self.create),
            ("get", get, self.get),
            ("update", update, self.update),
            ("replace", replace, self.replace),
            ("delete", delete, self.delete),
        ):
            if operation is not None:
                family.bind(operation, handler, "collection")
                self.operations[verb] = operation
        family.collections[self.table] = self
        for unique in self.unique:
            family.index(self.table, unique.index_name(), unique.values)
        for name, values in self.indexes.items():
            family.index(self.table, name, values)
        if self.parent is not None:
            place = self.parent.field
            family.index(self.table, "parent", lambda doc: [doc[place]])
            family.cascade(self.table, "parent", of=self.parent.table)
        return self

    def begin_with(self, family: Family, *docs: Doc) -> None:
        """Documents that every new tenant contains."""

        def put(context: RequestContext) -> None:
            for doc in docs:
                context.tx.put(self.table, doc[self.id], doc)

        family.setup()(put)

    # The operations.

    def list(self, context: RequestContext) -> Any:
        if self.parent is not None:
            self.parent.require(context)
        return list_response(context, self.docs(context), self.listing, self.listed or self.view)

    def create(self, context: RequestContext) -> Any:
        body = dict(context.body or {})
        if self.parent is not None:
            body[self.parent.field] = context.path[self.parent.param]
            self.parent.require(context)
        return visible((self.created or self.view)(context, self.add(context, body)))

    def get(self, context: RequestContext) -> Any:
        return item_response(context, self.view(context, self.require(context)))

    def update(self, context: RequestContext) -> Any:
        return visible(
            self.view(context, self.save(context, self.require(context), context.body or {}))
        )

    def replace(self, context: RequestContext) -> Any:
        old = self.require(context)
        kept = {key: value for key, value in old.items() if key[:1] == "_"}
        kept |= {key: old[key] for key in (self.id, "created_at") if key in old}
        fresh = self.complete(context, {**(context.body or {}), **kept})
        self.store(context, fresh, old)
        return visible(self.view(context, fresh))

    def delete(self, context: RequestContext) -> Any:
        doc = self.find(context)
        if doc is None:
            if self.idempotent_delete:
                return None
            raise self.missing.problem(self.key(context), self.table)
        self.remove(context, doc)
        return None

    # The steps, for special operations to use.

    def key(self, context: RequestContext) -> str:
        """Return the id in the path: its last parameter."""
        return next(reversed(context.path.values()))

    def find(self, context: RequestContext, key: str | None = None) -> Doc | None:
        doc = context.tx.get(self.table, self.key(context) if key is None else key)
        if self.parent is not None:
            self.parent.require(context)
            if doc is not None and doc[self.parent.field] != context.path[self.parent.param]:
                return None
        return doc

    def require(self, context: RequestContext, key: str | None = None) -> Doc:
        """Return the document of the path (or of ``key``); raises the collection's 404."""
        doc = self.find(context, key)
        if doc is None:
            raise self.missing.problem(self.key(context) if key is None else key, self.table)
        return doc

    def docs(self, context: RequestContext) -> Iterable[Doc]:
        if self.parent is not None:
            return context.tx.find(self.table, "parent", context.path[self.parent.param])
        return context.tx.all(self.table)

    def complete(self, context: RequestContext, doc: Doc) -> Doc:
        """Return a posted document with its id, defaults and times."""
        if self.drop_nulls:
            doc = without_nulls(doc)
        fill = self.defaults(context, doc) if callable(self.defaults) else self.defaults
        identity: Doc = {**fill, **doc}
        if self.new_id is not None and self.id not in doc:
            identity = {self.id: context.new_id(self.new_id), **identity}
        if self.stamps:
            now = context.now()
            identity.setdefault("created_at", now)
            identity["updated_at"] = now
        return self.prepare(context, identity) if self.prepare is not None else identity

    def add(self, context: RequestContext, doc: Doc) -> Doc:
        """Complete, check and store a new document."""
        if self.limit is not None and self._count(context, doc) >= self.limit[0]:
            raise self.limit[1].explained(f"there are {self.limit[0]} already: delete one first")
        identity = self.complete(context, doc)
        self.store(context, identity, None)
        return identity

    def _count(self, context: RequestContext, doc: Doc) -> int:
        """Count the documents of the new one's parent (or of the tenant)."""
        if self.parent is None:
            return len(context.tx.table(self.table))
        return len(context.tx.find(self.table, "parent", doc[self.parent.field]))

    def save(self, context: RequestContext, old: Doc, patch: Doc) -> Doc:
        """Change a stored document by a patch."""
        if self.change is not None:
            new = self.change(context, old, patch)
        else:
            new = merged(old, patch, self.merge)
            if self.drop_nulls:
                new = without_nulls(new)
        if self.stamps:
            new = {**new, "updated_at": context.now()}
        self.store(context, new, old)
        return new

    def store(self, context: RequestContext, doc: Doc, old: Doc | None) -> None:
        """Write a document that satisfies the collection's checks and unique fields."""
        run_checks(self.checks, context, doc, old)
        for unique in self.unique:
            for value in unique.values(doc):
                if old is not None and value in unique.values(old):
                    continue
                for other in context.tx.find(self.table, unique.index_name(), value):
                    names = " and ".join(unique.names)
                    hint = f"{other[self.id]} of {self.table} has this {names}: give another"
                    raise APIError(409, unique.message, unique.code, hint=hint)
        if self.dated:
            doc = {**doc, "_updated_at": context.now()}
        context.tx.put(self.table, str(doc[self.id]), doc)

    def remove(self, context: RequestContext, *docs: Doc) -> None:
        """Delete documents; many at once take less time than one by one."""
        if self.before_delete is not None:
            for doc in docs:
                self.before_delete(context, doc)
        context.tx.delete_all(self.table, [str(doc[self.id]) for doc in docs])
