"""Puts a fault into the fake of a pytest run: ``-p tools.mutations.plugin``, named by a variable."""

from __future__ import annotations

import os

from .declared import MUTATIONS

VARIABLE = "AUTH0_MUTATION"

_name = os.environ.get(VARIABLE)
if _name:
    next(mutation for mutation in MUTATIONS if mutation.name == _name).put()
