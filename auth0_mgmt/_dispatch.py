"""Drives the flows, synchronously and asynchronously: every call of a client comes through here."""

from __future__ import annotations

import inspect
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import anyio

from . import _codec, _flow, _retry
from ._auth import Token, TokenCache, as_token, check_auth, is_grant
from ._codec import Prepared
from ._errors import ManagementError, RateLimit, TokenError
from ._flow import NeedToken, Response, Send, Step
from ._operation import Operation
from ._options import Settings
from ._pagination import Arguments, AsyncPage, AsyncPager, Page, Trail, first
from ._rate_limit import RateLimiter

if TYPE_CHECKING:
    from ._http import AsyncHTTPClient, HTTPClient

R = TypeVar("R")
T = TypeVar("T")
Params: TypeAlias = Mapping[str, Any]
Options: TypeAlias = Mapping[str, Any] | None
Ids: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RawResponse(Generic[R]):
    """A response with what HTTP says of it: ``mgmt.users.with_raw_response.get(…)``."""

    value: R
    """The parsed model, list or page."""
    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    """Header names in lower case."""
    rate_limit: RateLimit | None = None


def _raw(value: R, response: Response) -> RawResponse[R]:
    limit = _retry.rate_limit(response.headers)
    return RawResponse(value, response.status, response.headers, limit)


class Core:
    """What all copies of a client share: the tenant's addresses, the token, the limiter."""

    def __init__(
        self,
        origin: str,
        auth: Any,
        *,
        audience: str | None,
        headers: dict[str, str],
        limiter: RateLimiter | None,
    ) -> None:
        check_auth(auth)
        self.origin = origin
        self.base = origin + "/api/v2"
        self.audience = audience or self.base + "/"
        self.headers = headers
        self.limiter = limiter
        self.cache = TokenCache()
        self.renewable = not isinstance(auth, str)
        self._auth = auth
        if isinstance(auth, str):
            self.cache.keep(Token(auth), 0.0)

    @property
    def is_grant(self) -> bool:
        """Whether tokens come from the token endpoint, else from a source of the caller's own."""
        return is_grant(self._auth)

    def token_flow(self, settings: Settings, deadline: float | None) -> Generator[Step, Any, Token]:
        """The flow that fetches a token from the token endpoint."""

        def form() -> dict[str, str]:
            return dict(self._auth.form(self.origin + "/", self.audience))

        url = self.origin + "/oauth/token"
        return _flow.fetch_token(form, url, dict(self.headers), settings, deadline)

    def source(self) -> Any:
        """Call a token source of the caller's own; the result may be awaitable."""
        give = self._auth if callable(self._auth) else self._auth.token
        try:
            return give()
        except TokenError:
            raise
        except Exception as error:
            raise TokenError("token_source_failed", type(error).__name__) from error

    def source_is_async(self) -> bool:
        """Whether the caller's token source is an async function."""
        give = self._auth if callable(self._auth) else self._auth.token
        return inspect.iscoroutinefunction(give) or inspect.iscoroutinefunction(
            getattr(give, "__call__", None)  # noqa: B004
        )


class _Base:
    """What both dispatchers prepare and read in the same way."""

    def __init__(self, core: Core, settings: Settings) -> None:
        self.core = core
        self.settings = settings

    def prepared(
        self, op: Operation[Any], ids: Ids, given: Arguments, settings: Settings
    ) -> Prepared:
        """The request of an operation, not yet authorized."""
        return _codec.prepare(op, ids, given, self.core.base, settings, self.core.headers)

    def flow(self, request: Prepared, settings: Settings) -> _flow.Flow:
        """The flow of an authorized call."""
        core = self.core
        return _flow.call(request, settings, renewable=core.renewable, limiter=core.limiter)

    @staticmethod
    def read(op: Operation[R], request: Prepared, response: Response) -> R:
        """The value of a response. Raises DecodingError."""
        try:
            value: R = _codec.read(op, response.status, response.content)
        except ValueError as error:
            raise _flow.decoding_error(request, response, _reason(error)) from None
        return value

    @staticmethod
    def items(
        op: Operation[Any], request: Prepared, response: Response
    ) -> tuple[list[Any], dict[str, Any]]:
        """The items of a page and its envelope. Raises DecodingError."""
        try:
            if response.status == 204 or not response.content:
                _codec.check_body(op, response.status, response.content)
                return [], {}
            return _codec.read_items(op, response.content)
        except ValueError as error:
            raise _flow.decoding_error(request, response, _reason(error)) from None


