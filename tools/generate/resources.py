"""Operations and the twin classes that call by them: one module per family."""

from __future__ import annotations

import re

from auth0_mgmt._json import is_many

from .contract import Contract, Op, Schema
from .models import Models, Type
from .names import argument_name, constant, id_name, pascal
from .params import Params, arguments_name

_MODELS = re.compile(r"\bm_\w+\.|\bbuiltins\.")
_VENDOR = "https://auth0.com/docs/api/management/v2/"


class Resources:
    """The source of one family's resources module."""

    def __init__(self, contract: Contract, models: Models, params: Params, family: str) -> None:
        self.contract, self.models, self.params, self.family = contract, models, params, family
        self.ops = contract.families[family]
        groups: dict[tuple[str, ...], list[Op]] = {(family,): []}
        for op in self.ops:
            for depth in range(1, len(op.group) + 1):
                groups.setdefault(op.group[:depth], [])
            groups[op.group].append(op)
        self.groups = groups
        self.homes: set[str] = set()

    # Pieces.

    def item(self, op: Op) -> str:
        """The type of an operation's result: the item's where it is a list."""
        type_ = self.models.results[op.id]
        if type_ is None:
            return "None"
        for key in self.models.references(type_):
            self.homes.add(self.models.home(key))
        if type_[0] == "model":
            key = self.models.key(str(type_[1]))
            return f"m_{self.models.home(key)}.{key}"
        return self._prefixed(self.models.text(type_), type_)

    def _prefixed(self, text: str, type_: Type) -> str:
        for key in self.models.references(type_):
            text = text.replace(key, f"m_{self.models.home(key)}.{key}")
        text = text.replace("list[", "builtins.list[").replace("Timestamp", "str")
        return text

    def operation(self, op: Op) -> str:
        query = [p["name"] for p in op.parameters("query")]
        body = (
            None
            if op.body_kind == "none"
            else [name for schema in op.body_objects for name in schema["properties"]]
        )
        required = [p["name"] for p in op.parameters("query") if p.get("required")]
        for name in dict.fromkeys(body or ()):
            if all(
                name in s.get("required", ())
                and "x-not-required-in-sdk-6.8" not in s["properties"][name]
                for s in op.body_objects
            ):
                required.append(name)
        parts: dict[str, object] = {
            "scopes": tuple(op.scopes),
            "success_statuses": tuple(op.successes),
            "query": tuple(query),
            "days": tuple(
                p["name"] for p in op.parameters("query") if p["schema"].get("format") == "yyyymmdd"
            ),
            "body": None if body is None else tuple(dict.fromkeys(body)),
            "required": tuple(required),
            "body_kind": op.body_kind,
            "response_model": self.models.result(op.id),
            "is_list": op.list_items is not None,
            "or_object": op.or_object,
            "pagination": op.pagination,
            "items_key": op.list_items[0] if op.list_items else "",
            "lifecycle": op.lifecycle,
            "custom_domain": op.custom_domain,
            "stream": self.streams(op),
            "error_statuses": tuple(op.errors),
            "docs": op.docs,
        }
        defaults: dict[str, object] = {
            "scopes": (), "success_statuses": (200,), "query": (), "days": (), "body": None, "required": (),
            "body_kind": "none", "response_model": None, "is_list": False,
            "or_object": False, "pagination": None,
            "items_key": "", "lifecycle": "GA", "custom_domain": False, "stream": False,
            "error_statuses": (), "docs": "",
        }  # fmt: skip
        given = "".join(
            f", {key}={_text(value)}" for key, value in parts.items() if value != defaults[key]
        )
        name = ".".join((*op.group, op.name))
        return (
            f"{self.constant(op)}: Operation[{self.item(op)}] = Operation("
            f"{_text(op.id)}, {_text(name)}, {_text(op.method)}, {_text(op.path)}{given})"
        )

    def streams(self, op: Op) -> bool:
        return op.id in self.contract.corrections["stream"]["operations"]

    def constant(self, op: Op) -> str:
        return constant(*op.group[1:], op.name)

    def signature(self, op: Op, arguments: str | None = None, *, surplus: str = "*") -> str:
        ids = "".join(f", {id_name(name)}: str" for name in op.path_names)
        if op.body_kind == "value":
            type_ = self.params.body_types[op.id]
            optional = type_.endswith("None") or type_ == "Any"
            ids += f", body: {self._body_type(type_)}" + (" = None" if optional else "")
        keywords = f", {surplus}, request_options: RequestOptions | None = None"
        if self.has_arguments(op):
            keywords += f", **params: Unpack[p.{arguments or arguments_name(op)}]"
        return f"self{ids}{keywords}"

    def _body_type(self, text: str) -> str:
        for name in sorted({*self.params.classes, *self.params.aliases}, key=len, reverse=True):
            if name == text or f"[{name}" in text or f"{name} |" in text:
                return text.replace(name, f"p.{name}", 1)
        return text

    def has_arguments(self, op: Op) -> bool:
        return arguments_name(op) in self.params.classes

    def call(self, op: Op) -> tuple[str, str]:
        """How a method calls, and what it returns (sync)."""
        item = self.item(op)
        if self.streams(op):
            return "_subscribe", item
        if op.pagination:
            return "_page", f"Page[{item}]"
        if op.list_items is not None:
            return "_list", f"builtins.list[{item}]"
        return "_request", item

    def method(self, op: Op, *, asynchronous: bool) -> str:
        call, returns = self.call(op)
        names = "".join(f"{id_name(name)}, " for name in op.path_names)
        ids = f"({names}*surplus)" if names else "surplus"
        values = "params" if self.has_arguments(op) else "{}"
        if op.body_kind == "value":
            values = '{"body": body}'
        head, wait = "def", ""
        if asynchronous:
            if call == "_page":
                returns = returns.replace("Page[", "AsyncPager[", 1)
            elif call != "_subscribe":
                head, wait = "async def", "await "
        if call == "_subscribe":
            returns = "AsyncSubscription" if asynchronous else "Subscription"
        doc = self.docstring(op, returns)
        lines: list[str] = []
        variants = self.params.variants.get(op.id, [])
        for variant in variants:
            lines.append("    @overload")
            lines.append(f"    {head} {op.name}({self.signature(op, variant)}) -> {returns}: ...")
        if variants:
            lines.append("    @overload")
            lines.append(f"    {head} {op.name}({self.signature(op)}) -> {returns}: ...")
            signature = self.signature(op, surplus=_SURPLUS).replace(
                f"Unpack[p.{arguments_name(op)}]", "Any"
            )
        else:
            signature = self.signature(op, surplus=_SURPLUS)
        lines.append(f"    {head} {op.name}({signature}) -> {returns}:")
        lines.append(doc)
        lines.append(
            f"        return {wait}self.{call}({self.constant(op)}, {ids}, {values}, request_options)"
        )
        return "\n".join(lines) + "\n"

    def docstring(self, op: Op, returns: str) -> str:
        lines = [sentence(op), "", f"{op.method} /api/v2{op.path}", ""]
        described = [
            _argument(self.contract, id_name(p["name"]), "str", True, p["schema"])
            for name in op.path_names
            for p in op.parameters("path")
            if p["name"] == name
        ]
        if op.body_kind == "value" and op.body is not None:
            type_ = self.params.body_types[op.id]
            required = not (type_.endswith("None") or type_ == "Any")
            described.append(_argument(self.contract, "body", type_, required, op.body))
        described += [
            _argument(self.contract, *row) for row in self.params.arguments.get(op.id, ())
        ]
        if described:
            lines.append("Parameters: " + "; ".join(described) + ".")
        if op.pagination:
            lines.append(f"Pagination: {_PAGING[op.pagination]}.")
        statuses = " or ".join(map(str, op.successes))
        lines.append(f"Returns: {_MODELS.sub('', returns)} (status {statuses}).")
        if op.errors:
            lines.append(f"Raises: APIStatusError for {', '.join(map(str, op.errors))}.")
        if op.scopes:
            lines.append("Scopes (any of): " + ", ".join(op.scopes) + ".")
        if op.lifecycle != "GA":
            lines.append(f"Status: {_STATUS[op.lifecycle]}.")
        if "x-dropped-in" in op.raw:
            lines.append("Not in the vendor's current packages.")
        if op.docs:
            lines.append(f"{_VENDOR}{op.docs}")
        wrapped = [part for line in lines for part in (_wrap(line) if line else [""])]
        return "\n".join(
            ["        " + ('"""' + wrapped[0])]
            + [("        " + line if line else "") for line in wrapped[1:]]
            + ['        """']
        )

    # Classes.

    def class_name(self, group: tuple[str, ...]) -> str:
        return pascal(*group)

    def children(self, group: tuple[str, ...]) -> list[tuple[str, ...]]:
        return [g for g in self.groups if len(g) == len(group) + 1 and g[:-1] == group]

    def classes(self, *, asynchronous: bool) -> str:
        text: list[str] = []
        prefix = "Async" if asynchronous else ""
        mixins = self.contract.corrections["mixins"]
        for group in sorted(self.groups, key=lambda g: (-len(g), g)):
            name = self.class_name(group)
            mixin = mixins.get(".".join(group), "")
            bases = f"{prefix}Resource"
            if mixin:
                bases = f"{prefix}{mixin.rpartition('.')[2]}Helpers, {bases}"
            lines = [f"class {prefix}{name}({bases}):"]
            lines.append(f'    """``mgmt.{".".join(group)}``."""\n')
            for child in self.children(group):
                child_name = prefix + self.class_name(child)
                lines.append("    @cached_property")
                lines.append(f"    def {argument_name(child[-1])}(self) -> {child_name}:")
                lines.append(f"        return self._sub({child_name})\n")
            if self.groups[group]:
                lines.append("    if TYPE_CHECKING:")
                lines.append("        @property")
                lines.append(f"        def with_raw_response(self) -> {prefix}{name}Raw: ...")
            lines += [self.method(op, asynchronous=asynchronous) for op in self.groups[group]]
            text.append("\n".join(lines))
        return "\n\n".join(text)

    def raws(self, *, asynchronous: bool) -> str:
        """The typed face of ``with_raw_response``; at run time the resource itself serves."""
        prefix = "Async" if asynchronous else ""
        head = "async def" if asynchronous else "def"
        text: list[str] = []
        for group, ops in sorted(self.groups.items()):
            if not ops:
                continue
            lines = [f"    class {prefix}{self.class_name(group)}Raw:"]
            for op in ops:
                call, returns = self.call(op)
                if call == "_subscribe":
                    continue
                if asynchronous:
                    returns = returns.replace("Page[", "AsyncPage[", 1)
                lines.append(
                    f"        {head} {op.name}({self.signature(op)}) -> RawResponse[{returns}]: ..."
                )
            if len(lines) == 1:
                lines.append("        pass")
            text.append("\n".join(lines))
        return "\n\n".join(text)

    def source(self) -> str:
        operations = "\n".join(self.operation(op) for op in self.ops)
        sync, twin = self.classes(asynchronous=False), self.classes(asynchronous=True)
        raws = self.raws(asynchronous=False) + "\n\n" + self.raws(asynchronous=True)
        names = ", ".join(self.constant(op) for op in self.ops)
        mixin = self.contract.corrections["mixins"].get(self.family)
        lines = ["from __future__ import annotations", "import builtins"]
        lines.append("from functools import cached_property")
        lines.append("from typing import TYPE_CHECKING, Any, overload")
        lines.append("from .._operation import Operation")
        lines.append("from .._resource import AsyncResource, Resource")
        if mixin:
            module, _, name = mixin.partition(".")
            lines.append(f"from ..{module} import Async{name}Helpers, {name}Helpers")
        lines.append("if TYPE_CHECKING:")
        lines.append("    from collections.abc import Mapping, Sequence")
        lines.append("    from datetime import datetime")
        lines.append("    from typing import Literal, Never")
        lines.append("    from typing_extensions import Unpack")
        lines.append("    from .._events import AsyncSubscription, Subscription")
        lines.append("    from .._options import RequestOptions")
        lines.append("    from .._pagination import AsyncPage, AsyncPager, Page")
        lines.append("    from .._resource import RawResponse")
        for home in sorted(self.homes):
            lines.append(f"    from ..models import {home} as m_{home}")
        lines.append(f"    from ..params import {self.family} as p")
        return (
            "\n".join(lines)
            + f"\n\n{operations}\n\nOPERATIONS: tuple[Operation[Any], ...] = ({names},)\n\n"
            f"{sync}\n\n{twin}\n\nif TYPE_CHECKING:\n{raws}\n"
        )


