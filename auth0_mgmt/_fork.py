"""A new start in a forked child: gunicorn with preload, Celery, multiprocessing.

Connections that a child shares with its parent hand the responses of one process to the other, and
a lock that another thread held at the fork stays locked for ever in the child. Objects that hold
either register here, and the child replaces both before it runs anything else.
"""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """An object with locks or connections."""

    def after_fork(self) -> None:
        """Replace locks and drop connections; called in the child."""
        ...


_objects: WeakSet[Forkable] = WeakSet()


def register(thing: Forkable) -> None:
    """Call the object's ``after_fork`` in every child that is forked while it lives."""
    _objects.add(thing)


def _after_fork_in_child() -> None:
    for thing in list(_objects):
        thing.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_after_fork_in_child)
