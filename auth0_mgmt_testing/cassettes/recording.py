"""Recording: exchanges are forwarded and kept, and written when the test has passed."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from ..errors import ScrubbingError
from ..recordings.allowed import AllowList
from ..recordings.exchange import Exchange, RecordedRequest, RecordedResponse
from ..recordings.scrubbing import Known, left_over, scrub
from . import check, store, vcrpy
from .metadata import CassetteMetadata
from .vcr_patch import (
    NEUTRAL_HOST,
    REPLAY_ID,
    REPLAY_SECRET,
    Cassette,
    Recorded,
    Upstream,
    token_for,
)

_OWN = "/__fake/"
_TOO_MANY = 429
_below: ContextVar[bool] = ContextVar("below_the_cassette", default=False)
"""Whether requests are not the test's: below our own transport, where vcrpy's
patches are active, or made while the recording is paused."""


class _Plain:
    """Reaches a tenant by plain HTTP."""

    def transport(self) -> httpx.BaseTransport:
        return httpx.HTTPTransport()

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport()


class _Under(httpx.BaseTransport):
    """Keeps vcrpy's patches from recording again what our transport records."""

    def __init__(self, below: httpx.BaseTransport) -> None:
        self._below = below

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        token = _below.set(True)
        try:
            return self._below.handle_request(request)
        finally:
            _below.reset(token)

    def close(self) -> None:
        self._below.close()


class _AsyncUnder(httpx.AsyncBaseTransport):
    """The asynchronous variant."""

    def __init__(self, below: httpx.AsyncBaseTransport) -> None:
        self._below = below

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        token = _below.set(True)
        try:
            return await self._below.handle_async_request(request)
        finally:
            _below.reset(token)

    async def aclose(self) -> None:
        await self._below.aclose()


class Recording(Cassette):
    """Forwards and keeps everything; writes it when the test has passed."""

    def __init__(self, path: Path, test: str, tenant: Recorded, allow: Iterable[str] = ()) -> None:
        super().__init__(path, test)
        self._allowed = AllowList(allow)
        self.domain = tenant.domain
        self.base_url = tenant.base_url
        self.header = CassetteMetadata.now(tenant.source, test)
        self._tenant = tenant
        self._hosts = frozenset(tenant.hosts())
        self._upstream: Upstream = tenant.upstream or _Plain()
        self._exchanges: list[Exchange] = []
        self._secrets: set[str] = set(tenant.clients().values())

    def transport(self) -> httpx.BaseTransport:
        return vcrpy.CassetteTransport(self, _Under(self._upstream.transport()))

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return vcrpy.AsyncCassetteTransport(self, _AsyncUnder(self._upstream.async_transport()))

    @contextmanager
    def paused(self) -> Generator[None]:
        """Pause: requests are not kept, as they do not occur in replay."""
        token = _below.set(True)
        try:
            yield
        finally:
            _below.reset(token)

    def can_play_response_for(self, request: Any) -> bool:
        return False

    def play_response(self, request: Any) -> dict[str, Any]:
        raise AssertionError("a recording replays nothing")

    def filter_request(self, request: Any) -> Any:
        return request

    def append(self, request: Any, response: dict[str, Any]) -> None:
        actual = vcrpy.request_of(request)
        if _below.get() or actual.host not in self._hosts or actual.path.startswith(_OWN):
            return
        headers = {name.lower(): ", ".join(values) for name, values in response["headers"].items()}
        answer = RecordedResponse(response["status"]["code"], headers, response["body"]["string"])
        with self._lock:
            self._secrets.add(actual.headers.get("authorization", "").partition(" ")[2])
            if not self._own_token(actual, answer):
                self._exchanges.append(Exchange(actual, answer))

    def _own_token(self, actual: RecordedRequest, answer: RecordedResponse) -> bool:
        """Whether the run itself requested a token: replay needs none."""
        return answer.status == 200 and token_for(actual) in self._tenant.clients()

    def finish(self, *, failed: bool) -> None:
        done, self._done = self._done, True
        if done or failed:
            return
        known = self._known()
        exchanges = scrub(self._kept(), known)
        allowed = tuple(sorted(self._allowed.used))
        found = check.findings(exchanges, allowed)
        findings = [*left_over(exchanges, known), *(each for each in found if not each.allowed)]
        if findings:
            raise ScrubbingError(self.path, [str(finding) for finding in findings])
        self.header = replace(self.header, allowed=allowed)
        store.save(self.path, self.header, exchanges)

    def _known(self) -> Known:
        tenant = self._tenant
        replacements: dict[str, str] = {}
        for number, (client_id, secret) in enumerate(tenant.clients().items()):
            replacements |= {client_id: f"{REPLAY_ID}{number or ''}", secret: REPLAY_SECRET}
        if tenant.run:
            replacements[f"-{tenant.run}"] = ""
        return Known(
            NEUTRAL_HOST,
            tenant.hosts(),
            {text: other for text, other in replacements.items() if text},
            frozenset(secret for secret in self._secrets if len(secret) >= _TELLING),
            self._allowed,
        )

    def _kept(self) -> list[Exchange]:
        """Return the exchanges without retried 429 responses of a live tenant."""
        if self._tenant.source != "live tenant":
            return self._exchanges
        return [one for one in self._exchanges if one.response.status != _TOO_MANY]


_TELLING = 16
"""Shorter tokens (a fake accepts any) occur in strings by chance."""
