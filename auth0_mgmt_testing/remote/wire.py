"""Requests to a served tenant: to its control API, and below the path that it is served at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from auth0_mgmt._json import is_object

from ..adapters.local_authority import explain_distrust
from ..engine.tokens import is_loopback
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


def client_domain(url: str) -> str:
    """Return what a `Management` for a tenant's URL is given, besides one of the transports below.

    The client takes plain HTTP for loopback only, as live tenants have none; the transports know better.
    """
    parts = urlsplit(url)
    return parts.netloc if not is_loopback(parts.netloc) else f"{parts.scheme}://{parts.netloc}"


class PrefixedTransport(httpx.HTTPTransport):
    """Sends each request below the URL of a tenant: with its scheme and path prefix."""

    def __init__(self, url: str, verify: Any) -> None:
        super().__init__(verify=verify)
        self._base = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return super().handle_request(_based(request, self._base))


class AsyncPrefixedTransport(httpx.AsyncHTTPTransport):
    """The asynchronous variant."""

    def __init__(self, url: str, verify: Any, *, keep_alive: bool = True) -> None:
        limits = httpx.Limits() if keep_alive else httpx.Limits(max_keepalive_connections=0)
        super().__init__(verify=verify, limits=limits)
        self._base = httpx.URL(url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await super().handle_async_request(_based(request, self._base))


def _based(request: httpx.Request, base: httpx.URL) -> httpx.Request:
    """A request below a URL; links that the tenant made are below it already."""
    path, prefix = request.url.raw_path, base.raw_path.rstrip(b"/")
    if not path.startswith(prefix + b"/"):
        request.url = request.url.copy_with(raw_path=prefix + path)
    if (request.url.host, request.url.port) == (base.host, base.port):
        request.url = request.url.copy_with(scheme=base.scheme)
    return request
