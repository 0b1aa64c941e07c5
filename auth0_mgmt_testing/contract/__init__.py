"""The contract's schemas, with corrections for live tenants: requests and responses must match.

The schemas are generated, one file per resource family with one operation or definition per line,
so that only what a request needs is ever parsed. `deviations.toml` holds, as data, where a live
tenant accepts (or rejects) other values than the published contract.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation

Schema: TypeAlias = dict[str, Any]

_COMPOSED = frozenset(("$ref", "allOf", "anyOf", "oneOf", "not"))
_NAMED = frozenset(("properties", "patternProperties"))
"""Keywords whose keys are names, not keywords."""
_DATA = frozenset(("enum", "const", "default"))
"""Keywords whose value is no schema."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One correction of the contract.

    ``target`` names a definition, or an operation as ``operation:<id>``; it and the segments of
    ``pointer`` may be ``*``. At each place found, ``allow`` lists JSON types that are accepted
    too, ``drop`` keywords to remove, and ``set`` keywords to add. With ``responses_only``
    it does not apply to requests.
    """

    target: str
    pointer: tuple[str, ...]
    reason: str
    allow: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    set: tuple[tuple[str, Any], ...] = ()
    responses_only: bool = False

    def apply(self, schema: Any) -> Any:
        """Return the schema with this correction; the given one is not mutated."""
        return self._at(schema, self.pointer)

    def _at(self, schema: Any, pointer: tuple[str, ...]) -> Any:
        if not pointer:
            return self._patched(schema)
        head, rest = pointer[0], pointer[1:]
        if is_array(schema):
            return [
                self._at(item, rest) if fnmatchcase(str(index), head) else item
                for index, item in enumerate(schema)
            ]
        if is_object(schema):
            found = {
                key: self._at(value, rest) if fnmatchcase(key, head) else value
                for key, value in schema.items()
            }
            if self.set and "*" not in head and head not in schema:
                found[head] = self._at({}, rest)
            return found
        return schema

    def _patched(self, schema: Any) -> Any:
        if not is_object(schema):
            return schema
        patched = {key: value for key, value in schema.items() if key not in self.drop}
        patched.update(self.set)
        return _widened(patched, self.allow) if self.allow and patched else patched


def _widened(schema: Schema, types: tuple[str, ...]) -> Schema:
    own = schema.get("type")
    if own is None or not _COMPOSED.isdisjoint(schema):
        return {"anyOf": [{"type": list(types)}, schema]}
    wider = {
        **schema,
        "type": list(dict.fromkeys([*([own] if isinstance(own, str) else own), *types])),
    }
    if "enum" in schema and "null" in types:
        wider["enum"] = [*schema["enum"], None]
    return wider


@cache
def management_scopes() -> dict[str, str]:
    """The scopes that tenants list for the Management API, with their descriptions."""
    text = files(__name__).joinpath("management_scopes.toml").read_text("utf-8")
    return {str(name): str(description) for name, description in tomllib.loads(text).items()}


@cache
def operation_scopes() -> frozenset[str]:
    """Every scope that an operation of the contract requires."""
    from auth0_mgmt.resources import operations

    return frozenset(scope for operation in operations() for scope in operation.scopes)


@cache
def _deviations_file() -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath("deviations.toml").read_text("utf-8"))


@cache
def deviations() -> tuple[Deviation, ...]:
    """The ``[[deviation]]`` entries of ``deviations.toml``."""
    return tuple(
        Deviation(
            target=target,
            pointer=tuple(part for part in pointer.split("/") if part),
            reason=row["reason"],
            allow=tuple(row.get("allow", ())),
            drop=tuple(row.get("drop", ())),
            set=tuple(row.get("set", {}).items()),
            responses_only=row.get("responses_only", False),
        )
        for row in _deviations_file().get("deviation", ())
        for target in row["targets"]
        for pointer in row.get("pointers", [""])
    )


@cache
def _responses() -> dict[tuple[str, int], dict[str, Any]]:
    return {
        (operation, row["status"]): row
        for row in _deviations_file().get("response", ())
        for operation in row["operations"]
    }


@cache
def error_statuses(operation: Operation[Any]) -> frozenset[int]:
    """Return the error statuses of an operation: the contract's, and the ``[[error]]`` entries'."""
    more = (
        row["status"]
        for row in _deviations_file().get("error", ())
        if any(fnmatchcase(operation.name, name) for name in row["operations"])
    )
    return frozenset((*operation.error_statuses, *more))


def response_schema(operation: Operation[Any], status: int) -> Schema | None:
    """Return the schema of a 2xx body as a standalone document; None where no body is declared.

    Raises KeyError for a status that neither the contract nor a deviation (``[[response]]`` in
    ``deviations.toml``) declares.
    """
    document = _schema_document(of_operation(operation.id).name, responses=True)
    row = _responses().get((operation.name, status), {})
    if "schema" in row:
        return document.whole(row["schema"])
    declared = row.get("as", status)
    if declared not in operation.success_statuses:
        raise KeyError(status)
    responses = (document.operation(operation.id) or {}).get("responses", {})
    schema = responses.get(str(declared))
    return None if schema is None else document.whole(schema)


@cache
def _targets() -> tuple[dict[str, list[Deviation]], list[Deviation]]:
    """Return the deviations by target, and those with several targets."""
    named: dict[str, list[Deviation]] = {}
    wide: list[Deviation] = []
    for deviation in deviations():
        if "*" in deviation.target:
            wide.append(deviation)
        else:
            named.setdefault(deviation.target, []).append(deviation)
    return named, wide


def _of(key: str) -> Iterator[Deviation]:
    named, wide = _targets()
    yield from named.get(key, ())
    for deviation in wide:
        if fnmatchcase(key, deviation.target):
            yield deviation


class SchemaDocument:
    """The schemas of one resource family, parsed on demand and corrected.

    ``responses``: with the corrections for responses only.
    """

    def __init__(self, name: str, text: str, *, responses: bool = False) -> None:
        self.name = name
        self._responses = responses
        self._lines = dict(_lines(text))
        self._parsed: dict[str, Schema] = {}

    def operation(self, id: str) -> Schema | None:
        """Return the contract's schemas of an operation's parameters, body and responses."""
        return self._get("operation:" + id)

    def definition(self, name: str) -> Schema:
        """Return a named schema; raises KeyError where there is none."""
        found = self._get(name)
        if found is None:
            raise KeyError(name)
        return found

    def names(self) -> tuple[str, ...]:
        """Return what a deviation can name: definitions, and operations as ``operation:<id>``."""
        return tuple(self._lines)

    def all(self) -> Iterator[Schema]:
        """Every operation's schemas and every definition; parses all of the family."""
        return (schema for key in self._lines if (schema := self._get(key)) is not None)

    def whole(self, schema: Schema) -> Schema:
        """Return the schema as a standalone document: with every definition that it reaches."""
        reached: dict[str, Schema] = {}
        queue = list(references(schema))
        while queue:
            name = queue.pop()
            if name not in reached:
                reached[name] = self.definition(name)
                queue += references(reached[name])
        return {**schema, "definitions": reached} if reached else schema

    def resolve(self, schema: Schema) -> Schema:
        """Resolve a reference at the top of a schema."""
        while isinstance(ref := schema.get("$ref"), str):
            schema = self.definition(ref.rpartition("/")[2])
        return schema

    def _get(self, key: str) -> Schema | None:
        if key not in self._parsed:
            line = self._lines.get(key)
            if line is None:
                return None
            schema = json.loads(line)
            for deviation in _of(key):
                if self._responses or not deviation.responses_only:
                    schema = deviation.apply(schema)
            self._parsed[key] = schema
        return self._parsed[key]


