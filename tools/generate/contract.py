"""The contract as the writers see it: operations with resolved parameters, bodies and responses."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from .names import argument_name, snake
from .supplement import COMMITTED, merge

Schema = dict[str, Any]
_JSON = "application/json"
_METHODS = ("get", "post", "put", "patch", "delete")


def merge_all_of(contract: Contract, schema: Schema) -> Schema:
    """An object schema with the properties of its ``allOf`` members folded in."""
    properties: Schema = {}
    required: list[str] = []
    for part in [*schema.get("allOf", ()), schema]:
        solid = contract.resolve(part)
        if "allOf" in solid and solid is not schema:
            solid = merge_all_of(contract, solid)
        properties |= solid.get("properties", {})
        required += solid.get("required", ())
    rest = {key: value for key, value in schema.items() if key not in ("allOf", "required")}
    return {**rest, "type": "object", "properties": properties, "required": required}


@dataclass
class Op:
    """One operation of the document."""

    id: str
    group: tuple[str, ...]
    name: str
    method: str
    path: str
    raw: Schema
    contract: Contract = field(repr=False)
    lifecycle: str = "GA"
    docs: str = ""

    @property
    def family(self) -> str:
        return self.group[0]

    def parameters(self, place: str) -> list[Schema]:
        return [
            p
            for p in self.raw.get("parameters", ())
            if p["in"] == place and not (place == "header" and p.get("x-sdk-ignore"))
        ]

    @property
    def path_names(self) -> list[str]:
        """The path parameters in the order of the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]

    @property
    def scopes(self) -> list[str]:
        return sorted(
            {
                scope
                for entry in self.raw.get("security", ())
                for scope in entry.get("oAuth2ClientCredentials", ())
            }
        )

    @property
    def successes(self) -> list[int]:
        return [int(code) for code in self.raw["responses"] if code[0] in "23"]

    @property
    def errors(self) -> list[int]:
        return sorted(int(code) for code in self.raw["responses"] if code[0] in "45")

    @property
    def custom_domain(self) -> bool:
        return any(
            p["in"] == "header" and p["name"] == "auth0-custom-domain"
            for p in self.raw.get("parameters", ())
        )

    @property
    def body(self) -> Schema | None:
        """The body's schema, unresolved."""
        content = self.raw.get("requestBody", {}).get("content", {})
        found = content.get(_JSON) or next(iter(content.values()), None)
        return None if found is None else found["schema"]

    @property
    def multipart(self) -> bool:
        return "multipart/form-data" in self.raw.get("requestBody", {}).get("content", {})

    @cached_property
    def body_objects(self) -> list[Schema]:
        """The object schemas that the body may be: several for a union, none for other values."""
        return [] if self.body is None else self.contract.objects(self.body)

    @cached_property
    def body_kind(self) -> str:
        if self.body is None:
            return "none"
        if self.multipart:
            return "multipart"
        return "object" if self.body_objects else "value"

    @property
    def response_schema(self) -> Schema | None:
        """The schema of the first success that has a body, unresolved."""
        for code in self.successes:
            for media in self.raw["responses"][str(code)].get("content", {}).values():
                schema: Schema = media["schema"]
                return schema
        return None

    @cached_property
    def pagination(self) -> str | None:
        given = self.contract.corrections["pagination"].get(self.id)
        if given is not None:
            return str(given)
        names = {p["name"] for p in self.parameters("query")}
        offset, checkpoint = "page" in names, {"from", "take"} <= names
        if self.list_items is None:
            return None
        return (
            "both"
            if offset and checkpoint
            else "offset"
            if offset
            else ("checkpoint" if checkpoint else None)
        )

    @cached_property
    def list_items(self) -> tuple[str, Schema] | None:
        """The key and the schema of a list's items; the key is empty for bare arrays."""
        if self.response_schema is None:
            return None
        found: tuple[str, Schema] | None = None
        names = {p["name"] for p in self.parameters("query")}
        paged = bool(names & {"page", "take"})
        for choice in self.contract.choices(self.response_schema):
            if choice.get("type") == "array":
                found = found or ("", choice.get("items", {}))
            elif (paged and found is None) or (found and not found[0]):
                for name, schema in choice.get("properties", {}).items():
                    solid = self.contract.resolve(schema)
                    if solid.get("type") == "array":
                        found = (name, (found or ("", solid.get("items", {})))[1])
                        break
        return found

    @cached_property
    def or_object(self) -> bool:
        """Whether an object may take the place of a list that is not paged."""
        if self.response_schema is None or self.pagination is not None:
            return False
        return self.list_items is not None and any(
            choice.get("type") == "object" for choice in self.contract.choices(self.response_schema)
        )


