"""The clients and their drivers: the only place where requests are sent."""

from __future__ import annotations

import base64
import inspect
import json
import platform
import threading
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx
from typing_extensions import Unpack

from . import _auth, _codec, _flow, _retry  # pyright: ignore[reportPrivateUsage]
from ._auth import Keeper, Token
from ._codec import Prepared
from ._errors import APIConnectionError, APITimeoutError, TokenError
from ._flow import Answer, NeedToken, Send, Sleep
from ._log import safe_url
from ._operation import Operation
from ._options import RequestOptions, Settings
from ._pagination import Arguments, AsyncPage, AsyncPager, Page, first
from ._rate_limit import Pacer
from ._resource import RawResponse
from ._version import __version__
from .resources._root import AsyncRoot, Root

if TYPE_CHECKING:
    from types import TracebackType

    from ._auth import Auth

T = TypeVar("T")


def base_url(domain: object) -> str:
    """``https://{domain}`` of a tenant's domain, given with or without the scheme.

    Raises ValueError for a path, a query, user information, white space or no host. Plain http
    is taken for loopback addresses only.
    """
    if not isinstance(domain, str) or not domain.strip():
        raise ValueError("domain must name the tenant's host, like 'tenant.eu.auth0.com'")
    text = domain if "://" in domain else f"https://{domain}"
    parts = urlsplit(text)
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"domain {domain!r} has a port that is not a number") from None
    host = parts.hostname or ""
    if any(c.isspace() for c in domain) or not host or parts.username or parts.password:
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


class _Core:
    """What all copies of a client share: connections, the token, the limiter."""

    def __init__(
        self, domain: str, auth: Auth, *, telemetry: bool, rate_limit: bool, audience: str | None
    ) -> None:
        _auth.check_auth(auth)
        self.origin = base_url(domain)
        self.base = self.origin + "/api/v2"
        self.audience = audience or self.base + "/"
        self.auth: Any = auth
        self.keeper = Keeper()
        if isinstance(auth, str):
            self.keeper.keep(Token(auth.strip()), 0.0)
        self.renewable = not isinstance(auth, str)
        self.pacer = Pacer() if rate_limit else None
        self.headers = {"accept": "application/json", "user-agent": f"auth0-mgmt/{__version__}"}
        if telemetry:
            self.headers["auth0-client"] = telemetry_header()

    def token_flow(self, settings: Settings) -> Generator[Any, Any, Token]:
        def form() -> dict[str, str]:
            return dict(self.auth.form(self.origin + "/", self.audience))

        return _flow.fetch_token(form, self.origin + "/oauth/token", dict(self.headers), settings)

    def source(self) -> Any:
        """Ask a token source of the caller's own; the result may be awaitable."""
        give = self.auth if callable(self.auth) else self.auth.token
        try:
            return give()
        except TokenError:
            raise
        except Exception as error:
            raise TokenError("token_source_failed", type(error).__name__) from error


def _failure(error: httpx.RequestError, request: Prepared) -> APIConnectionError:
    """httpx's error as our own, without anything of the URL's values."""
    info = _flow.request_info(request)
    place = f"{request.operation or request.method} {safe_url(request.url).partition('?')[0]}"
    if isinstance(error, httpx.TimeoutException):
        return APITimeoutError(f"no answer in time ({type(error).__name__}): {place}", info)
    detail = f": {error}" if str(error) and "://" not in str(error) else ""
    return APIConnectionError(f"{type(error).__name__}{detail}: {place}", info)


def _keywords(request: Prepared) -> dict[str, Any]:
    """httpx's arguments for a request."""
    if request.multipart is None:
        return {"content": request.content}
    files, data = {}, {}
    for name, value in request.multipart.items():
        if isinstance(value, bytes):
            files[name] = (f"{name}.json", value, "application/json")
        else:
            data[name] = _codec.word(value)
    return {"files": files, "data": data}


def _answer(response: httpx.Response) -> Answer:
    return Answer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        response.content,
    )


