"""Drawn requests put members of their own into objects that the contract leaves open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="package", autouse=True)
def open_objects() -> Iterator[None]:
    """Let responses hold members that the contract does not name, where it leaves objects open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTH0_FAKE_CHECK_RESPONSES", "open")
        yield
