"""Rate limit policies."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Listing, Missing, Unique, equals
from ..engine.registry import Family
from ..state import id_forms

family = Family()

POLICIES = CollectionBehaviour(
    "rate_limit_policies",
    new_id=id_forms.RATE_LIMIT_POLICY,
    missing=Missing("The rate limit policy does not exist.", "inexistent_rate_limit_policy"),
    unique=(
        Unique(
            ("resource", "consumer", "consumer_selector"),
            "A rate limit policy for this consumer already exists.",
            "rate_limit_policy_conflict",
        ),
    ),
    stamps=True,
    listing=Listing(
        filters={name: equals(name) for name in ("resource", "consumer", "consumer_selector")}
    ),
)
POLICIES.bind(
    family,
    list="rate_limit_policies.list",
    create="rate_limit_policies.create",
    get="rate_limit_policies.get",
    update="rate_limit_policies.update",
    delete="rate_limit_policies.delete",
)
