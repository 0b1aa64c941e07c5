"""Which operation a test means: found by client name, operation id, or method and path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from .._registry import registry
from .router import BASE

_PARAMETER = re.compile(r"\{[^}]*\}")


def operation_by_name(name: str) -> Operation[Any]:
    """The operation called ``users.get``, ``get_users_by_id`` or ``GET /users/{id}``.

    A path may begin with ``/api/v2``, and its parameters may have any name. Addresses outside of
    the Management API count too: ``oauth.token`` is ``POST /oauth/token``. Raises ValueError,
    naming close matches, for what is no operation.
    """
    found = find_operation(name)
    if found is None:
        raise ValueError(unknown("operation", name, _spellings(name)))
    return found


def find_operation(name: str) -> Operation[Any] | None:
    """The same; None for what is no operation."""
    return _named().get(_plain(name))


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The sentence that refuses a name and proposes those that look like it."""
    close = get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f"there is no {kind} {name!r}{hint}"


def _plain(name: str) -> str:
    method, space, path = name.strip().partition(" ")
    if not space:
        return name.strip()
    return f"{method.upper()} {_PARAMETER.sub('{}', path.strip().removeprefix(BASE))}"


@cache
def _named() -> dict[str, Operation[Any]]:
    rows = (*operations(), *(route.operation for route in registry().routes.values()))
    found: dict[str, Operation[Any]] = {}
    for row in rows:
        for name in (row.name, row.id, f"{row.method} {row.path}"):
            found[_plain(name)] = row
    return found


def _spellings(name: str) -> Iterable[str]:
    """What can be proposed for a name: of the kind that was tried."""
    rows = _named().values()
    if " " in name.strip():
        return [f"{row.method} {row.path}" for row in rows]
    return [spelling for row in rows for spelling in (row.name, row.id)]