def _download(
    client: httpx.Client | httpx.AsyncClient, url: str, timeout: float | None
) -> httpx.Request:
    request = client.build_request("GET", url, timeout=timeout)
    request.headers.pop("authorization", None)
    return request


def _downloaded(response: httpx.Response) -> bytes:
    if response.status_code >= 400:
        request = Prepared("GET", str(response.request.url), {}, None, "download", None)
        raise _flow.status_error(request, _answer(response))
    return response.content


class _CallerBase:
    """What both callers prepare and read in the same way."""

    def __init__(self, core: _Core, settings: Settings) -> None:
        self.core = core
        self.settings = settings

    def prepared(
        self, op: Operation[Any], ids: tuple[str, ...], given: Mapping[str, Any], settings: Settings
    ) -> Prepared:
        return _codec.prepare(op, ids, given, self.core.base, settings, self.core.headers)

    def flow(self, request: Prepared, settings: Settings) -> _flow.Flow:
        return _flow.call(request, settings, renewable=self.core.renewable, pacer=self.core.pacer)

    @staticmethod
    def read(op: Operation[Any], request: Prepared, answer: Answer, raw: bool) -> Any:
        try:
            value = _codec.read(op, answer.status, answer.content)
        except ValueError:
            raise _flow.decoding_error(request, answer) from None
        return _raw(value, answer) if raw else value

    @staticmethod
    def items(
        op: Operation[Any], request: Prepared, answer: Answer
    ) -> tuple[list[Any], dict[str, Any]]:
        try:
            return _codec.read_items(op, answer.content)
        except ValueError:
            raise _flow.decoding_error(request, answer) from None


def _raw(value: T, answer: Answer) -> RawResponse[T]:
    return RawResponse(value, answer.status, answer.headers, _retry.rate_limit(answer.headers))


class Caller(_CallerBase):
    """Drives flows with an ``httpx.Client``."""

    def __init__(self, core: _Core, settings: Settings, http: _Http) -> None:
        super().__init__(core, settings)
        self.http = http

    def copy(self, settings: Settings) -> Caller:
        return Caller(self.core, settings, self.http)

    def request(
        self,
        op: Operation[Any],
        ids: tuple[str, ...],
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        raw: bool = False,
    ) -> Any:
        settings = self.settings.updated(options)
        request = self.prepared(op, ids, _codec.check_arguments(op, params), settings)
        return self.read(op, request, self.drive(self.flow(request, settings)), raw)

    def page(
        self,
        op: Operation[Any],
        ids: tuple[str, ...],
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        raw: bool = False,
    ) -> Any:
        settings = self.settings.updated(options)

        def answered(given: Arguments) -> tuple[Page[Any], Answer]:
            request = self.prepared(op, ids, given, settings)
            answer = self.drive(self.flow(request, settings))
            items, envelope = self.items(op, request, answer)
            return Page(op, given, items, envelope, answer.headers, fetch=fetch), answer

        def fetch(given: Arguments) -> Page[Any]:
            return answered(given)[0]

        page, answer = answered(first(op, _codec.check_arguments(op, params)))
        return _raw(page, answer) if raw else page

    def drive(self, flow: Generator[Any, Any, T]) -> T:
        """Do what a flow says, until it returns or raises."""
        result: Any = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            if isinstance(step, Send):
                result = self.http.send(step.request)
            elif isinstance(step, NeedToken):
                result = self.token(step.stale)
            else:
                assert isinstance(step, Sleep)
                self.http.sleep(step.seconds)
                result = None

    def token(self, stale: str | None) -> Token:
        """The kept token, or a new one: fetched once however many threads ask."""
        keeper = self.core.keeper
        if not self.core.renewable:
            assert keeper.token is not None
            return keeper.token
        found = keeper.usable(_flow.clock(), stale)
        if found is not None:
            return found
        with self.http.token_lock:
            found = keeper.usable(_flow.clock(), stale)
            if found is not None:
                return found
            if _auth.is_grant(self.core.auth):
                token = self.drive(self.core.token_flow(self.settings))
            else:
                result = self.core.source()
                if inspect.isawaitable(result):
                    if inspect.iscoroutine(result):
                        result.close()
                    raise TokenError(
                        "invalid_token_source", "an async token source needs AsyncManagement"
                    )
                token = _auth.as_token(result)
            return keeper.keep(token, _flow.clock())


