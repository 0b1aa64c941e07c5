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
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias, overload

from immutables import Map, MapMutation

from .bulk import many_objects
from .ordered import Entry, Ordered

Doc: TypeAlias = dict[str, Any]
Key: TypeAlias = str | tuple[str, ...]
Index: TypeAlias = Callable[[Doc], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class Cascade:
    """Documents that are deleted with one: those of a table that an index finds."""

    table: str
    index: str
    by: Callable[[Doc], Hashable] | None = None
    """What they are found under, of the deleted document; by default its key."""


_NO_INDEXES: Mapping[str, Index] = {}


@dataclass(frozen=True, slots=True)
class Schema:
    """The declarations of tables: secondary indexes, and what is deleted with a document."""

    indexes: Mapping[str, Mapping[str, Index]]
    """Table name -> index name -> the values that a document is found under."""
    cascades: Mapping[str, Sequence[Cascade]]
    """Table name -> where documents are found that are deleted with one of this table."""

    def of(self, table: str) -> Mapping[str, Index]:
        """The indexes of a table."""
        return self.indexes.get(table, _NO_INDEXES)


_NO_KEYS: Map[Key, None] = Map()
_NO_ENTRIES: Map[Hashable, Map[Key, None]] = Map()


def visible(doc: Doc) -> Doc:
    """Return a document without the fake's own underscore keys; ``_id`` is the API's."""
    return {key: value for key, value in doc.items() if key[:1] != "_" or key == "_id"}


def is_transient(table: str) -> bool:
    """Whether a table contains transient data of a flow: codes, challenges, messages.

    Such tables are named with two underscores in front; exports leave them out.
    """
    return table[:2] == "__"


class Rows(Sequence[Doc]):
    """The documents of one version of a table, in order of insertion, fetched lazily."""

    __slots__ = ("_table",)

    def __init__(self, table: Table) -> None:
        self._table = table

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, place: int) -> Doc: ...
    @overload
    def __getitem__(self, place: slice) -> list[Doc]: ...
    def __getitem__(self, place: int | slice) -> Doc | list[Doc]:
        return self._table.in_order()[place]

    def __iter__(self) -> Iterator[Doc]:
        return iter(self._table.in_order())

    def matching(self, name: Hashable, test: Callable[[Doc], bool]) -> Iterator[Doc]:
        """Return the documents that match a predicate on the document alone, named ``name``."""
        return self._table.in_order().matching(name, test)

    def in_order(
        self, name: str, key_of: Callable[[Doc], Any], *, descending: bool = False
    ) -> Sequence[Doc]:
        """The documents ordered by ``key_of``, equal ones in order of insertion.

        ``name`` identifies the order: versions of the table that follow each other reuse it.
        """
        return self._table.in_order(name, key_of, descending=descending)


def _insertion(doc: Doc) -> Any:
    """Return the key of the order of insertion: all are equal."""
    return None


_Name: TypeAlias = tuple[str, bool]
"""The name of an order ("" for insertion), and whether it is descending."""
_Chain: TypeAlias = tuple[Key, Any]
"""A key that was changed, and the change before it (None for the first)."""
_CATCH_UP = 1_000
"""Changes after which the orders are brought up to date even if nobody reads them."""
_ORDERS = 16
"""Orders that a table keeps; of more the first one is dropped."""


@dataclass(frozen=True, slots=True)
class _Orders:
    """The orders of an earlier version of a table, and what has changed since."""

    rows: Map[Key, tuple[int, Doc]]
    known: Mapping[_Name, tuple[Callable[[Doc], Any], Ordered]]
    changes: _Chain | None = None
    pending: int = 0

    def changed(self, key: Key) -> _Orders:
        """The same with one more change."""
        return _Orders(self.rows, self.known, (key, self.changes), self.pending + 1)

    def at(self, rows: Map[Key, tuple[int, Doc]]) -> _Orders:
        """Return the orders of the version with these rows."""
        if self.changes is None:
            return self
        keys: dict[Key, None] = {}
        link: _Chain | None = self.changes
        while link is not None:
            keys[link[0]] = None
            link = link[1]
        removed = [(key, self.rows[key]) for key in keys if key in self.rows]
        added = [(key, rows[key]) for key in keys if key in rows]
        known: dict[_Name, tuple[Callable[[Doc], Any], Ordered]] = {}
        for (name, descending), (key_of, ordered) in self.known.items():
            rank = _ranking(key_of, descending)
            known[name, descending] = (
                key_of,
                ordered.changed(
                    [rank(row) for _, row in removed],
                    [(rank(row), key, row[1]) for key, row in added],
                ),
            )
        return _Orders(rows, known)


def _ranking(
    key_of: Callable[[Doc], Any], descending: bool
) -> Callable[[tuple[int, Doc]], tuple[Any, int]]:
    """Return the sort key of documents: their key, then their place in the order of insertion."""
    if key_of is _insertion:
        return lambda row: (0, row[0])
    if descending:  # read from the end, equal ones must come in order of insertion
        return lambda row: (key_of(row[1]), -row[0])
    return lambda row: (key_of(row[1]), row[0])


