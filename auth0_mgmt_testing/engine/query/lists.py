"""A list's answer: filter, search, sort, cut, page: one way for every list there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ...state.store import Doc, visible
from ..call import Call
from .fields import project
from .paging import paginate
from .sort import sort_key

if TYPE_CHECKING:
    from ...semantics import Listing


def whole(call: Call, doc: Doc) -> Doc:
    """The view of a document that shows all of it."""
    return doc


def answer(
    call: Call, docs: Iterable[Doc], listing: Listing, view: Callable[[Call, Doc], Doc] = whole
) -> Any:
    """The page that the query asks for, in the operation's own envelope.

    ``view`` makes of a document what is shown of it. Raises the API's 400 for paging, sorting or
    searching that it would refuse.
    """
    query = call.query
    if listing.search is not None:
        docs = _found(call, docs, listing, listing.search)
    for name, test in listing.filters.items():
        value = query.get(name)
        if value is not None:
            docs = [doc for doc in docs if test(doc, value)]
    rows = docs if isinstance(docs, Sequence) else list(docs)
    if listing.order is not None:
        rows = sorted(rows, key=listing.order, reverse=listing.reverse)
    elif listing.reverse:
        rows = rows[::-1]
    if (listing.sort or listing.sort_names) and (sort := query.get("sort")) is not None:
        named = listing.sort_names.get(sort)
        key, descending = sort_key(sort if named is None else f"{named}:1")
        rows = sorted(rows, key=key, reverse=descending)
    page = paginate(rows, query, call.operation, listing.per_page, call.time())
    items = [cut(call, visible(view(call, doc)), listing.always) for doc in page.items]
    if not items:
        call.query.seen.update(call.query)  # an empty page acts on what shapes its items, too
    return page.envelope(items)


def _found(call: Call, docs: Iterable[Doc], listing: Listing, schema: str) -> Iterable[Doc]:
    """What a search finds: all that matches, looked for under an exact value where it has one."""
    q, parser = call.query.get("q"), call.query.get("parser")
    if q is None:
        return docs
    from . import lucene, scim  # late: most lists are not searched

    if parser == "scim":
        fits = scim.compile(q)
        return [doc for doc in docs if fits(doc)]
    predicate = lucene.compile(q, schema)
    for name, value in predicate.exact.items():
        if name in listing.exact:
            docs = call.tx.find(*listing.exact[name], value)
            break
    return [doc for doc in docs if predicate(doc)]


def cut(call: Call, doc: Doc, always: Iterable[str] = ()) -> Doc:
    """A document cut by ``fields`` and ``include_fields`` where the operation takes them.

    ``always`` names the fields that are shown all the same.
    """
    if "fields" not in call.operation.query:
        call.query.get("include_fields")  # says nothing without fields
        return doc
    fields = call.query.get("fields")
    include = call.query.get("include_fields", True)
    if fields is None:
        return doc
    kept = {name: doc[name] for name in always if name in doc}
    return {**kept, **project(doc, fields, include)}
