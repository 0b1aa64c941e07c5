"""The tenant's state as one immutable value.

A `State` is a persistent map of tables; a table maps keys to JSON objects and keeps its secondary
indexes. Nothing is ever changed in place: a `Transaction` works on new versions that share
structure with the old ones, and the tenant swaps its root when the request succeeded. So a
snapshot or a fork is a reference, a failed request leaves no trace, and two states can be compared.

Documents are plain dicts that are never changed once they are stored. Keys that begin with an
underscore are the fake's own (parents, secrets, clocks) and are never shown to a caller; so are
tables whose name begins with one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias

from immutables import Map, MapMutation

from .keys import Key as Key
from .keys import KeySet, key_set, keys_of, with_key, without_key, without_keys
from .ordered import Columns, Entry, Ordered
from .selection import Column
from .selection import Doc as Doc

Index: TypeAlias = Callable[[Doc], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class Cascade:
    """Documents that are deleted with one: those of a table that an index finds."""

    table: str
    index: str
    by: Callable[[Doc], Hashable] | None = None
    """What they are found under, of the deleted document; by default its key."""


@dataclass(frozen=True, slots=True)
class TableSchema:
    """What a table keeps beside its documents."""

    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    """Index name -> the values that a document is found under."""
    columns: Columns = field(default_factory=dict[str, Column])
    """Column name -> a value of each document that searches read."""


_PLAIN = TableSchema()


@dataclass(frozen=True, slots=True)
class Schema:
    """The declarations of tables: what they keep, and what is deleted with a document."""

    tables: Mapping[str, TableSchema]
    cascades: Mapping[str, Sequence[Cascade]]
    """Table name -> where documents are found that are deleted with one of this table."""

    def of(self, table: str) -> TableSchema:
        """What a table keeps."""
        return self.tables.get(table, _PLAIN)


_NO_ENTRIES: Map[Hashable, KeySet] = Map()


def visible(doc: Doc) -> Doc:
    """Return a document without the fake's own underscore keys; ``_id`` is the API's."""
    return {key: value for key, value in doc.items() if key[:1] != "_" or key == "_id"}


def is_transient(table: str) -> bool:
    """Whether a table contains transient data of a flow: codes, challenges, messages.

    Such tables are named with two underscores in front; exports leave them out.
    """
    return table[:2] == "__"


_Chain: TypeAlias = tuple[Key, "_Chain | None"]
"""A key that was changed, and the change before it (None for the first)."""
_CATCH_UP = 250
"""Changes after which the order is brought up to date even if nobody reads it."""


@dataclass(slots=True, eq=False)
class _Order:
    """The order of an earlier version of a table, and what has changed since; never changed."""

    rows: Map[Key, tuple[int, Doc]]
    docs: Ordered
    changes: _Chain | None = None
    pending: int = 0

    def changed(self, key: Key) -> _Order:
        """The same with one more change."""
        return _Order(self.rows, self.docs, (key, self.changes), self.pending + 1)

    def at(self, rows: Map[Key, tuple[int, Doc]]) -> _Order:
        """Return the order of the version with these rows."""
        if self.changes is None:
            return self
        keys: dict[Key, None] = {}
        link: _Chain | None = self.changes
        while link is not None:
            keys[link[0]] = None
            link = link[1]
        removed: list[int] = []
        put: list[Entry] = []
        for key in reversed(keys):  # the oldest first, so that new documents are appended
            before, after = self.rows.get(key), rows.get(key)
            if before is not None and (after is None or after[0] != before[0]):
                removed.append(before[0])
            if after is not None:
                put.append((after[0], key, after[1]))
        return _Order(rows, self.docs.changed(removed, put))


class Table:
    """Documents by key, in order of insertion, with secondary indexes."""

    __slots__ = ("_order", "indexes", "rows")

    def __init__(
        self,
        rows: Map[Key, tuple[int, Doc]],
        indexes: Map[str, Map[Hashable, KeySet]],
        order: _Order,
    ) -> None:
        self.rows = rows
        self.indexes = indexes
        self._order = order
        """Set as a whole, so that threads may read one version at once."""

    @classmethod
    def empty(cls, schema: TableSchema) -> Table:
        """A table without documents."""
        rows: Map[Key, tuple[int, Doc]] = Map()
        return cls(rows, Map(), _Order(rows, Ordered([], schema.columns)))

    def in_order(self) -> Ordered:
        """Return the documents in order of insertion."""
        if self._order.changes is not None:
            self._order = self._order.at(self.rows)
        return self._order.docs

    def followed(
        self,
        rows: Map[Key, tuple[int, Doc]],
        indexes: Map[str, Map[Hashable, KeySet]],
        keys: Iterable[Key],
    ) -> Table:
        """Return the next version, of these rows, in which these keys have changed."""
        order = self._order
        for key in keys:
            order = order.changed(key)
        if order.pending > _CATCH_UP:
            order = order.at(rows)
        return Table(rows, indexes, order)

    @classmethod
    def of(cls, rows: Mapping[Key, tuple[int, Doc]], schema: TableSchema) -> Table:
        """A table of these rows at once: key to place in the order and document."""
        indexes: dict[str, Map[Hashable, KeySet]] = {}
        for name, values_of in schema.indexes.items():
            found: dict[Hashable, dict[Key, None]] = {}
            for key, (_, doc) in rows.items():
                for value in values_of(doc):
                    found.setdefault(value, {})[key] = None
            if found:
                indexes[name] = Map({value: key_set(keys) for value, keys in found.items()})
        entries = sorted(((seq, key, doc) for key, (seq, doc) in rows.items()), key=itemgetter(0))
        kept = Map(rows)
        return cls(kept, Map(indexes), _Order(kept, Ordered.from_entries(entries, schema.columns)))

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, key: Key) -> Doc | None:
        row = self.rows.get(key)
        return None if row is None else row[1]

    def ordered(self, start: int = 0, stop: int | None = None) -> list[Key]:
        """The keys in order of insertion, or those at some places."""
        return self.in_order().keys(start, stop)

    def keys(self, index: str, value: Hashable) -> Collection[Key]:
        """The keys that an index holds under ``value``, in no order."""
        return keys_of(self.indexes.get(index, _NO_ENTRIES).get(value))

    def find(self, index: str, value: Hashable) -> list[Doc]:
        """The documents that an index holds under ``value``, in order of insertion."""
        return _in_order([self.rows[key] for key in self.keys(index, value)])

    def holds_what(self, other: Table) -> bool:
        """Whether both contain the same documents under the same keys in the same order."""
        if self is other:
            return True
        keys = self.ordered()
        return keys == other.ordered() and all(self.get(key) == other.get(key) for key in keys)


_EMPTY = Table.empty(_PLAIN)


class Draft:
    """The next version of a table, changed in place until it is finished; it may go on then."""

    __slots__ = ("_base", "_changed", "_indexes", "_rows", "_schema")

    def __init__(self, base: Table, schema: TableSchema) -> None:
        self._schema = schema
        self._begin(base)

    def _begin(self, base: Table) -> None:
        self._base = base
        self._rows = base.rows.mutate()
        self._indexes: dict[str, MapMutation[Hashable, KeySet]] = {}
        self._changed: list[Key] = []

    def finished(self) -> Table:
        """Return the table as it is now."""
        if self._changed:
            indexes = self._base.indexes
            for name, entries in self._indexes.items():
                indexes = indexes.set(name, entries.finish())
            self._begin(self._base.followed(self._rows.finish(), indexes, self._changed))
        return self._base

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: Key) -> Doc | None:
        row = self._rows.get(key)
        return None if row is None else row[1]

    def keys(self, index: str, value: Hashable) -> Collection[Key]:
        """The keys that an index holds under ``value``, in no order."""
        written = self._indexes.get(index)
        if written is not None:
            return keys_of(written.get(value))
        return self._base.keys(index, value)

    def find(self, index: str, value: Hashable) -> list[Doc]:
        """The documents that an index holds under ``value``, in order of insertion."""
        return _in_order([self._rows[key] for key in self.keys(index, value)])

    def put(self, key: Key, doc: Doc, seq: int) -> None:
        """Insert or replace; a document that replaces another keeps its place in the order."""
        old = self._rows.get(key)
        self._rows[key] = (seq if old is None else old[0], doc)
        self._changed.append(key)
        for name, values_of in self._schema.indexes.items():
            before = () if old is None else tuple(values_of(old[1]))
            after = tuple(values_of(doc))
            if before == after:
                continue
            entries = self._entries(name)
            for value in dict.fromkeys(before) if before else ():
                if value not in after:
                    _set(entries, value, without_key(entries[value], key))
            for value in after:
                if value not in before:
                    entries[value] = with_key(entries.get(value), key)

    def delete(self, keys: Iterable[Key]) -> None:
        """Delete documents that there are."""
        gone: dict[str, dict[Hashable, list[Key]]] = {name: {} for name in self._schema.indexes}
        for key in keys:
            _, doc = self._rows.pop(key)
            self._changed.append(key)
            for name, values_of in self._schema.indexes.items():
                for value in dict.fromkeys(values_of(doc)):
                    gone[name].setdefault(value, []).append(key)
        for name, found in gone.items():
            for value, deleted in found.items():
                entries = self._entries(name)
                _set(entries, value, without_keys(entries[value], deleted))

    def _entries(self, index: str) -> MapMutation[Hashable, KeySet]:
        found = self._indexes.get(index)
        if found is None:
            found = self._indexes[index] = self._base.indexes.get(index, _NO_ENTRIES).mutate()
        return found


def _in_order(rows: list[tuple[int, Doc]]) -> list[Doc]:
    if len(rows) > 1:
        rows.sort(key=itemgetter(0))
    return [doc for _, doc in rows]


def _set(entries: MapMutation[Hashable, KeySet], value: Hashable, found: KeySet | None) -> None:
    if found is None:
        del entries[value]
    else:
        entries[value] = found


class State:
    """One version of a tenant's state."""

    __slots__ = ("base", "counter", "tables", "touched")

    def __init__(self, tables: Map[str, Table] | None = None, counter: int = 0) -> None:
        self.tables: Map[str, Table] = Map() if tables is None else tables
        self.counter = counter
        self.base: Map[str, Table] | None = None
        """The tables that the last transaction began with, for `changed_keys`."""
        self.touched: Collection[tuple[str, Key]] = ()

    @classmethod
    def of(cls, tables: Mapping[str, Table], counter: int) -> State:
        """A state of these tables."""
        return cls(Map(tables), counter)

    def with_table(self, name: str, table: Table) -> State:
        """The same with another version of one table."""
        return State(self.tables.set(name, table), self.counter)

    def changed_keys(self, before: State) -> Iterator[tuple[str, Key]]:
        """The places whose document differs from that of another state.

        Directly after the transaction that led from one to the other this costs what the
        transaction touched; else it costs the size of the tables that differ.
        """
        if self.base is before.tables:
            yield from self.touched
            return
        for name in {*self.tables, *before.tables}:
            new, old = self.table(name), before.table(name)
            if new is old:
                continue
            for key, row in new.rows.items():
                if old.rows.get(key) is not row:
                    yield name, key
            for key in old.rows:
                if key not in new.rows:
                    yield name, key

    def settle(self) -> None:
        """Drop the previous state, which makes `changed_keys` fast."""
        self.base, self.touched = None, ()

    def table(self, name: str) -> Table:
        return self.tables.get(name, _EMPTY)

    def holds_what(self, other: State) -> bool:
        """Whether both contain the same documents under the same keys in the same order."""
        return all(
            self.table(name).holds_what(other.table(name)) for name in {*self.tables, *other.tables}
        )


