"""What the fake validates requests against: JSON Schemas of parameters, bodies and responses per family."""

from __future__ import annotations

import json
from typing import Any

from auth0_mgmt._json import is_array, is_object

from .contract import Contract, Op

_PROSE = ("description", "title", "example", "examples", "externalDocs", "summary")


def family(contract: Contract, name: str) -> str:
    """One family's document: operations by id and the definitions that they reach."""
    operations = {op.id: _operation(op) for op in contract.families[name]}
    definitions: dict[str, Any] = {}
    queue = sorted(_references(operations))
    while queue:
        ref = queue.pop()
        if ref not in definitions:
            definitions[ref] = clean(contract.schemas[ref])
            queue += sorted(_references(definitions[ref]))
    return "".join(
        (
            '{"operations": {\n',
            _rows(operations),
            '\n}, "definitions": {\n',
            _rows(definitions),
            "\n}}\n",
        )
    )


def _rows(entries: dict[str, Any]) -> str:
    return ",\n".join(
        f"{json.dumps(key)}: {json.dumps(entries[key], ensure_ascii=False, sort_keys=True)}"
        for key in sorted(entries)
    )


def _operation(op: Op) -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    for place in ("path", "query", "header"):
        found = {
            p["name"]: clean(p["schema"]) for p in op.raw.get("parameters", ()) if p["in"] == place
        }
        if found:
            schemas[place] = found
    required = [p["name"] for p in op.parameters("query") if p.get("required")]
    if required:
        schemas["query_required"] = required
    if op.body is not None:
        schemas["body"] = clean(op.body)
        schemas["body_required"] = bool(op.raw["requestBody"].get("required", False))
        schemas["body_media"] = sorted(op.raw["requestBody"]["content"])
    schemas["responses"] = {
        code: clean(media["schema"])
        for code, response in op.raw["responses"].items()
        for media in response.get("content", {}).values()
        if code[0] == "2"
    }
    return schemas


def clean(schema: Any) -> Any:
    """A schema as plain JSON Schema 2020-12: no prose, no marks, references to definitions."""
    if is_array(schema):
        return [clean(item) for item in schema]
    if not is_object(schema):
        return schema
    out: dict[str, Any] = {}
    for key, value in schema.items():
        named: dict[str, Any] | None = value if is_object(value) else None
        if key in ("properties", "patternProperties", "$defs") and named is not None:
            out[key] = {name: clean(sub) for name, sub in named.items()}
        elif key.startswith("x-") or (key in _PROSE and named is None):
            continue
        elif key == "$ref":
            out[key] = "#/definitions/" + str(value).rpartition("/")[2]
        elif key in ("enum", "const", "default"):
            out[key] = value
        elif key != "nullable":
            out[key] = clean(value)
    if schema.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    if "allOf" in out and out.get("additionalProperties") is False:
        del out["additionalProperties"]
        out["unevaluatedProperties"] = False
    return out


def _references(value: Any) -> set[str]:
    if is_array(value):
        return {ref for item in value for ref in _references(item)}
    if not is_object(value):
        return set()
    found = {ref for item in value.values() for ref in _references(item)}
    if isinstance(value.get("$ref"), str):
        found.add(value["$ref"].rpartition("/")[2])
    return found