_SURPLUS = "*surplus: Never"
"""Takes what no type checker lets through, so that the client can say what is right."""
_PAGING = {
    "offset": "by `page` and `per_page`; only the first 1,000 records can be reached",
    "checkpoint": "by checkpoint (`take`, then `from_`)",
    "both": "by checkpoint (`take`, then `from_`) or by `page` and `per_page` (first 1,000 records)",
    "logs": "by `page` and `per_page`, or onward from a log id with `from_` and `take`",
}


_STATUS = {"EA": "early access", "beta": "beta"}
_IRREGULAR = {"branding": "branding", "settings": "settings", "keys": "key"}


def _singular(words: str) -> str:
    if words in _IRREGULAR:
        return _IRREGULAR[words]
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ss", "ss"), ("s", "")):
        if words.endswith(ending):
            return words.removesuffix(ending) + instead
    return words


def _one(words: str) -> str:
    """A noun in the singular with its article."""
    noun = _singular(words)
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"


def sentence(op: Op) -> str:
    """What an operation does, from its name, its place and its path: "Create a role."."""
    noun = op.group[-1].replace("_", " ")
    verb, _, rest = op.name.rstrip("_").replace("_", " ").partition(" ")
    outer = ""
    if len(op.group) > 1 and "}/" in op.path:
        outer = f" of {_one(op.group[-2].replace('_', ' '))}"
    if rest:
        return f"{verb.capitalize()} {rest} ({noun}{outer})."
    if outer and verb in ("create", "add", "assign") and op.response_schema is None:
        return f"{'Assign' if verb == 'assign' else 'Add'} {noun} to{outer.removeprefix(' of')}."
    if outer and verb == "delete" and op.body_kind != "none":
        return f"Remove {noun} from{outer.removeprefix(' of')}."
    if verb == "list":
        return f"List the {noun}{outer}."
    if verb == "create":
        return f"Create {_one(noun)}{outer}."
    named = op.path.endswith("}")
    return f"{verb.capitalize()} {_one(noun) if named else f'the {noun}'}{outer}."


