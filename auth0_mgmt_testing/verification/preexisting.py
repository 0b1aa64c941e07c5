"""What a recording can't tell of: things and settings from before its scenario began.

A scenario is replayed on a fresh tenant; the recorded tenant was not fresh. An exchange is about
what was there before if

* its path names a thing that no earlier exchange created or gave out, and the recorded tenant knew
  it, or
* it reads or changes settings (an address without a created thing's id), and all that differs are
  properties that the scenario has not written.

Such an exchange says nothing of the target. What the scenario did itself always counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation

from .. import contract
from ..contract.router import BASE
from ..recordings.exchange import Exchange, RecordedResponse, parse_body, strings
from .compare import Comparison, Difference
from .identity import IdentityMap, generated
from .operations import row

_WHOLE = ""
_LABEL = re.compile(r"\[[^\]]*\]")


class Preexisting:
    """Follows one scenario, exchange by exchange."""

    def __init__(self, identities: IdentityMap) -> None:
        self._identities = identities
        self._given: set[str] = set()
        self._written: dict[str, set[str]] = {}

    def tells(
        self, exchange: Exchange, actual: RecordedResponse | None, verdict: Comparison
    ) -> bool:
        """Whether the exchange says something of the target; ``actual`` None: it broke."""
        request, response = exchange.request, exchange.response
        operation = row(request.method, request.path)
        unknown = actual is not None and actual.status == 404
        strange = operation is not None and self._strange(operation, request.path, unknown)
        self._note(exchange)
        if operation is None or actual is None or response.status >= 400:
            return True
        if strange:
            return False
        if verdict.value or not _settings(operation) or not (verdict.status or unknown):
            return True
        written = self._written_at(request.path)
        return any(_touches(difference, written) for difference in verdict.differences)

    def _note(self, exchange: Exchange) -> None:
        """Take in what the exchange created, gave out or wrote."""
        request, response = exchange.request, exchange.response
        body = parse_body(request.body)
        self._given.update(strings(body))
        if request.method == "GET" or response.status >= 400:
            return
        self._given.update(strings(parse_body(response.body)))
        if request.method == "PUT":
            self._given.update(map(unquote, request.path.split("/")))
        written = set(_leaves(body)) if request.method == "PATCH" else {_WHOLE}
        self._written.setdefault(request.path, set()).update(written)

    def _strange(self, operation: Operation[object], path: str, unknown: bool) -> bool:
        """Whether the path names a thing that the scenario has not met."""
        if operation.method == "PUT":
            return False
        names = [unquote(part) for part in _arguments(operation, path)]
        return any(
            (generated(name) or unknown)
            and name not in self._given
            and not self._identities.learned(name)
            for name in names
        )

    def _written_at(self, path: str) -> set[str]:
        """What was written at this address; a POST to the one above it wrote all of it."""
        above = path.rpartition("/")[0]
        found = set(self._written.get(path, ()))
        return found | {_WHOLE} if _WHOLE in self._written.get(above, ()) else found


def _arguments(operation: Operation[object], path: str) -> Iterable[str]:
    """The path's arguments, but for those that the contract enumerates."""
    fixed = _enumerated(operation.id)
    template = (BASE + operation.path).split("/")
    for part, segment in zip(template, path.split("/"), strict=False):
        if part.startswith("{") and part[1:-1] not in fixed:
            yield segment


@cache
def _enumerated(operation: str) -> frozenset[str]:
    family = contract.of_operation(operation)
    parameters = (family.operation(operation) or {}).get("path", {})
    return frozenset(
        name for name, schema in parameters.items() if "enum" in family.resolve(schema)
    )


def _settings(operation: Operation[object]) -> bool:
    """Whether an address holds one fixed document: no list, and no created thing's id."""
    arguments = {part[1:-1] for part in operation.path.split("/") if part.startswith("{")}
    return (
        operation.method in ("GET", "PATCH", "PUT")
        and operation.pagination is None
        and not operation.is_list
        and arguments <= _enumerated(operation.id)
    )


def _leaves(value: object, path: str = "") -> Iterable[str]:
    """The dotted paths of all that a body sets; a list is set as a whole."""
    if is_object(value) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    else:
        yield path


def _touches(difference: Difference, written: set[str]) -> bool:
    """Whether something that was written lies at, above or below a difference."""
    where = _LABEL.sub("", difference.path)
    return any(
        leaf in (_WHOLE, where) or where.startswith(leaf + ".") or leaf.startswith(where + ".")
        for leaf in written
    )
