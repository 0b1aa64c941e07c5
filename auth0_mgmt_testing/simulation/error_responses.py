"""Default error responses by status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auth0_mgmt._operation import Operation

from .._registry import registry
from ..engine import messages
from ..engine.errors import APIError
from ..engine.response import Response, json_response

_TEXTS: dict[int, tuple[str, str | None]] = {
    400: ("Payload validation error.", "invalid_body"),
    401: ("Invalid token.", None),
    402: ("The feature is not part of the tenant's plan.", "feature_not_enabled"),
    404: ("Not Found", None),
    409: ("The resource already exists.", "conflict"),
    500: ("An internal server error occurred", "internal_error"),
    503: ("Service Unavailable", "service_unavailable"),
}
_OAUTH: dict[int, tuple[str, str]] = {
    400: ("invalid_request", "Bad Request"),
    401: ("access_denied", "Unauthorized"),
    403: ("access_denied", "Forbidden"),
    429: ("too_many_requests", "Global limit has been reached"),
    503: ("temporarily_unavailable", "Service Unavailable"),
}


def error_response(
    operation: Operation[Any] | None,
    status: int,
    *,
    message: str | None = None,
    error_code: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error response in the format of the operation's part of the API.

    ``message`` and ``error_code`` default to the usual ones of the status. Outside of the
    Management API the format is OAuth's: ``error`` and ``error_description``.
    """
    if operation is not None and operation.id in registry().routes:
        error, description = _OAUTH.get(status, ("server_error", "Server error"))
        value = {"error": error_code or error, "error_description": message or description}
        return json_response(status, value, headers)
    usual = _usual(status, operation)
    said = usual.message if message is None else message
    code = usual.error_code if error_code is None else error_code
    return json_response(status, APIError(status, said, code).body(), headers)


def _usual(status: int, operation: Operation[Any] | None) -> APIError:
    if status == 403 and operation is not None:
        return messages.insufficient_scope(operation.scopes)
    if status == 429:
        return messages.too_many_requests()
    bare = APIError(status, "")
    message, code = _TEXTS.get(status, (str(bare.body()["error"]), None))
    return APIError(status, message, code)
