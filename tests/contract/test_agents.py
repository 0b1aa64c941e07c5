"""Agents."""

from __future__ import annotations

from .families import Family

AGENTS = Family(
    at="agents",
    id="agent_id",
    get="read",
    new=lambda make: {"name": make.name("agent"), "metadata": {"team": "search"}},
    change={"metadata": {"team": "billing"}},
    null="metadata",
    missing="agt_0000000000000000000000",
    absent="agent",
    needs="agents",
)
