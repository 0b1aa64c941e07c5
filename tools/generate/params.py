"""What callers pass: a TypedDict for each operation's keywords and for each nested object."""

from __future__ import annotations

from auth0_mgmt._json import is_array, is_object

from .contract import Contract, Op, Schema, ref_name
from .models import Models
from .names import argument_name, class_name, model_name, pascal

OPTIONS = "connection_options"
_OPTIONS_REF = "ConnectionOptions"


def arguments_name(op: Op) -> str:
    return pascal(*op.group, op.name)


class Params:
    """The TypedDicts of one family."""

    def __init__(self, contract: Contract, models: Models, family: str) -> None:
        self.contract, self.models, self.family = contract, models, family
        self.aliases: dict[str, str] = {}
        self.classes: dict[str, str] = {}
        self.model_modules: set[str] = set()
        self.uses_options = False
        self.body_types: dict[str, str] = {}
        self.variants: dict[str, list[str]] = {}
        self.arguments: dict[str, list[tuple[str, str, bool, Schema]]] = {}
        """By operation: the keywords with their types, whether required, and their schemas."""
        if family == OPTIONS:
            for name in sorted(contract.schemas):
                if name.startswith(_OPTIONS_REF) and contract.objects({"$ref": f"/{name}"}):
                    self.type({"$ref": f"/{name}"}, name)
            return
        for op in contract.families[family]:
            self._operation(op)

    def _operation(self, op: Op) -> None:
        name = arguments_name(op)
        query = {p["name"]: (p["schema"], p.get("required", False)) for p in op.parameters("query")}
        if op.body_kind == "value":
            assert op.body is not None
            self.body_types[op.id] = self.type(op.body, f"{name}Body")
        fields = dict(query)
        for position, schema in enumerate(op.body_objects):
            for prop, sub in schema["properties"].items():
                everywhere = all(prop in other.get("required", ()) for other in op.body_objects)
                if position == 0 or prop not in fields:
                    fields[prop] = (sub, everywhere and not _optional(sub))
                elif sub != fields[prop][0]:
                    fields[prop] = ({"oneOf": [fields[prop][0], sub]}, fields[prop][1])
        upload = self.contract.corrections["uploads"].get(op.id)
        if upload is not None:
            fields[upload] = ({"x-upload": True}, True)
        if fields:
            self._typed_dict(name, fields)
            self.arguments[op.id] = [
                (argument_name(field), self.type(schema, name + pascal(field)), required, schema)
                for field, (schema, required) in fields.items()
            ]
        if op.id == "post_connections":
            self._strategies(op, name)
        elif len(op.body_objects) > 1 and op.body_kind == "object":
            self._variants(op, name)

    def _variants(self, op: Op, name: str) -> None:
        names: list[str] = []
        for number, schema in enumerate(op.body_objects, 1):
            variant = f"{name}Variant{number}"
            self._typed_dict(
                variant,
                {
                    prop: (sub, prop in schema.get("required", ()) and not _optional(sub))
                    for prop, sub in schema["properties"].items()
                },
            )
            names.append(variant)
        self.variants[op.id] = names

    def _strategies(self, op: Op, name: str) -> None:
        """One form of arguments for each connection strategy that the document describes."""
        general = {
            prop: (sub, prop in op.body_objects[0].get("required", ()))
            for prop, sub in op.body_objects[0]["properties"].items()
        }
        prefix = "CreateConnectionRequestContent"
        names: list[str] = []
        for ref in sorted(self.contract.schemas):
            if not ref.startswith(prefix) or ref == prefix:
                continue
            special = self.contract.objects({"$ref": f"/{ref}"})[0]["properties"]
            if "strategy" not in special or "options" not in special:
                continue
            variant = name + ref.removeprefix(prefix)
            self._typed_dict(
                variant,
                {
                    **general,
                    "strategy": (special["strategy"], True),
                    "options": (special["options"], False),
                },
            )
            names.append(variant)
        self.variants[op.id] = names

    # Types.

    def _typed_dict(self, name: str, fields: dict[str, tuple[Schema, bool]]) -> str:
        if name in self.classes:
            return name
        self.classes[name] = ""
        members: list[str] = []
        plain = all(argument_name(f) == f and f.isidentifier() for f in fields)
        top = name in {arguments_name(op) for op in self.contract.families.get(self.family, ())}
        for field, (schema, required) in fields.items():
            type_ = self.type(schema, name + pascal(field))
            if required:
                type_ = f"Required[{type_}]"
            members.append((argument_name(field) if top else field) + "\0" + type_)
        if plain or top:
            body = "\n".join("    " + member.replace("\0", ": ") for member in members)
            text = f"class {name}(TypedDict, total=False):\n{body}\n"
        else:
            pairs = "".join("    {!r}: {!r},\n".format(*member.split("\0")) for member in members)
            text = f"{name} = TypedDict({name!r}, {{\n{pairs}}}, total=False)\n"
        self.classes[name] = text
        return name

    def type(self, schema: Schema, hint: str) -> str:
        """A schema as an annotation; nullable is ``| None``."""
        if "x-upload" in schema:
            return "bytes | str | IO[bytes] | Sequence[Mapping[str, Any]]"
        ref = ref_name(schema) if "$ref" in schema else ""
        if (
            ref.startswith(_OPTIONS_REF)
            and self.family != OPTIONS
            and self.contract.objects(schema)
        ):
            self.uses_options = True
            return f"options.{_input_name(ref)}"
        solid = self.contract.resolve(schema)
        if ref in ("ConnectionPropertiesOptions", "UpdateConnectionOptions"):
            self.uses_options = True
            return "options.AnyConnectionOptions"
        for word in ("oneOf", "anyOf"):
            if word in solid:
                name = _input_name(ref) if ref else hint
                parts: list[str] = []
                for number, part in enumerate(solid[word], 1):
                    for type_ in self.type(part, f"{name}{number}").split(" | "):
                        if type_ not in parts:
                            parts.append(type_)
                return " | ".join(sorted(parts, key=lambda part: part == "None"))
        if "const" in solid:
            return f"Literal[{solid['const']!r}]"
        if "enum" in solid:
            return self._enum(solid, ref)
        if "allOf" in solid:
            solid = self.contract.choices(solid)[0]
        return self._plain(solid, ref, hint)

    def _enum(self, schema: Schema, ref: str) -> str:
        values = [v for v in schema["enum"] if v is not None]
        null = " | None" if len(values) < len(schema["enum"]) or _nullable(schema) else ""
        literal = "Literal[" + ", ".join(repr(v) for v in values) + "]"
        if not ref:
            return literal + null
        name = _input_name(ref)
        if name in self.classes:
            name += "Enum"
        self.aliases[name] = literal
        return name + null

    def _plain(self, schema: Schema, ref: str, hint: str) -> str:
        kind = schema.get("type")
        kinds = kind if is_array(kind) else [kind]
        parts = [self._kind(str(k), schema, ref, hint) for k in kinds if k != "null"]
        if "null" in kinds or schema.get("nullable"):
            parts.append("None")
        return " | ".join(dict.fromkeys(parts))

    def _kind(self, kind: str, schema: Schema, ref: str, hint: str) -> str:
        if kind == "array":
            item = self.type(schema.get("items", {}), f"{hint}Item")
            return f"Sequence[{item}]"
        if kind == "object":
            if not schema.get("properties"):
                extra = schema.get("additionalProperties")
                value = self.type(extra, f"{hint}Value") if is_object(extra) and extra else "Any"
                return f"Mapping[str, {value}]"
            name = _input_name(ref) if ref else hint
            required = schema.get("required", ())
            self._typed_dict(
                name,
                {
                    p: (s, p in required and not _optional(s))
                    for p, s in self.contract.written(ref, schema["properties"]).items()
                },
            )
            return name + self._model_twin(ref)
        if kind == "string" and schema.get("format") == "date-time":
            return "str | datetime"
        if kind == "string" and schema.get("format") == "yyyymmdd":
            return "str | date"
        return {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}.get(
            kind, "Any"
        )

    def _model_twin(self, ref: str) -> str:
        """The response model that describes the same thing may be passed as it is."""
        key = self.models.key(model_name(ref)) if ref else ""
        if key not in self.models.classes:
            return ""
        home = self.models.home(key)
        self.model_modules.add(home)
        return f" | m_{home}.{key}"

    # Text.

    def source(self) -> str:
        lines = [
            "from __future__ import annotations",
            "from typing import IO, TYPE_CHECKING, Any, Literal",
        ]
        lines.append("from typing_extensions import Required, TypedDict")
        lines.append("if TYPE_CHECKING:")
        lines.append("    from collections.abc import Mapping, Sequence")
        lines.append("    from datetime import date, datetime")
        for home in sorted(self.model_modules):
            lines.append(f"    from ..models import {home} as m_{home}")
        if self.uses_options:
            lines.append("    from . import connection_options as options")
        aliases = [f"{name} = {text}" for name, text in sorted(self.aliases.items())]
        body = "\n\n".join(text for _, text in sorted(self.classes.items()))
        text = "\n".join(lines) + "\n\n" + "\n".join(aliases) + "\n\n" + body
        if self.family == OPTIONS:
            names = sorted(n for n in self.classes if _is_strategy(self.contract, n))
            text += "\n\nif TYPE_CHECKING:\n    AnyConnectionOptions = (\n        "
            text += "\n        | ".join([*names, "Mapping[str, Any]"]) + "\n    )\n"
        return text


def _is_strategy(contract: Contract, name: str) -> bool:
    strategy = name.removeprefix(_OPTIONS_REF)
    return bool(strategy) and f"CreateConnectionRequestContent{strategy}" in contract.schemas


def _input_name(ref: str) -> str:
    return class_name(ref.removesuffix("RequestContent"))


def _optional(schema: Schema) -> bool:
    return "x-not-required-in-sdk-6.8" in schema


def _nullable(schema: Schema) -> bool:
    kind = schema.get("type")
    return bool(schema.get("nullable")) or (isinstance(kind, list) and "null" in kind)
