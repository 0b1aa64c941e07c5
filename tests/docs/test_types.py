"""The Python blocks of the pages type-check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .pages import PAGES, ROOT, page_name, script

PAGE_TENANT = "from auth0_mgmt_testing import FakeTenant as _FakeTenant; page_tenant: _FakeTenant; "


def test_every_block_type_checks(tmp_path: Path) -> None:
    for page in PAGES:
        stem = page_name(page).removesuffix(".md").replace("/", "_").replace("-", "_")
        for kind, tests in (("script", False), ("tests", True)):
            code = script(page, tests=tests)
            if code.strip():
                text = ("" if tests else PAGE_TENANT) + code
                (tmp_path / f"{stem}_{kind}.py").write_text(text, "utf-8")
    checked = sorted(str(path) for path in tmp_path.glob("*.py"))
    assert checked
    result = subprocess.run(
        # Responses declare some ids as optional (a job's id), which pages pass on unasked.
        [
            *(sys.executable, "-m", "mypy", "--config-file="),
            *("--check-untyped-defs", "--no-strict-optional", *checked),
        ],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
