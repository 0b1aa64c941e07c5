"""The import rules of ``auth0_mgmt``, as its docstring states them."""

from __future__ import annotations

from pathlib import Path

import pytest

import auth0_mgmt

from . import imports

PACKAGE = Path(auth0_mgmt.__file__).parent
GRAPH = {name: to for name, to in imports.graph(PACKAGE).items() if name != "auth0_mgmt"}


def test_no_module_reaches_itself() -> None:
    assert imports.circles(GRAPH) == []


def test_modules_import_only_what_the_rules_allow() -> None:
    rules = imports.layers(auth0_mgmt.__doc__ or "", "auth0_mgmt", GRAPH)
    assert len(set(rules.values())) > 5
    assert imports.upward(GRAPH, rules) == []


def test_no_module_imports_the_public_face() -> None:
    assert [name for name, others in GRAPH.items() if "auth0_mgmt" in others] == []


@pytest.mark.parametrize(
    "late",
    [
        "from . import b",
        "def f():\n    from .b import x",
        "if TYPE_CHECKING:\n    from .b import x",
    ],
)
def test_late_and_type_only_imports_are_found(tmp_path: Path, late: str) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text('"""Rules:\n\n    b   the ground\n    a\n"""\n')
    (package / "a.py").write_text(late + "\n")
    (package / "b.py").write_text("import pkg.a\n")
    found = imports.graph(package)
    assert imports.circles(found) == [["pkg.a", "pkg.b"]]
    rules = imports.layers((package / "__init__.py").read_text(), "pkg", found)
    assert rules == {"pkg.b": 0, "pkg.a": 1}
    assert imports.upward(found, rules) == ["pkg.b imports pkg.a"]
