"""Lists: filter, search, sort, select fields, page; shared by every list of the API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..engine.context import RequestContext
from ..engine.query.fields import project
from ..engine.query.paging import paginate
from ..engine.query.sort import order_of
from ..state.selection import Backwards, Part, Selection
from ..state.store import Doc, visible
from .filters import Filter, PartFilter, each


@dataclass(frozen=True, slots=True)
class Listing:
    """The query parameters of a list: filters, search, order.

    ``filters`` maps a query parameter to a predicate of (document, given value), ``many`` to a
    function that selects from many documents at once. ``search`` is the
    name of the searchable schema for ``q``; ``exact`` names, for a searchable field, the table and
    the index that find its exact matches without scanning every document. ``sort`` allows
    ``sort=field:1``; ``sort_names`` maps a bare name in ``sort`` to its ascending order.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
    many: Mapping[str, PartFilter] = field(default_factory=dict[str, PartFilter])
    order: Callable[[Doc], Any] | None = None
    reverse: bool = False
    search: str | None = None
    exact: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    sort: bool = False
    sort_names: Mapping[str, str] = field(default_factory=dict[str, str])
    per_page: int = 50
    always: frozenset[str] = frozenset()
    """Fields that a list shows whatever ``fields`` selects."""


def identity(context: RequestContext, doc: Doc) -> Doc:
    """Return a document unchanged."""
    return doc


def list_response(
    context: RequestContext,
    docs: Iterable[Doc],
    listing: Listing,
    view: Callable[[RequestContext, Doc], Doc] = identity,
) -> Any:
    """Return the page that the query selects, in the operation's own envelope.

    ``view`` returns what is shown of a document. Raises the API's 400 for invalid paging,
    sorting or searching.
    """
    query = context.query
    found = Selection.of(docs)
    if listing.search is not None:
        found = _found(context, found, listing, listing.search)
    tests = {name: each(test) for name, test in listing.filters.items()}
    for name, select in {**tests, **listing.many}.items():
        value: object = query.get(name)
        if value is not None:
            found = found.matching(
                (select, type(value), str(value)), partial(_select, select, value)
            )
    sort = query.get("sort") if listing.sort or listing.sort_names else None
    rows: Sequence[Doc] = found
    if listing.order is not None:
        rows = sorted(rows, key=listing.order, reverse=listing.reverse)
    elif listing.reverse:
        rows = Backwards(found)
    if sort is not None:
        named = listing.sort_names.get(sort)
        rows = Selection.of(rows).in_order(order_of(sort if named is None else f"{named}:1"))
    page = paginate(rows, query, context.operation, listing.per_page, context.time())
    shown = page.items if view is identity else [view(context, doc) for doc in page.items]
    items = _selected(context, [visible(doc) for doc in shown], listing.always)
    if not items:
        context.query.seen.update(
            context.query
        )  # an empty page also uses the parameters for its items
    return page.envelope(items)


def _select(select: PartFilter, value: Any, part: Part) -> list[Doc]:
    return select(part, value)


def _found(context: RequestContext, docs: Selection, listing: Listing, schema: str) -> Selection:
    """Return all matches of a search, by an index where it contains an exact value."""
    q, parser = context.query.get("q"), context.query.get("parser")
    if q is None:
        return docs
    from ..engine.query import lucene, scim  # late: most lists are not searched

    if parser == "scim":
        return docs.matching(("scim", q), scim.compile(q).select)
    predicate = lucene.compile(q, schema)
    for name, value in predicate.exact.items():
        if name in listing.exact:
            docs = Selection.of(context.tx.find(*listing.exact[name], value))
            break
    return docs.matching((schema, q), predicate.select)


def select_fields(context: RequestContext, doc: Doc, always: Collection[str] = ()) -> Doc:
    """Return a document reduced by ``fields`` and ``include_fields`` where the operation has them.

    ``always`` names the fields that are always shown.
    """
    return _selected(context, [doc], always)[0]


def _selected(context: RequestContext, docs: list[Doc], always: Collection[str]) -> list[Doc]:
    fields = context.query.get("fields")
    include = context.query.get("include_fields", True)
    if fields is None:
        return docs
    return [
        {name: value for name, value in doc.items() if name in always}
        | project(doc, fields, include)
        for doc in docs
    ]


def item_response(context: RequestContext, doc: Doc, always: Collection[str] = ()) -> Doc:
    """Return one document, reduced by ``fields``/``include_fields`` where given.

    ``always`` names the fields that are always shown.
    """
    return select_fields(context, visible(doc), always)
