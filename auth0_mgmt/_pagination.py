"""Pages: offset, checkpoint and logs pagination behind one type.

What follows a page is decided in one pure function (`following`); `Page` and `AsyncPage` only
fetch. Sources: https://auth0.com/docs/api/management/v2#pagination,
https://auth0.com/docs/deploy-monitor/logs/retrieve-log-events-using-mgmt-api
"""

from __future__ import annotations

import re
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
    Mapping,
    Sequence,
)
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qs, urlsplit

from ._errors import InvalidRequestError, PaginationError
from ._operation import Operation

R = TypeVar("R")
_NEXT = r'<([^>]*)>\s*;[^,]*\brel="?next"?'
Arguments = dict[str, Any]


def first(op: Operation[Any], given: Arguments) -> Arguments:
    """Return the arguments of a first page.

    Where an operation has both styles and the caller chose none, checkpoint is taken: it alone
    reaches beyond 1,000 records. By page number, totals are requested, which saves the request that
    would find the end.
    """
    for name in ("from", "take"):
        if name in given and name in op.query and given[name] in ("", 0):
            raise InvalidRequestError(
                f"{op.name}(): {name}{'_' if name == 'from' else ''} must not be empty;"
                " leave it out to begin at the beginning"
            )
    numbered = {"page", "per_page", "include_totals"} & given.keys()
    if op.pagination == "both" and not numbered and "take" not in given:
        return {**given, "take": 50}
    if (
        op.pagination in ("offset", "both", "logs")
        and "include_totals" in op.query
        and "include_totals" not in given
        and not {"take", "from"} & given.keys()
    ):
        return {**given, "include_totals": True}
    return given


def following(
    op: Operation[Any],
    given: Arguments,
    items: list[Any],
    envelope: Mapping[str, Any],
    headers: Mapping[str, str],
) -> Arguments | None:
    """Return the arguments of the next page; None where the response says that this is the last."""
    if op.pagination == "logs" and {"from", "take"} & given.keys():
        return _after_logs(given, items, headers)
    if {"from", "take"} & given.keys() or "next" in envelope:
        cursor = envelope.get("next")
        if not cursor or (cursor == given.get("from") and not items):
            return None
        return {**given, "from": str(cursor)}
    if op.pagination not in ("offset", "both", "logs") or not items:
        return None
    return _by_number(op, given, items, envelope)


def _by_number(
    op: Operation[Any], given: Arguments, items: list[Any], envelope: Mapping[str, Any]
) -> Arguments | None:
    limit = _number(envelope, "limit", "per_page")
    if limit is None:
        limit = _number(given, "per_page")
    start = _number(envelope, "start")
    page = _number(envelope, "page")
    if page is None:
        page = start // limit if start is not None and limit else _number(given, "page") or 0
    if limit and len(items) < limit:
        return None
    total = _number(envelope, "total") if op.pagination != "logs" else None
    if total is not None:
        reached = (start if start is not None else page * (limit or len(items))) + len(items)
        if reached == total:
            return None
        # A total below what is here already (some lists always say 0) is ignored.
    return {**given, "page": page + 1}


def _after_logs(given: Arguments, items: list[Any], headers: Mapping[str, str]) -> Arguments | None:
    link = re.search(_NEXT, headers.get("link", ""))
    query = parse_qs(urlsplit(link[1]).query) if link else {}
    cursor = query.get("from", [None])[0]
    if cursor is None and items:
        cursor = _log_id(items[-1])
    if not items or cursor is None or cursor == given.get("from"):
        return None
    size = query.get("take", [given.get("take")])[0]
    return {**given, "from": cursor, **({"take": size} if size is not None else {})}


def _log_id(item: Any) -> str | None:
    if not hasattr(item, "get"):
        return None
    found = item.get("log_id") or item.get("_id")
    return found if isinstance(found, str) else None


def _number(values: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = values.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value)
    return None


_EMPTY_PAGES = 100
"""So many empty pages in a row end a list that says that there is more."""


class Trail(NamedTuple):
    """What a list has shown so far, in constant space: finds one that never ends.

    Cursors are compared with one kept from before, which is replaced after 1, 2, 4 … pages (Brent's
    algorithm), so a circle of any length is found.
    """

    items: Sequence[Any] = ()
    empty: int = 0
    kept: str | None = None
    steps: int = 0
    limit: int = 1

    def after(self, name: str, items: list[Any], following: Arguments | None) -> Trail:
        """Return the trail with a page more. Raises `PaginationError` where it goes in circles."""
        if items and items == self.items:
            raise PaginationError(f"{name}(): the same page came twice in a row")
        empty = 0 if items or following is None else self.empty + 1
        if empty >= _EMPTY_PAGES:
            raise PaginationError(f"{name}(): {_EMPTY_PAGES} empty pages came in a row")
        cursor = None if following is None else following.get("from")
        if cursor is None:
            return Trail(items, empty)
        if cursor == self.kept:
            raise PaginationError(f"{name}(): the list returned to a cursor it had before")
        if self.kept is None or self.steps + 1 >= self.limit:
            return Trail(items, empty, cursor, 0, self.limit * 2)
        return Trail(items, empty, self.kept, self.steps + 1, self.limit)


