"""One exchange without I/O: build, send, retry, decode, as a generator of steps.

The generator yields what it needs (`Send`, `Sleep`, `NeedToken`) and is given the result; a
synchronous and an asynchronous driver in `_dispatch` do the steps. So there is one place that
decides what happens, and two short ones where it happens.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlencode

from . import _retry
from ._auth import Token, parse_token
from ._codec import Prepared, parse_json
from ._errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    DecodingError,
    RequestInfo,
    ResponseInfo,
    error_class,
)
from ._options import Settings
from ._rate_limit import RateLimiter
from ._redact import safe_body, safe_headers, safe_url

logger = logging.getLogger("auth0_mgmt")
logger.addHandler(logging.NullHandler())


class Response(NamedTuple):
    """A response as it came: header names in lower case, the body read and decompressed."""

    status: int
    headers: dict[str, str]
    content: bytes


class Send(NamedTuple):
    """Send this; the result is a `Response`, or an `APIConnectionError` (returned, not raised)."""

    request: Prepared


class Sleep(NamedTuple):
    """Wait for so many seconds."""

    seconds: float


class NeedToken(NamedTuple):
    """Get a token other than the one known as stale, before the deadline."""

    stale: str | None = None
    deadline: float | None = None


Step: TypeAlias = Send | Sleep | NeedToken
Flow: TypeAlias = Generator[Step, Any, Response]

chance: Callable[[], float] = random.random
clock: Callable[[], float] = time.time
monotonic: Callable[[], float] = time.monotonic


def call(
    request: Prepared, settings: Settings, *, renewable: bool, limiter: RateLimiter | None
) -> Flow:
    """An authorized call: retried as `_retry` says, with one renewal of the token on a 401.

    Returns the successful response; raises `APIStatusError` or `APIConnectionError`.
    """
    if settings.deadline is not None:
        request.deadline = monotonic() + settings.deadline
    token: Token = yield NeedToken(deadline=request.deadline)
    renewed = not renewable
    while True:
        request.headers["authorization"] = f"Bearer {token.value}"
        response = yield from _attempts(lambda: request, settings, limiter)
        if response.status == 401 and not renewed:
            renewed = True
            token = yield NeedToken(token.value, request.deadline)
            continue
        if response.status >= 300:
            raise status_error(request, response)
        return response


def fetch_token(
    form: Callable[[], dict[str, str]],
    url: str,
    headers: dict[str, str],
    settings: Settings,
    deadline: float | None,
) -> Generator[Step, Any, Token]:
    """A token from the token endpoint; every attempt sends a new form and so a new assertion.

    Fetching a token twice does no harm, so it is retried like an idempotent call.
    """

    def request() -> Prepared:
        return Prepared(
            "POST",
            url,
            {**headers, "content-type": "application/x-www-form-urlencoded"},
            urlencode(form()).encode(),
            "oauth.token",
            settings.timeout,
            deadline=deadline,
            max_bytes=settings.max_response_bytes,
        )

    settings = settings.updated({"retry_non_idempotent": True})
    response = yield from _attempts(request, settings, None)
    try:
        body = parse_json(response.content) if response.content else None
    except ValueError:
        body = None
    wait = _retry.server_wait(response.headers, clock()) if response.status == 429 else None
    return parse_token(response.status, body, clock(), wait)


def _attempts(
    make: Callable[[], Prepared], settings: Settings, limiter: RateLimiter | None
) -> Flow:
    """Send until there is a response that another attempt would not better."""
    attempt = 0
    while True:
        attempt += 1
        request = make()
        if limiter is not None:
            yield from _pace(limiter, request, settings)
        timeout = request.timeout
        if request.deadline is not None:
            left = request.deadline - monotonic()
            if left <= 0:
                raise late(request)
            request.timeout = left if timeout is None else min(timeout, left)
        debugging = logger.isEnabledFor(logging.DEBUG)
        if debugging:
            _log_request(request)
        result: Response | APIConnectionError = yield Send(request)
        request.timeout = timeout
        if isinstance(result, Response):
            if debugging:
                _log_response(request, result)
            if limiter is not None:
                limiter.learn(result.headers, clock())
            status: int | None = result.status
            if result.status < 400:
                return result
            retryable = True
        else:
            status = None
            retryable = result.retryable
        if (
            retryable
            and attempt < settings.max_attempts
            and _retry.is_retryable(
                request.method, status, non_idempotent=settings.retry_non_idempotent
            )
        ):
            server_delay = None
            if isinstance(result, Response):
                server_delay = _retry.server_wait(result.headers, clock())
            delay = _retry.backoff(attempt, chance())
            if server_delay is not None:
                delay = server_delay + delay / 10 if status == 429 else max(server_delay, delay)
            in_time = request.deadline is None or delay < request.deadline - monotonic()
            if in_time and (server_delay is None or server_delay <= settings.max_retry_delay):
                delay = min(delay, settings.max_retry_delay) if server_delay is None else delay
                logger.info("retrying %s in %.2f s", request.operation or request.method, delay)
                yield Sleep(delay)
                continue
        if isinstance(result, APIConnectionError):
            raise result
        return result


def _pace(
    limiter: RateLimiter, request: Prepared, settings: Settings
) -> Generator[Step, Any, None]:
    """Wait until the limiter lets the request through, in all ``max_retry_delay`` at most.

    After that the request is sent all the same: a reset that is far away (a skewed clock, a
    mistaken header) must not hold it up, and the tenant's 429 says what is true.
    """
    allowed = settings.max_retry_delay
    while allowed > 0 and (wait := limiter.reserve(clock())) > 0:
        wait = min(wait, allowed)
        if request.deadline is not None and wait >= request.deadline - monotonic():
            raise late(request)
        allowed -= wait
        yield Sleep(wait)


def late(request: Prepared) -> APITimeoutError:
    """The error for a call that its deadline ends."""
    place = request.operation or request.method
    return APITimeoutError(f"the deadline has passed: {place}", request_info(request))


def request_info(request: Prepared) -> RequestInfo:
    """What an error says of its request."""
    return RequestInfo(request.method, safe_url(request.url), request.operation)


def response_info(request: Prepared, response: Response) -> ResponseInfo:
    """What an error says of its response."""
    kind = response.headers.get("content-type", "")
    url = request.url if response.status < 400 else ""  # an error body is no resource
    return ResponseInfo(
        response.status, safe_headers(response.headers), safe_body(response.content, kind, url)
    )


def status_error(request: Prepared, response: Response) -> APIStatusError:
    """Return the error for a response with an error status."""
    info = response_info(request, response)
    wait = _retry.server_wait(response.headers, clock())
    has_delay = response.status in (429, 503) or "retry-after" in response.headers
    return error_class(response.status, info.body)(
        request_info(request),
        info,
        retry_after=wait if has_delay else None,
        rate_limit=_retry.rate_limit(response.headers),
    )


def decoding_error(request: Prepared, response: Response, reason: str) -> DecodingError:
    """The error for a response whose body is not what is due."""
    return DecodingError(
        f"{request.operation or request.method}: the response {response.status} {reason}",
        request_info(request),
        response_info(request, response),
    )


def _log_request(request: Prepared) -> None:
    logger.debug(
        "-> %s %s headers=%s body=%s",
        request.method,
        safe_url(request.url),
        safe_headers(request.headers),
        safe_body(request.content or b"", request.headers.get("content-type", ""), request.url),
    )


def _log_response(request: Prepared, response: Response) -> None:
    info = response_info(request, response)
    logger.debug(
        "<- %s %s %s headers=%s body=%s",
        response.status,
        request.method,
        safe_url(request.url),
        info.headers,
        info.body,
    )
