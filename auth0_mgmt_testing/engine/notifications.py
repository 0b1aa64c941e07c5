"""Subscribers of tables are notified of what a transaction changed, before it is committed."""

from __future__ import annotations

from itertools import islice

from .context import RequestContext
from .registry import Registry


def notify_subscribers(context: RequestContext, registry: Registry) -> None:
    """Call every subscriber of a changed document, until nothing new changes.

    Writes of subscribers are notified as well.
    """
    touched, subscribers = context.tx.touched, registry.subscribers
    notified = 0
    while notified < len(touched):  # what is touched is in order, and only grows
        for place in list(islice(touched, notified, None)):
            table, key = place
            for subscriber in subscribers.get(table, ()):
                subscriber(context, touched[place], context.tx.get(table, key))
            notified += 1