class _Http:
    """An httpx client, made on first use (its TLS context takes 30 ms) and shared by copies."""

    def __init__(self, client: httpx.Client | None, transport: httpx.BaseTransport | None) -> None:
        self._client = client
        self._transport = transport
        self._own = client is None
        self._lock = threading.Lock()
        self._closed = False
        self.token_lock = threading.Lock()
        self.sleep = time.sleep

    def client(self) -> httpx.Client:
        if self._client is None:
            with self._lock:
                if self._closed:
                    raise RuntimeError("the client is closed")
                if self._client is None:
                    self._client = httpx.Client(transport=self._transport)
        return self._client

    def send(self, request: Prepared) -> Answer | APIConnectionError:
        try:
            return _answer(
                self.client().request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    timeout=request.timeout,
                    **_keywords(request),
                )
            )
        except httpx.RequestError as error:
            return _failure(error, request)

    @contextmanager
    def stream(self, request: Prepared) -> Generator[httpx.Response, None, None]:
        """An answer whose body is read as it comes; waits for ever between its parts."""
        timeout = httpx.Timeout(request.timeout, read=None)
        try:
            with self.client().stream(
                request.method, request.url, headers=request.headers, timeout=timeout
            ) as response:
                yield response
        except httpx.RequestError as error:
            raise _failure(error, request) from None

    answer = staticmethod(_answer)

    def fetch(self, url: str, timeout: float | None) -> bytes:
        """A file of another host, asked for without a token."""
        try:
            response = self.client().send(_download(self.client(), url, timeout))
            return _downloaded(response)
        except httpx.RequestError as error:
            raise _failure(error, Prepared("GET", url, {}, None, "download", timeout)) from None

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._own and self._client is not None:
                self._client.close()
                self._client = None


class Management(Root):
    """A client of one tenant's Management API.

    ``domain`` is the tenant's host name; ``auth`` a token (``str``), `ClientCredentials`,
    `PrivateKeyJWT`, or a callable or object with ``token()`` of your own. ``http_client`` is an
    ``httpx.Client`` of yours (it is not closed here), ``transport`` only a transport.
    ``audience`` is for token sources whose tenant is reached by a custom domain. ``rate_limit``
    paces calls by the tenant's ``x-ratelimit-*`` headers. The rest are `RequestOptions`.

    Nothing is sent at construction. Raises ValueError or TypeError for a domain or an ``auth``
    that cannot be right.
    """

    def __init__(
        self,
        domain: str,
        auth: Auth,
        *,
        audience: str | None = None,
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        telemetry: bool = True,
        rate_limit: bool = False,
        **options: Unpack[RequestOptions],
    ) -> None:
        if http_client is not None and transport is not None:
            raise ValueError("give http_client or transport, not both")
        if isinstance(http_client, httpx.AsyncClient):
            raise TypeError("Management takes an httpx.Client; AsyncManagement takes the async one")
        core = _Core(domain, auth, telemetry=telemetry, rate_limit=rate_limit, audience=audience)
        self._caller = Caller(core, Settings().updated(options), _Http(http_client, transport))

    @property
    def domain(self) -> str:
        """The host that is called."""
        return self._caller.core.origin.partition("://")[2]

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """A copy with other options that shares connections and token; closing it does nothing."""
        twin = type(self).__new__(type(self))
        twin._caller = self._caller.copy(self._caller.settings.updated(options))
        twin._borrowed = True
        return twin

    _borrowed = False

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        response: type[T] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Any:
        """Call an operation that the contract does not have yet; ``path`` is below ``/api/v2``.

        Gives the JSON value, or a ``response`` model of it; None where there is no body.
        """
        settings = self._caller.settings.updated(request_options)
        request = _free(self._caller, method, path, json, query, settings)
        answer = self._caller.drive(self._caller.flow(request, settings))
        return _free_value(request, answer, response)

    def close(self) -> None:
        """Close the connections; an ``http_client`` of the caller's own stays open."""
        if not self._borrowed:
            self._caller.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Management {self.domain}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds credentials and connections and is not pickled")