class _Base(Generic[R]):
    """What a page holds, whoever fetches the next."""

    def __init__(
        self,
        operation: Operation[R],
        given: Arguments,
        items: list[R],
        envelope: dict[str, Any],
        headers: Mapping[str, str],
        trail: Trail | None = None,
    ) -> None:
        self.items = items
        """The items of this page."""
        self.envelope = envelope
        """What the response says beside the items: ``start``, ``limit``, ``total``, ``next`` …"""
        self._given = given
        self._next = following(operation, given, items, envelope, headers)
        self._operation = operation
        self._trail = (trail or Trail()).after(operation.name, items, self._next)

    @property
    def start(self) -> int | None:
        """The position of the first item, where the response says so."""
        return _number(self.envelope, "start")

    @property
    def limit(self) -> int | None:
        """How many items a page holds, where the response says so."""
        return _number(self.envelope, "limit", "per_page")

    @property
    def total(self) -> int | None:
        """How many items there are in all, where the response says so; for logs, on this page."""
        return _number(self.envelope, "total")

    @property
    def has_next(self) -> bool:
        """Whether there is another page, as far as this one shows."""
        return self._next is not None

    @property
    def cursor(self) -> str | None:
        """Where to go on later: pass it as ``from_=`` (checkpoint, logs) or ``int()`` as ``page=``.

        None at the end, except for logs: there it is the last log's id, to poll from.
        """
        if self._next is not None:
            return str(self._next.get("from", self._next.get("page")))
        if self._operation.pagination == "logs" and "from" in self._given:
            return str(self._given["from"])
        return None

    def __len__(self) -> int:
        """The number of items on this page."""
        return len(self.items)

    def __repr__(self) -> str:
        name = self._operation.name
        return f"<{type(self).__name__} {name}: {len(self.items)} items, has_next={self.has_next}>"


class Page(_Base[R]):
    """One page; iterating over it continues through all following pages."""

    def __init__(self, *args: Any, fetch: Callable[[Arguments, Trail], Page[R]]) -> None:
        super().__init__(*args)
        self._fetch = fetch

    def next_page(self) -> Page[R] | None:
        """Return the next page, None at the end.

        Raises `PaginationLimitError` beyond 1,000 records, `PaginationError` where the list repeats
        itself.
        """
        return None if self._next is None else self._fetch(self._next, self._trail)

    def pages(self) -> Iterator[Page[R]]:
        """This page and all that follow."""
        page: Page[R] | None = self
        while page is not None:
            yield page
            page = page.next_page()

    def __iter__(self) -> Iterator[R]:
        for page in self.pages():
            yield from page.items


class AsyncPage(_Base[R]):
    """One page; iterating over it asynchronously continues through all following pages."""

    def __init__(
        self, *args: Any, fetch: Callable[[Arguments, Trail], Awaitable[AsyncPage[R]]]
    ) -> None:
        super().__init__(*args)
        self._fetch = fetch

    async def next_page(self) -> AsyncPage[R] | None:
        """Return the next page, None at the end.

        Raises `PaginationLimitError` beyond 1,000 records, `PaginationError` where the list repeats
        itself.
        """
        return None if self._next is None else await self._fetch(self._next, self._trail)

    async def pages(self) -> AsyncIterator[AsyncPage[R]]:
        """This page and all that follow."""
        page: AsyncPage[R] | None = self
        while page is not None:
            yield page
            page = await page.next_page()

    async def __aiter__(self) -> AsyncIterator[R]:
        async for page in self.pages():
            for item in page.items:
                yield item


class AsyncPager(Generic[R]):
    """The result of an asynchronous list: ``async for`` yields all items, ``await`` returns the first
    page. Nothing is sent before one of them."""

    def __init__(self, fetch: Callable[[], Awaitable[AsyncPage[R]]]) -> None:
        self._fetch = fetch

    def __await__(self) -> Generator[Any, None, AsyncPage[R]]:
        return self._fetch().__await__()

    async def pages(self) -> AsyncIterator[AsyncPage[R]]:
        """All pages."""
        async for page in (await self).pages():
            yield page

    async def __aiter__(self) -> AsyncIterator[R]:
        async for item in await self:
            yield item
