"""Agents: the software that acts for users, known to the tenant by name."""

from __future__ import annotations

from ..behaviours import CollectionBehaviour, Missing, Unique
from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state import id_forms
from ..state.store import Doc

family = Family()


def _without_client(context: RequestContext, agent: Doc) -> Doc:
    """The client that an agent was made with is not read back."""
    return {key: value for key, value in agent.items() if key != "client_id"}


def _change(context: RequestContext, old: Doc, patch: Doc) -> Doc:
    """Metadata are replaced whole; null empties them."""
    metadata = patch.get("metadata", old["metadata"])
    return {**old, **patch, "metadata": metadata or {}}


AGENTS = CollectionBehaviour(
    "agents",
    id="agent_id",
    new_id=id_forms.AGENT,
    missing=Missing("The agent does not exist.", "inexistent_agent"),
    unique=(
        Unique(
            "external_agent_id",
            "An agent with the same external_agent_id already exists.",
            "agent_conflict",
        ),
    ),
    defaults={"metadata": {}},
    drop_nulls=True,
    stamps=True,
    change=_change,
    view=_without_client,
    idempotent_delete=True,
)
AGENTS.bind(
    family,
    list="agents.list",
    create="agents.create",
    get="agents.read",
    update="agents.update",
    delete="agents.delete",
)
