"""The few kinds of behaviour that most operations are: collection, attachment, settings, relation.

A resource declares what it is; its operations are bound to the methods here. Every hook takes
the `Call`, so that a peculiar resource overrides a step and not the whole.

    family = Family()
    ROLES = Collection(
        "roles",
        new_id=base62("rol_", 16),
        missing=Missing("The role does not exist", "inexistent_role"),
        unique=(Unique("name", "A role with the same name already exists."),),
        defaults={"description": None},
        listing=Listing(filters={"name_filter": contains("name")}),
    )
    ROLES.bind(family, list="roles.list", create="roles.create", get="roles.get", …)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from auth0_mgmt._json import is_array, is_object

from .._registry import Family, registry
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.query.lists import identity, list_response
from ..state.ids import IdForm, alphanumeric_id
from ..state.store import Doc, Index, Key, visible

Filter: TypeAlias = Callable[[Doc, Any], bool]
Merge: TypeAlias = Literal["shallow", "deep", "replace"]


# --- small pieces that declarations are made of ------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missing:
    """The 404 for an id that nobody has; ``{id}`` in the message stands for that id."""

    message: str
    code: str | None = None

    def problem(self, key: str = "") -> APIError:
        return APIError(404, self.message.replace("{id}", key), self.code)


@dataclass(frozen=True, slots=True)
class Unique:
    """A field (or several together) that no two documents share; the 409 when they would."""

    fields: str | tuple[str, ...]
    message: str
    code: str | None = None
    fold: bool = False
    """Compare without regard to case."""

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
    """The document that a nested collection hangs on: its table, path parameter and 404."""

    table: str
    param: str
    missing: Missing

    @property
    def field(self) -> str:
        """Where a child keeps its parent's key: internal, never shown."""
        return f"_{self.table}"

    def require(self, context: RequestContext) -> Doc:
        doc = context.tx.get(self.table, context.path[self.param])
        if doc is None:
            raise self.missing.problem()
        return doc


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list understands: filters by query parameter, search, order.

    ``filters`` maps a query parameter to a test of (document, value given). ``search`` is the
    name of the searchable schema for ``q``; ``exact`` names, for a searchable field, the table and
    the index that find its exact matches without looking at every document. ``sort`` allows
    ``sort=field:1``; ``sort_names`` says what a bare name in ``sort`` orders by, upwards.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
    order: Callable[[Doc], Any] | None = None
    reverse: bool = False
    search: str | None = None
    exact: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    sort: bool = False
    sort_names: Mapping[str, str] = field(default_factory=dict[str, str])
    per_page: int = 50
    always: frozenset[str] = frozenset()
    """Fields that a list shows whatever ``fields`` asks for."""


