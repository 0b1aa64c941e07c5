"""The order of rooms that the docstring of `auth0_mgmt_testing` gives, checked against its imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import auth0_mgmt_testing
from tests.architecture.imports import circles, graph

GRAPH = graph(Path(str(auth0_mgmt_testing.__file__)).parent)
ENTRY_POINTS = {"__init__", "__main__"}
ROOMS: list[str] = re.findall(r"`(\w+)`: ", str(auth0_mgmt_testing.__doc__))


def room_of(module: str) -> str:
    """The package or module right below the top that a module is part of."""
    return module.split(".")[1] if "." in module else "__init__"


def test_the_docstring_lists_every_room_once() -> None:
    assert sorted(ROOMS) == sorted({room_of(module) for module in GRAPH} - ENTRY_POINTS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_that_are_listed_before_it(room: str) -> None:
    before = ROOMS[: ROOMS.index(room) + 1]
    wrong = {
        (module, target)
        for module, targets in GRAPH.items()
        if room_of(module) == room
        for target in targets
        if room_of(target) not in before
    }
    assert wrong == set()


def test_no_module_imports_itself_through_others() -> None:
    assert circles(GRAPH) == []
