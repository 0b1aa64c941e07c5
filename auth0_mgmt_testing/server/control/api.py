"""The control API: finds the endpoint of a request and responds to it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from auth0_mgmt._json import is_object

from ...engine.response import Response, json_response
from ...errors import LoadError, MissingDocumentError, StateError
from . import server, simulation, state, users
from .endpoint import (
    ANYTHING,
    CONTROL,
    ENDPOINTS,
    ControlRequest,
    Endpoint,
    TenantDirectory,
)

MODULES = (server, simulation, state, users)
"""The modules that add endpoints."""

if TYPE_CHECKING:
    from ...tenant import FakeTenant


class Control:
    """The control API of one tenant; with a directory, of the server's other tenants too."""

    def __init__(
        self, tenant: FakeTenant, directory: TenantDirectory | None = None, url: str = ""
    ) -> None:
        """``url``: what the client reaches the tenant by."""
        self._tenant = tenant
        self._directory = directory
        self._url = url

    def respond(self, method: str, target: str, body: bytes) -> Response:
        """Respond to one request; ``target`` is path and query as sent."""
        path, _, search = target.partition("?")
        method = "GET" if method == "HEAD" else method
        found, allowed = _find(method, path.removeprefix(CONTROL))
        if found is None:
            if allowed:
                return _refusal(405, "method_not_allowed", f"{path} takes {', '.join(allowed)}")
            return _refusal(404, "not_found", f"no {method} {path}; see {CONTROL}openapi.json")
        endpoint, params = found
        query = {name: values[-1] for name, values in parse_qs(search).items()}
        try:
            request = ControlRequest(
                self._tenant, self._directory, self._url, params, query, _body(endpoint, body)
            )
            value = endpoint.handler(request)
        except LoadError as error:
            return _refusal(400, "load", str(error))
        except MissingDocumentError as error:
            return _refusal(404, "missing_document", str(error))
        except StateError as error:
            return _refusal(400, "state", str(error))
        except LookupError as error:
            return _refusal(404, "not_found", str(error.args[0] if error.args else error))
        except (ValueError, TypeError) as error:
            return _refusal(400, "value", str(error))
        if isinstance(value, Response):
            return value
        if value is None:
            return Response(204)
        return json_response(endpoint.status, value)


def _refusal(status: int, error: str, message: str) -> Response:
    return json_response(status, {"error": error, "message": message})


@cache
def _patterns() -> list[tuple[re.Pattern[str], Endpoint]]:
    return [
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(each.path))), each)
        for each in ENDPOINTS
    ]


def _find(method: str, path: str) -> tuple[tuple[Endpoint, dict[str, str]] | None, list[str]]:
    allowed: list[str] = []
    for pattern, endpoint in _patterns():
        if (match := pattern.fullmatch(path)) is not None:
            if endpoint.method == method:
                params = {name: unquote(value) for name, value in match.groupdict().items()}
                return (endpoint, params), []
            allowed.append(endpoint.method)
    return None, allowed


def _body(endpoint: Endpoint, body: bytes) -> dict[str, Any]:
    if endpoint.body is None or not body:
        value: Any = {}
    else:
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            raise ValueError("the body is not JSON") from None
    if not is_object(value):
        raise ValueError("the body must be an object")
    if endpoint.body is not None and endpoint.body != ANYTHING:
        for name in value:
            if name not in endpoint.body:
                known = ", ".join(sorted(endpoint.body))
                raise ValueError(f"there is no member {name!r}; known members: {known}")
    for name in endpoint.required:
        if name not in value:
            raise ValueError(f"the member {name!r} is missing")
    return value
