"""All error messages of the engine.

Validation errors are worded as by the API's own validator; the error is chosen by
`auth0_mgmt_testing.engine.validation`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from json import JSONDecodeError
from typing import Any, Literal

from auth0_mgmt._json import is_array

from ..state.clock import format_timestamp
from .context import Principal
from .errors import APIError
from .refusal import Refusal

Place = Literal["body", "query", "path"]

_LAST = 253_402_300_799.0
"""The last second of the year 9999, the end of timestamps."""
_PLACES: dict[Place, tuple[str, str]] = {
    "body": ("Payload", "invalid_body"),
    "query": ("Query", "invalid_query_string"),
    "path": ("Path", "invalid_uri"),
}


# --- invalid requests --------------------------------------------------------------------------


def invalid(
    place: Place, reason: str, where: str = "", *, refusal: Refusal | None = None
) -> APIError:
    """400: the body, query or path does not fit the contract; ``where`` is the property."""
    title, code = _PLACES[place]
    suffix = f" on property {where}" if where else ""
    text = f"{title} validation error: '{reason}'{suffix}."
    return APIError(400, text, code, refusal=refusal)


def invalid_json(error: Exception) -> APIError:
    """400; ``error``: what the decoder says. Logs show where, but nothing of the body."""
    where = (
        f"{error.msg} at line {error.lineno}, column {error.colno}"
        if isinstance(error, JSONDecodeError)
        else "it is not UTF-8, nested too deeply, or holds half of a character"
    )
    hint = f"the body is no JSON: {where}"
    return APIError(400, "Invalid request payload JSON format", "invalid_body", hint=hint)


def invalid_multipart() -> APIError:
    return APIError(400, "Invalid multipart payload format", "invalid_body")


def unsupported_media_type() -> APIError:
    return APIError(415, "Unsupported Media Type")


def payload_too_large(limit: int) -> APIError:
    return APIError(413, f"Payload content length greater than maximum allowed: {limit}")


def uri_too_long() -> APIError:
    return APIError(414, "Request-URI Too Large")


def no_such_route(resembling: str = "") -> APIError:
    """404: nothing is routed there; ``resembling``: what could have been meant."""
    return APIError(404, "Not Found", refusal=Refusal(hint=resembling))


def not_found(message: str, code: str | None = None) -> APIError:
    return APIError(404, message, code)


def conflict(message: str, code: str | None = None) -> APIError:
    return APIError(409, message, code)


def too_many_requests(headers: dict[str, str] | None = None) -> APIError:
    return APIError(429, "Global limit has been reached", "too_many_requests", headers=headers)


def not_implemented(operation: str, reason: str = "") -> APIError:
    """501: the fake has no behaviour for an operation."""
    suffix = f": {reason}" if reason else ""
    return APIError(501, f"The fake tenant has no behaviour for {operation}{suffix}")


def behaviour_failed(operation: str, error: Exception) -> APIError:
    """500: a bug of the fake itself; its log has the traceback."""
    return APIError(500, f"The fake tenant failed at {operation}: {type(error).__name__}")


# --- lists -------------------------------------------------------------------------------------


def paging_limit() -> APIError:
    """400: offset paging ends here; the message ends with the documentation's URL."""
    return APIError(
        400,
        "You can only page through the first 1000 records. See "
        "https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation",
        "invalid_paging",
        hint="read smaller pages, or narrow the query: there is no record beyond the first 1000",
    )


def page_too_far(page: int) -> APIError:
    """The same limit, where checkpoint paging could continue."""
    return APIError(
        400,
        f"Requesting page {page} exceeds the allowed maximum of 1000 records. To fetch results "
        "beyond 1000, use the checkpoint pagination method.",
        "invalid_paging",
        hint="give take, and from with the next of the page before, instead of page and per_page",
    )


def invalid_cursor() -> APIError:
    hint = "give the next of an earlier page of this very list as it is, or leave from out"
    return APIError(400, "Invalid 'from' parameter.", "invalid_query_string", hint=hint)


def invalid_sort(sort: str) -> APIError:
    return invalid("query", pattern("^(((-1)|[a-zA-Z0-9_.]+):(1|-1))$", sort), "sort")


def invalid_search(reason: str) -> APIError:
    return APIError(400, f"Invalid query string: {reason}", "invalid_query_string")


# --- tokens ------------------------------------------------------------------------------------


def missing_token() -> APIError:
    hint = "send the header 'Authorization: Bearer TOKEN'"
    return APIError(401, "Missing authentication", hint=hint)