def _merged(before: Doc, ours: Doc, theirs: Doc) -> Doc:
    """A document that was changed twice, member by member."""
    changed = {name: v for name, v in ours.items() if name not in before or before[name] != v}
    removed = before.keys() - ours.keys()
    kept = {name: value for name, value in theirs.items() if name not in removed}
    return {**kept, **changed}


class Transaction:
    """A request's own view of the state: only its own reads see its writes."""

    __slots__ = ("_drafts", "_schema", "base", "counter", "touched")

    def __init__(self, base: State, schema: Schema) -> None:
        self.base = base
        self._schema = schema
        self._drafts: dict[str, Draft] = {}
        self.counter = base.counter
        self.touched: dict[tuple[str, Key], Doc | None] = {}
        """Every document that was put or deleted, as it was before (None: it was not there)."""

    def restarted(self) -> Transaction:
        """A transaction on the same base that has written nothing."""
        return Transaction(self.base, self._schema)

    def rebased(self, base: State) -> Transaction:
        """A transaction on a newer state that has written what this one has.

        Of a document that both changed, each member is as the one left it that changed it, of a
        member that both changed as this one did. What either deleted is deleted.
        """
        new = Transaction(base, self._schema)
        new.counter = max(self.counter, base.counter)
        for (table, key), before in self.touched.items():
            ours, theirs = self.get(table, key), new.get(table, key)
            if ours is None:
                new.delete(table, key)
            elif theirs is before:
                new.put(table, key, ours)
            elif theirs is not None and before is not None:
                new.put(table, key, _merged(before, ours, theirs))
        return new

    def table(self, name: str) -> Table:
        """A table as it is now."""
        draft = self._drafts.get(name)
        return self.base.table(name) if draft is None else draft.finished()

    def _now(self, table: str) -> Table | Draft:
        """What a table's documents are found in, without finishing it."""
        draft = self._drafts.get(table)
        return self.base.table(table) if draft is None else draft

    def _draft(self, table: str) -> Draft:
        draft = self._drafts.get(table)
        if draft is None:
            schema, base = self._schema.of(table), self.base.tables.get(table)
            draft = Draft(Table.empty(schema) if base is None else base, schema)
            self._drafts[table] = draft
        return draft

    def next(self) -> int:
        """Return an unused number of this state; ids and order derive from it."""
        self.counter += 1
        return self.counter

    def get(self, table: str, key: Key) -> Doc | None:
        return self._now(table).get(key)

    def find(self, table: str, index: str, value: Hashable) -> list[Doc]:
        """The documents found under ``value``; the index must be declared for the table."""
        if index not in self._schema.of(table).indexes:
            raise LookupError(f"table {table!r} declares no index {index!r}")
        return self._now(table).find(index, value)

    def all(self, table: str) -> Ordered:
        """Every document of a table as it is now, in order of insertion."""
        return self.table(table).in_order()

    def put(self, table: str, key: Key, doc: Doc) -> Doc:
        """Insert or replace; a replaced document keeps its place in the order."""
        draft = self._draft(table)
        self.touched.setdefault((table, key), draft.get(key))
        draft.put(key, doc, self.next())
        return doc

    def delete(self, table: str, key: Key) -> bool:
        """Delete a document and, as the schema declares, what is deleted with it.

        Returns whether the document existed.
        """
        return self.delete_all(table, [key]) == 1

    def delete_all(self, table: str, keys: Iterable[Key], *, sparing: Collection[str] = ()) -> int:
        """Delete many documents, a table at a time; returns how many of them existed.

        ``sparing``: tables whose documents are not deleted with them.
        """
        now = self._now(table)
        found = {key: doc for key in keys if (doc := now.get(key)) is not None}
        if not found:
            return 0
        for key, doc in found.items():
            self.touched.setdefault((table, key), doc)
        self._draft(table).delete(found)
        for cascade in self._schema.cascades.get(table, ()):
            if cascade.table in sparing:
                continue
            others = self._now(cascade.table)
            if len(others):
                deleted: dict[Key, None] = {}
                for key, doc in found.items():
                    value = key if cascade.by is None else cascade.by(doc)
                    deleted.update(dict.fromkeys(others.keys(cascade.index, value)))
                self.delete_all(cascade.table, deleted)
        return len(found)

    def keys(self, table: str, index: str, value: Hashable) -> list[Key]:
        """The keys of the documents found under ``value``; the index must be declared."""
        if index not in self._schema.of(table).indexes:
            raise LookupError(f"table {table!r} declares no index {index!r}")
        return list(self._now(table).keys(index, value))

    def delete_where(self, table: str, index: str, value: Hashable) -> int:
        """Delete all that an index finds under ``value``; returns how many there were."""
        return self.delete_all(table, self.keys(table, index, value))

    def trim(self, table: str, keep: int) -> None:
        """Keep a table to ``keep`` documents: beyond, the oldest fiftieth is deleted at once.

        Deleting many together makes finding the oldest cheap per inserted document.
        """
        beyond = len(self._now(table)) - keep
        if beyond > 0:
            self.delete_all(table, self.table(table).ordered(0, beyond + keep // 50))

    @property
    def changed(self) -> bool:
        return bool(self.touched) or self.counter != self.base.counter

    def commit(self) -> State:
        """Return the resulting state."""
        tables = self.base.tables
        for name, draft in self._drafts.items():
            tables = tables.set(name, draft.finished())
        state = State(tables, self.counter)
        state.base, state.touched = self.base.tables, self.touched.keys()
        return state
