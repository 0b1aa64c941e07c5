"""Operations on very many documents at once."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def many_objects() -> Generator[None]:
    """Pause the cyclic garbage collector while very many lasting objects are created.

    The collector would traverse all objects repeatedly and find nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
