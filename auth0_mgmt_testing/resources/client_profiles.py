"""Client profiles: named settings that clients are made from."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.problem import Problem
from ..semantics import Collection, Missing, Unique
from ..state.ids import letters

family = Family()

PROFILES = Collection(
    "client_profiles",
    new_id=letters(22, "clp_"),
    missing=Missing("The client profile does not exist.", "inexistent_client_profile"),
    unique=(Unique("name", "A client profile with the same name already exists."),),
    drop_nulls=True,
    stamps=True,
    limit=(1, Problem(409, "A tenant can have one client profile only.", "limit_reached")),
    idempotent_delete=True,
)
PROFILES.bind(
    family,
    list="get_client_profiles",
    create="post_client_profile",
    get="get_client_profile",
    update="patch_client_profile",
    delete="delete_client_profile",
)