class Table:
    """Documents by key, in order of insertion, with secondary indexes."""

    __slots__ = ("_orders", "indexes", "rows")

    def __init__(
        self,
        rows: Map[Key, tuple[int, Doc]] | None = None,
        indexes: Map[str, Map[Hashable, Map[Key, None]]] | None = None,
    ) -> None:
        self.rows: Map[Key, tuple[int, Doc]] = Map() if rows is None else rows
        self.indexes: Map[str, Map[Hashable, Map[Key, None]]] = (
            Map() if indexes is None else indexes
        )
        self._orders: _Orders | None = None
        """Set as a whole, so that threads may read one version at once."""

    def in_order(
        self,
        name: str = "",
        key_of: Callable[[Doc], Any] = _insertion,
        *,
        descending: bool = False,
    ) -> Ordered:
        """Return the documents in an order, brought up to date from an earlier version's."""
        orders = _Orders(self.rows, {}) if self._orders is None else self._orders.at(self.rows)
        found = orders.known.get((name, descending))
        if found is None:
            inserted = orders.known.get(("", False))
            found = (key_of, self._sorted(key_of, descending, inserted and inserted[1]))
            kept = dict(list(orders.known.items())[-_ORDERS + 1 :])
            orders = _Orders(self.rows, {**kept, (name, descending): found})
        self._orders = orders
        return found[1]

    def _sorted(
        self, key_of: Callable[[Doc], Any], descending: bool, inserted: Ordered | None
    ) -> Ordered:
        """Return an order built from nothing, or from that of insertion."""
        with many_objects():
            if inserted is None:
                rows = [((0, row[0]), key, row[1]) for key, row in self.rows.items()]
                rows.sort(key=itemgetter(0))
                inserted = Ordered.of(rows)
            if key_of is _insertion:
                return inserted
            sign = -1 if descending else 1
            entries: list[Entry] = [
                ((key_of(doc), sign * seq), key, doc) for (_, seq), key, doc in inserted.entries()
            ]
            if descending:
                entries.reverse()
            # Sorting is stable, so equal documents stay in the order of their places.
            entries.sort(key=lambda entry: entry[0][0])
            return Ordered.of(entries, backwards=descending)

    def _follow(self, before: Table, keys: Iterable[Key]) -> None:
        """Adopt the orders of the version before, in which these keys have changed."""
        if (orders := before._orders) is not None:
            if orders.pending >= _CATCH_UP:
                orders = orders.at(before.rows)
            for key in keys:
                orders = orders.changed(key)
            self._orders = orders

    @classmethod
    def of(cls, rows: Mapping[Key, tuple[int, Doc]], indexes: Mapping[str, Index]) -> Table:
        """A table of these rows at once: key to place in the order and document."""
        found: dict[str, Map[Hashable, Map[Key, None]]] = {}
        for name, values_of in indexes.items():
            entries: dict[Hashable, dict[Key, None]] = {}
            for key, (_, doc) in rows.items():
                for value in values_of(doc):
                    entries.setdefault(value, {})[key] = None
            if entries:
                found[name] = Map({value: Map(keys) for value, keys in entries.items()})
        return cls(Map(rows), Map(found))

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, key: Key) -> Doc | None:
        row = self.rows.get(key)
        return None if row is None else row[1]

    def ordered(self, start: int = 0, stop: int | None = None) -> list[Key]:
        """The keys in order of insertion, or those at some places."""
        return self.in_order().keys(start, stop)

    def find(self, index: str, value: Hashable) -> list[Doc]:
        """The documents that an index holds under ``value``, in order of insertion."""
        keys = self.indexes.get(index, _NO_ENTRIES).get(value, _NO_KEYS)
        rows = self.rows
        if len(keys) == 1:
            return [rows[key][1] for key in keys]
        return [rows[key][1] for key in sorted(keys, key=lambda key: rows[key][0])]

    def holds_what(self, other: Table) -> bool:
        """Whether both contain the same documents under the same keys in the same order."""
        if self is other:
            return True
        keys = self.ordered()
        return keys == other.ordered() and all(self.get(key) == other.get(key) for key in keys)

    def put(self, key: Key, doc: Doc, seq: int, indexes: Mapping[str, Index]) -> Table:
        old = self.rows.get(key)
        table = Table(
            self.rows.set(key, (seq if old is None else old[0], doc)),
            self._indexed(key, None if old is None else old[1], doc, indexes),
        )
        table._follow(self, (key,))
        return table

    def without(self, keys: Iterable[Key], indexes: Mapping[str, Index]) -> Table:
        """The table without the documents of some of its keys."""
        keys = list(keys)
        if len(keys) == 1:
            return self._without_one(keys[0], indexes)
        rows = self.rows.mutate()
        left: dict[str, dict[Hashable, MapMutation[Key, None]]] = {}
        for key in keys:
            _, doc = rows.pop(key)
            for name, values_of in indexes.items():
                entries = left.setdefault(name, {})
                for value in set(values_of(doc)):
                    if value not in entries:
                        entries[value] = self.indexes[name][value].mutate()
                    del entries[value][key]
        changed = self.indexes
        for name, entries in left.items():
            if entries:
                index = changed[name].mutate()
                for value, mutation in entries.items():
                    if remaining := mutation.finish():
                        index[value] = remaining
                    else:
                        del index[value]
                changed = changed.set(name, index.finish())
        table = Table(rows.finish(), changed)
        if len(keys) <= _CATCH_UP:
            table._follow(self, keys)
        return table

    def _without_one(self, key: Key, indexes: Mapping[str, Index]) -> Table:
        old = self.rows[key][1]
        table = Table(self.rows.delete(key), self._indexed(key, old, None, indexes))
        table._follow(self, (key,))
        return table

    def _indexed(
        self, key: Key, old: Doc | None, new: Doc | None, indexes: Mapping[str, Index]
    ) -> Map[str, Map[Hashable, Map[Key, None]]]:
        result = self.indexes
        for name, values_of in indexes.items():
            before = () if old is None else dict.fromkeys(values_of(old))
            after = () if new is None else dict.fromkeys(values_of(new))
            if before == after or not (before or after):
                continue
            entries = result.get(name, _NO_ENTRIES)
            for value in before:
                if value not in after:
                    left = entries[value].delete(key)
                    entries = entries.set(value, left) if left else entries.delete(value)
            for value in after:
                if value not in before:
                    entries = entries.set(value, entries.get(value, _NO_KEYS).set(key, None))
            result = result.set(name, entries)
        return result


