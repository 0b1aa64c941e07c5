"""Bodies with a marker in every secret member that the contract gives an operation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt._redact import ITEM, secret_at, subject
from auth0_mgmt.resources import operations
from auth0_mgmt_testing.contract import Schema, SchemaDocument, of_operation

MARKER = re.compile(r"Pl4nted\d+\w*")
CHOSEN = "whatever_name"
"""The name of a member where the contract leaves names open."""
_DEEP = 12

FORM = {
    name: f"Pl4nted{number}f"
    for number, name in enumerate(
        ("code", "code_verifier", "client_secret", "client_assertion", "refresh_token", "password",
         "otp", "oob_code", "binding_code", "recovery_code", "mfa_token", "device_code", "user_code",
         "subject_token", "actor_token", "auth_req_id", "id_token_hint", "login_ticket", "auth_session",
         "SAMLResponse", "assertion")
    )
}  # fmt: skip
"""Fields of the Authentication API's requests that are secret, each with a marker."""

Path = tuple[str, ...]
"""Names from the body down to a member; ``ITEM`` stands for the items of a list."""


@dataclass(frozen=True)
class Planted:
    """What is sent and returned, each in several bodies where one cannot hold all members."""

    operation: Operation[Any]
    requests: tuple[Any, ...]
    responses: tuple[Any, ...]
    members: int
    """How many secret members there are."""
    around: Path = ()
    """The collection of secrets that the bodies are of."""

    def target(self, **query: str) -> str:
        """The operation's path with something in its parameters."""
        text = "&".join(f"{name}={value}" for name, value in query.items())
        path = re.sub(r"{\w+}", "some-id", self.operation.path)
        return f"/api/v2{path}" + (f"?{text}" if text else "")


@cache
def planted() -> tuple[Planted, ...]:
    """Every operation whose request or response has secret members."""
    found: list[Planted] = []
    for operation in operations():
        document = of_operation(operation.id)
        row = document.operation(operation.id) or {}
        around = tuple(filter(None, [subject(f"/api/v2{operation.path}")]))
        sent = _secret_paths(row.get("body"), document, around)
        returned = _secret_paths({"anyOf": list(row["responses"].values())}, document, around)
        members = len(sent) + len(returned)
        if members:
            found.append(Planted(operation, _bodies(sent), _bodies(returned), members, around))
    return tuple(found)


def _secret_paths(schema: Schema | None, document: SchemaDocument, around: Path) -> list[Path]:
    paths = dict.fromkeys(_strings(schema, document, (), ()) if schema else ())
    return [path for path in paths if secret_at((*around, *_names(path)))]


def _names(path: Path) -> Path:
    """A path as `secret_at` reads it: only objects in lists are marked."""
    ends = (*path[1:], "")
    return tuple(key for key, after in zip(path, ends, strict=True) if key != ITEM or after)


def _strings(
    schema: Any, document: SchemaDocument, path: Path, refs: tuple[str, ...]
) -> Iterator[Path]:
    """The paths of all members that may be strings."""
    if not is_object(schema) or len(path) > _DEEP:
        return
    if isinstance(ref := schema.get("$ref"), str):
        name = ref.rpartition("/")[2]
        if refs.count(name) < 2:
            yield from _strings(document.definition(name), document, path, (*refs, name))
        return
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(keyword, ()):
            yield from _strings(branch, document, path, refs)
    given = schema.get("type", ())
    types = {given} if isinstance(given, str) else set(given)
    if "string" in types and path:
        yield path
    for name, member in schema.get("properties", {}).items():
        yield from _strings(member, document, (*path, name), refs)
    if "items" in schema:
        yield from _strings(schema["items"], document, (*path, ITEM), refs)
    if "object" in types and (others := schema.get("additionalProperties", True)):
        any_string = {"type": "string"}
        yield from _strings(
            any_string if others is True else others, document, (*path, CHOSEN), refs
        )


def _bodies(paths: list[Path]) -> tuple[Any, ...]:
    """As few bodies as hold a marker of its own at each path."""
    numbers = itertools.count()
    bodies: list[dict[str, Any]] = []
    for path in paths:
        if not any(_put(body, path, f"Pl4nted{next(numbers)}x") for body in bodies):
            body: dict[str, Any] = {}
            _put(body, path, f"Pl4nted{next(numbers)}x")
            bodies.append(body)
    return tuple(body.get("", body) for body in bodies)


def _put(body: dict[str, Any], path: Path, marker: str) -> bool:
    """Put a marker into a body; whether there was room."""
    here: Any = body
    keys = ("", *path) if path[0] == ITEM else path
    for key, after in itertools.pairwise((*keys, None)):
        if key == ITEM:
            if after is None:
                here.append(marker)
                return True
            if not here:
                here.append([] if after == ITEM else {})
            here = here[0]
            if not (is_array(here) if after == ITEM else is_object(here)):
                return False
        elif after is None:
            return bool(here.setdefault(key, marker) == marker)
        else:
            here = here.setdefault(key, [] if after == ITEM else {})
            if not (is_array(here) if after == ITEM else is_object(here)):
                return False
    return False


def markers(text: str) -> list[str]:
    """The markers that a text shows."""
    return sorted(set(MARKER.findall(text)))
