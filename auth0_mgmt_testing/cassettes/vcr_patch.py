"""A cassette in use: the common part of recording and replay."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx

from auth0_mgmt._json import is_object

from ..recordings import bodies
from ..recordings.exchange import RecordedRequest
from .metadata import CassetteMetadata, Source

NEUTRAL_HOST = "cassette-tenant.eu.auth0.com"
"""The tenant's host in every cassette."""
REPLAY_ID = "cassetteclient"
REPLAY_SECRET = "scrubbedsecret0000z"  # noqa: S105 - stands for one
"""The credentials of the recording run in every cassette; replay needs no others. Further clients
of the run have a number after the id."""
_TOKEN_PATH = "/oauth/token"  # noqa: S105 - a path


class Upstream(Protocol):
    """The transports to the recorded tenant."""

    def transport(self) -> httpx.BaseTransport: ...
    def async_transport(self) -> httpx.AsyncBaseTransport: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """The tenant that is recorded.

    ``base_url`` is its URL and ``domain`` its own name; ``run`` is what makes names
    unique in this run: it is removed from them. ``client_id`` and ``client_secret`` are the
    test's credentials, ``others`` secrets of further clients by id. ``upstream`` is how
    clients reach the tenant; by default plain HTTP.
    """

    source: Source
    base_url: str
    domain: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    others: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    run: str = ""
    upstream: Upstream | None = None

    def clients(self) -> dict[str, str]:
        """The run's own clients: secrets by id, the test's own first."""
        own = {self.client_id: self.client_secret} if self.client_id else {}
        return own | dict(self.others)

    def hosts(self) -> tuple[str, ...]:
        """All host names, with ports, of the tenant."""
        return tuple(dict.fromkeys((httpx.URL(self.base_url).netloc.decode(), self.domain)))


class Cassette(ABC):
    """The interface of a cassette for a test: transports to the tenant.

    ``domain`` and ``base_url`` are the tenant's own while recording, neutral ones in replay.
    """

    domain: str
    base_url: str
    header: CassetteMetadata

    custom_patches = ()
    skip_patchers = ()
    write_protected = False

    def __init__(self, path: Path, test: str) -> None:
        self.path = path
        self._path = str(path)
        self._test = test
        self._lock = threading.Lock()
        self._done = False

    @abstractmethod
    def transport(self) -> httpx.BaseTransport:
        """A transport for an ``httpx.Client`` of the tenant."""

    @abstractmethod
    def async_transport(self) -> httpx.AsyncBaseTransport:
        """A transport for an ``httpx.AsyncClient`` of the tenant."""

    @abstractmethod
    def finish(self, *, failed: bool) -> None:
        """End the test: write a recording, or check that all of a replay was used.

        ``failed``: the test failed, so nothing is written or checked.
        """


def token_for(request: RecordedRequest) -> str | None:
    """Return the client that a request wants a token for; None: it does not."""
    if request.method != "POST" or request.path != _TOKEN_PATH:
        return None
    body = bodies.read(request.headers.get("content-type", ""), request.body)
    if body.form == "form":
        return next((one["value"] for one in body.value if one["name"] == "client_id"), None)
    return body.value.get("client_id") if is_object(body.value) else None