def _free(
    caller: _CallerBase,
    method: str,
    path: str,
    body: Any,
    query: Mapping[str, Any] | None,
    settings: Settings,
) -> Prepared:
    if not path.startswith("/") or "://" in path or path.startswith("/api/v2"):
        raise ValueError(f"path {path!r} must begin with / and be below /api/v2, like '/users'")
    content = None if body is None else _codec.encode_json(body)
    headers = {**caller.core.headers, **settings.headers}
    if content is not None:
        headers["content-type"] = "application/json"
    url = caller.core.base + path + _codec.encode_query({**(query or {}), **settings.query})
    return Prepared(method.upper(), url, headers, content, None, settings.timeout)


def _free_value(request: Prepared, answer: Answer, response: Any) -> Any:
    if not answer.content:
        return None
    try:
        if response is not None:
            from .models._base import read_json

            return read_json(response, answer.content)
        return json.loads(answer.content)
    except ValueError:
        raise _flow.decoding_error(request, answer) from None


class AsyncCaller(_CallerBase):
    """Drives flows with an ``httpx.AsyncClient``."""

    def __init__(self, core: _Core, settings: Settings, http: _AsyncHttp) -> None:
        super().__init__(core, settings)
        self.http = http

    def copy(self, settings: Settings) -> AsyncCaller:
        return AsyncCaller(self.core, settings, self.http)

    async def request(
        self,
        op: Operation[Any],
        ids: tuple[str, ...],
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        raw: bool = False,
    ) -> Any:
        settings = self.settings.updated(options)
        request = self.prepared(op, ids, _codec.check_arguments(op, params), settings)
        return self.read(op, request, await self.drive(self.flow(request, settings)), raw)

    def pager(
        self,
        op: Operation[Any],
        ids: tuple[str, ...],
        params: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
        raw: bool = False,
    ) -> AsyncPager[Any]:
        settings = self.settings.updated(options)
        given = first(op, _codec.check_arguments(op, params))
        self.prepared(op, ids, given, settings)  # bad input is told here, not when awaited

        async def answered(given: Arguments) -> tuple[AsyncPage[Any], Answer]:
            request = self.prepared(op, ids, given, settings)
            answer = await self.drive(self.flow(request, settings))
            items, envelope = self.items(op, request, answer)
            return AsyncPage(op, given, items, envelope, answer.headers, fetch=fetch), answer

        async def fetch(given: Arguments) -> AsyncPage[Any]:
            return (await answered(given))[0]

        async def begin() -> Any:
            page, answer = await answered(given)
            return _raw(page, answer) if raw else page

        return AsyncPager(begin)

    async def drive(self, flow: Generator[Any, Any, T]) -> T:
        """Do what a flow says, until it returns or raises."""
        result: Any = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                return stop.value  # type: ignore[no-any-return]
            if isinstance(step, Send):
                result = await self.http.send(step.request)
            elif isinstance(step, NeedToken):
                result = await self.token(step.stale)
            else:
                assert isinstance(step, Sleep)
                await self.http.sleep(step.seconds)
                result = None

    async def token(self, stale: str | None) -> Token:
        """The kept token, or a new one: fetched once however many tasks ask."""
        keeper = self.core.keeper
        if not self.core.renewable:
            assert keeper.token is not None
            return keeper.token
        found = keeper.usable(_flow.clock(), stale)
        if found is not None:
            return found
        async with self.http.token_lock:
            found = keeper.usable(_flow.clock(), stale)
            if found is not None:
                return found
            if _auth.is_grant(self.core.auth):
                token = await self.drive(self.core.token_flow(self.settings))
            else:
                result = await self._ask()
                token = _auth.as_token(result)
            return keeper.keep(token, _flow.clock())

    async def _ask(self) -> Any:
        """A token source's answer; a plain function runs in a thread, so the loop never waits."""
        give = self.core.auth if callable(self.core.auth) else self.core.auth.token
        if inspect.iscoroutinefunction(give) or inspect.iscoroutinefunction(
            getattr(give, "__call__", None)  # noqa: B004
        ):
            result = self.core.source()
        else:
            result = await anyio.to_thread.run_sync(self.core.source)
        if not inspect.isawaitable(result):
            return result
        try:
            return await result
        except TokenError:
            raise
        except Exception as error:
            raise TokenError("token_source_failed", type(error).__name__) from error


