"""Puts a fault into the fake of a pytest run: ``-p tools.mutations.plugin``, named by a variable."""

from __future__ import annotations

import os

from .declared import MUTATIONS

VARIABLE = "AUTH0_MUTATION"
CPU_SECONDS = 60
"""Processor time that a run may take: a fake whose pages repeat makes a client read for ever."""


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


_name = os.environ.get(VARIABLE)
if _name:
    _limit()
    next(mutation for mutation in MUTATIONS if mutation.name == _name).put()
