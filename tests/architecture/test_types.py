"""What the type checkers see: all code, and the plugin's fixtures in their own types."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

from auth0_mgmt_testing import plugin
from tests.docs.pages import PAGES, blocks, page_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("auth0_mgmt", "auth0_mgmt_testing", "tools", "tests", "examples")
TOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
STRANGER = "examples/downstream"
BLANKET = re.compile(
    r"#\s*(type|pyright): ignore(?!\[|-)|#\s*mypy: ignore-errors|#\s*pyright: basic"
)


def modules() -> dict[str, str]:
    """The Python files of the project with their text."""
    found = {path.name: path for path in ROOT.glob("*.py")}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            found[path.relative_to(ROOT).as_posix()] = path
    return {name: path.read_text("utf-8") for name, path in sorted(found.items())}


def test_both_checkers_cover_all_code_strictly() -> None:
    mypy, pyright = TOOLS["mypy"], TOOLS["pyright"]
    assert set(mypy["files"]) == set(pyright["include"]) == {*PACKAGES, "conftest.py"}
    assert pyright["exclude"] == [STRANGER], "tests/docs checks it as a project of its own"
    assert mypy["exclude"] == [f"^{STRANGER}/"]
    assert mypy["strict"] is True
    assert "overrides" not in mypy
    assert pyright["typeCheckingMode"] == "strict"
    relaxed = {
        name
        for environment in pyright["executionEnvironments"]
        for name, value in environment.items()
        if name.startswith("report") and value in (False, "none")
    }
    assert relaxed == {"reportPrivateUsage"}, "tests of internals use private names"


def test_every_ignored_error_is_named() -> None:
    typing = "tests/typing/"  # each line there is an error on purpose, of many rules
    blanket = [
        f"{name}:{number}"
        for name, text in modules().items()
        if not name.startswith(typing)
        for number, line in enumerate(text.splitlines(), 1)
        if BLANKET.search(line)
    ]
    assert blanket == []


def fixture_types() -> dict[str, str]:
    """The plugin's fixtures with what they give: ``auth0_mgmt``: ``Management``."""
    tree = ast.parse(Path(str(plugin.__file__)).read_text("utf-8"))
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("auth0_"):
            assert node.returns is not None
            text = ast.unparse(node.returns)
            found[node.name] = re.sub(r"^Iterator\[(.*)\]$", r"\1", text)
    return found


def untyped(text: str, types: dict[str, str]) -> list[str]:
    """The parameters that have a fixture's name and not its type."""
    return [
        f"line {argument.lineno}: {argument.arg}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if argument.arg in types
        and (
            argument.annotation is None
            or ast.unparse(argument.annotation) not in (*types[argument.arg].split(" | "),)
        )
    ]


def test_the_fixtures_have_their_types_in_every_test_and_on_every_page() -> None:
    types = fixture_types()
    assert types["auth0_factory"] == "Factory"
    assert len(types) >= 7
    texts = {name: text for name, text in modules().items() if name.startswith(("tests", "ex"))}
    for page in PAGES:
        for block in blocks(page):
            if block.language == "python":
                texts[f"{page_name(page)}:{block.line}"] = block.text
    wrong = {name: found for name, text in texts.items() if (found := untyped(text, types))}
    assert wrong == {}


def test_a_fixture_without_its_type_is_found() -> None:
    types = {"auth0_factory": "Factory", "auth0_fake": "FakeTenant | RemoteTenant"}
    assert untyped("def test(auth0_factory: Factory, auth0_fake: FakeTenant): ...", types) == []
    for annotation in ("", ": Any"):
        assert untyped(f"def test(auth0_factory{annotation}): ...", types) == [
            "line 1: auth0_factory"
        ]
