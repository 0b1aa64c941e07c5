"""`__all__` of the testing package against what users of it name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import auth0_mgmt
import auth0_mgmt_testing
import auth0_mgmt_testing.errors

from .test_types import fixture_types

ROOT = Path(__file__).parents[2]
PUBLIC_SUBMODULES = {"containers", "strategies", "errors", "plugin"}
PUBLIC_MODULES = {f"auth0_mgmt_testing.{name}" for name in PUBLIC_SUBMODULES}
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def sources() -> Iterator[tuple[str, str]]:
    """What users read: examples, and the code blocks of the docs."""
    for path in sorted((ROOT / "examples").rglob("*.py")):
        yield str(path.relative_to(ROOT)), path.read_text("utf-8")
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for number, block in enumerate(_BLOCK.findall(page.read_text("utf-8"))):
            yield f"{page.relative_to(ROOT)}#{number}", block


def test_every_exported_name_is_there() -> None:
    for name in auth0_mgmt_testing.__all__:
        assert getattr(auth0_mgmt_testing, name).__name__ == name


def test_the_type_checkers_see_the_names_that_are_exported() -> None:
    tree = ast.parse(Path(str(auth0_mgmt_testing.__file__)).read_text("utf-8"))
    typed = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    assert typed == set(auth0_mgmt_testing.__all__)


def test_every_error_is_exported() -> None:
    from auth0_mgmt_testing import errors

    own = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, (Exception, Warning))
    }
    assert own <= set(auth0_mgmt_testing.__all__)


def test_docs_and_examples_import_public_names_only() -> None:
    private: list[str] = []
    for where, source in sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("auth0_mgmt"):
                package = str(node.module)
                if package in PUBLIC_MODULES or package.startswith("auth0_mgmt.models"):
                    continue
                if package not in ("auth0_mgmt", "auth0_mgmt_testing"):
                    private.append(f"{where}: {package}")
                elif package == "auth0_mgmt_testing":
                    unknown = {alias.name for alias in node.names} - {
                        *auth0_mgmt_testing.__all__,
                        "strategies",
                        "errors",
                    }
                    private += [f"{where}: {name}" for name in sorted(unknown)]
    assert private == []


def reference(package: str) -> set[str]:
    """The names of a package that the reference describes."""
    pages = [path.read_text("utf-8") for path in sorted((ROOT / "docs/reference").glob("*.md"))]
    found = set(re.findall(rf"^::: {package}\.(\w+)$", "\n".join(pages), re.M))
    if package == "auth0_mgmt_testing" and "errors" in found:
        found |= {
            name for name in vars(auth0_mgmt_testing.errors) if name.endswith(("Error", "Warning"))
        }
    return found


@pytest.mark.parametrize("package", [auth0_mgmt, auth0_mgmt_testing], ids=lambda p: p.__name__)
def test_the_reference_describes_what_is_exported(package: ModuleType) -> None:
    exported = set(package.__all__) - {"__version__"}
    described = reference(package.__name__) - PUBLIC_SUBMODULES
    assert exported - described == set(), "exported, and on no page of the reference"
    assert described - exported == set(), "on a page of the reference, and not exported"


@pytest.mark.parametrize("package", [auth0_mgmt, auth0_mgmt_testing], ids=lambda p: p.__name__)
def test_what_is_exported_has_a_docstring(package: ModuleType) -> None:
    named = [getattr(package, name) for name in package.__all__]
    assert [one for one in named if isinstance(one, type) and not one.__doc__] == []


def test_the_types_of_fixtures_are_exported() -> None:
    exported = {*auth0_mgmt.__all__, *auth0_mgmt_testing.__all__}
    for name, types in fixture_types().items():
        assert set(types.split(" | ")) <= exported, name
