"""Response models: one module per family; what several families share is in ``shared``.

Every field is optional and open, except the members that every recorded response holds
(``identities.toml``): those are declared without None, though a missing one reads as None.
Response enums are plain strings, unions of objects are one model with all their fields, and
schemas that describe the same thing are one class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from auth0_mgmt._json import is_array, is_object

from .contract import Contract, Schema, ref_name
from .names import class_name, field_name, model_name, pascal

Type: TypeAlias = tuple[str, ...] | tuple[str, "Type"]
ANY: Type = ("any",)
SHARED = "shared"
OPTIONS = "connection_options"


def _inner(type_: Type) -> Type:
    """The type of a list's items or of a mapping's values."""
    inner = type_[1]
    return (inner,) if isinstance(inner, str) else inner


@dataclass
class Klass:
    """A model under construction."""

    name: str
    fields: dict[str, Type] = field(default_factory=dict[str, Type])
    families: set[str] = field(default_factory=set[str])
    done: set[str] = field(default_factory=set[str])
    """The schemas folded in."""


class Models:
    """All models of the contract, collected operation by operation."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.classes: dict[str, Klass] = {}
        self._same: dict[str, str] = {}
        self.results: dict[str, Type | None] = {}
        for op in contract.operations:
            if op.response_schema is None:
                self.results[op.id] = None
            elif op.list_items is not None:
                self.results[op.id] = self.type(
                    op.list_items[1], pascal(*op.group, op.name, "Item"), op.family
                )
            else:
                self.results[op.id] = self.type(
                    op.response_schema, pascal(*op.group, op.name), op.family
                )
        for name in sorted(contract.schemas):
            if name.startswith("ConnectionOptions") and contract.objects({"$ref": f"/{name}"}):
                self.type({"$ref": f"/{name}"}, name, OPTIONS)
        self._share()

    # Types.

    def type(self, schema: Schema, hint: str, family: str) -> Type:
        """The type of a schema; ``hint`` names a class for an object without a name."""
        if "$ref" in schema:
            hint = model_name(ref_name(schema))
            ref = ref_name(schema)
        else:
            ref = ""
        choices = [c for c in self.contract.choices(schema) if c.get("type") != "null"]
        objects = [c for c in choices if c.get("properties")]
        if objects and len(objects) == len(choices):
            return self._class(hint, ref or hint, objects, family)
        types = {self._plain(choice, hint, family) for choice in choices}
        return types.pop() if len(types) == 1 else ANY

    def _plain(self, schema: Schema, hint: str, family: str) -> Type:
        kind = schema.get("type")
        if is_array(kind):
            kinds = [k for k in kind if k != "null"]
            kind = kinds[0] if len(kinds) == 1 else None
        if kind == "array":
            return ("list", self.type(schema.get("items", {}), f"{hint}Item", family))
        if kind == "object":
            if schema.get("properties"):
                return self._class(hint, hint, [schema], family)
            extra = schema.get("additionalProperties")
            if is_object(extra) and extra:
                return ("dict", self.type(extra, f"{hint}Value", family))
            return ("dict", ANY)
        if kind == "string" or (kind is None and "enum" in schema):
            return ("timestamp",) if schema.get("format") == "date-time" else ("str",)
        return {
            "integer": ("int",), "number": ("int | float",), "boolean": ("bool",)
        }.get(str(kind), ANY)  # fmt: skip

    def _class(self, name: str, ref: str, objects: list[Schema], family: str) -> Type:
        key = self.key(class_name(name))
        klass = self.classes.setdefault(key, Klass(key))
        klass.families.add(family)
        mark = f"{ref}@{family}"
        if mark in klass.done:
            return ("model", key)
        klass.done.add(mark)
        for schema in objects:
            for prop, sub in schema.get("properties", {}).items():
                found = self._timestamp(prop, self.type(sub, key + pascal(prop), family))
                old = klass.fields.get(prop)
                klass = self.classes[self.key(key)]
                klass.fields[prop] = found if old is None else self._unify(old, found)
        return ("model", self.key(key))

    def _timestamp(self, name: str, type_: Type) -> Type:
        """A string or an open value whose name says that it is a timestamp."""
        known = self.contract.corrections["timestamps"]
        if type_ in (("str",), ANY) and (name in known["names"] or name.endswith(known["suffix"])):
            return ("timestamp",)
        return type_

    def key(self, name: str) -> str:
        while name in self._same:
            name = self._same[name]
        return name

    def _unify(self, a: Type, b: Type) -> Type:
        if a == b:
            return a
        if a[0] == b[0] == "model":
            return ("model", self._merge(str(a[1]), str(b[1])))
        if a[0] == b[0] and a[0] in ("list", "dict"):
            return (a[0], self._unify(_inner(a), _inner(b)))
        if a == ("dict", ANY) and b[0] == "model":
            return b
        if b == ("dict", ANY) and a[0] == "model":
            return a
        return ANY

    def _merge(self, a: str, b: str) -> str:
        a, b = self.key(a), self.key(b)
        if a == b:
            return a
        keep, drop = sorted((a, b), key=lambda name: (len(name), name))
        self._same[drop] = keep
        gone, kept = self.classes.pop(drop), self.classes[keep]
        kept.families |= gone.families
        kept.done |= gone.done
        for name, type_ in gone.fields.items():
            old = kept.fields.get(name)
            kept.fields[name] = type_ if old is None else self._unify(old, type_)
        return keep

    # Homes.

    def _share(self) -> None:
        """What families share, and all that it refers to, lives in the shared module."""
        queue = [key for key, klass in self.classes.items() if len(klass.families) > 1]
        seen: set[str] = set()
        while queue:
            key = queue.pop()
            if key in seen:
                continue
            seen.add(key)
            self.classes[key].families = {SHARED}
            for type_ in self.classes[key].fields.values():
                queue += self.references(type_)

    def references(self, type_: Type) -> list[str]:
        if type_[0] == "model":
            return [self.key(str(type_[1]))]
        return self.references(_inner(type_)) if type_[0] in ("list", "dict") else []

    def home(self, key: str) -> str:
        return next(iter(self.classes[self.key(key)].families))

    def modules(self) -> list[str]:
        return sorted({self.home(key) for key in self.classes})

    # Text.

    def text(self, type_: Type, prefix: str = "") -> str:
        """A type as an annotation; ``prefix`` goes before class names."""
        if type_[0] == "model":
            return prefix + self.key(str(type_[1]))
        if type_[0] in ("list", "dict"):
            inner = self.text(_inner(type_), prefix)
            return f"list[{inner}]" if type_[0] == "list" else f"dict[str, {inner}]"
        return {"any": "Any", "timestamp": "Timestamp"}.get(str(type_[0]), str(type_[0]))

    def result(self, op_id: str) -> str | None:
        """An operation's result as ``family.Class``, where it is a model."""
        type_ = self.results[op_id]
        if type_ is None or type_[0] != "model":
            return None
        key = self.key(str(type_[1]))
        return f"{self.home(key)}.{key}"

    def module(self, module: str) -> str:
        """The source of one models module, classes in dependency order."""
        mine = {k: c for k, c in self.classes.items() if c.families == {module}}
        ordered: list[str] = []
        late: set[tuple[str, str]] = set()

        def visit(key: str, trail: tuple[str, ...]) -> None:
            if key in ordered or key not in mine:
                return
            for name, type_ in mine[key].fields.items():
                for ref in self.references(type_):
                    if ref in (*trail, key):
                        late.add((key, name))
                    else:
                        visit(ref, (*trail, key))
            ordered.append(key)

        for key in sorted(mine):
            visit(key, ())
        foreign = sorted(
            {
                ref
                for klass in mine.values()
                for type_ in klass.fields.values()
                for ref in self.references(type_)
                if ref not in mine
            }
        )
        body = "\n\n".join(self._source(mine[key], late) for key in ordered)
        lines = ["from typing import Any", "from pydantic import Field"]
        lines.append("from ._base import ABSENT, Model, Timestamp")
        if foreign:
            lines.append(f"from .{SHARED} import {', '.join(foreign)}")
        return "\n".join(lines) + "\n\n" + body + "\n"

    def _source(self, klass: Klass, late: set[tuple[str, str]]) -> str:
        lines = [f"class {klass.name}(Model):"]
        always = self.contract.identities.get(f"{self.home(klass.name)}.{klass.name}", ())
        taken: set[str] = set()
        for name, type_ in klass.fields.items():
            python = field_name(name)
            while python in taken:
                python += "_"
            taken.add(python)
            text = self.text(type_)
            annotation = "Any" if text == "Any" else f"{text} | None"
            if (klass.name, name) in late:
                annotation = f'"{annotation}"'
            default = "None"
            if name in always:
                annotation, default = text, "ABSENT"
            if python != name:
                default = f'Field({default}, alias="{name}")'
            lines.append(f"    {python}: {annotation} = {default}")
        if len(lines) == 1:
            lines.append("    pass")
        return "\n".join(lines) + "\n"
