"""`Selection`: documents that are filtered and sorted part by part, as far as they are read.

What a part derives (its matches of a search, its documents sorted) is cached in the part by name.
Versions of a table share the parts that did not change, so the same list after a write costs what
the changed parts cost, and no list needs an order or an index of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from heapq import merge
from itertools import chain, islice
from operator import methodcaller
from typing import Any, Protocol, TypeAlias, overload

Doc: TypeAlias = dict[str, Any]
Column: TypeAlias = Callable[[Doc], Any]
"""A value of each document."""


@cache
def field_of(name: str) -> Column:
    """Return the column of a field's values."""
    return methodcaller("get", name)


_REMEMBERED = 8
"""Derived results that a part caches."""


class Part:
    """Consecutive documents, and what was derived from them."""

    __slots__ = ("_derived", "docs")

    def __init__(self, docs: list[Doc]) -> None:
        self.docs = docs
        self._derived: dict[Hashable, Any] = {}

    def column(self, name: str, value_of: Column) -> list[Any]:
        """Return a value of each document; ``name`` identifies it where a table keeps it."""
        return list(map(value_of, self.docs))

    def field(self, name: str) -> list[Any]:
        """Return the values of a field; None where a document has none."""
        return self.column(name, field_of(name))

    def derived(self, name: Hashable, derive: Callable[[Part], Any]) -> Any:
        """Return what a function derives from the part alone, cached by its name."""
        found = self._derived.get(name)
        if found is None:
            found = derive(self)
            known = self._derived
            if len(known) >= _REMEMBERED:
                known = dict(islice(known.items(), 1, None))
            # Set as a whole, so that threads may read one version at once.
            self._derived = {**known, name: found}
        return found


class Order(Protocol):
    """An order of documents."""

    @property
    def field(self) -> str:
        """The field that they are ordered by, which identifies the order in one direction."""
        ...

    @property
    def descending(self) -> bool: ...
    def key(self, doc: Doc) -> Any:
        """Return what orders a document among others."""
        ...

    def sort(self, part: Part) -> list[Doc]:
        """Return the documents of a part sorted; equal ones stay in their order."""
        ...


Select: TypeAlias = Callable[[Part], list[Doc]]
"""Returns some of a part's documents, in their order."""


class _InParts(Sequence[Doc]):
    """Documents in parts, read no further than necessary; its heirs say in which order."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts = parts
        """Iterated once for each reading."""

    def __len__(self) -> int:
        return sum(len(part.docs) for part in self._parts)

    @overload
    def __getitem__(self, place: int) -> Doc: ...
    @overload
    def __getitem__(self, place: slice) -> list[Doc]: ...
    def __getitem__(self, place: int | slice) -> Doc | list[Doc]:
        return _slice(self, place) if isinstance(place, slice) else list(self)[place]


class Selection(_InParts):
    """Documents in parts; a part is derived when it is first read."""

    __slots__ = ()

    @classmethod
    def of(cls, docs: Iterable[Doc]) -> Selection:
        """Some documents as one part."""
        return docs if isinstance(docs, Selection) else Selection((Part(list(docs)),))

    def matching(self, name: Hashable, select: Select) -> Selection:
        """Return the documents that ``select`` returns of each part; ``name`` identifies it."""
        return Selection(_Derived(self._parts, ("matches", name), _selected(select)))

    def in_order(self, order: Order) -> Sequence[Doc]:
        """Return the documents in an order."""
        return _Merged(self._parts, order)

    def __iter__(self) -> Iterator[Doc]:
        return chain.from_iterable(part.docs for part in self._parts)


class Backwards(Sequence[Doc]):
    """Documents from the last to the first."""

    __slots__ = ("_docs",)

    def __init__(self, docs: Sequence[Doc]) -> None:
        self._docs = docs

    def __len__(self) -> int:
        return len(self._docs)

    @overload
    def __getitem__(self, place: int) -> Doc: ...
    @overload
    def __getitem__(self, place: slice) -> list[Doc]: ...
    def __getitem__(self, place: int | slice) -> Doc | list[Doc]:
        size = len(self._docs)
        if not isinstance(place, slice):
            return self._docs[size - 1 - range(size)[place]]
        start, stop, step = place.indices(size)
        if step != 1:
            return list(self)[place]
        return list(self._docs[max(size - stop, 0) : max(size - start, 0)])[::-1]

    def __iter__(self) -> Iterator[Doc]:
        return reversed(list(self._docs))


def _slice(docs: Sequence[Doc], place: slice) -> list[Doc]:
    """Return documents at some places, reading no further than necessary."""
    ends = (place.start, place.stop, place.step)
    if place.stop is None or any(each is not None and each < 0 for each in ends):
        return list(docs)[place]
    return list(islice(docs, place.start, place.stop, place.step))


class _Derived(Iterable[Part]):
    """The parts that are derived from others."""

    __slots__ = ("_derive", "_name", "_parts")

    def __init__(
        self, parts: Iterable[Part], name: Hashable, derive: Callable[[Part], Part]
    ) -> None:
        self._parts = parts
        self._name = name
        self._derive = derive

    def __iter__(self) -> Iterator[Part]:
        for part in self._parts:
            yield part.derived(self._name, self._derive)


def _selected(select: Select) -> Callable[[Part], Part]:
    def derive(part: Part) -> Part:
        docs = select(part)
        return part if len(docs) == len(part.docs) else Part(docs)

    return derive


class _Merged(_InParts):
    """Documents in an order: parts that are sorted by it, merged as far as they are read."""

    __slots__ = ("_order",)

    def __init__(self, parts: Iterable[Part], order: Order) -> None:
        super().__init__(parts)
        self._order = order

    def __iter__(self) -> Iterator[Doc]:
        order = self._order
        name = ("sorted", order.field, order.descending)
        runs = [part.derived(name, order.sort) for part in self._parts]
        return merge(*runs, key=order.key, reverse=order.descending)
