"""Segments: who an experiment's allocation is for."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Listing, Missing, Unique, equals, without_nulls
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _own(doc: Doc) -> None:
    if doc["type"] == "auth0":
        raise APIError(403, "Segments of Auth0 cannot be changed.", "segment_immutable")


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    _own(old)
    return without_nulls({**old, **patch})


def _remove(context: RequestContext, doc: Doc) -> None:
    _own(doc)
    if context.tx.find("experiments", "segment", doc["id"]):
        raise APIError(409, "The segment is in use by an experiment.", "segment_in_use")


SEGMENTS = CollectionBehaviour(
    "segments",
    new_id=id_forms.SEGMENT,
    missing=Missing("The segment does not exist.", "inexistent_segment"),
    unique=(Unique("name", "A segment with the same name already exists."),),
    defaults={"type": "self", "status": "active"},
    stamps=True,
    listing=Listing(filters={"type": equals("type")}),
    change=_change,
    before_delete=_remove,
    idempotent_delete=True,
)
SEGMENTS.bind(
    family,
    list="experimentation.segments.list",
    create="experimentation.segments.create",
    get="experimentation.segments.get",
    update="experimentation.segments.update",
    delete="experimentation.segments.delete",
)
