"""Connection profiles: how connections made by a self-service flow are set up."""

from __future__ import annotations

from ..catalogue import Family
from ..semantics import Collection, Missing
from ..state.ids import base58

family = Family()

PROFILES = Collection(
    "connection_profiles",
    new_id=base58(22, "cop_"),
    missing=Missing("The connection profile does not exist."),
    defaults={"strategy_overrides": None},
)
PROFILES.bind(
    family,
    list="get_connection-profiles",
    create="post_connection-profiles",
    get="get_connection-profiles_by_id",
    update="patch_connection-profiles_by_id",
    delete="delete_connection-profiles_by_id",
)
