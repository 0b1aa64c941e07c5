"""Without the extra ``[testing]`` the command, the package and the fixtures name what to install."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from .pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
INSTALL = "pip install 'auth0-mgmt[testing]'"
BLOCK = """
import sys


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)


sys.meta_path.insert(0, Blocked())
"""


def run_without(module: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python code where a module cannot be imported."""
    return subprocess.run(
        [sys.executable, "-c", f"{BLOCK.format(module=module)}\n{code}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", ["typer", "immutables"])
def test_the_command_names_the_extra(module: str, tmp_path: Path) -> None:
    target = PROJECT["scripts"]["auth0-fake"].replace(":", " import ")
    code = f"sys.argv = ['auth0-fake', 'operations']\nfrom {target}\nmain()"
    result = run_without(module, code, tmp_path)
    assert result.returncode == 1
    assert INSTALL in result.stderr
    assert repr(module) in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("module", ["jsonschema_rs", "immutables"])
def test_the_package_names_the_extra(module: str, tmp_path: Path) -> None:
    result = run_without(module, "from auth0_mgmt_testing import FakeTenant", tmp_path)
    [last] = result.stderr.splitlines()[-1:]
    assert re.search("MissingExtraError: .*" + re.escape(INSTALL), last)


def test_the_fixtures_name_the_extra(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(auth0_mgmt):\n    pass\n", "utf-8")
    code = "import pytest\nsys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_it.py']))"
    result = run_without("immutables", code, tmp_path)
    assert result.returncode == 1
    assert INSTALL in result.stdout
    assert "Traceback" not in result.stdout


def test_tests_that_use_no_fixture_run_without_the_extra(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it():\n    pass\n", "utf-8")
    code = "import pytest\nsys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'test_it.py']))"
    assert run_without("immutables", code, tmp_path).returncode == 0
