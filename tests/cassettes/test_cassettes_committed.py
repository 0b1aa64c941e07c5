"""The committed cassettes: without secrets, from a fake's server, and each where its test is."""

from __future__ import annotations

from pathlib import Path

from auth0_mgmt_testing.cassettes import cassette_path
from auth0_mgmt_testing.cassettes.check import check, files
from auth0_mgmt_testing.cassettes.store import load

COMMITTED = Path(__file__).parents[2] / "cassettes"
SIZE = 4_000_000


def test_no_committed_cassette_holds_a_secret() -> None:
    assert list(map(str, check([COMMITTED]))) == []


def test_committed_cassettes_come_from_a_fake_and_lie_where_their_tests_look_for_them() -> None:
    found = list(files([COMMITTED]))
    assert found
    for file in found:
        header, _ = load(file)
        assert header.source == "fake server"
        assert cassette_path(COMMITTED, header.test) == file


def test_committed_cassettes_are_small() -> None:
    assert sum(file.stat().st_size for file in files([COMMITTED])) < SIZE
