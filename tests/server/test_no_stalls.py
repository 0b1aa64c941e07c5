"""The garbage collector of a server: it never traverses what a tenant contains."""

from __future__ import annotations

import gc
from weakref import ref

from auth0_mgmt_testing.server.http import NoStalls


def test_what_survived_a_collection_is_not_traversed_again() -> None:
    thresholds = gc.get_threshold()
    with NoStalls():
        kept = [{"number": [number]} for number in range(60_000)]
        assert len(gc.get_objects(generation=1)) < 1_000
        assert len(gc.get_objects(generation=2)) < 1_000
        assert len(gc.get_objects(generation=0)) < len(kept)
    assert gc.get_threshold() == thresholds
    assert gc.get_freeze_count() == 0


def test_cycles_are_still_collected() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    with NoStalls():
        nodes = [ref(Node()) for _ in range(60_000)]
        assert sum(node() is not None for node in nodes) < 20_000
