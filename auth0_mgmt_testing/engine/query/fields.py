"""``fields`` and ``include_fields``: which parts of a document are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from auth0_mgmt._json import is_array, is_object

_Tree: TypeAlias = dict[str, "_Tree"]


def project(doc: dict[str, Any], fields: str | list[str], include: bool) -> dict[str, Any]:
    """Return the document with only these fields (``include``) or without them.

    ``fields`` are names, comma-separated or a list; a dotted name reaches into objects and into
    every item of an array. Unknown names are ignored. The document is not mutated.
    """
    names = fields.split(",") if isinstance(fields, str) else fields
    tree = _tree(name.strip() for name in names)
    if not tree:
        return doc
    result: dict[str, Any] = (_kept if include else _dropped)(doc, tree)
    return result


def _tree(names: Iterable[str]) -> _Tree:
    tree: _Tree = {}
    whole: set[tuple[str, ...]] = set()
    for name in names:
        if not name:
            continue
        node = tree
        path = tuple(name.split("."))
        for part in path:
            node = node.setdefault(part, {})
        whole.add(path)
    for path in whole:  # a complete field wins over its parts
        node = tree
        for part in path:
            node = node.get(part, {})
        node.clear()
    return tree


def _kept(value: Any, tree: _Tree) -> Any:
    if is_array(value):
        return [_kept(item, tree) for item in value]
    if not tree or not is_object(value):
        return value
    return {key: _kept(item, tree[key]) for key, item in value.items() if key in tree}


def _dropped(value: Any, tree: _Tree) -> Any:
    if is_array(value):
        return [_dropped(item, tree) for item in value]
    if not is_object(value):
        return value
    return {
        key: _dropped(item, tree[key]) if key in tree else item
        for key, item in value.items()
        if key not in tree or tree[key]
    }
