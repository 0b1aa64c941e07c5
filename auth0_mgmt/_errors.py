"""Everything that this package raises, under one root.

    ManagementError
    ├── InvalidRequestError         an argument that cannot be sent (also a ValueError)
    ├── APIConnectionError          no response: refused, reset, truncated, malformed
    │   ├── APITimeoutError         … within the timeout or the deadline
    │   └── ResponseTooLargeError   more than max_response_bytes, abandoned
    ├── TokenError                  the token endpoint or a token source refused
    ├── DecodingError               a response that is not what its status and type promise
    ├── PaginationError             a list that repeats itself or never ends
    ├── EventStreamError            the event stream ended with an error
    ├── JobFailedError              a job failed, or did not end in time
    └── APIStatusError              the tenant responded with an error status
        ├── RedirectError 3xx
        ├── BadRequestError 400 ── PaginationLimitError (more than 1,000 records by offset)
        ├── UnauthorizedError 401   ├── PaymentRequiredError 402   ├── ForbiddenError 403
        ├── NotFoundError 404       ├── MethodNotAllowedError 405  ├── RequestTimeoutError 408
        ├── ConflictError 409       ├── GoneError 410              ├── PreconditionFailedError 412
        ├── PayloadTooLargeError 413 ├── URITooLongError 414       ├── UnsupportedMediaTypeError 415
        ├── UnprocessableEntityError 422                           ├── RateLimitError 429
        └── ServerError 5xx ── InternalServerError 500, NotImplementedByServerError 501,
                               BadGatewayError 502, ServiceUnavailableError 503, GatewayTimeoutError 504

Errors are picklable, and neither ``str()`` nor a pickle holds a token or a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._json import is_object

_EMAIL = r"[^\s@'\"<>]+@[^\s@'\"<>]+\.[A-Za-z]+"
_USER = r"(?i)\b[a-z0-9-]+(?:\||%7C)[^\s'\",]+"
_PHONE = r"\+\d{6,15}\b"
_EXPECTED = r"expected (?:any|all) of: (.+?)\s*$"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The ``x-ratelimit-*`` headers; ``reset`` is in seconds since the epoch, server time."""

    limit: int | None = None
    remaining: int | None = None
    reset: int | None = None


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """The request that failed: its method, its URL without values that may be secret."""

    method: str
    url: str
    operation: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseInfo:
    """The response: status, headers (names in lower case) and the body, secrets redacted."""

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None


def _restore(cls: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]) -> Any:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


