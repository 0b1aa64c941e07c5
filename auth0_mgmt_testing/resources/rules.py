"""Rules: scripts run in order after a login (superseded by actions)."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Listing, Missing, Unique, equals
from ..state.ids import letters
from ..state.store import Doc

family = Family()


def _defaults(call: Call, doc: Doc) -> Doc:
    """A new rule runs after those there are."""
    last = max((int(rule["order"]) for rule in call.tx.all("rules")), default=0)
    return {"enabled": True, "order": last + 1, "stage": "login_success"}


RULES = Collection(
    "rules",
    new_id=letters(16, "rul_"),
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
    list="get_rules",
    create="post_rules",
    get="get_rules_by_id",
    update="patch_rules_by_id",
    delete="delete_rules_by_id",
)