def references(schema: Any) -> Iterator[str]:
    """Return the names of the definitions that a schema refers to."""
    if is_array(schema):
        for item in schema:
            yield from references(item)
    elif is_object(schema):
        ref = schema.get("$ref")
        if isinstance(ref, str):
            yield ref.rpartition("/")[2]
        for keyword, value in schema.items():
            if keyword in _NAMED and is_object(value):
                for sub in value.values():
                    yield from references(sub)
            elif keyword not in _DATA:
                yield from references(value)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    prefix = ""
    for line in text.splitlines():
        if line.startswith('{"operations"'):
            prefix = "operation:"
        elif line.startswith('}, "definitions"'):
            prefix = ""
        elif line.startswith('"'):
            name, _, value = line.partition(": ")
            yield prefix + name.strip('"'), value.removesuffix(",")


def schema_document(name: str) -> SchemaDocument:
    """Return a family's schemas for requests, by its name in snake case; read once."""
    return _schema_document(name, responses=False)


@cache
def _schema_document(name: str, *, responses: bool) -> SchemaDocument:
    path = files(__name__).joinpath("schemas", f"{name}.json")
    return SchemaDocument(name, path.read_text("utf-8"), responses=responses)


@cache
def schema_documents() -> tuple[str, ...]:
    """Return the names of all families."""
    names = (entry.name for entry in files(__name__).joinpath("schemas").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@cache
def _homes() -> dict[str, str]:
    from auth0_mgmt.resources import operations

    return {operation.id: operation.name.partition(".")[0] for operation in operations()}


def of_operation(id: str) -> SchemaDocument:
    """Return the family that an operation belongs to; raises KeyError for an unknown operation."""
    return schema_document(_homes()[id])
