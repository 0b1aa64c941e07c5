"""A tenant to record, and a way to write exchanges by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from auth0_mgmt_testing.adapters import server
from auth0_mgmt_testing.cassettes import Recorded
from auth0_mgmt_testing.recordings.exchange import Exchange, RecordedRequest, RecordedResponse
from auth0_mgmt_testing.server.served_tenant import ServedTenant

TEST = "tests/test_a.py::test_b"
HOST = "acme.eu.auth0.com"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[ServedTenant, str]]:
    """A fake tenant behind real HTTP, and its URL."""
    tenant = ServedTenant()
    with server.listen("127.0.0.1", 0) as listener:
        running = uvicorn.Server(server.configured(tenant.asgi()))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield tenant, server.url(listener)
        running.should_exit = True
        thread.join()


@pytest.fixture
def recorded(served: tuple[ServedTenant, str]) -> Recorded:
    """The served tenant, fresh, as one that is recorded."""
    tenant, url = served
    tenant.reset()
    known = tenant.own_client
    return Recorded("fake server", url, tenant.domain, known.client_id, known.client_secret)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the cassette goes."""
    return tmp_path / "cassettes" / "a.yaml"


def exchange(
    method: str = "GET",
    target: str = "/api/v2/things",
    sent: Any = None,
    answer: Any = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Exchange:
    """An exchange with JSON bodies; bytes are bodies as they are, with their own headers."""
    given = JSON if headers is None else headers
    return Exchange(
        RecordedRequest(method, HOST, target, given, _raw(sent)),
        RecordedResponse(status, given, _raw(answer)),
    )


def _raw(value: Any) -> bytes:
    if value is None or isinstance(value, bytes):
        return value or b""
    return json.dumps(value).encode()


Edit = Callable[[str, str], None]


@pytest.fixture
def edit(path: Path) -> Edit:
    """Replace a text in the cassette, which must be there."""

    def edit(old: str, new: str) -> None:
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return edit
