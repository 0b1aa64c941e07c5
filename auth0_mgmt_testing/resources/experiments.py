"""Experiments: who gets which variation of a feature flag, from draft to completion."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from ..behaviours import CollectionBehaviour, Listing, Missing, Unique, equals, without_nulls
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc, Index, visible
from .feature_flags import FLAGS, invalid, transition

family = Family()

_ALLOCATIONS = 20
_LEADS_TO = {
    "draft": ("active", "archived"),
    "active": ("paused", "completed"),
    "paused": ("active", "completed"),
    "completed": ("archived",),
    "archived": (),
}
_TEXTS = ("name", "description")
_DESIGN = ("allocations", "assignment_config", "authentication_flow", "default_config", "levels")
_EDITABLE = {"draft": (*_TEXTS, *_DESIGN), "active": _TEXTS, "paused": (*_TEXTS, "allocations")}
"""What may be changed of an experiment; of one that is over, nothing."""


# --- what an experiment must be ----------------------------------------------------------------


def _check(context: RequestContext, doc: Doc) -> Doc:
    """What is refused whatever the status: things that are not there, or not the flag's."""
    allocations: list[Doc] = doc["allocations"]
    if len(allocations) > _ALLOCATIONS:
        raise invalid(f"An experiment has {_ALLOCATIONS} allocations at most.")
    for allocation in allocations:
        variation = context.tx.get("variations", allocation["variation_id"])
        if variation is None or variation["_feature_flags"] != doc["feature_flag_id"]:
            raise invalid("A variation does not belong to the feature flag.")
        segment = allocation.get("segment_id")
        if segment is not None and context.tx.get("segments", segment) is None:
            raise invalid("A segment does not exist.")
    levels: list[int] = doc.get("levels") or []
    if levels != sorted(set(levels)):
        raise APIError(422, "The levels do not rise.", "unprocessable_entity")
    return doc


def _faults(context: RequestContext, doc: Doc) -> Iterator[tuple[str, str]]:
    """What keeps an experiment from starting: a code and a sentence each."""
    allocations: list[Doc] = doc["allocations"]
    if sum(allocation["is_control"] for allocation in allocations) != 1:
        yield "control_required", "One allocation, and only one, is the control."
    if doc["allocation_strategy"] == "percentage":
        if sum(allocation.get("weight", 0) for allocation in allocations) != 100:
            yield "weights_not_100", "The weights do not add up to 100."
    elif any(
        "segment_id" not in allocation and not allocation.get("is_fallback")
        for allocation in allocations
    ):
        yield "segment_required", "An allocation is neither for a segment nor the fallback."
    flag = context.tx.get("feature_flags", doc["feature_flag_id"])
    if flag is None or flag["status"] != "active":
        yield "feature_flag_not_active", "The feature flag is not active."


def _valid(context: RequestContext, doc: Doc) -> bool:
    return next(_faults(context, doc), None) is None


# --- from status to status ---------------------------------------------------------------------


def _snapshot(context: RequestContext, doc: Doc) -> Doc:
    """An experiment that starts keeps what it started with."""

    def kept(allocation: Doc) -> Doc:
        found = {"variation_snapshot": context.tx.get("variations", allocation["variation_id"])}
        if "segment_id" in allocation:
            found["segment_snapshot"] = context.tx.get("segments", allocation["segment_id"])
        return {**allocation, **{name: visible(value or {}) for name, value in found.items()}}

    return {
        **doc,
        "allocations": [kept(allocation) for allocation in doc["allocations"]],
        "feature_flag_snapshot": visible(FLAGS.require(context, doc["feature_flag_id"])),
        "started_at": context.now(),
        "current_level": (doc.get("levels") or [None])[0],
    }


def _moved(context: RequestContext, doc: Doc, status: str) -> Doc:
    """The experiment in another status; raises 400 where that does not follow."""
    old: str = doc["status"]
    if status == old:
        return doc
    if status not in _LEADS_TO[old]:
        if old == "completed":
            raise invalid("A completed experiment cannot be started again.")
        raise transition("experiment", old, status)
    if status == "active":
        if fault := next(_faults(context, doc), None):
            raise APIError(400, f"The experiment is not valid: {fault[1]}", fault[0])
        if "started_at" not in doc:
            doc = _snapshot(context, doc)
    if status == "completed":
        doc = {**doc, "ended_at": context.now()}
    return {**doc, "status": status}


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    fixed = [name for name in patch if name not in (*_EDITABLE.get(old["status"], ()), "status")]
    if fixed:
        raise invalid(f"{', '.join(fixed)} cannot be changed: the experiment is {old['status']}.")
    whole = {**old, **patch, "status": old["status"]}
    new = _check(context, without_nulls(whole))
    return _moved(context, new, patch["status"]) if "status" in patch else new


