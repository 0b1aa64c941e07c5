"""Replay: a test's requests get their responses from the file, without a network."""

from __future__ import annotations

import json
from datetime import timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import httpx

from ..errors import (
    CassetteExpiredError,
    CassetteFormatError,
    CassetteNotFoundError,
    UnrecordedRequestError,
    UnusedInteractionsError,
    UserFileError,
)
from ..recordings.exchange import RecordedRequest, RecordedResponse
from . import store, vcrpy
from .match import Bindings, DecodedRequest, differences, matches, restored_body, restored_url
from .vcr_patch import NEUTRAL_HOST, REPLAY_ID, Cassette, token_for

REPLAY_TOKEN = "cassette-token"  # noqa: S105 - stands for one


class _Nowhere(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The transport below a replayed cassette: no network."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(
            f"{request.url.host} is not the tenant of this cassette, {NEUTRAL_HOST}",
            request=request,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


class Replay(Cassette):
    """Responds from the file, without a network."""

    domain = NEUTRAL_HOST
    base_url = f"https://{NEUTRAL_HOST}"

    def __init__(self, path: Path, test: str, max_age: timedelta | None) -> None:
        super().__init__(path, test)
        try:
            self.header, exchanges = store.load(path)
        except FileNotFoundError:
            raise CassetteNotFoundError(path, test) from None
        except (OSError, UserFileError) as error:
            raise CassetteFormatError(path, str(error), test) from error
        if max_age is not None and self.header.age() > max_age.days:
            raise CassetteExpiredError(path, self.header.age(), max_age.days, test)
        self._recorded = [(DecodedRequest.of(one.request), one.response) for one in exchanges]
        self._left = list(range(len(exchanges)))
        self._bound: Bindings = {}
        self._unmatched: UnrecordedRequestError | None = None

    def transport(self) -> httpx.BaseTransport:
        return vcrpy.CassetteTransport(self, _Nowhere())

    def async_transport(self) -> httpx.AsyncBaseTransport:
        return vcrpy.AsyncCassetteTransport(self, _Nowhere())

    def can_play_response_for(self, request: Any) -> bool:
        return vcrpy.request_of(request).host == NEUTRAL_HOST

    def filter_request(self, request: Any) -> Any:
        return request if self.can_play_response_for(request) else None

    def append(self, request: Any, response: dict[str, Any]) -> None:
        """Ignore requests to other hosts."""

    def play_response(self, request: Any) -> dict[str, Any]:
        actual = vcrpy.request_of(request)
        with self._lock:
            response = self._play(actual)
        return {
            "status": {"code": response.status, "message": None},
            "headers": {name: [value] for name, value in response.headers.items()},
            "body": {"string": response.body},
        }

    def _play(self, request: RecordedRequest) -> RecordedResponse:
        actual = DecodedRequest.of(request)
        for index in self._left:
            recorded, response = self._recorded[index]
            bound = matches(recorded, actual, self._bound)
            if bound is not None:
                self._left.remove(index)
                self._bound = bound
                return self._restored(response)
        if (token_for(request) or "").startswith(REPLAY_ID):
            return _TOKEN
        self._unmatched = UnrecordedRequestError(
            self.path, str(actual), self._nearest(actual), self._test
        )
        raise self._unmatched

    def _restored(self, response: RecordedResponse) -> RecordedResponse:
        headers = {
            name: restored_url(value, self._bound) if name in ("location", "link") else value
            for name, value in response.headers.items()
        }
        return RecordedResponse(response.status, headers, restored_body(response.body, self._bound))

    def _nearest(self, actual: DecodedRequest) -> list[str]:
        """Return the recorded requests most similar to one, each with its differences."""

        def likeness(index: int) -> float:
            recorded = self._recorded[index][0]
            paths = "/".join(recorded.path), "/".join(actual.path)
            return (
                (recorded.method == actual.method)
                + 2 * SequenceMatcher(None, *paths).ratio()
                - 0.1 * len(differences(recorded, actual, self._bound))
            )

        near = sorted(range(len(self._recorded)), key=likeness, reverse=True)[:_NEAREST]
        return [self._described(index, actual) for index in near]

    def _described(self, index: int, actual: DecodedRequest) -> str:
        recorded = self._recorded[index][0]
        differing = differences(recorded, actual, self._bound)
        played = "" if index in self._left else " (already replayed)"
        what = f"; differs in {', '.join(differing)}" if differing else ""
        return f"{recorded}{played}{what}"

    def finish(self, *, failed: bool) -> None:
        done, self._done = self._done, True
        if done or failed:
            return
        if self._unmatched is not None:
            # The code under test caught it: the test must not pass for that.
            raise self._unmatched
        if self._left:
            left = [str(self._recorded[index][0]) for index in self._left]
            raise UnusedInteractionsError(self.path, left, self._test)


_NEAREST = 2

_TOKEN = RecordedResponse(
    200,
    {"content-type": "application/json"},
    json.dumps({
        "access_token": REPLAY_TOKEN, "token_type": "Bearer", "expires_in": 86400, "scope": ""
    }).encode(),
)  # fmt: skip
"""Return the token endpoint's response to the run's own client."""
