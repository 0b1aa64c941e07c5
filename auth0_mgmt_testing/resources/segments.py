"""Segments: who an experiment's allocation is for."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.call import Call
from ..engine.problem import Problem
from ..semantics import Collection, Listing, Missing, Unique, equals, without_nulls
from ..state.ids import base58
from ..state.store import Doc

family = Family()


def _own(doc: Doc) -> None:
    if doc["type"] == "auth0":
        raise Problem(403, "Segments of Auth0 cannot be changed.", "segment_immutable")


def _change(call: Call, old: Doc, patch: Doc) -> Doc:
    _own(old)
    return without_nulls({**old, **patch})


def _remove(call: Call, doc: Doc) -> None:
    _own(doc)
    if call.tx.find("experiments", "segment", doc["id"]):
        raise Problem(409, "The segment is in use by an experiment.", "segment_in_use")


SEGMENTS = Collection(
    "segments",
    new_id=base58(22, "seg_"),
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
    list="get_segments",
    create="create_segment",
    get="get_segment",
    update="update_segment",
    delete="delete_segment",
)
