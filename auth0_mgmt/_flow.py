"""One exchange without I/O: build, send, retry, decode, as a generator of steps.

The generator says what it needs (`Send`, `Sleep`, `NeedToken`) and is given the result; a
synchronous and an asynchronous driver in `_client` do what it says. So there is one place where
it is decided what happens, and two short ones where it happens.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urlencode

from . import _retry
from ._auth import Token, parse_token
from ._codec import Prepared
from ._errors import (
    APIConnectionError,
    APIStatusError,
    DecodingError,
    RequestInfo,
    ResponseInfo,
    error_class,
)
from ._log import logger, safe_body, safe_headers, safe_url
from ._options import Settings
from ._rate_limit import Pacer


@dataclass(slots=True)
class Answer:
    """An answer as it came: header names in lower case, the body read."""

    status: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Send:
    """Send this; the result is an `Answer`, or an `APIConnectionError` (given, not raised)."""

    request: Prepared


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NeedToken:
    """Get a token, other than the one known to be stale."""

    stale: str | None = None


Step: TypeAlias = Send | Sleep | NeedToken
Flow: TypeAlias = Generator[Step, Any, Answer]

chance: Callable[[], float] = random.random
clock: Callable[[], float] = time.time


def call(request: Prepared, settings: Settings, *, renewable: bool, pacer: Pacer | None) -> Flow:
    """An authorised call: retried as `_retry` says, with one renewal of the token on a 401.

    Returns the successful answer; raises `APIStatusError` or `APIConnectionError`.
    """
    token: Token = yield NeedToken()
    renewed = not renewable
    while True:
        request.headers["authorization"] = f"Bearer {token.value}"
        answer = yield from _attempts(lambda: request, settings, pacer)
        if answer.status == 401 and not renewed:
            renewed = True
            token = yield NeedToken(stale=token.value)
            continue
        if answer.status >= 400:
            raise status_error(request, answer)
        return answer


def fetch_token(
    form: Callable[[], dict[str, str]], url: str, headers: dict[str, str], settings: Settings
) -> Generator[Step, Any, Token]:
    """A token from the token endpoint; every try sends a new form, so an assertion is used once.

    Asking again for a token does no harm, so it is retried like an idempotent call.
    """

    def request() -> Prepared:
        return Prepared(
            "POST",
            url,
            {**headers, "content-type": "application/x-www-form-urlencoded"},
            urlencode(form()).encode(),
            "oauth.token",
            settings.timeout,
        )

    answer = yield from _attempts(request, settings.updated({"retry_unsafe": True}), None)
    try:
        body = json.loads(answer.content) if answer.content else None
    except ValueError:
        body = None
    wait = _retry.server_wait(answer.headers, clock()) if answer.status == 429 else None
    return parse_token(answer.status, body, clock(), wait)


def _attempts(make: Callable[[], Prepared], settings: Settings, pacer: Pacer | None) -> Flow:
    """Send until there is an answer that another try would not better."""
    attempt = 0
    while True:
        attempt += 1
        request = make()
        if pacer is not None:
            while (wait := pacer.reserve(clock())) > 0:
                yield Sleep(wait)
        if logger.isEnabledFor(10):
            _log_request(request)
        result: Answer | APIConnectionError = yield Send(request)
        if isinstance(result, Answer):
            if logger.isEnabledFor(10):
                _log_answer(request, result)
            if pacer is not None:
                pacer.learn(result.headers, clock())
            status: int | None = result.status
            if result.status < 400:
                return result
        else:
            status = None
        if attempt < settings.max_attempts and _retry.is_retryable(
            request.method, status, unsafe=settings.retry_unsafe
        ):
            asked = None
            if isinstance(result, Answer):
                asked = _retry.server_wait(result.headers, clock())
            delay = _retry.backoff(attempt, chance())
            if asked is not None:
                delay = asked + delay / 10 if status == 429 else max(asked, delay)
            if asked is None or asked <= settings.max_retry_wait:
                logger.info("retrying %s in %.2f s", request.operation or request.method, delay)
                yield Sleep(delay)
                continue
        if isinstance(result, APIConnectionError):
            raise result
        return result


def request_info(request: Prepared) -> RequestInfo:
    return RequestInfo(request.method, safe_url(request.url), request.operation)


def response_info(answer: Answer) -> ResponseInfo:
    kind = answer.headers.get("content-type", "")
    return ResponseInfo(
        answer.status, safe_headers(answer.headers), safe_body(answer.content, kind)
    )


def status_error(request: Prepared, answer: Answer) -> APIStatusError:
    """The error for an answer with an error status."""
    response = response_info(answer)
    wait = _retry.server_wait(answer.headers, clock())
    return error_class(answer.status, response.body)(
        request_info(request),
        response,
        retry_after=wait
        if answer.status in (429, 503) or "retry-after" in answer.headers
        else None,
        rate_limit=_retry.rate_limit(answer.headers),
    )


def decoding_error(request: Prepared, answer: Answer) -> DecodingError:
    return DecodingError(
        f"{request.operation or request.method}: the answer {answer.status} is not JSON",
        request_info(request),
        response_info(answer),
    )


def _log_request(request: Prepared) -> None:
    logger.debug(
        "-> %s %s headers=%s body=%s",
        request.method,
        safe_url(request.url),
        safe_headers(request.headers),
        safe_body(request.content or b"", request.headers.get("content-type", ""), request.url),
    )


def _log_answer(request: Prepared, answer: Answer) -> None:
    logger.debug(
        "<- %s %s %s headers=%s body=%s",
        answer.status,
        request.method,
        safe_url(request.url),
        safe_headers(answer.headers),
        safe_body(
            answer.content,
            answer.headers.get("content-type", ""),
            request.url if answer.status < 400 else "",  # an error tells no secret
        ),
    )