def get_path(doc: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none."""
    for part in path.split("."):
        if not is_object(doc):
            return None
        doc = doc.get(part)
    return doc


def equals(path: str) -> Filter:
    """The field equals the value given (any of them where the parameter is a list)."""

    def test(doc: Doc, value: Any) -> bool:
        found = get_path(doc, path)
        if isinstance(value, list):
            return found in value
        return bool(found == value)

    return test


def contains(path: str) -> Filter:
    """The field's text contains the value given, without regard to case."""
    return lambda doc, value: str(value).lower() in str(get_path(doc, path) or "").lower()


def one_of(path: str) -> Filter:
    """The field is one of the values given, comma-separated or repeated."""

    def test(doc: Doc, value: Any) -> bool:
        wanted = value if is_array(value) else str(value).split(",")
        return get_path(doc, path) in wanted

    return test


def includes(path: str) -> Filter:
    """The list in the field has the value given."""
    return lambda doc, value: value in (get_path(doc, path) or ())


def non_empty(field: str) -> Index:
    """Values of an index: the field's, where there is one."""
    return lambda doc: [doc[field]] if doc.get(field) else []


def merged(old: Any, new: Any, how: Merge = "shallow") -> Any:
    """``old`` changed by ``new`` as a PATCH does; neither is touched.

    ``deep`` merges objects at every level; ``shallow`` only at the first; ``replace`` takes new.
    """
    if how == "replace" or not is_object(old) or not is_object(new):
        return new
    result = dict(old)
    for key, value in new.items():
        result[key] = merged(result.get(key), value, "deep") if how == "deep" else value
    return result


def without_nulls(doc: Doc) -> Doc:
    """A document without the members that are null: nothing is said of them."""
    return {key: value for key, value in doc.items() if value is not None}


Prepare: TypeAlias = Callable[[RequestContext, Doc], Doc]
Change: TypeAlias = Callable[[RequestContext, Doc, Doc], Doc]
View: TypeAlias = Callable[[RequestContext, Doc], Doc]
Cascade: TypeAlias = Callable[[RequestContext, Doc], None]


# --- collection --------------------------------------------------------------------------------


@dataclass
class CollectionBehaviour:
    """Documents of one kind: created, read, listed, changed, replaced, deleted.

    Hooks, all optional: ``prepare`` (call, new document) completes what was posted; ``change``
    (call, old, patch) gives the changed document; ``view`` (call, document) is what a reader
    sees; ``created`` is what the answer to a create shows (default: ``view``); ``listed`` is what
    a list shows (default: ``view``); ``before_delete`` (call, document) may refuse or cascade.
    """

    table: str
    missing: Missing
    id: str = "id"
    new_id: IdForm | None = field(default_factory=lambda: alphanumeric_id(24))
    """None: the id is what the caller posted."""
    unique: Sequence[Unique] = ()
    defaults: Mapping[str, Any] | Callable[[RequestContext, Doc], Mapping[str, Any]] = field(
        default_factory=dict[str, Any]
    )
    """What the tenant fills in where the caller gave nothing; the posted document wins."""
    stamps: bool = False
    """Keep ``created_at`` and ``updated_at``."""
    dated: bool = False
    """Keep the time of the last change, for searches to sort by, and show it to nobody."""
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
    limit: tuple[int, APIError] | None = None
    """How many a tenant (or a parent) may hold, and the answer to one more."""
    idempotent_delete: bool = False
    """Deleting what is not there answers as if it had been."""

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
        for operation, handler in (
            (list, self.list),
            (create, self.create),
            (get, self.get),
            (update, self.update),
            (replace, self.replace),
            (delete, self.delete),
        ):
            if operation is not None:
                family.bind(operation, handler, "collection")
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
        """Documents that every fresh tenant holds, as they are."""

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
            raise self.missing.problem(self.key(context))
        self.remove(context, doc)
        return None

    # The steps, for peculiar operations to use.

    def key(self, context: RequestContext) -> str:
        """The id in the path: its last parameter."""
        return next(reversed(context.path.values()))

    def find(self, context: RequestContext, key: str | None = None) -> Doc | None:
        doc = context.tx.get(self.table, self.key(context) if key is None else key)
        if self.parent is not None:
            self.parent.require(context)
            if doc is not None and doc[self.parent.field] != context.path[self.parent.param]:
                return None
        return doc

    def require(self, context: RequestContext, key: str | None = None) -> Doc:
        """The document of the path (or of ``key``); raises the collection's 404."""
        doc = self.find(context, key)
        if doc is None:
            raise self.missing.problem(self.key(context) if key is None else key)
        return doc

    def docs(self, context: RequestContext) -> Iterable[Doc]:
        if self.parent is not None:
            return context.tx.find(self.table, "parent", context.path[self.parent.param])
        return context.tx.all(self.table)

    def complete(self, context: RequestContext, doc: Doc) -> Doc:
        """A posted document with its id, defaults and times."""
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
        if self.limit is not None and len(context.tx.table(self.table)) >= self.limit[0]:
            raise self.limit[1]
        identity = self.complete(context, doc)
        self.store(context, identity, None)
        return identity

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
        for unique in self.unique:
            for value in unique.values(doc):
                if old is not None and value in unique.values(old):
                    continue
                if context.tx.find(self.table, unique.index_name(), value):
                    raise APIError(409, unique.message, unique.code)
        if self.dated:
            doc = {**doc, "_updated_at": context.now()}
        context.tx.put(self.table, str(doc[self.id]), doc)

    def remove(self, context: RequestContext, doc: Doc) -> None:
        if self.before_delete is not None:
            self.before_delete(context, doc)
        _delete(context, self.table, str(doc[self.id]))


def _delete(context: RequestContext, table: str, key: Key) -> None:
    """Take a document out with all that is declared to go with it, and what goes with that."""
    context.tx.delete(table, key)
    for dependent, index in registry().cascades.get(table, ()):
        for each in context.tx.keys(dependent, index, key):
            _delete(context, dependent, each)


def item_response(context: RequestContext, doc: Doc, always: Iterable[str] = ()) -> Doc:
    """One document as the answer, cut by ``fields``/``include_fields`` where they are given.

    ``always`` names the fields that are shown all the same.
    """
    from ..engine.query.lists import select_fields

    return select_fields(context, visible(doc), always)


# --- attachment --------------------------------------------------------------------------------


@dataclass
class AttachmentBehaviour:
    """A document that another one has one of, or none; it goes with that one.

    It is kept under the other's key, with ``_<table of the other>`` for its index.
    """

    table: str
    parent: Parent
    missing: Missing
    taken: str
    """What the 409 for a second one says."""
    begin: Prepare
    """What it says of itself where the request says nothing, from the document it is part of.

    May raise the problem that such a document cannot have one."""
    changed_at: str = "updated_at"
    """The field that tells when it was changed."""
    along: tuple[str, ...] = ()
    """Tables of documents, indexed alike, that are worth nothing without it."""

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
        return self

    def list(self, context: RequestContext) -> Any:
        """Those of every document."""
        return list_response(context, context.tx.all(self.table), Listing())

    def create(self, context: RequestContext) -> Any:
        parent = self.parent.require(context)
        begun = self.begin(context, parent)
        key = self.key(context)
        if context.tx.get(self.table, key) is not None:
            raise APIError(409, self.taken)
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
        """Take it away, with what goes along; what was not there answers alike."""
        self.parent.require(context)
        context.tx.delete(self.table, self.key(context))
        for table in self.along:
            context.tx.delete_where(table, "parent", self.key(context))
        return None

    # The steps, for peculiar operations to use.

    def key(self, context: RequestContext) -> str:
        """The key of the path's document, and of what is attached to it."""
        return context.path[self.parent.param]

    def require(self, context: RequestContext) -> Doc:
        """What the path's document has; raises the 404 of either."""
        self.parent.require(context)
        doc = context.tx.get(self.table, self.key(context))
        if doc is None:
            raise self.missing.problem()
        return doc


# --- settings ----------------------------------------------------------------------------------


@dataclass
class SettingsBehaviour:
    """One document that always is there: read, changed, replaced, and perhaps reset."""

    name: str
    defaults: Mapping[str, Any] | Callable[[RequestContext], Mapping[str, Any]]
    merge: Merge = "shallow"
    change: Change | None = None
    view: View = identity
    missing: Missing | None = None
    """Given where the settings are not there until somebody sets them."""
    keyed: str | None = None
    """The path parameter that tells one document from another (a prompt, a template)."""

    def bind(
        self,
        family: Family,
        *,
        get: str | None = None,
        update: str | None = None,
        replace: str | None = None,
        delete: str | None = None,
    ) -> SettingsBehaviour:
        for operation, handler in (
            (get, self.get),
            (update, self.update),
            (replace, self.replace),
            (delete, self.delete),
        ):
            if operation is not None:
                family.bind(operation, handler, "settings")
        return self

    def key(self, context: RequestContext) -> Key:
        return (self.name, context.path[self.keyed]) if self.keyed else self.name

    def initial(self, context: RequestContext) -> Doc:
        return dict(self.defaults(context) if callable(self.defaults) else self.defaults)

    def read(self, context: RequestContext) -> Doc:
        """The settings as they stand; raises the 404 where they were never set."""
        doc = context.tx.get("settings", self.key(context))
        if doc is not None:
            return doc
        if self.missing is not None:
            raise self.missing.problem()
        return self.initial(context)

    def write(self, context: RequestContext, doc: Doc) -> Doc:
        return context.tx.put("settings", self.key(context), doc)

    def get(self, context: RequestContext) -> Any:
        return item_response(context, self.view(context, self.read(context)))

    def update(self, context: RequestContext) -> Any:
        return self._changed(context, self.read(context))

    def replace(self, context: RequestContext) -> Any:
        return self._changed(context, self.initial(context))

    def _changed(self, context: RequestContext, old: Doc) -> Any:
        patch: Doc = context.body or {}
        if self.change is not None:
            new = self.change(context, old, patch)
        else:
            new = merged(old, patch, self.merge)
        return visible(self.view(context, self.write(context, new)))

    def delete(self, context: RequestContext) -> Any:
        if not context.tx.delete("settings", self.key(context)) and self.missing is not None:
            raise self.missing.problem()
        return None


# --- relation ----------------------------------------------------------------------------------


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
    """Which documents of two tables belong together, with perhaps something said about it.

    Links live in a table of their own under (left key, right key), found from either side; they
    go with either.
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
        """Put two together; linking again keeps the place and takes what is said now."""
        return context.tx.put(self.table, (left, right), {"_left": left, "_right": right, **said})

    def linked(self, context: RequestContext, left: str, right: str) -> Doc | None:
        return context.tx.get(self.table, (left, right))

    def unlink(self, context: RequestContext, left: str, right: str) -> bool:
        return context.tx.delete(self.table, (left, right))

    def rights(self, context: RequestContext, left: str) -> list[Doc]:
        """The right documents linked to a left key, each with what the link says."""
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


__all__ = [
    "Attachment",
    "Change",
    "Collection",
    "End",
    "Filter",
    "Listing",
    "Merge",
    "Missing",
    "Parent",
    "Prepare",
    "Relation",
    "Settings",
    "Unique",
    "View",
    "among",
    "answer_one",
    "contains",
    "dig",
    "equals",
    "has",
    "merged",
    "present",
    "visible",
    "without_nulls",
]