_EMPTY = Table()


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


class Transaction:
    """A request's own view of the state: only its own reads see its writes."""

    __slots__ = ("_schema", "_tables", "base", "counter", "touched")

    def __init__(self, base: State, schema: Schema) -> None:
        self.base = base
        self._schema = schema
        self._tables: Map[str, Table] = base.tables
        self.counter = base.counter
        self.touched: dict[tuple[str, Key], Doc | None] = {}
        """Every document that was put or deleted, as it was before (None: it was not there)."""

    def restarted(self) -> Transaction:
        """A transaction on the same base that has written nothing."""
        return Transaction(self.base, self._schema)

    def table(self, name: str) -> Table:
        return self._tables.get(name, _EMPTY)

    def next(self) -> int:
        """Return an unused number of this state; ids and order derive from it."""
        self.counter += 1
        return self.counter

    def get(self, table: str, key: Key) -> Doc | None:
        return self.table(table).get(key)

    def find(self, table: str, index: str, value: Hashable) -> list[Doc]:
        """The documents found under ``value``; the index must be declared for the table."""
        if index not in self._schema.of(table):
            raise LookupError(f"table {table!r} declares no index {index!r}")
        return self.table(table).find(index, value)

    def all(self, table: str) -> Rows:
        """Every document of a table as it is now, in order of insertion."""
        return Rows(self.table(table))

    def put(self, table: str, key: Key, doc: Doc) -> Doc:
        """Insert or replace; a replaced document keeps its place in the order."""
        indexes = self._schema.of(table)
        found = self.table(table)
        self.touched.setdefault((table, key), found.get(key))
        self._tables = self._tables.set(table, found.put(key, doc, self.next(), indexes))
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
        found = self.table(table)
        keys = [key for key in dict.fromkeys(keys) if key in found.rows]
        if not keys:
            return 0
        for key in keys:
            self.touched.setdefault((table, key), found.get(key))
        self._tables = self._tables.set(table, found.without(keys, self._schema.of(table)))
        for cascade in self._schema.cascades.get(table, ()):
            if cascade.table in sparing:
                continue
            entries = self.table(cascade.table).indexes.get(cascade.index)
            if entries:
                deleted: dict[Key, None] = {}
                for key in keys:
                    value = key if cascade.by is None else cascade.by(found.rows[key][1])
                    deleted.update(entries.get(value, _NO_KEYS))
                self.delete_all(cascade.table, deleted)
        return len(keys)

    def keys(self, table: str, index: str, value: Hashable) -> list[Key]:
        """The keys of the documents found under ``value``; the index must be declared."""
        if index not in self._schema.of(table):
            raise LookupError(f"table {table!r} declares no index {index!r}")
        found = self.table(table)
        return list(found.indexes.get(index, _NO_ENTRIES).get(value, _NO_KEYS))

    def delete_where(self, table: str, index: str, value: Hashable) -> int:
        """Delete all that an index finds under ``value``; returns how many there were."""
        return self.delete_all(table, self.keys(table, index, value))

    def trim(self, table: str, keep: int) -> None:
        """Keep a table to ``keep`` documents: beyond, the oldest fiftieth is deleted at once.

        Deleting many together makes finding the oldest cheap per inserted document.
        """
        found = self.table(table)
        if len(found) > keep:
            self.delete_all(table, found.ordered(0, len(found) - keep + keep // 50))

    @property
    def changed(self) -> bool:
        return self._tables is not self.base.tables or self.counter != self.base.counter

    def commit(self) -> State:
        """Return the resulting state."""
        state = State(self._tables, self.counter)
        state.base, state.touched = self.base.tables, self.touched.keys()
        return state
