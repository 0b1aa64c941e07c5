"""The contract as an OpenAPI document for schemathesis, built from the fake's own schemas."""

from __future__ import annotations

from functools import cache
from typing import Any

import schemathesis
from schemathesis.schemas import APIOperation

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import contract

_HERE, _THERE = "#/definitions/", "#/components/schemas/"


def _moved(schema: Any) -> Any:
    """A schema with its references as an OpenAPI document spells them."""
    if is_array(schema):
        return [_moved(item) for item in schema]
    if not is_object(schema):
        return schema
    return {
        key: value.replace(_HERE, _THERE) if key == "$ref" else _moved(value)
        for key, value in schema.items()
    }


def _operation(operation: Operation[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    required = schemas.get("query_required", ())
    parameters = [
        {"name": name, "in": place, "required": place == "path" or name in required, "schema": sub}
        for place in ("path", "query")
        for name, sub in schemas.get(place, {}).items()
    ]
    described: dict[str, Any] = {
        "operationId": operation.id,
        "parameters": parameters,
        "responses": {str(status): {"description": ""} for status in operation.success_statuses},
    }
    if "body" in schemas:
        media = {schemas["body_media"][0]: {"schema": schemas["body"]}}
        described["requestBody"] = {"required": schemas["body_required"], "content": media}
    moved: dict[str, Any] = _moved(described)
    return moved


@cache
def document() -> dict[str, Any]:
    """Paths of all operations, and every definition of every family."""
    paths: dict[str, dict[str, Any]] = {}
    definitions: dict[str, Any] = {}
    for operation in operations():
        family = contract.of_operation(operation.id)
        schemas = family.operation(operation.id) or {}
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(
            operation, schemas
        )
        for name in family.names():
            if not name.startswith("operation:") and name not in definitions:
                definitions[name] = _moved(family.definition(name))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Auth0 Management API", "version": "2"},
        "paths": paths,
        "components": {"schemas": definitions},
    }


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_dict(document())


def described(operation: Operation[Any]) -> APIOperation[Any, Any, Any, Any]:
    """An operation as schemathesis draws requests for it."""
    found: APIOperation[Any, Any, Any, Any] = _schema()[operation.path][operation.method]
    return found
