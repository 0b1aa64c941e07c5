"""Connection profiles: how connections made by a self-service flow are set up."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Missing
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

PROFILES = CollectionBehaviour(
    "connection_profiles",
    new_id=id_forms.CONNECTION_PROFILE,
    missing=Missing("The connection profile does not exist."),
    defaults={"connection_config": None, "strategy_overrides": None},
    idempotent_delete=True,
)
PROFILES.bind(
    family,
    list="connection_profiles.list",
    create="connection_profiles.create",
    get="connection_profiles.get",
    update="connection_profiles.update",
    delete="connection_profiles.delete",
)


# The templates of live tenants are not known; this one holds what a profile can say.
_TEMPLATE: Doc = {
    "id": "auth0-generic",
    "display_name": "Generic Connection Profile Template",
    "template": {
        "name": "Generic Connection Profile",
        "organization": {"show_as_button": "required", "assign_membership_on_login": "required"},
        "connection_name_prefix_template": "{org_name}-",
        "enabled_features": ["scim", "universal_logout"],
        "connection_config": {},
        "strategy_overrides": {},
    },
}
TEMPLATES = CollectionBehaviour(
    "connection_profile_templates",
    missing=Missing("The connection profile template does not exist."),
)
TEMPLATES.bind(
    family,
    list="connection_profiles.list_templates",
    get="connection_profiles.get_template",
)
TEMPLATES.begin_with(family, _TEMPLATE)
