"""Operations that the vendor's document lacks: committed as data, merged into any document.

    python -m tools.generate.supplement DOCUMENT... > tools/generate/supplement.json

writes the operations that documents mark as added (``x-added-from``), with the schemas that they
reach and what lists of pages (``scopes.tsv``) say of them. `merge` adds to a document those that it
lacks; where the document has an operation or a schema, the document is right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from auth0_mgmt._json import is_array, is_object

Document = dict[str, Any]
COMMITTED = Path(__file__).with_name("supplement.json")


def references(value: Any) -> Iterator[str]:
    """The names of the schemas that a part of a document refers to."""
    if is_array(value):
        for item in value:
            yield from references(item)
    elif is_object(value):
        for key, item in value.items():
            if key == "$ref" and isinstance(item, str):
                yield item.rpartition("/")[2]
            else:
                yield from references(item)


def reached(part: Any, schemas: Document) -> Document:
    """The schemas that a part reaches, themselves included what those reach."""
    found: Document = {}
    queue = list(references(part))
    while queue:
        name = queue.pop()
        if name not in found and name in schemas:
            found[name] = schemas[name]
            queue += references(schemas[name])
    return found


def merge(document: Document, supplement: Document) -> Document:
    """The document with the supplement's operations that it lacks; neither is changed."""
    paths = {path: dict(methods) for path, methods in document["paths"].items()}
    for path, methods in supplement["paths"].items():
        for method, operation in methods.items():
            paths.setdefault(path, {}).setdefault(method, operation)
    known = document["components"]["schemas"]
    schemas = {**reached(paths, {**supplement["schemas"], **known}), **known}
    components = {**document["components"], "schemas": schemas}
    return {**document, "paths": paths, "components": components}


def extract(documents: Iterable[Document], pages: Iterable[str]) -> Document:
    """The supplement of documents: their added operations, later documents last.

    A document is OpenAPI, or has ``paths`` and ``schemas`` at its top. An operation that the
    vendor dropped again (``x-dropped-in``) counts as early access.
    """
    paths: Document = {}
    schemas: Document = {}
    listed = list(pages)
    for document in documents:
        schemas |= document.get("components", document)["schemas"]
        listed += document.get("scopes.tsv", ())
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if "x-added-from" in operation:
                    early = {"x-release-lifecycle": "EA"} if "x-dropped-in" in operation else {}
                    paths.setdefault(path, {})[method] = {**operation, **early}
    known = (line.split("\t") for line in listed)
    of_path = {row[0]: row[-1].removesuffix(".mdx") for row in known}
    for path, methods in paths.items():
        for method, operation in methods.items():
            if page := of_path.get(f"{method} {path}"):
                operation["x-docs-page"] = page
    return {"paths": paths, "schemas": reached(paths, schemas)}


def main(arguments: list[str]) -> None:
    files = [Path(argument) for argument in arguments]
    lists = (file.with_name("scopes.tsv") for file in files)
    pages = [line for one in lists if one.is_file() for line in one.read_text().splitlines()]
    found = extract((json.loads(file.read_text()) for file in files), pages)
    print(json.dumps(found, indent=1, sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1:])
