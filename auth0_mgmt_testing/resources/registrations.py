"""The code that runs before and after a user of a database or passwordless connection is created."""

from __future__ import annotations

from dataclasses import replace

from ..actions.effects import Effects
from ..actions.event import Event
from ..actions.event_object import merged_metadata
from ..engine.context import RequestContext
from ..state.store import Doc
from .action_executions import is_bound, run_trigger

_NO_EFFECTS = Effects()
"""What no code wants to happen; effects are only read here and by callers."""
_STRATEGIES = ("auth0", "email", "sms")


def runs_for(connection: Doc) -> bool:
    """Whether registration code runs for the users of a connection."""
    return connection.get("strategy") in _STRATEGIES


def before_registration(
    context: RequestContext, draft: Doc, connection: Doc, event: Event | None = None
) -> tuple[Doc, Effects]:
    """Run the pre-user-registration code; returns the user to create, and what the code wants.

    ``event``: what is known of the registration beside user and connection. Where the effects deny
    access, the user must not be created.
    """
    if not is_bound(context, "pre-user-registration"):
        return dict(draft), _NO_EFFECTS
    about = event or Event()
    effects = run_trigger(context, "pre-user-registration", _about(about, draft, connection))
    changed = dict(draft)
    for name, patch in (
        ("user_metadata", effects.user_metadata),
        ("app_metadata", effects.app_metadata),
    ):
        if patch:
            changed[name] = merged_metadata(draft.get(name), patch)
    return changed, effects


def after_registration(
    context: RequestContext, user: Doc, connection: Doc, event: Event | None = None
) -> Effects:
    """Run the post-user-registration code; it cannot change anything."""
    if not is_bound(context, "post-user-registration"):
        return _NO_EFFECTS
    return run_trigger(
        context, "post-user-registration", _about(event or Event(), user, connection)
    )


def _about(event: Event, user: Doc, connection: Doc) -> Event:
    known = {name: value for name, value in user.items() if name != "password"}
    return replace(event, user=known, connection=connection)
