"""`make api-check` notices what breaks users of a package, and only that."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.api_check import breaking_changes

OLD = "def fetch(name: str, timeout: float = 1.0) -> str:\n    return name\n"


@pytest.mark.parametrize(
    ("new", "broken"),
    [
        (OLD, []),
        (OLD.replace("timeout: float = 1.0", "timeout: float = 1.0, retries: int = 2"), []),
        (OLD.replace(", timeout: float = 1.0", ""), ["Parameter was removed"]),
        ("", ["Public object was removed"]),
    ],
    ids=["unchanged", "optional-parameter-added", "parameter-removed", "function-removed"],
)
def test_breaking_changes_of_exports_are_found(
    new: str, broken: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)

    package = tmp_path / "wares"
    package.mkdir()
    (package / "__init__.py").write_text("from ._fetch import fetch as fetch\n", "utf-8")
    (package / "_fetch.py").write_text(OLD + "\n\ndef _private(): ...\n", "utf-8")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "Release")
    git("tag", "v1.0.0")
    (package / "_fetch.py").write_text(new, "utf-8")
    if not new:
        (package / "__init__.py").write_text("", "utf-8")
    monkeypatch.chdir(tmp_path)
    found = list(breaking_changes("wares", "v1.0.0", tmp_path))
    assert [line.partition(": ")[2] for line in found] == broken
