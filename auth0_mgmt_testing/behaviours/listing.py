"""Lists: filter, search, sort, select fields, page; shared by every list of the API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

from ..engine.context import RequestContext
from ..engine.query.fields import project
from ..engine.query.paging import last_needed, paginate
from ..engine.query.sort import sort_key
from ..state.store import Doc, Rows, visible
from .filters import Filter


@dataclass(frozen=True, slots=True)
class Listing:
    """The query parameters of a list: filters, search, order.

    ``filters`` maps a query parameter to a predicate of (document, given value). ``search`` is the
    name of the searchable schema for ``q``; ``exact`` names, for a searchable field, the table and
    the index that find its exact matches without scanning every document. ``sort`` allows
    ``sort=field:1``; ``sort_names`` maps a bare name in ``sort`` to its ascending order.
    """

    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
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
    if listing.search is not None:
        docs = _found(context, docs, listing, listing.search)
    for name, test in listing.filters.items():
        value: object = query.get(name)
        if value is not None:
            docs = _matching(docs, (test, type(value), str(value)), partial(_passes, test, value))
    ordered = listing.order is not None or listing.reverse or "sort" in dict(query)
    rows: Sequence[Doc]
    if isinstance(docs, Sequence):
        rows = docs
    else:
        last = None if ordered else last_needed(query, context.operation, listing.per_page)
        rows = list(islice(docs, last))
    if listing.order is not None:
        rows = sorted(rows, key=listing.order, reverse=listing.reverse)
    elif listing.reverse:
        rows = rows[::-1]
    if (listing.sort or listing.sort_names) and (sort := query.get("sort")) is not None:
        named = listing.sort_names.get(sort)
        order = sort if named is None else f"{named}:1"
        key, descending = sort_key(order)
        if isinstance(rows, Rows):
            rows = rows.in_order(order.partition(":")[0], key, descending=descending)
        else:
            rows = sorted(rows, key=key, reverse=descending)
    page = paginate(rows, query, context.operation, listing.per_page, context.time())
    shown = page.items if view is identity else [view(context, doc) for doc in page.items]
    items = _selected(context, [visible(doc) for doc in shown], listing.always)
    if not items:
        context.query.seen.update(
            context.query
        )  # an empty page also uses the parameters for its items
    return page.envelope(items)


def _matching(docs: Iterable[Doc], name: Hashable, test: Callable[[Doc], bool]) -> Iterable[Doc]:
    """Return the documents that match a predicate; a table caches them by its name."""
    return docs.matching(name, test) if isinstance(docs, Rows) else filter(test, docs)


def _passes(test: Filter, value: Any, doc: Doc) -> bool:
    return test(doc, value)


def _found(
    context: RequestContext, docs: Iterable[Doc], listing: Listing, schema: str
) -> Iterable[Doc]:
    """Return all matches of a search, by an index where it contains an exact value."""
    q, parser = context.query.get("q"), context.query.get("parser")
    if q is None:
        return docs
    from ..engine.query import lucene, scim  # late: most lists are not searched

    if parser == "scim":
        return _matching(docs, ("scim", q), scim.compile(q))
    predicate = lucene.compile(q, schema)
    for name, value in predicate.exact.items():
        if name in listing.exact:
            docs = context.tx.find(*listing.exact[name], value)
            break
    return _matching(docs, (schema, q), predicate.test)


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
