"""User attribute profiles: how attributes map between OIDC, SAML, SCIM and Auth0."""

from __future__ import annotations

from ..catalogue import Family
from ..semantics import Collection, Missing
from ..state.ids import base58

family = Family()

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_USER_ID = {
    "oidc_mapping": "sub",
    "saml_mapping": [f"{_CLAIMS}/{name}" for name in ("nameidentifier", "upn", "name")],
    "scim_mapping": "externalId",
}

PROFILES = Collection(
    "user_attribute_profiles",
    new_id=base58(22, "uap_"),
    missing=Missing("User attribute profile not found."),
    defaults={"user_id": _USER_ID},
    idempotent_delete=True,
)
PROFILES.bind(
    family,
    list="get_user-attribute-profiles",
    create="post_user-attribute-profiles",
    get="get_user-attribute-profiles_by_id",
    update="patch_user-attribute-profiles_by_id",
    delete="delete_user-attribute-profiles_by_id",
)
