"""Subscribers of tables are notified of what a transaction changed, before it is committed."""

from __future__ import annotations

from ..state.store import Key
from .context import RequestContext
from .registry import Registry


def notify_subscribers(context: RequestContext, registry: Registry) -> None:
    """Call every subscriber of a changed document, until nothing new changes.

    Writes of subscribers are notified as well.
    """
    notified: set[tuple[str, Key]] = set()
    while new := [place for place in context.tx.touched if place not in notified]:
        for table, key in new:
            notified.add((table, key))
            for subscriber in registry.subscribers.get(table, ()):
                subscriber(context, context.tx.touched[table, key], context.tx.get(table, key))
