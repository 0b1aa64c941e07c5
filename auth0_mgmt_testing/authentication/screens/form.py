"""A form that the code of an action shows (``api.prompt.render``): its steps, one page each.

Fields are shown by their labels, as plain inputs; blocks and widgets are not. Of a router the fallback is
taken, and flows do not run: the form goes on behind them.
"""

from __future__ import annotations

from typing import Any

from auth0_mgmt._json import is_array, is_object

from ...engine.context import Reply, RequestContext
from ...engine.registry import Family
from ...state.store import Doc
from .. import interaction
from ..errors import invalid_request
from ..http import redirect
from ..interaction import Flow, screen
from ..lookup import member
from ..pages.page import Choice, Field, Page

family = Family()

_INPUTS = {
    "BOOLEAN": "checkbox",
    "DATE": "date",
    "EMAIL": "email",
    "LEGAL": "checkbox",
    "NUMBER": "number",
    "PASSWORD": "password",
    "TEL": "tel",
    "URL": "url",
}
"""Type of field -> kind of input; any other is a text."""
_NODES = 1_000
"""Nodes that a form can pass on the way to a step; more are a circle."""


def _prompt(flow: Flow) -> Doc:
    prompt = None if flow.effects is None else flow.effects.prompt
    if prompt is None:
        raise invalid_request("The log-in shows no form")
    return prompt


def _form(context: RequestContext, flow: Flow) -> Doc:
    form_id = _prompt(flow)["id"]
    form = context.tx.get("forms", form_id)
    if form is None:
        raise invalid_request(f"The form {form_id} does not exist")
    return form


def _step(form: Doc, pointer: Any) -> Doc | None:
    """The step that a pointer of a form leads to; None for the end."""
    given: Any = form.get("nodes")
    nodes = {
        str(node["id"]): node for node in (given if is_array(given) else []) if is_object(node)
    }
    for _ in range(_NODES):
        node = nodes.get(str(pointer))
        if node is None or node["type"] == "STEP":
            return node
        config = member(node, "config")
        pointer = config.get("fallback" if node["type"] == "ROUTER" else "next_node")
    raise invalid_request(f"The form {form['id']} never comes to a step or to its end")


def _current(context: RequestContext, flow: Flow) -> Doc | None:
    form, kept = _form(context, flow), flow.kept.get("form")
    pointer = member(form, "start").get("next_node") if kept is None else kept["pointer"]
    return _step(form, pointer)


def _fields(step: Doc) -> list[Doc]:
    """The components of a step that the user fills in."""
    components: Any = member(step, "config").get("components")
    found = components if is_array(components) else []
    return [each for each in found if is_object(each) and each.get("category") == "FIELD"]


def _page(flow: Flow, step: Doc, error: str = "") -> Page:
    filled: Doc = _prompt(flow)["fields"]

    def input_of(field: Doc) -> Field:
        name, kind = str(field["id"]), _INPUTS.get(str(field["type"]), "text")
        default = filled.get(name, member(field, "config").get("default_value", ""))
        text = "" if default is None or kind == "checkbox" else str(default)
        required = bool(field.get("required")) and kind != "checkbox"
        return Field(name, str(field.get("label") or name), kind, text, required=required)

    return Page(
        "form",
        "form",
        title=str(step.get("alias") or "title"),
        fields=[input_of(field) for field in _fields(step)],
        choices=(Choice("default", "buttonText"),),
        error=error,
        status=400 if error else 200,
    )


@screen
def show(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    flow.require_user(context)
    step = _current(context, flow)
    return _finished(context, flow, {}) if step is None else flow.show(context, _page(flow, step))


@screen
def submit(context: RequestContext, flow: Flow, given: dict[str, str]) -> Reply:
    flow.require_user(context)
    step = _current(context, flow)
    if step is None:
        return _finished(context, flow, {})
    entered: Doc = {}
    for field in _fields(step):
        name = str(field["id"])
        value = _value(str(field["type"]), given.get(name, ""))
        if field.get("required") and value in ("", False, None):
            return flow.show(context, _page(flow, step, "required"))
        if value is not None:
            entered[name] = value
    entered = {**(flow.kept.get("form") or {"fields": {}})["fields"], **entered}
    pointer = member(step, "config").get("next_node")
    if _step(_form(context, flow), pointer) is None:
        return _finished(context, flow, entered)
    flow.update(context, form={"pointer": pointer, "fields": entered})
    return redirect(flow.url("form"))


def _value(kind: str, text: str) -> Any:
    """What an input holds, as its type of field has it; None for nothing."""
    if kind in ("BOOLEAN", "LEGAL"):
        return bool(text)
    if kind == "NUMBER":
        try:
            number = float(text)
        except ValueError:
            return None
        return int(number) if number.is_integer() else number
    return text or None


def _finished(context: RequestContext, flow: Flow, entered: Doc) -> Reply:
    prompt = _prompt(flow)
    fields = {**prompt["fields"], **entered}
    shown = {"id": prompt["id"], "fields": fields, "vars": prompt["vars"]}
    flow.update(context, form=None, returned={"prompt": shown})
    return interaction.advance(context, flow)


family.route("GET", "/u/form", show)
family.route("POST", "/u/form", submit)
