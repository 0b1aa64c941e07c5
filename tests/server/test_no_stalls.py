"""The garbage collector of a server: it never traverses what a tenant contains."""

from __future__ import annotations

import gc
from weakref import ref

from auth0_mgmt_testing.server.http import NoStalls


class Cyclic:
    def __init__(self) -> None:
        self.itself = self


def test_what_survived_a_collection_is_not_traversed_again() -> None:
    with NoStalls() as stalls:
        kept = [{"number": [number]} for number in range(60_000)]
        stalls.collect()
        assert len(gc.get_objects()) < len(kept)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_what_is_garbage_after_a_request_is_collected() -> None:
    with NoStalls() as stalls:
        nodes = [Cyclic() for _ in range(60_000)]
        gone = [ref(node) for node in nodes]
        nodes.clear()
        stalls.collect()
        assert not any(node() for node in gone)


def test_no_collection_runs_within_a_request() -> None:
    """What an error keeps alive then, with its frames and all they refer to, would stay for ever."""
    phases: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        phases.append(phase)

    with NoStalls() as stalls:
        gc.callbacks.append(note)
        kept = [{"number": [number]} for number in range(60_000)]
        assert phases == []
        stalls.collect()
        assert phases == ["start", "stop"]
        gc.callbacks.remove(note)
    assert len(kept) == 60_000
