"""Client profiles: named settings that clients are made from."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Missing, Unique
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms

family = Family()

PROFILES = CollectionBehaviour(
    "client_profiles",
    new_id=id_forms.CLIENT_PROFILE,
    missing=Missing("The client profile does not exist.", "inexistent_client_profile"),
    unique=(Unique("name", "A client profile with the same name already exists."),),
    drop_nulls=True,
    stamps=True,
    limit=(1, APIError(409, "A tenant can have one client profile only.", "limit_reached")),
    idempotent_delete=True,
)
PROFILES.bind(
    family,
    list="client_profiles.list",
    create="client_profiles.create",
    get="client_profiles.get",
    update="client_profiles.update",
    delete="client_profiles.delete",
)
