"""The clients: what users hold."""

from __future__ import annotations

import base64
import json
import platform
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar, overload
from urllib.parse import unquote, urlsplit

from typing_extensions import Unpack

from . import _codec, _flow
from ._codec import Prepared
from ._dispatch import AsyncDispatcher, Core, Dispatcher
from ._errors import InvalidRequestError
from ._flow import Response
from ._http import ACCEPT_ENCODING, AsyncHTTPClient, HTTPClient
from ._options import RequestOptions, Settings
from ._rate_limit import RateLimiter
from ._version import __version__
from .resources._root import AsyncRoot, Root

if TYPE_CHECKING:
    from types import TracebackType

    from ._auth import Auth
    from ._http import AsyncClient, AsyncTransport, SyncClient, SyncTransport

T = TypeVar("T")
_METHOD = re.compile(r"[A-Za-z]+")


def base_url(domain: object) -> str:
    """Return ``https://{domain}`` of a tenant's domain, given with or without the scheme.

    Raises ValueError for a path, a query, user information, white space or no host. Plain http is
    accepted for loopback addresses only.
    """
    if not isinstance(domain, str) or not domain.strip():
        raise ValueError("domain must name the tenant's host, like 'tenant.eu.auth0.com'")
    text = domain if "://" in domain else f"https://{domain}"
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        raise ValueError(f"domain {domain!r} is not a host name") from None
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"domain {domain!r} has a port that is not a number") from None
    odd = any(c.isspace() or not c.isprintable() or c in "\\%" for c in domain)
    if odd or not host or parts.username is not None or parts.password is not None:
        raise ValueError(f"domain {domain!r} must be a host name alone, like 'tenant.eu.auth0.com'")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(
            f"domain {domain!r} must be a host name without a path; the client adds /api/v2 itself"
        )
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError(f"domain {domain!r} must use https; http is for loopback only")
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"domain {domain!r} must use https")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def telemetry_header() -> str:
    """``Auth0-Client``: the client's and Python's versions, as the vendor's clients send it."""
    facts = {
        "name": "auth0-mgmt",
        "version": __version__,
        "env": {"python": platform.python_version()},
    }
    return base64.b64encode(json.dumps(facts).encode()).decode()


def _core(
    domain: str, auth: Auth, *, telemetry: bool, throttle: bool, audience: str | None
) -> Core:
    headers = {
        "accept": "application/json",
        "user-agent": f"auth0-mgmt/{__version__}",
        **ACCEPT_ENCODING,
    }
    if telemetry:
        headers["auth0-client"] = telemetry_header()
    limiter = RateLimiter() if throttle else None
    return Core(base_url(domain), auth, audience=audience, headers=headers, limiter=limiter)


class Management(Root):
    """A client of one tenant's Management API.

    ``domain`` is the tenant's host name; ``auth`` a token (``str``), `ClientCredentials`,
    `PrivateKeyJWT`, or a callable or object with ``token()`` of your own. ``http_client`` is an
    ``httpx.Client`` or ``httpx2.Client`` of yours (it is not closed here), ``transport`` only a
    transport. ``audience`` is for token sources whose tenant is reached by a custom domain.
    ``throttle`` paces calls by the tenant's ``x-ratelimit-*`` headers. The rest are
    `RequestOptions`.

    Nothing is sent at construction. Threads may share a client, and a forked child may use its
    parent's: it opens connections of its own. Raises ValueError or TypeError for a domain, an
    ``auth`` or an option that cannot be right.
    """

    def __init__(
        self,
        domain: str,
        auth: Auth,
        *,
        audience: str | None = None,
        http_client: SyncClient | None = None,
        transport: SyncTransport | None = None,
        telemetry: bool = True,
        throttle: bool = False,
        **options: Unpack[RequestOptions],
    ) -> None:
        core = _core(domain, auth, telemetry=telemetry, throttle=throttle, audience=audience)
        http = HTTPClient(http_client, transport)
        self._dispatcher = Dispatcher(core, Settings().updated(options), http)

    @property
    def domain(self) -> str:
        """The host that is called."""
        return self._dispatcher.core.origin.partition("://")[2]

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """A copy with other options that shares connections and token; closing it does nothing."""
        twin = type(self).__new__(type(self))
        twin._dispatcher = self._dispatcher.copy(self._dispatcher.settings.updated(options))
        twin._borrowed = True
        return twin

    _borrowed = False

    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        query: Mapping[str, Any] | None = ...,
        response: type[T],
        request_options: RequestOptions | None = ...,
    ) -> T: ...
    @overload
    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        query: Mapping[str, Any] | None = ...,
        response: None = ...,
        request_options: RequestOptions | None = ...,
    ) -> Any: ...
    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        response: type[Any] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Any:
        """Call an operation that the contract does not have yet; ``path`` is below ``/api/v2``.

        Returns the JSON value, or a ``response`` model of it; without a model, None where there is
        no body. Raises `InvalidRequestError` for a path that would leave ``/api/v2``.
        """
        settings = self._dispatcher.settings.updated(request_options)
        request = _free_request(self._dispatcher.core, method, path, json, query, settings)
        received = self._dispatcher.drive(self._dispatcher.flow(request, settings))
        return _free_value(request, received, response)

    def close(self) -> None:
        """Close the connections; an ``http_client`` of the caller's own stays open."""
        if not self._borrowed:
            self._dispatcher.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    if not TYPE_CHECKING:

        async def __aenter__(self) -> NoReturn:
            raise TypeError("Management is synchronous: use `with`, or AsyncManagement")

        async def __aexit__(self, *_: object) -> None: ...

    def __repr__(self) -> str:
        return f"<Management {self.domain}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds credentials and connections and is not pickled")


