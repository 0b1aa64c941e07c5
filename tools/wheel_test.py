"""Build the wheel, install it into a fresh environment, and run tests on it, not on the source tree.

``--python NAME`` (repeatable) or ``--every-python`` choose interpreters; ``--all-tests`` runs the whole
suite, and ``TESTS`` (files, in the tree) these, instead of a small part. Interpreters that are not
installed are named and left out.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYENV = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
SUPPORTED = ("3.11", "3.12", "3.13")
PACKAGES = ("auth0_mgmt", "auth0_mgmt_testing")
SMALL_PART = (
    "tests/fake/test_tour.py",
    "tests/fake/test_tenant.py",
    "tests/contract/test_roles.py",
)
FEW = ("pytest-asyncio", "pytest-xdist", "hypothesis")


def interpreters() -> Iterator[tuple[str, str]]:
    """Each supported version with an interpreter: of PATH, of uv, or installed by pyenv."""
    for version in SUPPORTED:
        found = subprocess.run(
            [
                sys.executable,
                "-m",
                "uv",
                "python",
                "find",
                "--no-project",
                "--no-python-downloads",
                version,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        others = sorted(PYENV.glob(f"versions/{version}.*/bin/python"))
        if found.returncode == 0:
            yield version, found.stdout.strip()
        elif others:
            yield version, str(others[-1])
        else:
            print(f"Python {version} is not installed: left out")


def development_dependencies() -> list[str]:
    """The requirements of the development group."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return list(project["dependency-groups"]["dev"])


def copy_tree(folder: Path) -> None:
    """Copy what git knows of the source tree, except the packages."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.split("\0"):
        if name and name.partition("/")[0] not in PACKAGES and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def run(command: Sequence[str | Path], folder: Path) -> int:
    """Run a command in a folder, without the source tree on the path; returns its exit code."""
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


def test_on(python: str, wheel: Path, tests: Sequence[str]) -> int:
    """Run tests (none: all) with an interpreter; returns the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        binaries = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        extra = FEW if tests == SMALL_PART else development_dependencies()
        steps: list[list[str | Path]] = [
            [python, "-m", "venv", folder / "venv"],
            [binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             f"{wheel}[testing]", *extra],
        ]  # fmt: skip
        for step in steps:
            if code := run(step, folder):
                return code
        work = folder / "work"
        work.mkdir()
        copy_tree(work)
        where = "import auth0_mgmt, auth0_mgmt_testing; print(auth0_mgmt.__file__)"
        if code := run([binaries / "python", "-c", where], work):
            return code
        return run([binaries / "python", "-m", "pytest", "-q", "-n", "2", *tests], work)


def main() -> int:
    """Build and test; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--every-python", action="store_true")
    parser.add_argument("--all-tests", action="store_true")
    parser.add_argument("tests", nargs="*", metavar="TESTS", default=SMALL_PART)
    given = parser.parse_args()
    if given.every_python:
        pythons = list(interpreters())
    else:
        pythons = [(name, name) for name in given.python or [sys.executable]]
    with tempfile.TemporaryDirectory() as name:
        code = run([sys.executable, "-m", "build", "--wheel", "--outdir", name, ROOT], ROOT)
        if code:
            return code
        [wheel] = Path(name).glob("*.whl")
        outcomes = {
            version: test_on(python, wheel, () if given.all_tests else given.tests)
            for version, python in pythons
        }
    for version, code in outcomes.items():
        print(f"{wheel.name} on {version}: {'passed' if code == 0 else f'failed ({code})'}")
    return max(outcomes.values(), default=1)


if __name__ == "__main__":
    raise SystemExit(main())
