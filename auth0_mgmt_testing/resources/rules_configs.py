"""Configuration of rules: values by key, written and never read back."""

from __future__ import annotations

from typing import Any

from ..behaviours import CollectionBehaviour, Missing
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state.store import Doc

family = Family()


def _key_only(context: RequestContext, doc: Doc) -> Doc:
    return {"key": doc["key"]}


CONFIGS = CollectionBehaviour(
    "rules_configs",
    id="key",
    new_id=None,
    missing=Missing("The rules config does not exist", "inexistent_rules_config"),
    view=_key_only,
    idempotent_delete=True,
)
CONFIGS.bind(family, list="rules_configs.list", delete="rules_configs.delete")


@family.operation("rules_configs.set")
def put_config(context: RequestContext) -> Any:
    """Set a key; only this response shows the value."""
    doc = {"key": context.path["key"], "value": context.body["value"]}
    return context.tx.put("rules_configs", doc["key"], doc)
