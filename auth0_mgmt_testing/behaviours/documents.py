"""Documents as values: paths, merging, index values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from auth0_mgmt._json import is_object

from ..engine.context import RequestContext
from ..state.store import Doc, Index

Merge: TypeAlias = Literal["shallow", "deep", "replace"]
Prepare: TypeAlias = Callable[[RequestContext, Doc], Doc]
Change: TypeAlias = Callable[[RequestContext, Doc, Doc], Doc]
View: TypeAlias = Callable[[RequestContext, Doc], Doc]
Cascade: TypeAlias = Callable[[RequestContext, Doc], None]


def get_path(doc: Any, path: str) -> Any:
    """Return the value at a dotted path, None where there is none."""
    for part in path.split("."):
        if not is_object(doc):
            return None
        doc = doc.get(part)
    return doc


def non_empty(field: str) -> Index:
    """Values of an index: the field's, where there is one."""
    return lambda doc: [doc[field]] if doc.get(field) else []


def merged(old: Any, new: Any, how: Merge = "shallow") -> Any:
    """Return ``old`` changed by ``new`` as a PATCH does; neither is mutated.

    ``deep`` merges objects at every level; ``shallow`` only at the first; ``replace`` returns new.
    """
    if how == "replace" or not is_object(old) or not is_object(new):
        return new
    result = dict(old)
    for key, value in new.items():
        result[key] = merged(result.get(key), value, "deep") if how == "deep" else value
    return result


def without_nulls(doc: Doc, *, deep: bool = False) -> Doc:
    """Return a document without its null members.

    ``deep``: and without those of its objects; an object of nulls only goes whole.
    """
    kept = {key: value for key, value in doc.items() if value is not None}
    if not deep:
        return kept
    cleaned = {
        key: without_nulls(value, deep=True) if is_object(value) else value
        for key, value in kept.items()
    }
    return {key: value for key, value in cleaned.items() if value != {} or kept[key] == {}}
