"""`Ordered`: a table's documents in order of insertion, as an immutable value that shares structure.

The documents lie in chunks of some hundred. A changed version copies the chunks that differ and the
list of chunks, so a change costs the same in a small table and in a very large one, and reading
through all of it is reading lists.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain
from operator import itemgetter
from typing import Any, TypeAlias, overload

from .keys import Key
from .selection import Column, Doc, Part, Selection

Entry: TypeAlias = tuple[int, Key, Doc]
"""A document's place in the order of insertion, its key, and the document."""
Columns: TypeAlias = Mapping[str, Column]
"""Values of documents that searches read, by name; kept with the documents."""

_SIZE = 256
"""Documents of a new chunk; one of twice as many is split."""


class _Chunk(Part):
    """Consecutive documents with their places, keys and columns: lists of one length, never empty."""

    __slots__ = ("columns", "keys", "seqs")

    def __init__(
        self,
        seqs: list[int],
        keys: list[Key],
        docs: list[Doc],
        columns: dict[str, list[Any]],
    ) -> None:
        super().__init__(docs)
        self.seqs = seqs
        self.keys = keys
        self.columns = columns

    @classmethod
    def several(cls, entries: list[Entry], columns: Columns) -> list[_Chunk]:
        """As many chunks as entries, sorted by their places, need."""
        found: list[_Chunk] = []
        for at in range(0, len(entries), _SIZE):
            chunk = cls([], [], [], {name: [] for name in columns})
            chunk.extend(entries[at : at + _SIZE], columns)
            found.append(chunk)
        return found

    def column(self, name: str, value_of: Column) -> list[Any]:
        found = self.columns.get(name)
        return super().column(name, value_of) if found is None else found

    def part(self, place: slice) -> _Chunk:
        """A copy of some of the documents."""
        columns = {name: values[place] for name, values in self.columns.items()}
        return _Chunk(self.seqs[place], self.keys[place], self.docs[place], columns)

    def extend(self, entries: list[Entry], columns: Columns) -> None:
        """Append entries, sorted by their places, which are after those of the chunk."""
        docs = [doc for _, _, doc in entries]
        self.seqs.extend(seq for seq, _, _ in entries)
        self.keys.extend(key for _, key, _ in entries)
        self.docs.extend(docs)
        for name, values in self.columns.items():
            values += map(columns[name], docs)

    def put(self, entry: Entry, columns: Columns) -> None:
        """Insert a document, or replace the one at its place in the order."""
        seq, key, doc = entry
        at = bisect_left(self.seqs, seq)
        lists = self._lists()
        values: list[Any] = [seq, key, doc, *(columns[name](doc) for name in self.columns)]
        if at < len(self.seqs) and self.seqs[at] == seq:
            for each, value in zip(lists, values, strict=True):
                each[at] = value
        else:
            for each, value in zip(lists, values, strict=True):
                each.insert(at, value)

    def delete(self, seq: int) -> None:
        at = bisect_left(self.seqs, seq)
        for each in self._lists():
            del each[at]

    def _lists(self) -> list[list[Any]]:
        return [self.seqs, self.keys, self.docs, *self.columns.values()]


class Ordered(Selection):
    """Documents in order of insertion."""

    __slots__ = ("_chunks", "_columns", "_ends")

    def __init__(self, chunks: list[_Chunk], columns: Columns) -> None:
        super().__init__(chunks)
        self._chunks = chunks
        self._columns = columns
        self._ends = list(accumulate(len(chunk.seqs) for chunk in chunks))

    @classmethod
    def from_entries(cls, entries: list[Entry], columns: Columns) -> Ordered:
        """An order of entries that are sorted by their places."""
        return cls(_Chunk.several(entries, columns), columns)

    def changed(self, removed: Iterable[int], put: Iterable[Entry]) -> Ordered:
        """Return the order without the documents at some places, and with others put."""
        chunks = self._chunks[:]
        lasts = [chunk.seqs[-1] for chunk in chunks]
        own: set[int] = set()  # by identity: chunks that have been copied

        def writable(at: int) -> _Chunk:
            chunk = chunks[at]
            if id(chunk) not in own:
                chunk = chunks[at] = chunk.part(slice(None))
                own.add(id(chunk))
            return chunk

        for seq in removed:
            at = bisect_left(lasts, seq)
            chunk = writable(at)
            chunk.delete(seq)
            if chunk.seqs:
                lasts[at] = chunk.seqs[-1]
            else:
                del chunks[at], lasts[at]
        end = lasts[-1] if lasts else -1
        new: list[Entry] = []
        for entry in put:
            if entry[0] > end:
                new.append(entry)
                continue
            at = bisect_left(lasts, entry[0])
            chunk = writable(at)
            chunk.put(entry, self._columns)
            if len(chunk.seqs) > 2 * _SIZE:
                middle = len(chunk.seqs) // 2
                halves = [chunk.part(slice(middle)), chunk.part(slice(middle, None))]
                chunks[at : at + 1] = halves
                lasts[at : at + 1] = [half.seqs[-1] for half in halves]
                own.update(map(id, halves))
        if new:
            new.sort(key=itemgetter(0))
            if chunks and (room := _SIZE - len(chunks[-1].seqs)) > 0:
                writable(len(chunks) - 1).extend(new[:room], self._columns)
                new = new[room:]
            chunks += _Chunk.several(new, self._columns)
        return Ordered(chunks, self._columns)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Doc: ...
    @overload
    def __getitem__(self, place: slice) -> list[Doc]: ...
    def __getitem__(self, place: int | slice) -> Doc | list[Doc]:
        if not isinstance(place, slice):
            at = range(len(self))[place]
            return self[at : at + 1][0]
        start, stop, step = place.indices(len(self))
        if step != 1:
            return list(self)[place]
        return list(chain.from_iterable(c.docs[p] for c, p in self._pieces(start, stop)))

    def keys(self, start: int = 0, stop: int | None = None) -> list[Key]:
        """Return the keys of the documents at some positions."""
        start, stop, _ = slice(start, stop).indices(len(self))
        return list(chain.from_iterable(c.keys[p] for c, p in self._pieces(start, stop)))

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[_Chunk, slice]]:
        """Return the chunks of some positions, and the positions in each."""
        at = bisect_left(self._ends, start + 1)
        while start < stop:
            chunk, end = self._chunks[at], self._ends[at]
            begin = end - len(chunk.seqs)
            yield chunk, slice(start - begin, min(stop, end) - begin)
            start, at = end, at + 1
