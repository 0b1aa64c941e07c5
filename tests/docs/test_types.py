"""The Python blocks of the pages and the example project type-check, strictly, by both checkers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import PAGES, ROOT, page_name, script

PAGE_TENANT = "from auth0_mgmt_testing import FakeTenant as _Fake; page_tenant = _Fake(); "
STRANGER = ROOT / "examples" / "downstream"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that only has this one installed: the pages as modules, and the example."""
    for page in PAGES:
        stem = page_name(page).removesuffix(".md").replace("/", "_").replace("-", "_")
        for kind, tests in (("script", False), ("tests", True)):
            code = script(page, tests=tests)
            if code.strip():
                text = ("" if tests else PAGE_TENANT) + code
                (tmp_path / f"{stem}_{kind}.py").write_text(text, "utf-8")
    for name in ("members.py", "conftest.py", "tests/test_members.py"):
        shutil.copy(STRANGER / name, tmp_path)
    return tmp_path


def run(command: list[str], project: Path) -> None:
    checked = sorted(project.glob("*.py"))
    assert len(checked) > 20
    result = subprocess.run(
        [sys.executable, "-m", *command, *map(str, checked)],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, (result.stdout + result.stderr).replace(f"{project}/", "")


def test_every_block_and_the_example_pass_mypy_strictly(project: Path) -> None:
    run(["mypy", "--config-file=", "--strict", "--python-version=3.11"], project)


def test_every_block_and_the_example_pass_pyright_strictly(project: Path) -> None:
    # Blocks are one module a page: what a reader is not shown may go unused.
    settings = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT)],
    }
    (project / "pyrightconfig.json").write_text(json.dumps(settings), "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "pyright", "-p", str(project), "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, (result.stdout + result.stderr).replace(f"{project}/", "")