# --- the operations ----------------------------------------------------------------------------

_ONLY_IN_FULL = (
    "current_level", "default_config", "editable_fields", "feature_flag_name",
    "feature_flag_snapshot", "levels",
)  # fmt: skip


def _named(context: RequestContext, allocation: Doc) -> Doc:
    names: Doc = {}
    for kind in ("variation", "segment"):
        found = context.tx.get(f"{kind}s", allocation.get(f"{kind}_id", ""))
        if found is not None:
            names[f"{kind}_name"] = found["name"]
    return {**allocation, **names}


def _view(context: RequestContext, doc: Doc) -> Doc:
    """An experiment with the names of what it refers to, and whether it could start."""
    shown: Doc = {
        "current_level": None,
        **doc,
        "allocations": [_named(context, allocation) for allocation in doc["allocations"]],
        "is_valid": _valid(context, doc),
        "editable_fields": list(_EDITABLE.get(doc["status"], ())),
    }
    if (flag := context.tx.get("feature_flags", doc["feature_flag_id"])) is not None:
        shown["feature_flag_name"] = flag["name"]
    if context.operation.name != "experimentation.experiments.update_status":
        return shown
    return {key: value for key, value in shown.items() if key not in _ONLY_IN_FULL}


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    FLAGS.require(context, doc["feature_flag_id"])
    return _check(context, doc)


def _stop(context: RequestContext, doc: Doc) -> None:
    if doc["status"] == "active":
        raise invalid("An active experiment cannot be deleted.")


def _of_allocations(name: str) -> Index:
    def values(doc: Doc) -> list[Hashable]:
        return [allocation.get(name) for allocation in doc["allocations"]]

    return values


EXPERIMENTS = CollectionBehaviour(
    "experiments",
    new_id=id_forms.EXPERIMENT,
    missing=Missing("The experiment does not exist.", "inexistent_experiment"),
    unique=(Unique("name", "An experiment with the same name already exists."),),
    defaults={"status": "draft", "default_config": "flag"},
    stamps=True,
    listing=Listing(
        filters={
            "status": equals("status"),
            "authentication_flow": equals("authentication_flow"),
            "feature_flag_id": equals("feature_flag_id"),
        }
    ),
    indexes={
        "flag": lambda doc: [doc["feature_flag_id"]],
        "variation": _of_allocations("variation_id"),
        "segment": _of_allocations("segment_id"),
    },
    prepare=_prepare,
    change=_change,
    view=_view,
    before_delete=_stop,
    idempotent_delete=True,
)
EXPERIMENTS.bind(
    family,
    list="experimentation.experiments.list",
    create="experimentation.experiments.create",
    get="experimentation.experiments.get",
    update="experimentation.experiments.update",
    delete="experimentation.experiments.delete",
)
family.bind("experimentation.experiments.update_status", EXPERIMENTS.update, "action")


@family.operation("experimentation.experiments.validate", kind="view")
def validate(context: RequestContext) -> Any:
    """What keeps the experiment from starting."""
    doc = EXPERIMENTS.require(context)
    errors = [{"code": code, "message": message} for code, message in _faults(context, doc)]
    return {"is_valid": not errors, "errors": errors}


@family.operation("experimentation.experiments.advance_ramp")
def advance(context: RequestContext) -> Any:
    """An active experiment goes up to a higher one of its levels."""
    doc = EXPERIMENTS.require(context)
    if doc["status"] != "active" or doc.get("current_level") is None:
        raise APIError(409, "The experiment is not on a ramp: it is not active or has no levels.")
    old, new = doc["current_level"], context.body["target_level"]
    if new not in doc["levels"] or new <= old:
        raise invalid(f"The target level is none of the levels above {old}.")
    EXPERIMENTS.store(context, {**doc, "current_level": new, "updated_at": context.now()}, doc)
    return {"experiment_id": doc["id"], "from_level": old, "to_level": new, "current_level": new}
