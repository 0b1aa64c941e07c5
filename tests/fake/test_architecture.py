"""What may know what: the rules that `auth0_mgmt_testing` tells, held against its imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest

import auth0_mgmt
import auth0_mgmt_testing

BEHAVIOURS = {"resources", "semantics", "strategies"}
CORE = {"catalogue", "contract", "engine", "state"}
KNOWS = {
    "state": set[str](),
    "contract": set[str](),
    "engine": {"catalogue", "contract", "semantics", "state", "tenant"},
    "catalogue": {"engine", "resources", "semantics", "state"},
    "semantics": CORE,
    "strategies": CORE | {"semantics"},
    "resources": CORE | {"semantics", "strategies"},
    "control": CORE | {"resources", "semantics", "tenant"},
    "tenant": CORE | {"control", "doors", "resources"},
    "doors": CORE | {"harness", "tenant"},
    "harness": {"cassettes", "contract", "engine", "tenant", "tenants"},
    "cassettes": {"harness"},
    "tenants": CORE | {"cassettes", "control", "doors", "harness", "tenant"},
    "factory": {"tenants"},
    "plugin": {"factory", "tenants"},
    "commands": CORE | {"cassettes", "doors", "harness"},
    "cli": {"commands"},
    "__main__": {"cli"},
    "__init__": {"control", "state", "tenant"},
}
"""For each room of the package (a package or module right in it) the others that it may import."""


def modules(package: str, init: str) -> Iterator[tuple[str, Path]]:
    """Every module of a package and its path; a package's own name ends in ``__init__``."""
    folder = Path(init).parent
    for path in sorted(folder.rglob("*.py")):
        yield ".".join((package, *path.relative_to(folder).with_suffix("").parts)), path


def imported(name: str, source: str) -> Iterator[str]:
    """The full names of all that a module imports, anywhere in it, be it for types only."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            relative = "." * node.level + (node.module or "")
            whole = resolve_name(relative, name.rpartition(".")[0])
            yield from (f"{whole}.{alias.name}" for alias in node.names)


@cache
def rooms_known() -> dict[str, set[str]]:
    """By room: the other rooms that it imports."""
    known: dict[str, set[str]] = {}
    for name, path in modules("auth0_mgmt_testing", auth0_mgmt_testing.__file__):
        room = name.split(".")[1]
        known.setdefault(room, set())
        for target in imported(name, path.read_text("utf-8")):
            package, _, rest = target.partition(".")
            if package == "auth0_mgmt_testing":
                known[room].add(rest.partition(".")[0])
        known[room].discard(room)
    return known


def test_every_import_is_seen() -> None:
    source = "import a.b\ndef f():\n    from .c import d\n    from .. import e\n"
    assert list(imported("p.q.r", source)) == ["a.b", "p.q.c.d", "p.e"]


def test_rooms_import_only_what_they_may_know() -> None:
    strangers = {room: known - KNOWS.get(room, set()) for room, known in rooms_known().items()}
    assert {room: found for room, found in strangers.items() if found} == {}


def test_only_the_catalogue_and_the_tenants_controls_know_a_behaviour_from_outside() -> None:
    outside = {room for room, known in rooms_known().items() if "resources" in known} - BEHAVIOURS
    assert outside == {"catalogue", "control", "tenant"}


def test_the_client_knows_nothing_of_the_fake() -> None:
    for name, path in modules("auth0_mgmt", auth0_mgmt.__file__):
        found = {target.partition(".")[0] for target in imported(name, path.read_text("utf-8"))}
        assert "auth0_mgmt_testing" not in found, name


@pytest.mark.parametrize("room", sorted(KNOWS.keys() - {"__init__", "__main__"}))
def test_every_room_is_there_and_is_told_of(room: str) -> None:
    assert room in rooms_known()
    assert f"`{room}`" in str(auth0_mgmt_testing.__doc__)
