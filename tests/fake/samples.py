"""Plausible values for what the contract asks for, made from its own schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from auth0_mgmt_testing import contract
from auth0_mgmt_testing.engine.validation import compiled

_TEXTS = (
    "abc",
    "est_1111111111111111111111",
    "2026-01-01T00:00:00Z",
    "2026-01-01",
    "20260101",
    "https://example.com",
    "example.com",
    "ada@example.com",
    "+15550100000",
    "0123456789abcdef01234567",
    "#0059d6",
    "192.0.2.1",
    "1.2.3",
    "en",
    "1:1",
    "a:1",
    "name:1",
    "c2VjcmV0",
    "example",
    "0" * 32,
    "A" * 64,
    "Example",
    "x@y.z",
    "00000000-0000-4000-8000-000000000000",
    "auth0|1",
    "rol_1111111111111111",
    "org_1111111111111111",
    "con_1111111111111111",
    "simplified/1.0",
    "aamva",
)
"""Texts that one pattern or format or another wants; the first that fits is taken."""

_DEEP = 8
"""How far lists nest before they are left empty."""


class NoSample(Exception):
    """The contract wants something that nothing here is."""


def sample(family: contract.SchemaDocument, schema: contract.Schema) -> Any:
    """A small value that the schema allows, with what is required and nothing more."""
    return _fitting(family, schema, 0)


def _fitting(family: contract.SchemaDocument, schema: contract.Schema, depth: int) -> Any:
    fits = compiled(family.whole(schema)).is_valid
    for value in _candidates(family, schema, depth):
        if fits(value):
            return value
    raise NoSample(str(schema)[:200])


def _candidates(
    family: contract.SchemaDocument, schema: contract.Schema, depth: int
) -> Iterator[Any]:
    schema = family.resolve(schema)
    if "const" in schema:
        yield schema["const"]
    yield from schema.get("enum", ())
    for keyword in ("oneOf", "anyOf"):
        for variant in schema.get(keyword, ()):
            if "properties" in schema:  # the variants only say what else is required
                variant = {**schema, "required": variant.get("required", ()), keyword: ()}
            yield from _candidates(family, variant, depth + 1)
    if "allOf" in schema:
        yield _merged(family, schema, depth)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    for one in [kind] if isinstance(kind, str) else kind:
        yield from _of_kind(family, schema, one, depth)


def _merged(family: contract.SchemaDocument, schema: contract.Schema, depth: int) -> Any:
    whole: dict[str, Any] = {}
    for part in schema["allOf"]:
        found = _fitting(family, part, depth + 1)
        if isinstance(found, dict):
            whole |= found
    return whole


def _of_kind(
    family: contract.SchemaDocument, schema: contract.Schema, kind: str, depth: int
) -> Iterator[Any]:
    match kind:
        case "string":
            yield from _texts(schema)
        case "integer" | "number":
            yield from (schema.get("minimum", 1), 1, schema.get("maximum", 1), 60)
        case "boolean":
            yield from (False, True)
        case "null":
            yield None
        case "array":
            least = schema.get("minItems", 0)
            if depth < _DEEP:
                yield [_fitting(family, schema.get("items", {}), depth + 1)] * max(least, 1)
            yield []
        case _:
            yield _object(family, schema, depth)


def _texts(schema: contract.Schema) -> Iterator[str]:
    yield from _TEXTS
    least, most = schema.get("minLength", 0), schema.get("maxLength", 64)
    for text in _TEXTS:
        yield (text * (least + 1))[: max(least, 1)]
        yield text[:most]
    if prefix := re.match(r"\^?\(?(\w+[_:|-])", schema.get("pattern", "")):
        for length in (16, 22, 24, 8, 20, 32):
            yield prefix[1] + "1" * length


def _object(family: contract.SchemaDocument, schema: contract.Schema, depth: int) -> Any:
    known: contract.Schema = schema.get("properties", {})
    names = list(schema.get("required", ()))
    for name in known:
        if len(names) >= schema.get("minProperties", 0):
            break
        if name not in names:
            names.append(name)
    value = {name: _fitting(family, known.get(name, {}), depth + 1) for name in names}
    if not value and schema.get("minProperties"):
        value["key"] = _fitting(family, schema.get("additionalProperties") or {}, depth + 1)
    return value