def _reason(error: ValueError) -> str:
    text = str(error)
    return text if text.startswith(("has ", "is ")) else "is not JSON"


class Dispatcher(_Base):
    """Drives flows with a synchronous HTTP client."""

    def __init__(self, core: Core, settings: Settings, http: HTTPClient) -> None:
        super().__init__(core, settings)
        self.http = http

    def copy(self, settings: Settings) -> Dispatcher:
        """A dispatcher with other settings that shares connections and token."""
        return Dispatcher(self.core, settings, self.http)

    def request(self, op: Operation[R], ids: Ids, params: Params, options: Options = None) -> R:
        """Call an operation and return its value."""
        settings = self.settings.updated(options)
        request = self.prepared(op, ids, _codec.check_arguments(op, ids, params), settings)
        return self.read(op, request, self.drive(self.flow(request, settings)))

    def request_raw(
        self, op: Operation[R], ids: Ids, params: Params, options: Options = None
    ) -> RawResponse[R]:
        """Call an operation and return its value with status and headers."""
        settings = self.settings.updated(options)
        request = self.prepared(op, ids, _codec.check_arguments(op, ids, params), settings)
        response = self.drive(self.flow(request, settings))
        return _raw(self.read(op, request, response), response)

    def page(self, op: Operation[R], ids: Ids, params: Params, options: Options = None) -> Page[R]:
        """Return the first page of a list."""
        return self.page_raw(op, ids, params, options).value

    def page_raw(
        self, op: Operation[R], ids: Ids, params: Params, options: Options = None
    ) -> RawResponse[Page[R]]:
        """Return the first page of a list with status and headers."""
        settings = self.settings.updated(options)

        def fetch(given: Arguments, trail: Trail | None = None) -> RawResponse[Page[R]]:
            request = self.prepared(op, ids, given, settings)
            response = self.drive(self.flow(request, settings))
            items, envelope = self.items(op, request, response)
            page = Page(op, given, items, envelope, response.headers, trail, fetch=onward)
            return _raw(page, response)

        def onward(given: Arguments, trail: Trail) -> Page[R]:
            return fetch(given, trail).value

        return fetch(first(op, _codec.check_arguments(op, ids, params)))

    def drive(self, flow: Generator[Step, Any, T]) -> T:
        """Do the steps of a flow until it returns or raises."""
        result: Any = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                value: T = stop.value
                return value
            if isinstance(step, Send):
                result = self.http.send(step.request)
            elif isinstance(step, NeedToken):
                result = self.token(step.stale, step.deadline)
            else:
                self.http.sleep(step.seconds)
                result = None

    def token(self, stale: str | None = None, deadline: float | None = None) -> Token:
        """Return the cached token, or a new one: fetched once for all waiting threads.

        They share a failure, too, and use a token that is still valid where renewing it fails.
        """
        cache = self.core.cache
        if not self.core.renewable:
            assert cache.token is not None
            return cache.token
        found = cache.usable(_flow.clock(), stale)
        if found is not None:
            return found
        seen = cache.fetches
        lock = self.http.token_lock
        if not lock.acquire(timeout=_left(deadline)):
            raise _flow.late(_token_request(self.core))
        try:
            found = cache.usable(_flow.clock(), stale)
            if found is not None:
                return found
            failure = cache.shared_failure(seen)
            if failure is not None:
                raise failure
            try:
                return cache.keep(self._fetch_token(deadline), _flow.clock())
            except ManagementError as error:
                return cache.failed(error, _flow.clock(), stale)
        finally:
            lock.release()

    def _fetch_token(self, deadline: float | None) -> Token:
        if self.core.is_grant:
            return self.drive(self.core.token_flow(self.settings, deadline))
        result = self.core.source()
        if inspect.isawaitable(result):
            if inspect.iscoroutine(result):
                result.close()
            raise TokenError("invalid_token_source", "an async token source needs AsyncManagement")
        return as_token(result)


