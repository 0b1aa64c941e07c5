"""Token exchange profiles: which action handles a subject token type."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Missing, Unique
from ..engine.context import RequestContext
from ..engine.errors import APIError
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()

_TRIGGER = "custom-token-exchange"


def _with_action(context: RequestContext, profile: Doc) -> Doc:
    """The action of a profile exists, supports the trigger, and is deployed."""
    action = context.tx.get("actions", profile["action_id"])
    if action is None:
        raise APIError(400, "The action does not exist.", "inexistent_action")
    if not any(trigger["id"] == _TRIGGER for trigger in action["supported_triggers"]):
        raise APIError(400, f"The action does not support the {_TRIGGER} trigger.", "invalid_body")
    if action["_deployed"] is None:
        raise APIError(400, "The action must be deployed.", "invalid_body")
    return profile


PROFILES = CollectionBehaviour(
    "token_exchange_profiles",
    new_id=id_forms.TOKEN_EXCHANGE_PROFILE,
    missing=Missing("Token exchange profile not found."),
    unique=(
        Unique(
            "subject_token_type",
            "A token exchange profile with this subject token type already exists.",
        ),
    ),
    stamps=True,
    prepare=_with_action,
    idempotent_delete=True,
)
PROFILES.bind(
    family,
    list="token_exchange_profiles.list",
    create="token_exchange_profiles.create",
    get="token_exchange_profiles.get",
    update="token_exchange_profiles.update",
    delete="token_exchange_profiles.delete",
)
