"""Members that every response contains: computed from recordings, committed as data.

    python -m tools.generate.identities RECORDINGS > tools/generate/identities.toml

counts, for each response model, the recorded objects of create, get, list and update responses and
how many hold each member. One that identifies something (``id``, a member named like a parameter of
a path, or one that ends with ``_id``) qualifies where all recorded objects hold it as a string; where
none is recorded, only ``id`` of a model that ``…/{id}`` returns, or a POST of its family, with a count of 0. Another string,
integer, Boolean or timestamp qualifies where at least `ENOUGH` objects are recorded, of at least two
operations, all hold it in its type, and no request that makes such an object may leave it out.
The generated models declare these without ``None``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.models._base import Model, TimestampField
from auth0_mgmt.resources import operations
from auth0_mgmt_testing.contract.router import Router
from auth0_mgmt_testing.recordings.exchange import Exchange
from auth0_mgmt_testing.recordings.importers import find, load

ENOUGH = 10
"""Recorded objects that a member needs which identifies nothing."""
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
    if operation.is_list and is_object(body):
        body = body.get(operation.items_key, [])
    found = body if is_array(body) else [body]
    return [item for item in found if is_object(item)]


_TYPES: tuple[tuple[Any, tuple[type, ...]], ...] = (
    (str, (str,)),
    (bool, (bool,)),
    (int, (int,)),
)


def candidates(known: Iterable[Operation[Any]]) -> dict[str, dict[str, bool]]:
    """By model: the members that may be in every response, and whether each identifies something."""
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
    optional: dict[str, set[str]] = {}
    for operation in known:
        if operation.method in ("POST", "PUT") and operation.body:
            left_out = set(operation.body) - set(operation.required)
            optional.setdefault(str(operation.response_model), set()).update(left_out)
    found: dict[str, dict[str, bool]] = {}
    for operation in known:
        model = model_of(operation)
        if model is None:
            continue
        label = str(operation.response_model)
        for attribute, field in model.model_fields.items():
            name = field.alias or attribute
            text = field.annotation is str or field.annotation == (str | None)
            identifies = text and (name == "id" or name.endswith("_id") or name in named)
            if identifies or (_types(model, attribute) and name not in optional.get(label, ())):
                found.setdefault(label, {})[name] = identifies
    return found


def _types(model: type[Model], attribute: str) -> tuple[type, ...]:
    """The JSON types of a member that is plain; none for other members."""
    annotation = model.model_fields[attribute].annotation
    for plain, types in _TYPES:
        if annotation in (plain, plain | None):
            return types
    return (str,) if isinstance(getattr(model, attribute, None), TimestampField) else ()


def _creates(operation: Operation[Any], paths: set[str]) -> bool:
    """Whether a POST makes what ``/family/{id}`` is a path of."""
    family = operation.path.split("/")[1]
    made = operation.method == "POST" and "{" not in operation.path
    return made and f"/{family}/{{id}}" in paths


def _holds(model: type[Model], name: str, item: dict[str, Any]) -> bool:
    attribute = next(a for a, f in model.model_fields.items() if (f.alias or a) == name)
    return type(item.get(name)) in _types(model, attribute)


def identities(
    known: Sequence[Operation[Any]], recorded: Iterable[tuple[Operation[Any], Any]]
) -> dict[str, dict[str, int]]:
    """By model: each member that all recorded objects hold, with the number of objects."""
    possible = candidates(known)
    seen: Counter[str] = Counter()
    sources: dict[str, set[str]] = {}
    held: Counter[tuple[str, str]] = Counter()
    for operation, body in recorded:
        label, model = str(operation.response_model), model_of(operation)
        for item in objects(operation, body) if model is not None and label in possible else ():
            assert model is not None
            seen[label] += 1
            sources.setdefault(label, set()).add(operation.name)
            held.update((label, name) for name in possible[label] if _holds(model, name, item))
    paths = {operation.path for operation in known}
    own = {
        str(operation.response_model)
        for operation in known
        if operation.path.endswith("/{id}") or _creates(operation, paths)
    }

    def qualifies(label: str, name: str, identifies: bool) -> bool:
        if not seen[label]:
            return name == "id" and label in own
        enough = seen[label] >= ENOUGH and len(sources[label]) > 1
        return held[label, name] == seen[label] and (identifies or enough)

    return {
        label: {name: seen[label] for name in sorted(names) if qualifies(label, name, names[name])}
        for label, names in sorted(possible.items())
    }


def responses(
    folder: Path, known: Sequence[Operation[Any]]
) -> Iterator[tuple[Operation[Any], Any]]:
    """The complete success bodies below a folder of recordings, with their operations."""
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
