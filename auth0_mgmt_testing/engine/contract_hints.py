"""What would be right where a request does not satisfy the contract, from the contract itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jsonschema_rs as rs

from auth0_mgmt._json import is_array, is_object

from ..contract.operation_lookup import unknown

_NAMED = 12
"""Names that are listed; of more the rest is counted."""
_ALTERNATIVES = 4
_ARTICLES = {"object": "an object", "array": "an array", "integer": "an integer", "null": "null"}


def hint(error: rs.ValidationError, schema: Mapping[str, Any]) -> str:
    """What would satisfy the rule of an error; ``schema``: the document that was compiled."""
    says: Mapping[str, Any] = error.kind.as_dict()
    name = error.kind.name
    around = _at(schema, error.schema_path[:-1])
    if name in ("additionalProperties", "unevaluatedProperties"):
        known = list(around.get("properties", ()))
        wrong = [unknown("property", each, known) for each in says["unexpected"]]
        helped = all("did you mean" in text for text in wrong)
        return "; ".join(wrong) + ("" if helped else f"; known are: {_names(known)}")
    if name == "required":
        wanted = says["property"]
        return f"add {wanted!r}: {_described(_property(around, wanted), schema)}"
    if name in ("anyOf", "oneOf"):
        found: Sequence[Sequence[rs.ValidationError]] = says.get("context") or ()
        each = [hint(errors[0], schema) for errors in found if errors]
        return "; or ".join(dict.fromkeys(filter(None, each[:_ALTERNATIVES])))
    if name == "enum" and isinstance(error.instance, str):
        values = [value for value in around.get("enum", ()) if isinstance(value, str)]
        close = unknown("value", error.instance, values).partition(";")[2]
        return f"give {_described(around, schema)}{';' + close if close else ''}"
    return f"give {_described(around, schema)}"


def _at(schema: Mapping[str, Any], path: Sequence[str | int]) -> Mapping[str, Any]:
    found: Any = schema
    for step in path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return found if is_object(found) else {}


def _property(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Any = schema.get("properties", {}).get(name)
    return found if is_object(found) else {}


def _described(schema: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """A value of a schema in words: ``a string``, ``one of 'spa', 'native'``."""
    reference: Any = schema.get("$ref")
    if isinstance(reference, str):
        return _described(_at(document, reference.removeprefix("#/").split("/")), document)
    if is_array(values := schema.get("enum")):
        shown = [repr(value) for value in values]
        return shown[0] if len(shown) == 1 else f"one of {_names(shown)}"
    for keyword in ("anyOf", "oneOf"):
        if is_array(parts := schema.get(keyword)):
            found = dict.fromkeys(_described(part, document) for part in parts[:_ALTERNATIVES])
            return " or ".join(found)
    kinds: Any = schema.get("type", "object" if "properties" in schema else "a value")
    kind = " or ".join(_kind(each) for each in (kinds if is_array(kinds) else [kinds]))
    return kind + "".join(_limits(schema, document))


def _kind(name: str) -> str:
    return _ARTICLES.get(name) or (name if name.startswith("a ") else f"a {name}")


def _limits(schema: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    said: list[str] = []
    if is_object(items := schema.get("items")):
        said.append(f" of {_described(items, document)} each")
    if properties := schema.get("properties"):
        required: Any = schema.get("required")
        said.append(f" with {_names(required or list(properties))}")
    if format := schema.get("format"):
        said.append(f" of the format {format}")
    if expression := schema.get("pattern"):
        said.append(f" that matches {expression}")
    for least, most, unit in (
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
        ("minimum", "maximum", ""),
        ("minProperties", "maxProperties", " members"),
    ):
        low, high = schema.get(least), schema.get(most)
        if low is not None and high is not None:
            said.append(f", {low} to {high}{unit}")
        elif low is not None:
            said.append(f", at least {low}{unit}")
        elif high is not None:
            said.append(f", at most {high}{unit}")
    return said


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(map(str, names[:_NAMED]))
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
