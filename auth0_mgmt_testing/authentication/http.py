"""What an Authentication API request says, and the responses that the endpoints make."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from auth0_mgmt._json import is_object

from ..engine.context import Reply, RequestContext
from ..engine.refusal import refusal_of
from ..resources.logs import ADDRESS
from .errors import OAuthError, invalid_request

Endpoint: TypeAlias = Callable[[RequestContext], Any]

_NO_FRAMES = "frame-ancestors 'none'"
_NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


# --- requests ----------------------------------------------------------------------------------


def query(context: RequestContext) -> dict[str, str]:
    """The query's parameters."""
    return {name: str(value) for name, value in context.query.items()}


def body(context: RequestContext) -> dict[str, Any]:
    """The parameters of a form or JSON body; the strings of a form, the values of a JSON object.

    Raises ``invalid_request`` for what is neither, and for a form that repeats a parameter.
    """
    media = context.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/json":
        try:
            value = json.loads(context.body or b"{}")
            # Halves of surrogate pairs and infinite numbers are neither text nor JSON.
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except (ValueError, RecursionError):
            raise invalid_request("Invalid request payload JSON format") from None
        if not is_object(value):
            raise invalid_request("Invalid request payload JSON format")
        return value
    pairs = parse_qsl(context.body.decode("utf-8", "replace"), keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs):
        raise invalid_request("Parameters must not be repeated")
    return given


def split_url(url: str) -> SplitResult:
    """The parts of a URL; all empty for what is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def strings(given: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that are strings and not empty."""
    return {name: value for name, value in given.items() if isinstance(value, str) and value}


def cookie(context: RequestContext, name: str) -> str | None:
    """A cookie of the request."""
    try:
        found = SimpleCookie(context.headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


def bearer(context: RequestContext) -> str | None:
    """The bearer token of the ``Authorization`` header."""
    scheme, _, token = context.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def client_ip(context: RequestContext) -> str:
    """The address that a browser's request comes from, as proxies report it."""
    forwarded = context.headers.get("x-forwarded-for", "").partition(",")[0].strip()
    return forwarded or ADDRESS


def user_agent(context: RequestContext) -> str:
    return context.headers.get("user-agent", "")


# --- responses ---------------------------------------------------------------------------------


def html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A page that no other site may frame and that loads nothing from elsewhere."""
    return Reply(
        status,
        text.encode(),
        {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
            f"img-src https: http: data:; form-action *; {_NO_FRAMES}; base-uri 'none'",
            "x-frame-options": "DENY",
            "referrer-policy": "no-referrer",
            **_NO_STORE,
            **(headers or {}),
        },
    )


def allow_framing(reply: Reply) -> None:
    """Let other sites frame a page."""
    del reply.headers["x-frame-options"]
    policy = reply.headers["content-security-policy"]
    reply.headers["content-security-policy"] = policy.replace(f"{_NO_FRAMES}; ", "")


def redirect(url: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(302, None, {"location": url, **_NO_STORE, **(headers or {})})


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """A URL with further query parameters."""
    parts = urlsplit(url)
    joined = "&".join(filter(None, (parts.query, urlencode(parameters))))
    return urlunsplit(parts._replace(query=joined))


def token_response(value: Any, status: int = 200) -> Reply:
    """A response that holds tokens; the API names no charset here."""
    text = json.dumps(value, separators=(",", ":")).encode()
    return Reply(status, text, {"content-type": "application/json", **_NO_STORE})


# --- endpoints ---------------------------------------------------------------------------------


def refuse(context: RequestContext, error: OAuthError) -> None:
    """Leave nothing of the request but what its refusal itself does, and why it was refused."""
    context.refusal = refusal_of(error)
    context.roll_back()
    for effect in error.effects:
        effect(context)


def endpoint(handler: Endpoint) -> Endpoint:
    """Decorator: an `OAuthError` becomes its JSON response."""
    return _refusing(handler, lambda value, status: Reply(status, value, dict(_NO_STORE)))


def token_endpoint(handler: Endpoint) -> Endpoint:
    """Decorator: the same for an endpoint whose responses are `token_response`s."""
    return _refusing(handler, token_response)


def _refusing(handler: Endpoint, respond: Callable[[Any, int], Reply]) -> Endpoint:
    @wraps(handler)
    def answer(context: RequestContext) -> Any:
        try:
            return handler(context)
        except OAuthError as error:
            refuse(context, error)
            reply = respond(error.body(), error.status)
            reply.headers |= error.headers
            return reply

    return answer
