"""`Ordered`: documents in some order, as an immutable value that shares structure.

The documents lie in chunks of some hundred. A changed version copies the chunks that differ and the
list of chunks, so a change costs the same in a small table and in a very large one, and reading
through all of it is reading lists.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Any, TypeAlias, overload

Doc: TypeAlias = dict[str, Any]
Key: TypeAlias = str | tuple[str, ...]
Entry: TypeAlias = tuple[Any, Key, Doc]
"""A document's unique rank, its key, and the document."""

_SIZE = 256
"""Documents of a new chunk; one of twice as many is split."""
_REMEMBERED = 4
"""Predicates whose matches a chunk caches."""


class _Chunk:
    """Consecutive documents; three lists of the same length, never empty."""

    __slots__ = ("_matches", "docs", "keys", "ranks")

    def __init__(self, ranks: list[Any], keys: list[Key], docs: list[Doc]) -> None:
        self.ranks = ranks
        self.keys = keys
        self.docs = docs
        self._matches: dict[Hashable, list[Doc]] = {}

    def matching(self, name: Hashable, test: Callable[[Doc], bool]) -> list[Doc]:
        """Return the documents that match a predicate, cached by its name."""
        found = self._matches.get(name)
        if found is None:
            found = list(filter(test, self.docs))
            if len(self._matches) >= _REMEMBERED:
                self._matches = {}
            self._matches[name] = found
        return found

    def copy(self) -> _Chunk:
        return _Chunk(self.ranks[:], self.keys[:], self.docs[:])

    def halves(self) -> list[_Chunk]:
        middle = len(self.ranks) // 2
        return [
            _Chunk(self.ranks[part], self.keys[part], self.docs[part])
            for part in (slice(middle), slice(middle, None))
        ]


class Ordered(Sequence[Doc]):
    """Documents in the order of their ranks, or backwards."""

    __slots__ = ("_backwards", "_chunks", "_ends")

    def __init__(self, chunks: list[_Chunk], backwards: bool) -> None:
        self._chunks = chunks
        self._backwards = backwards
        self._ends = list(accumulate(len(chunk.ranks) for chunk in chunks))

    @classmethod
    def of(cls, entries: Sequence[Entry], *, backwards: bool = False) -> Ordered:
        """An order of entries that are sorted by their ranks."""
        chunks: list[_Chunk] = []
        for start in range(0, len(entries), _SIZE):
            ranks, keys, docs = zip(*entries[start : start + _SIZE], strict=True)
            chunks.append(_Chunk(list(ranks), list(keys), list(docs)))
        return cls(chunks, backwards)

    def changed(self, removed: Iterable[Any], added: Iterable[Entry]) -> Ordered:
        """Return the order without the entries of some ranks, plus others."""
        chunks = self._chunks[:]
        lasts = [chunk.ranks[-1] for chunk in chunks]
        own: set[int] = set()  # by identity: chunks that have been copied

        def writable(at: int) -> _Chunk:
            chunk = chunks[at]
            if id(chunk) not in own:
                chunk = chunks[at] = chunk.copy()
                own.add(id(chunk))
            return chunk

        for rank in removed:
            at = bisect_left(lasts, rank)
            chunk = writable(at)
            place = bisect_left(chunk.ranks, rank)
            del chunk.ranks[place], chunk.keys[place], chunk.docs[place]
            if chunk.ranks:
                lasts[at] = chunk.ranks[-1]
            else:
                del chunks[at], lasts[at]
        for rank, key, doc in added:
            at = min(bisect_left(lasts, rank), len(chunks) - 1)
            if at < 0:
                chunks, lasts = [_Chunk([rank], [key], [doc])], [rank]
                own.add(id(chunks[0]))
                continue
            chunk = writable(at)
            place = bisect_left(chunk.ranks, rank)
            chunk.ranks.insert(place, rank)
            chunk.keys.insert(place, key)
            chunk.docs.insert(place, doc)
            lasts[at] = chunk.ranks[-1]
            if len(chunk.ranks) > 2 * _SIZE:
                chunks[at : at + 1] = halves = chunk.halves()
                lasts[at : at + 1] = [half.ranks[-1] for half in halves]
                own.update(map(id, halves))
        return Ordered(chunks, self._backwards)

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
        return list(chain.from_iterable(c.docs[p] for c, p in self._parts(start, stop)))

    def __iter__(self) -> Iterator[Doc]:
        if self._backwards:
            return chain.from_iterable(reversed(chunk.docs) for chunk in reversed(self._chunks))
        return chain.from_iterable(chunk.docs for chunk in self._chunks)

    def entries(self) -> Iterator[Entry]:
        """Rank, key and document of all, in the order of their ranks."""
        for chunk in self._chunks:
            yield from zip(chunk.ranks, chunk.keys, chunk.docs, strict=True)

    def matching(self, name: Hashable, test: Callable[[Doc], bool]) -> Iterator[Doc]:
        """Return the documents that match a predicate on the document alone.

        ``name`` identifies the predicate: the next page of the same search, or the same one after a
        write, scans only the chunks that have changed.
        """
        if self._backwards:
            return chain.from_iterable(
                reversed(chunk.matching(name, test)) for chunk in reversed(self._chunks)
            )
        return chain.from_iterable(chunk.matching(name, test) for chunk in self._chunks)

    def keys(self, start: int = 0, stop: int | None = None) -> list[Key]:
        """Return the keys of the documents at some positions."""
        start, stop, _ = slice(start, stop).indices(len(self))
        return list(chain.from_iterable(c.keys[p] for c, p in self._parts(start, stop)))

    def _parts(self, start: int, stop: int) -> Iterator[tuple[_Chunk, slice]]:
        """Return the chunks of some positions, as they are read, and the indexes in each."""
        size = len(self)
        if start >= stop:
            return
        first, last = (size - stop, size - start) if self._backwards else (start, stop)
        found: list[tuple[_Chunk, slice]] = []
        at = bisect_left(self._ends, first + 1)
        while first < last:
            chunk, end = self._chunks[at], self._ends[at]
            begin = end - len(chunk.ranks)
            low, high = first - begin, min(last, end) - begin
            if self._backwards:
                found.append((chunk, slice(high - 1, low - 1 if low else None, -1)))
            else:
                found.append((chunk, slice(low, high)))
            first, at = end, at + 1
        yield from reversed(found) if self._backwards else found