class _AsyncHttp:
    """An asynchronous httpx client, made on first use and shared by copies."""

    def __init__(
        self, client: httpx.AsyncClient | None, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._client = client
        self._transport = transport
        self._own = client is None
        self._closed = False
        self.token_lock = anyio.Lock()
        self.sleep = anyio.sleep

    def client(self) -> httpx.AsyncClient:
        if self._client is None:
            if self._closed:
                raise RuntimeError("the client is closed")
            self._client = httpx.AsyncClient(transport=self._transport)
        return self._client

    async def send(self, request: Prepared) -> Answer | APIConnectionError:
        try:
            return _answer(
                await self.client().request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    timeout=request.timeout,
                    **_keywords(request),
                )
            )
        except httpx.RequestError as error:
            return _failure(error, request)

    @asynccontextmanager
    async def stream(self, request: Prepared) -> AsyncGenerator[httpx.Response, None]:
        """An answer whose body is read as it comes; waits for ever between its parts."""
        timeout = httpx.Timeout(request.timeout, read=None)
        try:
            async with self.client().stream(
                request.method, request.url, headers=request.headers, timeout=timeout
            ) as response:
                yield response
        except httpx.RequestError as error:
            raise _failure(error, request) from None

    answer = staticmethod(_answer)

    async def fetch(self, url: str, timeout: float | None) -> bytes:  # noqa: ASYNC109
        """A file of another host, asked for without a token."""
        try:
            response = await self.client().send(_download(self.client(), url, timeout))
            return _downloaded(response)
        except httpx.RequestError as error:
            raise _failure(error, Prepared("GET", url, {}, None, "download", timeout)) from None

    async def close(self) -> None:
        self._closed = True
        if self._own and self._client is not None:
            await self._client.aclose()
            self._client = None


class AsyncManagement(AsyncRoot):
    """The asynchronous client of one tenant's Management API; see `Management` for arguments."""

    def __init__(
        self,
        domain: str,
        auth: Auth,
        *,
        audience: str | None = None,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        telemetry: bool = True,
        rate_limit: bool = False,
        **options: Unpack[RequestOptions],
    ) -> None:
        if http_client is not None and transport is not None:
            raise ValueError("give http_client or transport, not both")
        if isinstance(http_client, httpx.Client):
            raise TypeError("AsyncManagement takes an httpx.AsyncClient")
        core = _Core(domain, auth, telemetry=telemetry, rate_limit=rate_limit, audience=audience)
        self._caller = AsyncCaller(
            core, Settings().updated(options), _AsyncHttp(http_client, transport)
        )

    @property
    def domain(self) -> str:
        """The host that is called."""
        return self._caller.core.origin.partition("://")[2]

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """A copy with other options that shares connections and token; closing it does nothing."""
        twin = type(self).__new__(type(self))
        twin._caller = self._caller.copy(self._caller.settings.updated(options))
        twin._borrowed = True
        return twin

    _borrowed = False

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        response: type[T] | None = None,
        request_options: RequestOptions | None = None,
    ) -> Any:
        """Call an operation that the contract does not have yet; see `Management.request`."""
        settings = self._caller.settings.updated(request_options)
        request = _free(self._caller, method, path, json, query, settings)
        answer = await self._caller.drive(self._caller.flow(request, settings))
        return _free_value(request, answer, response)

    async def close(self) -> None:
        """Close the connections; an ``http_client`` of the caller's own stays open."""
        if not self._borrowed:
            await self._caller.http.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<AsyncManagement {self.domain}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds credentials and connections and is not pickled")