def malformed_header() -> APIError:
    hint = "send 'Bearer', a blank and the token"
    return APIError(401, "Bad HTTP authentication header format", hint=hint)


def invalid_token() -> APIError:
    hint = "request a token from this tenant's /oauth/token"
    return APIError(401, "Invalid token", hint=hint)


def expired_token(expired: float | None, now: float) -> APIError:
    hint = "the token has no time of expiry"
    if expired is not None:
        hint = f"it expired at {_moment(expired)}; the tenant's clock shows {_moment(now)}"
    return APIError(401, "Expired token received for JSON Web Token validation", hint=hint)


def immature_token(begins: float, now: float) -> APIError:
    hint = f"it is valid from {_moment(begins)}; the tenant's clock shows {_moment(now)}"
    return APIError(401, "Token is not yet valid for JSON Web Token validation", hint=hint)


def bad_signature() -> APIError:
    hint = "no key of this tenant signed it: was it issued by another tenant, or before a reset?"
    return APIError(401, "Invalid signature received for JSON Web Token validation", hint=hint)


def _moment(seconds: float) -> str:
    return format_timestamp(min(max(seconds, 0.0), _LAST))


def bad_audience(audience: Any, expected: str) -> APIError:
    found = ",".join(str(a) for a in audience) if is_array(audience) else str(audience)
    return APIError(401, f"Bad audience: {found}", hint=f"request a token for {expected}")


def bad_issuer(issuer: object, expected: str) -> APIError:
    return APIError(401, f"Bad issuer: {issuer}", hint=f"this tenant issues as {expected}")


def insufficient_scope(scopes: Sequence[str], caller: Principal | None = None) -> APIError:
    """403: any one of these would have sufficed."""
    held = ", ".join(sorted((caller and caller.scopes) or ())) or "none"
    client = f" of client {caller.client_id}" if caller and caller.client_id else ""
    return APIError(
        403,
        f"Insufficient scope, expected any of: {','.join(scopes)}",
        "insufficient_scope",
        refusal=Refusal(
            "the token lacks the operation's scopes",
            f"the token{client} has: {held}; grant the client {' or '.join(scopes)}",
        ),
    )


# --- validation errors -------------------------------------------------------------------------


def text(value: Any) -> str:
    """Return a value as shown in messages."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_type(value: Any) -> str:
    """Return the JSON type of a value; whole numbers are integers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def wrong_type(expected: Iterable[str], value: Any) -> str:
    return f"Expected type {','.join(expected)} but found type {json_type(value)}"


def wrong_format(name: str, value: Any) -> str:
    return f"Object didn't pass validation for format {name}: {text(value)}"


def pattern(expression: str, value: Any) -> str:
    return f"String does not match pattern {expression}: {text(value)}"


def no_enum_match(value: Any) -> str:
    return f"No enum match for: {text(value)}"


def missing_property(name: str) -> str:
    return f"Missing required property: {name}"


def additional_properties(names: Iterable[str]) -> str:
    return f"Additional properties not allowed: {','.join(names)}"


def too_few_properties(count: int, limit: int) -> str:
    return f"Too few properties defined ({count}), minimum {limit}"


def too_many_properties(count: int, limit: int) -> str:
    return f"Too many properties defined ({count}), maximum {limit}"


def too_short(value: str, limit: int) -> str:
    return f"String is too short ({len(value)} chars), minimum {limit}"


def too_long(value: str, limit: int) -> str:
    return f"String is too long ({len(value)} chars), maximum {limit}"


def array_short(count: int, limit: int) -> str:
    return f"Array is too short ({count}), minimum {limit}"


def array_long(count: int, limit: int) -> str:
    return f"Array is too long ({count}), maximum {limit}"


def array_not_unique(first: int, second: int) -> str:
    return f"Array items are not unique (indexes {first} and {second})"


def below_minimum(value: Any, limit: Any) -> str:
    return f"Value {text(value)} is less than minimum {text(limit)}"


def above_maximum(value: Any, limit: Any) -> str:
    return f"Value {text(value)} is greater than maximum {text(limit)}"


def not_multiple(value: Any, factor: Any) -> str:
    return f"Value {text(value)} is not a multiple of {text(factor)}"


def none_of(keyword: str) -> str:
    return f"Data does not match any schemas from '{keyword}'"


def several_of() -> str:
    return "Data is valid against more than one schema from 'oneOf'"


def unfit() -> str:
    """The message where no other one applies."""
    return "Data does not match the schema"
