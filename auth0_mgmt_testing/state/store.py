"""The tenant's state as one immutable value.

A `State` is a persistent map of tables; a table maps keys to JSON objects and keeps its secondary
indexes. Nothing is ever changed in place: a `Transaction` works on new versions that share
structure with the old ones, and the tenant swaps its root when the request succeeded. So a
snapshot or a fork is a reference, a failed request leaves no trace, and two states can be compared.

Documents are plain dicts that nobody changes once they are stored. Keys that begin with an
underscore are the fake's own (parents, secrets, clocks) and are never shown to a caller; so are
tables whose name begins with one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeAlias, overload

from immutables import Map

Doc: TypeAlias = dict[str, Any]
Key: TypeAlias = str | tuple[str, ...]
Index: TypeAlias = Callable[[Doc], Iterable[Hashable]]
Cascade: TypeAlias = tuple[str, str]
"""A table, and its index that finds documents by the key of the document they are deleted with."""

_NO_INDEXES: Mapping[str, Index] = {}


@dataclass(frozen=True, slots=True)
class Schema:
    """What is declared about tables: secondary indexes, and what is deleted with a document."""

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
    """A document without the fake's own underscore keys."""
    return {key: value for key, value in doc.items() if key[:1] != "_"}


def is_transient(table: str) -> bool:
    """Whether a table holds what only a flow under way needs: codes, challenges, messages.

    Such tables are named with two underscores in front; exports leave them out.
    """
    return table[:2] == "__"


_APPENDING = Lock()
"""Tenants that were forked from one state, each with a lock of its own, share an order."""


class _Order:
    """Keys in order of insertion: those of one version of a table, then those of later ones.

    Versions that follow each other share the list; each knows how much of it is its own.
    """

    __slots__ = ("keys",)

    def __init__(self, keys: list[Key]) -> None:
        self.keys = keys

    def then(self, key: Key, size: int) -> _Order:
        """The order of the first ``size`` keys and this one."""
        with _APPENDING:
            if len(self.keys) == size:
                self.keys.append(key)
                return self
        return _Order([*self.keys[:size], key])


class Rows(Sequence[Doc]):
    """The documents of one version of a table, in order of insertion; got only as they are read."""

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
        rows = self._table.rows
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if step != 1:
                return list(self)[place]
            return [rows[key][1] for key in self._table.ordered(start, stop)]
        at = range(len(self))[place]
        return rows[self._table.ordered(at, at + 1)[0]][1]

    def __iter__(self) -> Iterator[Doc]:
        rows = self._table.rows
        return (rows[key][1] for key in self._table.ordered())

    def in_order(
        self, name: str, key_of: Callable[[Doc], Any], *, descending: bool = False
    ) -> Sequence[Doc]:
        """The documents ordered by ``key_of``, equal ones in order of insertion.

        ``name`` identifies the order: versions of the table that follow each other reuse it.
        """
        return _Sorted(self._table, self._table.in_order(name, key_of, descending=descending))


class _Sorted(Sequence[Doc]):
    """Documents of one version of a table in some order; got only as they are read."""

    __slots__ = ("_entries", "_table")

    def __init__(self, table: Table, entries: list[_Entry]) -> None:
        self._table = table
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, place: int) -> Doc: ...
    @overload
    def __getitem__(self, place: slice) -> list[Doc]: ...
    def __getitem__(self, place: int | slice) -> Doc | list[Doc]:
        rows = self._table.rows
        if isinstance(place, slice):
            return [rows[entry[2]][1] for entry in self._entries[place]]
        return rows[self._entries[place][2]][1]


_Entry: TypeAlias = tuple[Any, int, Key]
"""What a document is ordered by, its place among equals, its key."""
_Link: TypeAlias = tuple[Key, Any]
"""A key that was changed, and the change before it (None for the first)."""
_CATCH_UP = 1_000
"""Changes up to which an order is brought up to date instead of made anew."""