class Contract:
    """An OpenAPI document with what the committed supplement has beyond it.

    Life cycles come from ``x-release-lifecycle``; where a list ``scopes.tsv`` lies beside the
    document, the life cycles that it leaves open and the documentation pages come from that.
    """

    def __init__(self, openapi: Path, supplement: Path = COMMITTED) -> None:
        document = merge(json.loads(openapi.read_text()), json.loads(supplement.read_text()))
        self.schemas: dict[str, Schema] = document["components"]["schemas"]
        self.corrections = tomllib.loads(Path(__file__).with_name("corrections.toml").read_text())
        self._written: dict[str, dict[str, Schema]] = {}
        for correction in self.corrections["written"]:
            members = self._written.setdefault(correction["schema"], {})
            members[correction["name"]] = correction["value"]
        identities = tomllib.loads(Path(__file__).with_name("identities.toml").read_text())
        self.identities: dict[str, frozenset[str]] = {
            model: frozenset(members) for model, members in identities.items()
        }
        """By model: the members that every recorded response contains."""
        added: dict[str, list[Schema]] = {}
        for correction in self.corrections["parameters"]:
            parameter = {"in": "query", "name": correction["name"], "schema": correction["schema"]}
            added.setdefault(correction["operation"], []).append(parameter)
        pages = _pages(openapi.with_name("scopes.tsv"))
        self.operations: list[Op] = []
        for path, methods in document["paths"].items():
            for method, raw in methods.items():
                if method not in _METHODS:  # a path's own parameters, servers or summary
                    continue
                group = raw["x-operation-group"]
                raw = _with_parameters(raw, added.get(raw["operationId"], ()))
                lifecycle, docs = pages.get((method, path), ("", raw.get("x-docs-page", "")))
                self.operations.append(
                    Op(
                        raw["operationId"],
                        tuple(
                            snake(part) for part in ([group] if isinstance(group, str) else group)
                        ),
                        argument_name(snake(raw["x-operation-name"])),
                        method.upper(),
                        path,
                        raw,
                        self,
                        _lifecycle(raw.get("x-release-lifecycle"), lifecycle),
                        docs,
                    )
                )
        self.operations.sort(key=lambda op: (op.group, op.name, op.id))

    def written(self, ref: str, members: Mapping[str, Schema]) -> dict[str, Schema]:
        """The members of a schema in a request: with those that no response contains."""
        return {**members, **self._written.get(ref.rpartition("/")[2], {})}

    @property
    def families(self) -> dict[str, list[Op]]:
        found: dict[str, list[Op]] = {}
        for op in self.operations:
            found.setdefault(op.family, []).append(op)
        return found

    def resolve(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.schemas[ref_name(schema)]
        return schema

    def choices(self, schema: Schema) -> list[Schema]:
        """The alternatives of a schema, resolved; the schema itself where it has none."""
        solid = self.resolve(schema)
        for word in ("oneOf", "anyOf"):
            if word in solid:
                return [c for part in solid[word] for c in self.choices(part)]
        return [merge_all_of(self, solid) if "allOf" in solid else solid]

    def objects(self, schema: Schema) -> list[Schema]:
        """The alternatives that are objects with declared properties."""
        return [c for c in self.choices(schema) if c.get("properties")]


def ref_name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _with_parameters(raw: Schema, added: Iterable[Schema]) -> Schema:
    """An operation with the query parameters that it lacks, and the schemas of those it has wrong."""
    given = {row["name"]: row for row in added}
    own = [
        {**p, "schema": given.pop(p["name"])["schema"]}
        if p["in"] == "query" and p["name"] in given
        else p
        for p in raw.get("parameters", [])
    ]
    return {**raw, "parameters": [*own, *given.values()]} if added else raw


def _lifecycle(*marks: str | None) -> str:
    """The first mark that is one; unmarked operations are generally available."""
    return next((mark for mark in marks if mark in ("GA", "EA", "beta")), "GA")


def _pages(path: Path) -> dict[tuple[str, str], tuple[str, str]]:
    """Life cycle and documentation page by method and path; empty where there is no list."""
    if not path.is_file():
        return {}
    pages: dict[tuple[str, str], tuple[str, str]] = {}
    for line in path.read_text().splitlines():
        route, _, lifecycle, _, page = line.split("\t")
        method, _, target = route.partition(" ")
        pages[method, target] = (lifecycle, page.removesuffix(".mdx"))
    return pages