class AsyncDispatcher(_Base):
    """Drives flows with an asynchronous HTTP client."""

    def __init__(self, core: Core, settings: Settings, http: AsyncHTTPClient) -> None:
        super().__init__(core, settings)
        self.http = http

    def copy(self, settings: Settings) -> AsyncDispatcher:
        """A dispatcher with other settings that shares connections and token."""
        return AsyncDispatcher(self.core, settings, self.http)

    async def request(
        self, op: Operation[R], ids: Ids, params: Params, options: Options = None
    ) -> R:
        """Call an operation and return its value."""
        settings = self.settings.updated(options)
        request = self.prepared(op, ids, _codec.check_arguments(op, ids, params), settings)
        return self.read(op, request, await self.drive(self.flow(request, settings)))

    async def request_raw(
        self, op: Operation[R], ids: Ids, params: Params, options: Options = None
    ) -> RawResponse[R]:
        """Call an operation and return its value with status and headers."""
        settings = self.settings.updated(options)
        request = self.prepared(op, ids, _codec.check_arguments(op, ids, params), settings)
        response = await self.drive(self.flow(request, settings))
        return _raw(self.read(op, request, response), response)

    def pager(
        self, op: Operation[R], ids: Ids, params: Params, options: Options = None
    ) -> AsyncPager[R]:
        """Return a list that is fetched when it is awaited or iterated over."""
        settings, given = self._first(op, ids, params, options)

        async def begin() -> AsyncPage[R]:
            return (await self._page(op, ids, settings, given, None)).value

        return AsyncPager(begin)

    async def page_raw(
        self, op: Operation[R], ids: Ids, params: Params, options: Options = None
    ) -> RawResponse[AsyncPage[R]]:
        """Return the first page of a list with status and headers."""
        settings, given = self._first(op, ids, params, options)
        return await self._page(op, ids, settings, given, None)

    def _first(
        self, op: Operation[Any], ids: Ids, params: Params, options: Options
    ) -> tuple[Settings, Arguments]:
        settings = self.settings.updated(options)
        given = first(op, _codec.check_arguments(op, ids, params))
        self.prepared(op, ids, given, settings)  # bad input is reported here, not when awaited
        return settings, given

    async def _page(
        self, op: Operation[R], ids: Ids, settings: Settings, given: Arguments, trail: Trail | None
    ) -> RawResponse[AsyncPage[R]]:
        async def onward(given: Arguments, trail: Trail) -> AsyncPage[R]:
            return (await self._page(op, ids, settings, given, trail)).value

        request = self.prepared(op, ids, given, settings)
        response = await self.drive(self.flow(request, settings))
        items, envelope = self.items(op, request, response)
        page = AsyncPage(op, given, items, envelope, response.headers, trail, fetch=onward)
        return _raw(page, response)

    async def drive(self, flow: Generator[Step, Any, T]) -> T:
        """Do the steps of a flow until it returns or raises."""
        result: Any = None
        while True:
            try:
                step = flow.send(result)
            except StopIteration as stop:
                value: T = stop.value
                return value
            if isinstance(step, Send):
                result = await self.http.send(step.request)
            elif isinstance(step, NeedToken):
                result = await self.token(step.stale, step.deadline)
            else:
                await self.http.sleep(step.seconds)
                result = None

    async def token(self, stale: str | None = None, deadline: float | None = None) -> Token:
        """Return the cached token, or a new one: fetched once for all waiting tasks.

        They share a failure, too, and use a token that is still valid where renewing it fails.
        """
        cache = self.core.cache
        if not self.core.renewable:
            assert cache.token is not None
            return cache.token
        found = cache.usable(_flow.clock(), stale)
        if found is not None:
            return found
        try:
            with anyio.fail_after(None if deadline is None else _left(deadline)):
                return await self._new_token(stale, deadline)
        except TimeoutError:
            raise _flow.late(_token_request(self.core)) from None

    async def _new_token(self, stale: str | None, deadline: float | None) -> Token:
        cache = self.core.cache
        seen = cache.fetches
        async with self.http.token_lock:
            found = cache.usable(_flow.clock(), stale)
            if found is not None:
                return found
            failure = cache.shared_failure(seen)
            if failure is not None:
                raise failure
            try:
                return cache.keep(await self._fetch_token(deadline), _flow.clock())
            except ManagementError as error:
                return cache.failed(error, _flow.clock(), stale)

    async def _fetch_token(self, deadline: float | None) -> Token:
        """A new token; a source that is a plain function runs in a thread, not in the loop."""
        if self.core.is_grant:
            return await self.drive(self.core.token_flow(self.settings, deadline))
        if self.core.source_is_async():
            result = self.core.source()
        else:
            result = await anyio.to_thread.run_sync(self.core.source)
        if inspect.isawaitable(result):
            try:
                result = await result
            except TokenError:
                raise
            except Exception as error:
                raise TokenError("token_source_failed", type(error).__name__) from error
        return as_token(result)


def _left(deadline: float | None) -> float:
    """Seconds until a deadline; -1 where there is none."""
    return -1 if deadline is None else max(0.0, deadline - time.monotonic())


def _token_request(core: Core) -> Prepared:
    return Prepared("POST", core.origin + "/oauth/token", {}, None, "oauth.token", None)