def _free_request(
    core: Core,
    method: str,
    path: str,
    body: Any,
    query: Mapping[str, Any] | None,
    settings: Settings,
) -> Prepared:
    if not _METHOD.fullmatch(method):
        raise InvalidRequestError(f"method {method!r} is not an HTTP method")
    if not path.startswith("/") or "://" in path or path.startswith("/api/v2"):
        raise InvalidRequestError(
            f"path {path!r} must begin with / and be below /api/v2, like '/users'"
        )
    if "?" in path or "#" in path:
        raise InvalidRequestError(f"path {path!r} must not have a query or a fragment: give query=")
    plain = unquote(path)
    if any(part in (".", "..") for part in plain.replace("\\", "/").split("/")):
        raise InvalidRequestError(f"path {path!r} must stay below /api/v2")
    if not path.isascii() or any(c <= " " or c == "\x7f" or c == "\\" for c in path):
        raise InvalidRequestError(f"path {path!r} must be percent-encoded")
    content = None if body is None else _codec.encode_json(body)
    headers = {**core.headers, **settings.headers}
    if content is not None:
        headers["content-type"] = "application/json"
    url = core.base + path + _codec.encode_query({**(query or {}), **settings.query})
    return Prepared(
        method.upper(),
        url,
        headers,
        content,
        None,
        settings.timeout,
        max_bytes=settings.max_response_bytes,
    )


def _free_value(request: Prepared, received: Response, response: type[Any] | None) -> Any:
    reason = "is not JSON"
    try:
        if received.status == 204 and received.content:
            reason = "has a body"
        elif received.content:
            if response is None:
                return _codec.parse_json(received.content)
            from .models._base import read_json

            return read_json(response, received.content)
        elif response is None or received.status == 204:
            return None
        else:
            reason = "has no body"
    except ValueError:
        pass
    raise _flow.decoding_error(request, received, reason)


class AsyncManagement(AsyncRoot):
    """The asynchronous client of one tenant's Management API; see `Management` for arguments.

    Every event loop that uses it has its own connections.
    """

    def __init__(
        self,
        domain: str,
        auth: Auth,
        *,
        audience: str | None = None,
        http_client: AsyncClient | None = None,
        transport: AsyncTransport | None = None,
        telemetry: bool = True,
        throttle: bool = False,
        **options: Unpack[RequestOptions],
    ) -> None:
        core = _core(domain, auth, telemetry=telemetry, throttle=throttle, audience=audience)
        http = AsyncHTTPClient(http_client, transport)
        self._dispatcher = AsyncDispatcher(core, Settings().updated(options), http)

    @property
    def domain(self) -> str:
        """The host that is called."""
        return self._dispatcher.core.origin.partition("://")[2]

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """A copy with other options that shares connections and token; closing it does nothing."""
        twin = type(self).__new__(type(self))
        twin._dispatcher = self._dispatcher.copy(self._dispatcher.settings.updated(options))
        twin._borrowed = True
        return twin

    _borrowed = False

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        query: Mapping[str, Any] | None = ...,
        response: type[T],
        request_options: RequestOptions | None = ...,
    ) -> T: ...
    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        query: Mapping[str, Any] | None = ...,
        response: None = ...,
        request_options: RequestOptions | None = ...,
    ) -> Any: ...
    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        response: type[Any] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Any:
        """Call an operation that the contract does not have yet; see `Management.request`."""
        settings = self._dispatcher.settings.updated(request_options)
        request = _free_request(self._dispatcher.core, method, path, json, query, settings)
        received = await self._dispatcher.drive(self._dispatcher.flow(request, settings))
        return _free_value(request, received, response)

    async def close(self) -> None:
        """Close the running loop's connections; a caller's own ``http_client`` stays open."""
        if not self._borrowed:
            await self._dispatcher.http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    if not TYPE_CHECKING:

        def __enter__(self) -> NoReturn:
            raise TypeError("AsyncManagement is asynchronous: use `async with`, or Management")

        def __exit__(self, *_: object) -> None: ...

    def __repr__(self) -> str:
        return f"<AsyncManagement {self.domain}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds credentials and connections and is not pickled")
