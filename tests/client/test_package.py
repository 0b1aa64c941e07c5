"""The public face, what importing it costs, and who may know whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import auth0_mgmt
from auth0_mgmt import escape_query, quote_query
from auth0_mgmt.resources import operations

PACKAGE = Path(auth0_mgmt.__file__).parent


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_every_exported_name_is_there_and_the_list_is_sorted() -> None:
    assert sorted(auth0_mgmt.__all__) == list(auth0_mgmt.__all__)
    for name in auth0_mgmt.__all__:
        assert getattr(auth0_mgmt, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'Managment'"):
        auth0_mgmt.Managment  # noqa: B018


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    seen = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert seen == set(auth0_mgmt.__all__)


def test_importing_the_package_loads_nothing_else() -> None:
    loaded = run("import auth0_mgmt, sys; print(' '.join(m for m in sys.modules if '.' not in m))")
    assert not {"httpx", "pydantic", "jwt", "cryptography", "pytest"} & set(loaded.split())


def test_a_client_loads_only_the_family_that_is_touched() -> None:
    code = (
        "from auth0_mgmt import Management; import sys; Management('t.auth0.com', 'x').users;"
        "print(' '.join(sys.modules))"
    )
    loaded = set(run(code).split())
    families = {name for name in loaded if name.startswith("auth0_mgmt.resources.")}
    assert families == {"auth0_mgmt.resources._root", "auth0_mgmt.resources.users"}
    assert not any(name.startswith(("auth0_mgmt.models", "auth0_mgmt.params")) for name in loaded)
    assert not {"cryptography", "jwt", "auth0_mgmt_testing", "httpx_sse", "pytest"} & loaded


def test_the_client_knows_nothing_of_the_testing_package() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not any(name.startswith("auth0_mgmt_testing") for name in names), path


def test_only_one_module_knows_httpx() -> None:
    knowing = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if "import httpx\n" in path.read_text() or "from httpx" in path.read_text()
    }
    assert knowing == {"_http.py"}


def test_every_operation_of_the_contract_has_a_row_and_a_method() -> None:
    rows = operations()
    assert len({row.id for row in rows}) == len(rows)
    assert len({(row.method, row.path) for row in rows}) == len(rows)
    sync = auth0_mgmt.Management("t.auth0.com", "x")
    twin = auth0_mgmt.AsyncManagement("t.auth0.com", "x")
    for row in rows:
        for client in (sync, twin):
            here: object = client
            for part in row.name.split("."):
                here = getattr(here, part)
            assert callable(here)
            assert f"{row.method} /api/v2{row.path}" in (here.__doc__ or "")


def test_a_value_is_quoted_for_the_search_syntax() -> None:
    assert quote_query('a "b" \\ c') == '"a \\"b\\" \\\\ c"'
    assert f"blocked:{quote_query(True)}" == 'blocked:"true"'
    assert escape_query("a+b c:d*") == "a\\+b\\ c\\:d\\*"


def test_the_readme_states_how_many_operations_there_are() -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text("utf-8")
    assert f"all {len(operations())} operations" in readme


def test_a_synchronous_client_is_made_without_what_only_others_need() -> None:
    code = (
        "import sys; from auth0_mgmt import Management; Management('t.auth0.com', 'x').users;"
        "print(sorted({'asyncio', 'difflib', 'trio'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
