"""The OpenAPI document of the control API."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from auth0_mgmt import __version__

from .endpoint import (
    ANYTHING,
    CONTROL,
    ENDPOINTS,
    TEXT,
    Endpoint,
)


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI 3.1 document of this API."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(CONTROL + endpoint.path, {})[endpoint.method.lower()] = _described(
            endpoint
        )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Control of a fake Auth0 tenant",
            "version": __version__,
            "description": "Controls the tenant of the host name or the path prefix.",
        },
        "paths": paths,
    }


def _described(endpoint: Endpoint) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": TEXT}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, "schema": TEXT}
        for name, text in endpoint.query.items()
    ]
    refusal = {
        "description": "An error; the message says why.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"error": TEXT, "message": TEXT},
                    "required": ["error", "message"],
                }
            }
        },
    }
    described: dict[str, Any] = {
        "operationId": endpoint.handler.__name__.strip("_"),
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": {
            str(endpoint.status): {
                "description": "Done.",
                "content": {"application/json": {"schema": {}}},
            },
            "204": {"description": "Success without a body."},
            "4XX": refusal,
        },
    }
    if endpoint.body is not None:
        anything = endpoint.body == ANYTHING
        schema: dict[str, Any] = {"type": "object", "additionalProperties": anything}
        if not anything:
            schema["properties"] = dict(endpoint.body)
        if endpoint.required:
            schema["required"] = list(endpoint.required)
        described["requestBody"] = {
            "required": bool(endpoint.required),
            "content": {"application/json": {"schema": schema}},
        }
    return described
