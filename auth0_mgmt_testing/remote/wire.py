"""Requests to a served tenant: to its control API, and below the path that it is served at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx

from auth0_mgmt._json import is_object

from ..adapters.local_authority import explain_distrust
from ..errors import ControlError, LoadError, MissingDocumentError, StateError

_TIMEOUT = 60.0
_ERRORS: Mapping[str, type[Exception]] = {
    "load": LoadError,
    "state": StateError,
    "missing_document": MissingDocumentError,
    "value": ValueError,
    "not_found": LookupError,
}


class Wire:
    """Requests to the control API of one tenant."""

    def __init__(self, url: str, verify: Any, http: httpx.Client | None = None) -> None:
        """``http``: what another tenant of the same server uses."""
        self.url = url.rstrip("/")
        # Not through a proxy of the environment: the server is usually on this host.
        self.http = http or httpx.Client(timeout=_TIMEOUT, verify=verify, trust_env=False)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of a response; raises what the same call raises in process."""
        given = {name: value for name, value in query.items() if value is not None}
        search = f"?{urlencode(given)}" if given else ""
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if content else {}
        try:
            response = self.http.request(
                method, f"{self.url}/__fake/{path}{search}", content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise ControlError(
                explain_distrust(self.url, error)
                or f"no fake tenant responds at {self.url} ({type(error).__name__}); "
                "start one: auth0-fake serve"
            ) from error
        if response.is_success:
            return response.json() if response.content else None
        try:
            value = response.json()
        except ValueError:
            value = None
        if not is_object(value) or "message" not in value:
            raise ControlError(f"{self.url} is not a fake tenant: {response.status_code}")
        kind = _ERRORS.get(str(value.get("error")), ControlError)
        raise kind(str(value["message"]))


class PrefixedTransport(httpx.HTTPTransport):
    """Puts the path prefix of a tenant before the path of each request."""

    def __init__(self, prefix: str, verify: Any) -> None:
        super().__init__(verify=verify)
        self._prefix = prefix

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(_prefixed(request, self._prefix))


class AsyncPrefixedTransport(httpx.AsyncHTTPTransport):
    """The asynchronous variant."""

    def __init__(self, prefix: str, verify: Any, *, keep_alive: bool = True) -> None:
        limits = httpx.Limits() if keep_alive else httpx.Limits(max_keepalive_connections=0)
        super().__init__(verify=verify, limits=limits)
        self._prefix = prefix

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(_prefixed(request, self._prefix))


def _prefixed(request: httpx.Request, prefix: str) -> httpx.Request:
    """A request below the prefix; links that the tenant made are below it already."""
    path = request.url.raw_path
    if not path.startswith(f"{prefix}/".encode("ascii")):
        request.url = request.url.copy_with(raw_path=prefix.encode("ascii") + path)
    return request
