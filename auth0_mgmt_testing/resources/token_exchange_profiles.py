"""Token exchange profiles: which action answers for a subject token type."""

from __future__ import annotations

from ..catalogue import Family
from ..semantics import Collection, Missing, Unique
from ..state.ids import letters

family = Family()

PROFILES = Collection(
    "token_exchange_profiles",
    new_id=letters(16, "tep_"),
    missing=Missing("The token exchange profile does not exist."),
    unique=(
        Unique(
            "subject_token_type",
            "A token exchange profile with this subject token type already exists.",
        ),
    ),
    stamps=True,
)
PROFILES.bind(
    family,
    list="get_token-exchange-profiles",
    create="post_token-exchange-profiles",
    get="get_token-exchange-profiles_by_id",
    update="patch_token-exchange-profiles_by_id",
    delete="delete_token-exchange-profiles_by_id",
)
