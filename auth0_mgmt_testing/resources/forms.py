"""Forms: kept as they are posted."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Missing
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _flows(form: Doc) -> int:
    return sum(node.get("type") == "FLOW" for node in form.get("nodes") or ())


_DROPPED_EMPTY = ("messages", "nodes", "style")
"""Members that a form does not show while they are empty."""


def _view(context: RequestContext, form: Doc) -> Doc:
    """A form, with the number of its flows where that is requested."""
    counted = "flow_count" in (context.query.get("hydrate") or ())
    shown = {k: v for k, v in form.items() if v or k not in _DROPPED_EMPTY}
    return {**shown, "flow_count": _flows(form)} if counted else shown


def _listed(context: RequestContext, form: Doc) -> Doc:
    """A list says what a form is called, how many flows it has and when it was last touched."""
    context.query.get("hydrate")
    shown = ("id", "name", "description", "created_at", "updated_at")
    return {**{key: form[key] for key in shown if key in form}, "flow_count": _flows(form)}


FORMS = CollectionBehaviour(
    "forms",
    new_id=id_forms.FORM,
    missing=Missing("Form not found"),
    defaults={"ending": {"resume_flow": True}},
    drop_nulls=True,
    stamps=True,
    view=_view,
    listed=_listed,
)
FORMS.bind(
    family,
    list="forms.list",
    create="forms.create",
    get="forms.get",
    update="forms.update",
    delete="forms.delete",
)