class Table:
    """Documents by key, in order of insertion, with secondary indexes."""

    __slots__ = ("_changes", "_order", "_orders", "indexes", "rows")

    def __init__(
        self,
        rows: Map[Key, tuple[int, Doc]] | None = None,
        indexes: Map[str, Map[Hashable, Map[Key, None]]] | None = None,
    ) -> None:
        self.rows: Map[Key, tuple[int, Doc]] = Map() if rows is None else rows
        self.indexes: Map[str, Map[Hashable, Map[Key, None]]] = (
            Map() if indexes is None else indexes
        )
        self._order: _Order | None = None
        self._orders: dict[tuple[str, bool], tuple[_Link | None, list[_Entry]]] | None = None
        """Orders by name and direction, each with the last change that it knows of.

        Versions that follow each other share them."""
        self._changes: _Link | None = None
        """The newest change since there are orders."""

    def in_order(
        self, name: str, key_of: Callable[[Doc], Any], *, descending: bool
    ) -> list[_Entry]:
        """The table's entries in an order, brought up to date from an earlier version's."""
        if self._orders is None:
            self._orders = {}
        rows = self.rows
        sign = -1 if descending else 1

        def entry(key: Key) -> _Entry:
            return (key_of(rows[key][1]), sign * rows[key][0], key)

        known = self._orders.get((name, descending))
        changed = self._changed_since(known[0]) if known is not None else None
        if known is None or changed is None:
            entries = [entry(key) for key in rows]
        elif not changed:
            return known[1]
        else:
            entries = [each for each in known[1] if each[2] not in changed]
            entries += [entry(key) for key in changed if key in rows]
        entries.sort(reverse=descending)
        self._orders[name, descending] = (self._changes, entries)
        return entries

    def _changed_since(self, link: _Link | None) -> set[Key] | None:
        """The keys changed since a link; None where it is too far back or of another branch."""
        changed: set[Key] = set()
        at = self._changes
        while at is not link:
            if at is None or len(changed) > _CATCH_UP:
                return None
            changed.add(at[0])
            at = at[1]
        return changed

    def _carry_orders(self, before: Table, key: Key) -> Table:
        """Take over the orders of the version before, in which this key has changed."""
        if before._orders is not None:
            self._orders = before._orders
            self._changes = (key, before._changes)
        return self

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
        """The keys in order of insertion, or those at some places; sorted once and carried on."""
        if self._order is None:
            rows = self.rows
            self._order = _Order(sorted(rows, key=lambda key: rows[key][0]))
        return self._order.keys[start : len(self) if stop is None else min(stop, len(self))]

    def find(self, index: str, value: Hashable) -> list[Doc]:
        """The documents that an index holds under ``value``, in order of insertion."""
        keys = self.indexes.get(index, _NO_ENTRIES).get(value, _NO_KEYS)
        rows = self.rows
        if len(keys) == 1:
            return [rows[key][1] for key in keys]
        return [rows[key][1] for key in sorted(keys, key=lambda key: rows[key][0])]

    def holds_what(self, other: Table) -> bool:
        """Whether both hold the same documents under the same keys in the same order."""
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
        if self._order is not None:
            # A replaced document keeps its place, a new one comes last.
            table._order = self._order if old is not None else self._order.then(key, len(self))
        return table._carry_orders(self, key)

    def drop(self, key: Key, indexes: Mapping[str, Index]) -> Table:
        old = self.rows[key][1]
        table = Table(self.rows.delete(key), self._indexed(key, old, None, indexes))
        return table._carry_orders(self, key)

    def _indexed(
        self, key: Key, old: Doc | None, new: Doc | None, indexes: Mapping[str, Index]
    ) -> Map[str, Map[Hashable, Map[Key, None]]]:
        result = self.indexes
        for name, values_of in indexes.items():
            before: set[Hashable] = set() if old is None else set(values_of(old))
            after: set[Hashable] = set() if new is None else set(values_of(new))
            if before == after:
                continue
            entries = result.get(name, _NO_ENTRIES)
            for value in before - after:
                left = entries[value].delete(key)
                entries = entries.set(value, left) if left else entries.delete(value)
            for value in after - before:
                entries = entries.set(value, entries.get(value, _NO_KEYS).set(key, None))
            result = result.set(name, entries)
        return result


_EMPTY = Table()


class State:
    """One version of everything that a tenant holds."""

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
        """Let go of what `changed_keys` is quick by: the state before this one."""
        self.base, self.touched = None, ()

    def table(self, name: str) -> Table:
        return self.tables.get(name, _EMPTY)

    def holds_what(self, other: State) -> bool:
        """Whether both hold the same documents under the same keys in the same order."""
        return all(
            self.table(name).holds_what(other.table(name)) for name in {*self.tables, *other.tables}
        )


class Transaction:
    """A request's own view of the state: reads see its writes, nobody else does."""

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
        """A number that this state has not given before; ids and order derive from it."""
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
        found = self.table(table)
        if key not in found.rows:
            return False
        self.touched.setdefault((table, key), found.get(key))
        self._tables = self._tables.set(table, found.drop(key, self._schema.of(table)))
        for dependent, index in self._schema.cascades.get(table, ()):
            self.delete_where(dependent, index, key)
        return True

    def keys(self, table: str, index: str, value: Hashable) -> list[Key]:
        """The keys of the documents found under ``value``; the index must be declared."""
        if index not in self._schema.of(table):
            raise LookupError(f"table {table!r} declares no index {index!r}")
        found = self.table(table)
        return list(found.indexes.get(index, _NO_ENTRIES).get(value, _NO_KEYS))

    def delete_where(self, table: str, index: str, value: Hashable) -> int:
        """Take out all that an index holds under ``value``; says how many there were."""
        keys = self.keys(table, index, value)
        for key in keys:
            self.delete(table, key)
        return len(keys)

    def trim(self, table: str, keep: int) -> None:
        """Keep a table to ``keep`` documents: beyond, the oldest tenth of that goes at once.

        Taking out many together makes finding the oldest cheap per document put in.
        """
        found = self.table(table)
        if len(found) > keep:
            for key in found.ordered(0, len(found) - keep + keep // 10):
                self.delete(table, key)

    @property
    def changed(self) -> bool:
        return self._tables is not self.base.tables or self.counter != self.base.counter

    def commit(self) -> State:
        """The state as this transaction left it."""
        state = State(self._tables, self.counter)
        state.base, state.touched = self.base.tables, self.touched.keys()
        return state
