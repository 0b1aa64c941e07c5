"""Facts that a package or the contract states: operations, members of objects, values of enums."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from auth0_mgmt.resources import operations
from auth0_mgmt_testing.contract import schema_document, schema_documents

_PARAMETER = re.compile(r"\{[^{}]*\}")


def normalized(method: str, path: str) -> str:
    """An operation as ``GET /roles/{}``: parameters' names differ between sources."""
    return f"{method.upper()} /{_PARAMETER.sub('{}', path.strip('/'))}"


@dataclass
class Facts:
    """Operations as ``METHOD /path/{}``; enum values by the name of their type.

    Fields are by the name of their type, and those of query and body by their operation.
    """

    operations: set[str] = field(default_factory=set[str])
    fields: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    values: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def missing_from(self, other: Facts) -> Missing:
        """What ``other`` lacks. Of types that only one of both names, nothing is compared."""
        return Missing(
            sorted(self.operations - other.operations),
            dict(_lacking(self.fields, other.fields)),
            dict(_lacking(self.values, other.values)),
        )


@dataclass(frozen=True)
class Missing:
    """What one source has and another lacks."""

    operations: list[str]
    fields: dict[str, list[str]]
    values: dict[str, list[str]]

    def __bool__(self) -> bool:
        return bool(self.operations or self.fields or self.values)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _lacking(
    mine: dict[str, set[str]], theirs: dict[str, set[str]]
) -> Iterator[tuple[str, list[str]]]:
    known = {name.lower(): members for name, members in theirs.items()}
    for name, members in sorted(mine.items()):
        found = known.get(name.lower())
        if found is not None and (more := sorted(members - found)):
            yield name, more


def of_contract() -> Facts:
    """The facts of the committed contract, deviations included."""
    facts = Facts()
    for operation in operations():
        name = normalized(operation.method, operation.path)
        facts.operations.add(name)
        facts.fields[name] = {*operation.query, *(operation.body or ())}
    for family in schema_documents():
        document = schema_document(family)
        for name in document.names():
            if name.startswith("operation:"):
                continue
            schema = document.definition(name)
            values = [value for value in schema.get("enum", ()) if isinstance(value, str)]
            if values:
                facts.values.setdefault(name, set()).update(values)
            for part in (schema, *schema.get("allOf", ())):
                properties = document.resolve(part).get("properties", {})
                if properties:
                    facts.fields.setdefault(name, set()).update(properties)
    return facts
