"""A typed client of the Auth0 Management API: every operation, synchronous and asynchronous.

What may import what, each only from the lines above it (a test holds the package to it; imports
inside functions and for type checkers count):

    _json _version _operation _search _fork _jwt
    _errors _redact
    _options _retry models._base
    _rate_limit _codec _auth _pagination models
    params             generated, as are models
    _flow              decides what happens in an exchange, without I/O
    _http              sends: the only module that knows an HTTP library
    _dispatch          drives the flows, sync and async
    _events
    _resource          the base classes of the generated sub-clients
    _jobs
    resources          generated
    _client            what users hold

Nothing here knows ``auth0_mgmt_testing``. Importing the package loads none of it: names load on
first use, a resource family on first touch, cryptography only for a private key.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._auth import ClientCredentials as ClientCredentials
    from ._auth import PrivateKeyJWT as PrivateKeyJWT
    from ._auth import Token as Token
    from ._auth import TokenSource as TokenSource
    from ._client import AsyncManagement as AsyncManagement
    from ._client import Management as Management
    from ._dispatch import RawResponse as RawResponse
    from ._errors import APIConnectionError as APIConnectionError
    from ._errors import APIStatusError as APIStatusError
    from ._errors import APITimeoutError as APITimeoutError
    from ._errors import BadGatewayError as BadGatewayError
    from ._errors import BadRequestError as BadRequestError
    from ._errors import ConflictError as ConflictError
    from ._errors import DecodingError as DecodingError
    from ._errors import EventStreamError as EventStreamError
    from ._errors import ForbiddenError as ForbiddenError
    from ._errors import GatewayTimeoutError as GatewayTimeoutError
    from ._errors import GoneError as GoneError
    from ._errors import InternalServerError as InternalServerError
    from ._errors import InvalidRequestError as InvalidRequestError
    from ._errors import JobFailedError as JobFailedError
    from ._errors import ManagementError as ManagementError
    from ._errors import MethodNotAllowedError as MethodNotAllowedError
    from ._errors import NotFoundError as NotFoundError
    from ._errors import NotImplementedByServerError as NotImplementedByServerError
    from ._errors import PaginationError as PaginationError
    from ._errors import PaginationLimitError as PaginationLimitError
    from ._errors import PayloadTooLargeError as PayloadTooLargeError
    from ._errors import PaymentRequiredError as PaymentRequiredError
    from ._errors import PreconditionFailedError as PreconditionFailedError
    from ._errors import RateLimit as RateLimit
    from ._errors import RateLimitError as RateLimitError
    from ._errors import RedirectError as RedirectError
    from ._errors import RequestInfo as RequestInfo
    from ._errors import RequestTimeoutError as RequestTimeoutError
    from ._errors import ResponseInfo as ResponseInfo
    from ._errors import ResponseTooLargeError as ResponseTooLargeError
    from ._errors import ServerError as ServerError
    from ._errors import ServiceUnavailableError as ServiceUnavailableError
    from ._errors import TokenError as TokenError
    from ._errors import UnauthorizedError as UnauthorizedError
    from ._errors import UnprocessableEntityError as UnprocessableEntityError
    from ._errors import UnsupportedMediaTypeError as UnsupportedMediaTypeError
    from ._errors import URITooLongError as URITooLongError
    from ._events import Event as Event
    from ._operation import Operation as Operation
    from ._options import RequestOptions as RequestOptions
    from ._pagination import AsyncPage as AsyncPage
    from ._pagination import AsyncPager as AsyncPager
    from ._pagination import Page as Page
    from ._search import escape_query as escape_query
    from ._search import quote_query as quote_query
    from ._version import __version__ as __version__
    from .models._base import Model as Model

_EXPORTS: dict[str, tuple[str, ...]] = {
    "_auth": (
        "ClientCredentials",
        "PrivateKeyJWT",
        "Token",
        "TokenSource",
    ),
    "_client": (
        "AsyncManagement",
        "Management",
    ),
    "_dispatch": ("RawResponse",),
    "_errors": (
        "APIConnectionError",
        "APIStatusError",
        "APITimeoutError",
        "BadGatewayError",
        "BadRequestError",
        "ConflictError",
        "DecodingError",
        "EventStreamError",
        "ForbiddenError",
        "GatewayTimeoutError",
        "GoneError",
        "InternalServerError",
        "InvalidRequestError",
        "JobFailedError",
        "ManagementError",
        "MethodNotAllowedError",
        "NotFoundError",
        "NotImplementedByServerError",
        "PaginationError",
        "PaginationLimitError",
        "PayloadTooLargeError",
        "PaymentRequiredError",
        "PreconditionFailedError",
        "RateLimit",
        "RateLimitError",
        "RedirectError",
        "RequestInfo",
        "RequestTimeoutError",
        "ResponseInfo",
        "ResponseTooLargeError",
        "ServerError",
        "ServiceUnavailableError",
        "TokenError",
        "URITooLongError",
        "UnauthorizedError",
        "UnprocessableEntityError",
        "UnsupportedMediaTypeError",
    ),
    "_events": ("Event",),
    "_operation": ("Operation",),
    "_options": ("RequestOptions",),
    "_pagination": (
        "AsyncPage",
        "AsyncPager",
        "Page",
    ),
    "_search": (
        "escape_query",
        "quote_query",
    ),
    "_version": ("__version__",),
    "models._base": ("Model",),
}
_HOMES = {name: module for module, names in _EXPORTS.items() for name in names}

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncManagement",
    "AsyncPage",
    "AsyncPager",
    "BadGatewayError",
    "BadRequestError",
    "ClientCredentials",
    "ConflictError",
    "DecodingError",
    "Event",
    "EventStreamError",
    "ForbiddenError",
    "GatewayTimeoutError",
    "GoneError",
    "InternalServerError",
    "InvalidRequestError",
    "JobFailedError",
    "Management",
    "ManagementError",
    "MethodNotAllowedError",
    "Model",
    "NotFoundError",
    "NotImplementedByServerError",
    "Operation",
    "Page",
    "PaginationError",
    "PaginationLimitError",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PreconditionFailedError",
    "PrivateKeyJWT",
    "RateLimit",
    "RateLimitError",
    "RawResponse",
    "RedirectError",
    "RequestInfo",
    "RequestOptions",
    "RequestTimeoutError",
    "ResponseInfo",
    "ResponseTooLargeError",
    "ServerError",
    "ServiceUnavailableError",
    "Token",
    "TokenError",
    "TokenSource",
    "URITooLongError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "__version__",
    "escape_query",
    "quote_query",
]


def __getattr__(name: str) -> Any:
    """Load an exported name from its private module on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    if isinstance(value, type):
        value.__module__ = __name__
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
