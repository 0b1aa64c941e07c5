"""Feature flags of experiments, and the variations of what a flag sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from auth0_mgmt._json import is_array, is_object

from ..behaviours import (
    CollectionBehaviour,
    Listing,
    Missing,
    Parent,
    Unique,
    equals,
    without_nulls,
)
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

MISSING = Missing("The feature flag does not exist.", "inexistent_feature_flag")
_VALUE_LIMIT = 1_024
"""Bytes of JSON that one parameter may hold."""
_VARIATIONS = 20
"""Variations of a flag: as many as an experiment can allocate."""
_LEADS_TO = {"draft": ("active", "archived"), "active": ("archived",), "archived": ()}


def invalid(message: str) -> APIError:
    return APIError(400, message, "invalid_body")


def transition(what: str, old: str, new: str) -> APIError:
    """400 for a status that does not follow from the one there is."""
    return APIError(400, f"The {what} cannot go from {old} to {new}.", "invalid_status_transition")


# --- parameters --------------------------------------------------------------------------------

_IS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "array": is_array,
    "object": is_object,
}


def _check_value(name: str, kind: str, value: Any) -> None:
    if not _IS[kind](value):
        raise invalid(f"The value of {name} is not of the type {kind}.")
    if len(json.dumps(value).encode()) > _VALUE_LIMIT:
        raise invalid(f"The value of {name} is larger than {_VALUE_LIMIT} bytes.")


def _check_overrides(context: RequestContext, doc: Doc) -> Doc:
    """Overrides name parameters of the flag, keep their types, and change something."""
    flag = FLAGS.require(context, context.path["id"])
    known: Doc = flag["parameters"]
    for name, override in doc["overrides"].items():
        if name not in known:
            raise invalid(f"The feature flag has no parameter {name}.")
        _check_value(name, known[name]["type"], override["value"])
        if override["value"] == known[name]["value"]:
            raise invalid(f"The override of {name} equals the default.")
    return doc


# --- flags -------------------------------------------------------------------------------------


def _check_flag(context: RequestContext, doc: Doc) -> Doc:
    for name, parameter in doc["parameters"].items():
        _check_value(name, parameter["type"], parameter["value"])
    return doc


def _own(doc: Doc) -> None:
    if doc["type"] == "auth0":
        raise APIError(403, "Feature flags of Auth0 cannot be changed.", "feature_flag_immutable")


def _move(context: RequestContext, doc: Doc, status: str) -> None:
    """Whether a flag may take a status; an active one has something to choose from."""
    if status != doc["status"] and status not in _LEADS_TO[doc["status"]]:
        raise transition("feature flag", doc["status"], status)
    if status == "active" and len(context.tx.find("variations", "parent", doc["id"])) < 2:
        raise invalid("An active feature flag needs two variations or more.")


def _change_flag(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    _own(old)
    if "status" in patch:
        _move(context, old, patch["status"])
    new = without_nulls({**old, **patch})
    return _check_flag(context, new)


def _remove_flag(context: RequestContext, doc: Doc) -> None:
    _own(doc)
    if context.tx.find("experiments", "flag", doc["id"]):
        raise APIError(409, "The feature flag is in use by an experiment.", "feature_flag_in_use")


FLAGS = CollectionBehaviour(
    "feature_flags",
    new_id=id_forms.FEATURE_FLAG,
    missing=MISSING,
    unique=(Unique("name", "A feature flag with the same name already exists."),),
    defaults={"type": "self", "status": "draft"},
    stamps=True,
    listing=Listing(filters={"type": equals("type"), "status": equals("status")}),
    prepare=_check_flag,
    change=_change_flag,
    before_delete=_remove_flag,
    idempotent_delete=True,
)
FLAGS.bind(
    family,
    list="experimentation.feature_flags.list",
    create="experimentation.feature_flags.create",
    get="experimentation.feature_flags.get",
    update="experimentation.feature_flags.update",
    delete="experimentation.feature_flags.delete",
)
family.bind("experimentation.feature_flags.update_status", FLAGS.update, "action")


# --- variations --------------------------------------------------------------------------------


def _view(context: RequestContext, doc: Doc) -> Doc:
    return {**doc, "feature_flag_id": context.path["id"]}


def _prepare(context: RequestContext, doc: Doc) -> Doc:
    if len(context.tx.find("variations", "parent", context.path["id"])) >= _VARIATIONS:
        raise invalid(f"A feature flag has {_VARIATIONS} variations at most.")
    return _check_overrides(context, doc)


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    new = without_nulls({**old, **patch})
    return _check_overrides(context, new)


def _remove(context: RequestContext, doc: Doc) -> None:
    if context.tx.find("experiments", "variation", doc["id"]):
        raise APIError(409, "The variation is in use by an experiment.", "variation_in_use")
    if len(context.tx.find("variations", "parent", context.path["id"])) == 1:
        raise invalid("The last variation of a feature flag cannot be deleted.")


VARIATIONS = CollectionBehaviour(
    "variations",
    new_id=id_forms.VARIATION,
    missing=Missing("The variation does not exist.", "inexistent_variation"),
    unique=(Unique(("_feature_flags", "name"), "A variation with the same name already exists."),),
    stamps=True,
    parent=Parent("feature_flags", "id", MISSING),
    prepare=_prepare,
    change=_change,
    view=_view,
    before_delete=_remove,
    idempotent_delete=True,
)
VARIATIONS.bind(
    family,
    list="experimentation.feature_flags.variations.list",
    create="experimentation.feature_flags.variations.create",
    get="experimentation.feature_flags.variations.get",
    update="experimentation.feature_flags.variations.update",
    delete="experimentation.feature_flags.variations.delete",
)
