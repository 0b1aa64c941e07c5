"""Rules: scripts run in order after a login (superseded by actions)."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Listing, Missing, Unique, equals
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _defaults(context: RequestContext, doc: Doc) -> Doc:
    """A new rule runs after those there are."""
    last = max((int(rule["order"]) for rule in context.tx.all("rules")), default=0)
    return {"enabled": True, "order": last + 1, "stage": "login_success"}


RULES = CollectionBehaviour(
    "rules",
    new_id=id_forms.RULE,
    missing=Missing("The rule does not exist", "inexistent_rule"),
    unique=(
        Unique("name", "A rule with the same name already exists", "rule_conflict"),
        Unique("order", "A rule with the same order already exists", "rule_conflict"),
    ),
    defaults=_defaults,
    idempotent_delete=True,
    listing=Listing(filters={"enabled": equals("enabled")}, order=lambda rule: rule["order"]),
)
RULES.bind(
    family,
    list="rules.list",
    create="rules.create",
    get="rules.get",
    update="rules.update",
    delete="rules.delete",
)
