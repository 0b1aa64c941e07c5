"""Agents."""

from __future__ import annotations

from ..catalogue import Family
from ..semantics import Collection, Missing
from ..state.ids import letters

family = Family()

AGENTS = Collection(
    "agents",
    new_id=letters(22, "agt_"),
    missing=Missing("The agent does not exist.", "inexistent_agent"),
    drop_nulls=True,
    stamps=True,
)
AGENTS.bind(
    family,
    list="get_agents",
    create="post_agent",
    get="get_agent",
    update="patch_agent",
    delete="delete_agent",
)
