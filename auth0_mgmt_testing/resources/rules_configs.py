"""Configuration of rules: values by key, written and never read back."""

from __future__ import annotations

from typing import Any

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Missing
from ..state.store import Doc

family = Family()


def _key_only(call: Call, doc: Doc) -> Doc:
    return {"key": doc["key"]}


CONFIGS = Collection(
    "rules_configs",
    id="key",
    new_id=None,
    missing=Missing("The rules config does not exist", "inexistent_rules_config"),
    view=_key_only,
    idempotent_delete=True,
)
CONFIGS.bind(family, list="get_rules-configs", delete="delete_rules-configs_by_key")


@family.verb("put_rules-configs_by_key")
def put_config(call: Call) -> Any:
    """Set a key; only this answer shows the value."""
    doc = {"key": call.path["key"], "value": call.body["value"]}
    return call.tx.put("rules_configs", doc["key"], doc)
