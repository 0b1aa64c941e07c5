"""The example of a project that uses the plugin: its own tests pass, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2] / "examples" / "downstream"
ELSEWHERE = ("asyncio", "xdist", "schemathesis", "hypothesispytest", "cacheprovider")
"""Plugins of this project's environment that the example does not need."""


@pytest.mark.parametrize("mode", ["fake", "server"])
def test_its_tests_pass(mode: str) -> None:
    options = [*(f"-pno:{name}" for name in ELSEWHERE), "-q", f"--auth0={mode}"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=PROJECT, capture_output=True, text=True
    )
    assert run.returncode == pytest.ExitCode.OK, run.stdout + run.stderr
    assert "5 passed" in run.stdout