def without_personal_data(text: str, limit: int = 200) -> str:
    """A message with addresses, user ids and phone numbers masked, cut to a length."""
    for pattern, mask in ((_EMAIL, "<email>"), (_USER, "<user>"), (_PHONE, "<phone>")):
        text = re.sub(pattern, mask, text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


class ManagementError(Exception):
    """The root of all errors of this package."""

    request: RequestInfo | None = None

    def __reduce__(self) -> Any:
        return _restore, (type(self), self.args, self.__dict__)


class InvalidRequestError(ManagementError, ValueError):
    """An argument cannot be sent: an empty id, a lone surrogate, a header with a line break."""


class APIConnectionError(ManagementError):
    """There is no response: the connection was refused, reset, truncated or malformed.

    ``retryable`` is False where another attempt cannot succeed.
    """

    retryable = True

    def __init__(
        self, message: str, request: RequestInfo | None = None, *, retryable: bool = True
    ) -> None:
        super().__init__(message)
        self.request = request
        if not retryable:
            self.retryable = False


class APITimeoutError(APIConnectionError):
    """There is no response within the timeout or the deadline."""


class ResponseTooLargeError(APIConnectionError):
    """The response is larger than ``max_response_bytes`` (decompressed) and was abandoned."""

    retryable = False


class TokenError(ManagementError):
    """There is no token: the token endpoint refused, or a token source failed.

    ``error`` and ``error_description`` are the endpoint's own (RFC 6749, 5.2).
    """

    def __init__(
        self,
        error: str,
        error_description: str = "",
        status_code: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        detail = f": {without_personal_data(error_description)}" if error_description else ""
        super().__init__(f"{error}{detail}" + (f" ({status_code})" if status_code else ""))
        self.error = error
        self.error_description = error_description
        self.status_code = status_code
        self.retry_after = retry_after


class DecodingError(ManagementError):
    """The response is not what its status and type promise: no JSON, no body, or one too many."""

    def __init__(self, message: str, request: RequestInfo, response: ResponseInfo) -> None:
        super().__init__(message)
        self.request = request
        self.response = response


class PaginationError(ManagementError):
    """A list repeats a cursor or a page, or goes on without items; it was stopped."""


class EventStreamError(ManagementError):
    """The event stream ended with the tenant's error message; ``data`` holds it."""

    def __init__(self, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.data = data


class JobFailedError(ManagementError):
    """A job ended as failed, or did not end in the time given; ``job`` is its last state."""

    def __init__(self, message: str, job: Any = None) -> None:
        super().__init__(message)
        self.job = job


class APIStatusError(ManagementError):
    """The tenant responded with an error status.

    ``error`` is the reason phrase, ``message`` the sentence, ``error_code`` the machine-readable
    code (often missing), ``retry_after`` seconds to wait where the response says so, ``rate_limit``
    the ``x-ratelimit-*`` figures, ``required_scopes`` what a 403 named as enough.
    """

    def __init__(
        self,
        request: RequestInfo,
        response: ResponseInfo,
        *,
        retry_after: float | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        self.request = self._request = request
        self.response = response
        self.status_code = response.status_code
        body = response.body if is_object(response.body) else {}
        self.error: str | None = _text(body.get("error"))
        self.message: str = _text(body.get("message") or body.get("error_description")) or (
            self.error or f"HTTP {self.status_code}"
        )
        self.error_code: str | None = _text(body.get("errorCode") or body.get("error_code"))
        self.retry_after = retry_after
        self.rate_limit = rate_limit
        found = re.search(_EXPECTED, self.message) if self.status_code == 403 else None
        self.required_scopes: tuple[str, ...] = (
            tuple(scope.strip() for scope in found[1].split(",")) if found else ()
        )
        super().__init__(self._summary())

    def _summary(self) -> str:
        code = f" [{self.error_code}]" if self.error_code else ""
        place = self._request.operation or self._request.method
        return f"{self.status_code}{code} {without_personal_data(self.message)} ({place})"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None if value is None else str(value)


class RedirectError(APIStatusError):
    """3xx: the tenant or a proxy points elsewhere; redirects are not followed."""


class BadRequestError(APIStatusError):
    """400: the path, the query or the body is not what the operation takes."""


class PaginationLimitError(BadRequestError):
    """400 ``invalid_paging``: only the first 1,000 records can be reached by page number.

    The way out: ``take=`` (checkpoint pagination) where the operation has it, a narrower search,
    or an export job for users.
    """

    def _summary(self) -> str:
        return (
            super()._summary()
            + "; only 1,000 records can be reached by page: use take= where the operation has"
            " checkpoint pagination, search more narrowly, or export (users)"
        )


class UnauthorizedError(APIStatusError):
    """401: the token is missing, malformed, expired or not for this API."""


class PaymentRequiredError(APIStatusError):
    """402: the tenant's plan lacks the feature."""


class ForbiddenError(APIStatusError):
    """403: the token's scopes are not enough, or the operation is not allowed."""


class NotFoundError(APIStatusError):
    """404: it does not exist."""


class MethodNotAllowedError(APIStatusError):
    """405."""


class RequestTimeoutError(APIStatusError):
    """408."""


class ConflictError(APIStatusError):
    """409: it exists already, or the state forbids it."""


class GoneError(APIStatusError):
    """410: for events, the offset has expired; start again with ``from_timestamp``."""


class PreconditionFailedError(APIStatusError):
    """412."""


class PayloadTooLargeError(APIStatusError):
    """413: more than 1 MB, or a users file over 500 KB."""


class URITooLongError(APIStatusError):
    """414: the query is too long."""


class UnsupportedMediaTypeError(APIStatusError):
    """415."""


class UnprocessableEntityError(APIStatusError):
    """422."""


class RateLimitError(APIStatusError):
    """429: over the rate limit or the token quota."""


class ServerError(APIStatusError):
    """5xx: the tenant or a gateway before it failed."""


class InternalServerError(ServerError):
    """500."""


class NotImplementedByServerError(ServerError):
    """501."""


class BadGatewayError(ServerError):
    """502."""


class ServiceUnavailableError(ServerError):
    """503: for the users search, the query did not finish within two seconds."""


class GatewayTimeoutError(ServerError):
    """504."""


STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError, 401: UnauthorizedError, 402: PaymentRequiredError, 403: ForbiddenError,
    404: NotFoundError, 405: MethodNotAllowedError, 408: RequestTimeoutError, 409: ConflictError,
    410: GoneError, 412: PreconditionFailedError, 413: PayloadTooLargeError, 414: URITooLongError,
    415: UnsupportedMediaTypeError, 422: UnprocessableEntityError, 429: RateLimitError,
    500: InternalServerError, 501: NotImplementedByServerError, 502: BadGatewayError,
    503: ServiceUnavailableError, 504: GatewayTimeoutError,
}  # fmt: skip


def error_class(status: int, body: Any) -> type[APIStatusError]:
    """Return the class for a status, and for 400 the one that the error code names."""
    if 300 <= status < 400:
        return RedirectError
    if status == 400 and is_object(body) and body.get("errorCode") == "invalid_paging":
        return PaginationLimitError
    return STATUS_ERRORS.get(status, ServerError if status >= 500 else APIStatusError)