_LIMITS = (
    ("minLength", "maxLength", "characters"),
    ("minimum", "maximum", ""),
    ("minItems", "maxItems", "items"),
    ("minProperties", "maxProperties", "members"),
)


def _argument(contract: Contract, name: str, type_: str, required: bool, schema: Schema) -> str:
    """A parameter with its type, whether it is required, its limits and its default."""
    solid = contract.resolve(schema)
    facts = [_short(type_)] + (["required"] if required else [])
    for low, high, unit in _LIMITS:
        if limit := _limit(solid.get(low), solid.get(high)):
            facts.append(f"{limit} {unit}".rstrip())
    default = solid.get("default")
    # Of free strings the document gives examples as defaults.
    if isinstance(default, (bool, int, float)) or (isinstance(default, str) and "enum" in solid):
        facts.append(f"default {default}")
    return f"{name} ({', '.join(facts)})"


def _limit(low: int | None, high: int | None) -> str:
    if high is None:
        return f"at least {low}" if low else ""
    return f"{low}-{high}" if low is not None and low != high else f"at most {high}"


def _short(type_: str) -> str:
    """A type as a reader needs it: without the models that may be passed in a mapping's place."""
    parts = [part for part in type_.split(" | ") if not part.startswith("m_")]
    plain = " | ".join(parts).replace("options.", "")
    return plain if len(plain) <= 60 else "str" if plain.startswith("Literal") else parts[0]


