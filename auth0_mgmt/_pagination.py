"""Pages: offset, checkpoint and logs behind one type.

What follows a page is decided in one pure function (`following`); `Page` and `AsyncPage` only
fetch. Sources: https://auth0.com/docs/api/management/v2#pagination,
https://auth0.com/docs/deploy-monitor/logs/retrieve-log-events-using-mgmt-api
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from ._operation import Operation

R = TypeVar("R")
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')
Arguments = dict[str, Any]


def first(op: Operation[Any], given: Arguments) -> Arguments:
    """The arguments of a first page.

    Where an operation has both styles and the caller chose none, checkpoint is taken: it alone
    reaches beyond 1,000 records. By number, totals are asked for, which spares the request that
    would find the end.
    """
    numbered = {"page", "per_page", "include_totals"} & given.keys()
    if op.paging == "both" and not numbered and "take" not in given:
        return {**given, "take": 50}
    if (
        op.paging in ("offset", "both", "logs")
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
    """The arguments of the next page; None where the answer says that this was the last."""
    if op.paging == "logs" and {"from", "take"} & given.keys():
        return _after_logs(given, items, headers)
    if {"from", "take"} & given.keys() or "next" in envelope:
        cursor = envelope.get("next")
        if not cursor or cursor == given.get("from"):
            return None
        return {**given, "from": cursor}
    if op.paging not in ("offset", "both", "logs") or not items:
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
    total = _number(envelope, "total") if op.paging != "logs" else None
    if total is not None:
        reached = (start if start is not None else page * (limit or len(items))) + len(items)
        if reached == total:
            return None
        # A total below what is here already (some lists always say 0) tells nothing.
    return {**given, "page": page + 1}


def _after_logs(given: Arguments, items: list[Any], headers: Mapping[str, str]) -> Arguments | None:
    link = _NEXT.search(headers.get("link", ""))
    query = parse_qs(urlsplit(link[1]).query) if link else {}
    cursor = query.get("from", [None])[0]
    if cursor is None and items:
        cursor = items[-1].get("log_id") or items[-1].get("_id")
    if not items or cursor is None or cursor == given.get("from"):
        return None
    size = query.get("take", [given.get("take")])[0]
    return {**given, "from": cursor, **({"take": size} if size is not None else {})}


def _number(values: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = values.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return int(value)
    return None


class _Base(Generic[R]):
    """What a page holds, whoever fetches the next."""

    def __init__(
        self,
        operation: Operation[R],
        given: Arguments,
        items: list[R],
        envelope: dict[str, Any],
        headers: Mapping[str, str],
    ) -> None:
        self.items = items
        """The items of this page."""
        self.envelope = envelope
        """What the answer says beside the items: ``start``, ``limit``, ``total``, ``next`` …"""
        self._given = given
        self._next = following(operation, given, items, envelope, headers)
        self._operation = operation

    @property
    def start(self) -> int | None:
        """The position of the first item, where the answer tells."""
        return _number(self.envelope, "start")

    @property
    def limit(self) -> int | None:
        """How many items a page holds, where the answer tells."""
        return _number(self.envelope, "limit", "per_page")

    @property
    def total(self) -> int | None:
        """How many items there are in all, where the answer tells; for logs, on this page."""
        return _number(self.envelope, "total")

    @property
    def has_next(self) -> bool:
        """Whether there is another page, as far as this one tells."""
        return self._next is not None

    @property
    def cursor(self) -> str | None:
        """Where to go on later: pass it as ``from_=`` (checkpoint, logs) or ``int()`` as ``page=``.

        None at the end; but for logs at the end it is the last log's id, to poll from.
        """
        if self._next is not None:
            return str(self._next.get("from", self._next.get("page")))
        if self._operation.paging == "logs" and "from" in self._given:
            return str(self._given["from"])
        return None

    def __len__(self) -> int:
        """The number of items on this page."""
        return len(self.items)

    def __repr__(self) -> str:
        name = self._operation.name
        return f"<{type(self).__name__} {name}: {len(self.items)} items, has_next={self.has_next}>"


class Page(_Base[R]):
    """One page; iterating over it goes on through all following pages."""

    def __init__(self, *args: Any, fetch: Callable[[Arguments], Page[R]]) -> None:
        super().__init__(*args)
        self._fetch = fetch

    def next_page(self) -> Page[R] | None:
        """The next page, None at the end. Raises `PaginationLimitError` beyond 1,000 records."""
        return None if self._next is None else self._fetch(self._next)

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
    """One page; iterating over it asynchronously goes on through all following pages."""

    def __init__(self, *args: Any, fetch: Callable[[Arguments], Awaitable[AsyncPage[R]]]) -> None:
        super().__init__(*args)
        self._fetch = fetch

    async def next_page(self) -> AsyncPage[R] | None:
        """The next page, None at the end. Raises `PaginationLimitError` beyond 1,000 records."""
        return None if self._next is None else await self._fetch(self._next)

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
    """What an asynchronous list gives: ``async for`` runs through all items, ``await`` gives the
    first page. Nothing is sent before one of them."""

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
