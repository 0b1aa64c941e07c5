"""Members that every response holds: computed from recordings, committed as data.

    python -m tools.generate.identities RECORDINGS > tools/generate/identities.toml

counts, for each response model, the recorded objects of create, get, list and update responses and
how many hold each member that identifies something: ``id``, a member named like a parameter of a
path, or one that ends with ``_id``. A member qualifies where all recorded objects hold it as a
string; where none is recorded, only ``id`` of a model that ``…/{id}`` returns, with a count of 0.
The generated models declare these as ``str``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from auth0_mgmt._operation import Operation
from auth0_mgmt.models._base import Model
from auth0_mgmt.resources import operations
from auth0_mgmt_testing.contract.router import Router
from auth0_mgmt_testing.recordings.exchange import Exchange
from auth0_mgmt_testing.recordings.importers import find, load

_READING = ("POST", "GET", "PATCH", "PUT")


def model_of(operation: Operation[Any]) -> type[Model] | None:
    """The class that an operation returns, or whose objects it lists."""
    if operation.response_model is None:
        return None
    module, _, name = operation.response_model.partition(".")
    found: type[Model] = getattr(import_module(f"auth0_mgmt.models.{module}"), name)
    return found


def objects(operation: Operation[Any], body: Any) -> list[dict[str, Any]]:
    """The objects of the operation's model in a response body."""
    if operation.is_list and isinstance(body, dict):
        body = body.get(operation.items_key, [])
    found = body if isinstance(body, list) else [body]
    return [item for item in found if isinstance(item, dict)]


def candidates(known: Iterable[Operation[Any]]) -> dict[str, set[str]]:
    """By model: the members that may identify it or what it belongs to."""
    known = tuple(known)
    named = {
        part[1:-1]
        for operation in known
        for part in operation.path.split("/")
        if part.startswith("{")
    } - {
        "name",
        "key",
        "language",
        "prompt",
        "screen",
    }
    found: dict[str, set[str]] = {}
    for operation in known:
        model = model_of(operation)
        if model is None:
            continue
        for attribute, field in model.model_fields.items():
            name = field.alias or attribute
            text = field.annotation in (str, str | None)
            if text and (name == "id" or name.endswith("_id") or name in named):
                found.setdefault(str(operation.response_model), set()).add(name)
    return found


def identities(
    known: Sequence[Operation[Any]], recorded: Iterable[tuple[Operation[Any], Any]]
) -> dict[str, dict[str, int]]:
    """By model: each member that all recorded objects hold, with the number of objects."""
    possible = candidates(known)
    seen: Counter[str] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    for operation, body in recorded:
        model = str(operation.response_model)
        for item in objects(operation, body) if model in possible else ():
            seen[model] += 1
            held.update(
                (model, name) for name in possible[model] if isinstance(item.get(name), str)
            )
    own = {str(operation.response_model) for operation in known if operation.path.endswith("/{id}")}
    return {
        model: {
            name: seen[model]
            for name in sorted(names)
            if (seen[model] and held[model, name] == seen[model])
            or (not seen[model] and name == "id" and model in own)
        }
        for model, names in sorted(possible.items())
    }


def responses(
    folder: Path, known: Sequence[Operation[Any]]
) -> Iterator[tuple[Operation[Any], Any]]:
    """The whole success bodies below a folder of recordings, with their operations."""
    router = Router(known)
    for path, name in find([folder]):
        for scenario in load(path, name):
            for exchange in scenario.exchanges:
                found = _of(exchange, router)
                if found is not None:
                    yield found


def _of(exchange: Exchange, router: Router) -> tuple[Operation[Any], Any] | None:
    request, response = exchange.request, exchange.response
    if request.method not in _READING or response.status not in (200, 201):
        return None
    found = router.find(request.method, request.path.removeprefix("/api/v2"))
    if found is None or "fields=" in request.query:
        return None
    try:
        return found[0], json.loads(response.body)
    except ValueError:
        return None


def text(found: dict[str, dict[str, int]]) -> str:
    """The facts as TOML."""
    lines = [
        "# Written by `python -m tools.generate.identities`: members that all recorded objects"
    ]
    lines.append("# of a model hold, with the number of objects (0: the path alone supports it).")
    for model, members in found.items():
        if members:
            lines += ["", f'["{model}"]', *(f"{name} = {n}" for name, n in members.items())]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> None:
    known = operations()
    print(text(identities(known, responses(Path(arguments[0]), known))), end="")


if __name__ == "__main__":
    main(sys.argv[1:])
