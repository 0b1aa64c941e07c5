"""User attribute profiles: how attributes map between OIDC, SAML, SCIM and Auth0."""

from __future__ import annotations

from ..catalogue import Family
from ..engine.call import Call
from ..semantics import Collection, Missing
from ..state.ids import base58
from ..state.store import Doc

family = Family()

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_USER_ID = {
    "oidc_mapping": "sub",
    "saml_mapping": [f"{_CLAIMS}/{name}" for name in ("nameidentifier", "upn", "name")],
    "scim_mapping": "externalId",
}


def _complete(call: Call, doc: Doc) -> Doc:
    """The parts of ``user_id`` that are not given are the tenant's."""
    return {**doc, "user_id": {**_USER_ID, **(doc.get("user_id") or {})}}


PROFILES = Collection(
    "user_attribute_profiles",
    new_id=base58(22, "uap_"),
    missing=Missing("User attribute profile not found."),
    prepare=_complete,
    change=lambda call, old, patch: _complete(call, {**old, **patch}),
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
