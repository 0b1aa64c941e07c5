"""The facts of the vendor's Node.js package, read from its JavaScript and declarations."""

from __future__ import annotations

import re
from pathlib import Path

from .facts import Facts, normalized

_ROUTE = re.compile(
    r"Environment\.Default, (?:\"(?P<plain>[^\"\n]*)\"|`(?P<template>[^`\n]*)`)\),\s*"
    r"method: \"(?P<method>[A-Z]+)\""
)
_ENCODED = re.compile(r"\$\{[^{}]*\}")
_ENUM = re.compile(
    r"^ *export declare const (\w+): \{\n((?: *(?:/\*\*.*\*/|readonly .*;)\n)+) *\};$", re.M
)
_VALUE = re.compile(r"readonly [^:\n]+: (\"(?:[^\"\\\n]|\\.)*\");")
_INTERFACE = re.compile(r"^( *)export interface (\w+)(?: extends [^{\n]*)? \{$")
_MEMBER = re.compile(r"^ *(?:\"(?P<quoted>[^\"\n]+)\"|(?P<plain>[\w$]+))\??: ")


def of_node(folder: Path) -> Facts:
    """The facts of an unpacked ``auth0`` (npm)."""
    facts = Facts()
    root = folder / "dist" / "cjs" / "management" / "api"
    for file in sorted(root.rglob("Client.js")):
        for found in _ROUTE.finditer(file.read_text("utf-8")):
            path = _ENCODED.sub("{}", found["plain"] or found["template"] or "")
            facts.operations.add(normalized(found["method"], path))
    for file in sorted(root.rglob("*.d.ts")):
        text = file.read_text("utf-8")
        if file.parent.name not in ("types", "requests"):
            continue
        for name, body in _ENUM.findall(text):
            values = {value[1:-1].replace('\\"', '"') for value in _VALUE.findall(body)}
            facts.values.setdefault(name, set()).update(values)
        _interfaces(text, facts)
    return facts


def _interfaces(text: str, facts: Facts) -> None:
    """Add the members of every top-level interface; nested namespaces have none of the API's names."""
    name, indent = "", ""
    for line in text.splitlines():
        if name and line == f"{indent}}}":
            name = ""
        elif name and line.startswith(f"{indent}    ") and line[len(indent) + 4] not in " }":
            member = _MEMBER.match(line)
            if member is not None:
                found = member["quoted"] or member["plain"]
                facts.fields.setdefault(name, set()).add(found)
        elif not name and (start := _INTERFACE.match(line)) is not None and not start[1]:
            indent, name = start[1], start[2]
