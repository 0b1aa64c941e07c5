"""Servers of this process, on loopback ports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer

Serve = Callable[..., TenantServer]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder for this test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(folder))
    return folder


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers, which stop when the test is over."""
    with ExitStack() as stack:

        def start(**options: Any) -> TenantServer:
            return stack.enter_context(TenantServer(ServerOptions(**options))).start()

        yield start


@pytest.fixture
def server(serve: Serve) -> TenantServer:
    return serve()