def _text(value: object) -> str:
    if isinstance(value, str):
        return '"' + value + '"'
    if is_many(value):
        return "(" + ", ".join(map(_text, value)) + ("," if len(value) == 1 else "") + ")"
    return repr(value)


def _wrap(line: str, width: int = 88) -> list[str]:
    out: list[str] = []
    current = ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > width:
            out.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*out, current]


def root(contract: Contract) -> str:
    """The attributes of the clients: each imports its family on first touch."""
    lines = ["from __future__ import annotations", "from functools import cached_property"]
    lines.append("from typing import TYPE_CHECKING")
    lines.append("from .._resource import AsyncClientBase, ClientBase")
    lines.append("if TYPE_CHECKING:")
    for family in contract.families:
        name = pascal(family)
        lines.append(f"    from .{family} import Async{name}, {name}")
    for prefix in ("", "Async"):
        lines.append(f"\nclass {prefix}Root({prefix}ClientBase):")
        lines.append('    """Every resource family as an attribute, loaded on first touch."""\n')
        for family in contract.families:
            name = prefix + pascal(family)
            lines.append("    @cached_property")
            lines.append(f"    def {argument_name(family)}(self) -> {name}:")
            lines.append(f"        from .{family} import {name}")
            lines.append(f"        return {name}(self)\n")
    return "\n".join(lines)


def package(contract: Contract) -> str:
    """``resources/__init__``: the families by name and all operations."""
    families = "".join(f'    "{family}",\n' for family in contract.families)
    return f'''"""The resource families, one module each."""
from __future__ import annotations
from functools import cache
from importlib import import_module
from typing import Any
from .._operation import Operation

FAMILIES = (
{families})

@cache
def operations() -> tuple[Operation[Any], ...]:
    """Every operation of the contract; loads all families."""
    return tuple(
        operation
        for family in FAMILIES
        for operation in import_module(f"{{__name__}}.{{family}}").OPERATIONS
    )
'''


__all__ = ["Resources", "package", "root"]
