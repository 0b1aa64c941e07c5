"""One page of a list, in the envelope that the contract declares for the operation.

Which members an envelope has (``start``, ``limit``, ``total`` …, ``next``) is read from the
operation's own response schema, as is whether a list may be a bare array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from auth0_mgmt._operation import Operation

from ... import contract
from ...state.store import Doc
from .. import messages
from .cursors import cursor, position

RECORDS = 1_000
"""The limit of offset paging."""
TAKE = 50
"""Items of a checkpoint page where ``take`` is not given."""

_MEMBERS = ("start", "limit", "length", "total", "page", "per_page", "next")


@dataclass(frozen=True, slots=True)
class Page:
    """The documents of one page, and their envelope."""

    items: list[Doc]
    members: dict[str, Any]
    """Members beside the items."""
    key: str | None
    """The member with the items; None: the response is a bare array."""

    def envelope(self, items: list[Any]) -> Any:
        """Return the response with these items in place of the page's own documents."""
        return items if self.key is None else {**self.members, self.key: items}


def paginate(
    rows: Sequence[Doc],
    query: Mapping[str, Any],
    op: Operation[Any],
    per_page: int = 50,
    now: float = 0.0,
) -> Page:
    """Return the page of ``page``/``per_page``/``include_totals`` or ``from``/``take``.

    ``per_page`` is the default size; ``now`` are the seconds of the tenant's
    clock, for the expiry of cursors. Raises ``invalid_paging`` beyond the
    1,000 records of offset paging, and 400 for a cursor of another operation.
    """
    page, size = query.get("page"), query.get("per_page")
    totals = query.get("include_totals")
    start, take = query.get("from"), query.get("take")
    style = _style(op.id)
    if op.pagination is None:
        return Page(list(rows), {}, style.only)
    if op.pagination == "logs" and (start is not None or take is not None):
        return _tail(rows, start, take)
    has_cursor = take is not None or start is not None
    if op.pagination == "checkpoint" or (op.pagination == "both" and has_cursor):
        if style.bare and not has_cursor:
            return Page(list(rows[:TAKE]), {}, None)
        size = TAKE if take is None else take
        return _checkpoint(rows, op, style, start, size, bool(totals), now)
    return _offset(rows, op, style, page or 0, per_page if size is None else size, bool(totals))


# --- the styles --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Style:
    bare: bool
    """The response may be an array."""
    members: frozenset[str]
    """The members of the offset envelope beside the items."""
    zeros: bool
    """A count of zero is included."""
    only: str | None
    """The only member of the response, if that is a list."""
    open_end: bool
    """A non-empty page has a cursor, even the last."""


@cache
def _style(operation: str) -> _Style:
    family = contract.of_operation(operation)
    schemas = family.operation(operation) or {}
    response = family.resolve(schemas.get("responses", {}).get("200", {}))
    variants = [
        family.resolve(v) for v in response.get("oneOf") or response.get("anyOf") or [response]
    ]
    named = [frozenset(_MEMBERS).intersection(v.get("properties", ())) for v in variants]
    offset = next((names - {"next"} for names in named if names - {"next"}), frozenset[str]())
    return _Style(
        bare=any(v.get("type") == "array" for v in variants),
        members=offset,
        zeros="start" in offset or bool(schemas.get("zero_counts")),
        only=_only(family, response.get("properties", {})),
        open_end=bool(schemas.get("open_end")),
    )


def _only(family: contract.SchemaDocument, members: contract.Schema) -> str | None:
    if len(members) != 1:
        return None
    name, schema = next(iter(members.items()))
    return name if family.resolve(schema).get("type") == "array" else None


def _offset(
    rows: Sequence[Doc], op: Operation[Any], style: _Style, page: int, size: int, totals: bool
) -> Page:
    begin = page * size
    if begin + size > RECORDS and page > 0:
        raise messages.page_too_far(page) if op.pagination == "both" else messages.paging_limit()
    items = list(rows[begin : begin + size])
    if style.bare and not totals:
        return Page(items, {}, None)
    known = {
        "start": begin,
        # Where there is no total to compare it with, the limit is the number of items.
        "limit": size if "total" in style.members else len(items),
        "length": len(items),
        "total": len(items) if op.pagination == "logs" else len(rows),
        "page": page,
        "per_page": size,
    }
    if "page" in style.members and not items:
        known["total"] = 0
    members = {
        name: value
        for name, value in known.items()
        if name in style.members and (value or style.zeros)
    }
    return Page(items, members, op.items_key)


def _checkpoint(
    rows: Sequence[Doc],
    op: Operation[Any],
    style: _Style,
    start: str | None,
    take: int,
    totals: bool,
    now: float,
) -> Page:
    begin = 0 if start is None else position(op.id, start, rows, now)
    end = begin + take
    more = begin < len(rows) if style.open_end else end < len(rows)
    members: dict[str, Any] = (
        {"next": cursor(op.id, rows, min(end, len(rows)), now)} if more else {}
    )
    if totals and "include_totals" in op.query and op.pagination == "checkpoint":
        members["total"] = len(rows)
    return Page(list(rows[begin:end]), members, op.items_key)


def _tail(rows: Sequence[Doc], after: str | None, take: int | None) -> Page:
    """Return logs newer than one of them, oldest first: a tail to poll."""
    ordered = sorted(rows, key=lambda doc: str(doc.get("log_id", "")))
    newer = [doc for doc in ordered if after is None or str(doc.get("log_id", "")) > after]
    return Page(newer[: TAKE if take is None else take], {}, None)
