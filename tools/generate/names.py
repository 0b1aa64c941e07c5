"""What things are called."""

from __future__ import annotations

import builtins
import keyword
import re

_SUFFIXES = (
    "ResponseContent", "RequestContent", "ResponseSchema", "ResponsePayload", "RequestBody",
    "Response", "ListItem", "ForList", "Content", "Schema",
)  # fmt: skip
_VERBS = re.compile(r"^(Create|Get|Update|Set|Patch|Post|Add|Register|Put)(?=[A-Z])")
_BUILTINS = frozenset(name for name in dir(builtins) if name.islower())
_MODEL = frozenset(
    {
        "get", "to_dict", "copy", "json", "dict", "schema", "validate", "construct",
        "parse_obj", "parse_raw", "parse_file", "from_orm", "schema_json", "update_forward_refs",
    }
)  # fmt: skip
_RESERVED_CLASSES = frozenset({"Model", "Timestamp", "Any", "Field", "None", "True", "False"})


def snake(name: str) -> str:
    """``clientGrants`` → ``client_grants``, ``networkACLs`` → ``network_acls``."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", name)
    name = re.sub(r"([A-Z]+)s(?=$|_)", lambda m: m[1].capitalize() + "s", name)
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return name.strip("_").lower()


def pascal(*names: str) -> str:
    """``client_grants`` → ``ClientGrants``; several names are joined."""
    words = [w for name in names for w in re.split(r"[^A-Za-z0-9]+", name) if w]
    return "".join(word[0].upper() + word[1:] for word in words)


def constant(*names: str) -> str:
    return "_".join(names).upper()


def model_name(ref: str) -> str:
    """A response schema's class: what is created, read and updated is one thing.

    ``CreateClientResponseContent``, ``GetClientResponseContent`` and ``Client`` are ``Client``.
    """
    name = ref
    changed = True
    while changed:
        changed = False
        for suffix in _SUFFIXES:
            if name.endswith(suffix) and len(name) > len(suffix):
                name, changed = name.removesuffix(suffix), True
    name = _VERBS.sub("", name)
    return class_name(name or ref)


def class_name(name: str) -> str:
    name = pascal(name)
    return name + "_" if name in _RESERVED_CLASSES else name


def field_name(name: str) -> str:
    """A Python attribute for an API name, clear of keywords, builtins and the model's own names."""
    python = name if name.isidentifier() and name == name.lower() else snake(name)
    if not python or not python.isidentifier():
        python = f"field_{python}"
    if (
        keyword.iskeyword(python)
        or python in _BUILTINS - {"id", "type", "format", "hash", "filter"}
        or python in _MODEL
        or python.startswith(("model_", "_"))
    ):
        python = python.lstrip("_") + "_"
    return python


def argument_name(name: str) -> str:
    """A keyword argument: the API's own spelling, ``from`` as ``from_``."""
    return name + "_" if keyword.iskeyword(name) else name


def id_name(name: str) -> str:
    """A positional id: ``templateName`` → ``template_name``."""
    return argument_name(snake(name))
