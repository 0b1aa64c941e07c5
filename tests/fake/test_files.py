"""Files that are open elsewhere, as Windows has them, and consoles that lack characters."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.cassettes import store
from auth0_mgmt_testing.cassettes.metadata import CassetteMetadata
from tests.harness.conftest import go_vcr


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


def open_for(monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
    """Let another program have every file open for so many attempts to replace it."""
    left = [attempts]
    replace = Path.replace

    def refusing(source: Path, target: Any) -> Path:
        if left[0]:
            left[0] -= 1
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(target))
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", refusing)


def test_a_file_that_is_open_for_a_moment_is_replaced_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, naps: list[float]
) -> None:
    path = tmp_path / "tenant.json"
    path.write_text("old")
    open_for(monkeypatch, 3)
    FakeTenant().export(path)
    assert path.read_text().startswith('{\n "format"')
    assert naps == [0.01, 0.05, 0.2]
    assert os.listdir(tmp_path) == ["tenant.json"]


def test_a_file_that_stays_open_is_left_as_it_was_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, naps: list[float]
) -> None:
    path = tmp_path / "tenant.json"
    path.write_text("old")
    open_for(monkeypatch, 99)
    with pytest.raises(PermissionError, match=r"close what has it open: '.*tenant\.json'"):
        FakeTenant().export(path)
    assert path.read_text() == "old"
    assert len(naps) == 4
    assert os.listdir(tmp_path) == ["tenant.json"]


def test_a_cassette_that_is_open_for_a_moment_is_replaced_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, naps: list[float]
) -> None:
    path = tmp_path / "test.yaml"
    header = CassetteMetadata.now("fake server", "test")
    store.save(path, header, [])
    before = path.read_text()
    open_for(monkeypatch, 2)
    store.save(path, header, [])
    assert path.read_text() == before
    assert len(naps) == 2


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437"])
def test_verify_prints_on_consoles_that_lack_characters(tmp_path: Path, encoding: str) -> None:
    cassette = tmp_path / "roles.yaml"
    name = "\u65e5\u672c \u2192 \u2713"
    role = {"id": "rol_AAAAAAAAAAAAAAA1", "name": "admin", "description": name}
    recorded = go_vcr(("POST", "/roles", {"name": "admin"}, 200, role))
    cassette.write_text(json.dumps(recorded, ensure_ascii=False), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "auth0_mgmt_testing", "verify", cassette, "--diff=5", "--jobs=1"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr
    assert done.returncode in (0, 1)
    done.stdout.decode(encoding)
    assert rb"\u2713" in done.stdout  # shown by its number
