"""Validation of responses against the contract: no undeclared member, no wrong type."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

import jsonschema_rs as rs

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation

from .. import contract
from ..errors import ResponseContractError

_APPLIED_TOGETHER = ("allOf",)
_ALTERNATIVES = ("anyOf", "oneOf")
_SUCCESS = range(200, 300)
_NO_CONTENT = 204


class ResponseValidator:
    """Validates 2xx bodies against the contract's response schemas, deviations included.

    Objects that the vendor leaves open for future members are closed: a member that the contract
    does not declare is an error of the fake. ``open_objects`` leaves them as in the contract,
    for requests that store their own members in such an object.
    """

    def __init__(self, *, open_objects: bool = False) -> None:
        self._open_objects = open_objects

    def check(
        self, operation: Operation[Any], status: int, value: Any, *, partial: bool = False
    ) -> None:
        """Raise `ResponseContractError` for a body that the contract does not declare.

        ``partial``: the caller selected fields, so required members may be missing.
        """
        if status not in _SUCCESS or isinstance(value, bytes) or hasattr(value, "__next__"):
            return
        try:
            validator = _compiled(operation, status, partial, self._open_objects)
        except KeyError:
            self._refuse(operation, f"status {status} is not declared")
        if validator is None:
            if value not in (None, {}):
                self._refuse(operation, f"status {status} declares no body")
            return
        if value is None and status == _NO_CONTENT:
            return
        for error in validator.iter_errors(value):
            where = "/".join(map(str, error.instance_path))
            self._refuse(operation, f"{error.message} at /{where}")

    @staticmethod
    def _refuse(operation: Operation[Any], reason: str) -> NoReturn:
        raise ResponseContractError(
            f"{operation.name}: the response is not what the contract declares: {reason[:600]}"
        )


@cache
def _compiled(
    operation: Operation[Any], status: int, partial: bool = False, open_objects: bool = False
) -> rs.Draft202012Validator | None:
    schema = contract.response_schema(operation, status)
    if schema is None:
        return None
    if partial:
        schema = _without_required(schema)
    if not open_objects:
        schema = _naming_members(schema)
    definitions = {name: closed(each) for name, each in schema.get("definitions", {}).items()}
    top = closed({key: each for key, each in schema.items() if key != "definitions"})
    return rs.Draft202012Validator({**top, "definitions": definitions}, validate_formats=False)


def _naming_members(schema: Any) -> Any:
    """Return the schema with objects closed where they declare members.

    The vendor leaves responses open for future members; the declared ones are today's. An
    object that is open on purpose has ``additionalProperties = {}``.
    """
    return _without(
        schema,
        lambda each, keyword: (
            keyword == "additionalProperties"
            and each[keyword] is True
            and is_object(each.get("properties"))
            and bool(each["properties"])
        ),
    )


def _without_required(schema: Any) -> Any:
    """Return the schema with no member required: the caller selected fields."""
    return _without(schema, lambda each, keyword: keyword == "required" and is_array(each[keyword]))


def _without(schema: Any, unwanted: Callable[[dict[str, Any], str], bool]) -> Any:
    """Return the schema, at every depth, without some keywords of objects."""
    if is_array(schema):
        return [_without(item, unwanted) for item in schema]
    if not is_object(schema):
        return schema
    return {
        keyword: _without(value, unwanted)
        for keyword, value in schema.items()
        if not unwanted(schema, keyword)
    }


def closed(schema: Any, *, together: bool = False) -> Any:
    """Return the schema with every object closed: an undeclared member is an error.

    An object may be declared open (``additionalProperties``). Where several schemas apply
    together (``allOf``, or a reference beside other keywords) the object is closed once, around
    them; ``together`` is true inside.
    """
    if is_array(schema):
        return [closed(item) for item in schema]
    if not is_object(schema):
        return schema
    result: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _APPLIED_TOGETHER:
            result[keyword] = [closed(item, together=True) for item in value]
        elif keyword in _ALTERNATIVES:
            # A response that fits two alternatives (an empty list, say) fits the contract.
            name = "oneOf" if "anyOf" in result else "anyOf"
            result[name] = [closed(item, together=together) for item in value]
        elif keyword in ("properties", "patternProperties"):
            result[keyword] = {name: closed(each) for name, each in value.items()}
        elif keyword in ("items", "additionalProperties", "not"):
            result[keyword] = closed(value)
        else:
            result[keyword] = value
    if together:
        if result.get("additionalProperties") is False:
            del result["additionalProperties"]
        return result
    composed = "allOf" in result
    if composed or ("properties" in result and "additionalProperties" not in result):
        if result.get("additionalProperties") is False:
            del result["additionalProperties"]
        if "additionalProperties" not in result:
            result["unevaluatedProperties"] = False
    return result
