"""Blacklisted tokens: by audience and token id, added and listed."""

from __future__ import annotations

from typing import Any

from ..engine.context import RequestContext
from ..engine.registry import Family
from ..state.store import visible

family = Family()


@family.operation("blacklists.create")
def add(context: RequestContext) -> Any:
    """Add a token; a token that is listed already stays listed once."""
    token = {name: context.body[name] for name in ("aud", "jti") if name in context.body}
    token.setdefault("aud", context.caller.client_id or "")
    context.tx.put("blacklisted_tokens", (token["aud"], token["jti"]), token)


@family.operation("blacklists.list", kind="view")
def listed(context: RequestContext) -> Any:
    """Every token of an audience as a bare list; page parameters have no effect."""
    audience = context.query.get("aud")
    context.query.seen.update(context.query)
    tokens = context.tx.all("blacklisted_tokens")
    return [visible(doc) for doc in tokens if audience is None or doc["aud"] == audience]
