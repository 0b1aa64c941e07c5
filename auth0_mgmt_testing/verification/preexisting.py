"""Exchanges about preexisting resources and settings, which cannot be compared.

A scenario is replayed on a fresh tenant; the recorded tenant was not fresh. An exchange is about
preexisting state if

* its path names a resource that no earlier exchange created or showed, and the recorded tenant had
  it, or
* it reads or changes settings (a path without a created resource's id) or a resource that every
  tenant has (its default database), and all differences are in properties that the scenario has not
  written.

Such an exchange does not count. What the scenario did itself always counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation

from .. import contract
from .._secrets import identifying_key
from ..contract.router import BASE
from ..recordings.exchange import Exchange, RecordedResponse, parse_body, strings
from .compare import Comparison, Difference
from .identity import IdentityMap, generated
from .operations import row

_WHOLE = ""
_CREATED = 201
_CONFLICT = 409
_LABEL = re.compile(r"\[[^\]]*\]")


class Preexisting:
    """Follows one scenario, exchange by exchange."""

    def __init__(self, identities: IdentityMap) -> None:
        self._identities = identities
        self._given: set[str] = set()
        self._written: dict[str, set[str]] = {}
        self._created_below: set[str] = set()

    def without_earlier(
        self, exchange: Exchange, actual: RecordedResponse | None, verdict: Comparison
    ) -> Comparison | None:
        """Return the comparison without differences in preexisting settings.

        None: the exchange does not count. ``actual`` None: the target failed.
        """
        request, response = exchange.request, exchange.response
        operation = row(request.method, request.path)
        names_earlier = self.names_earlier(exchange, actual)
        conflicts = self._conflicts_with_earlier(exchange, actual)
        if not names_earlier:
            self._note(exchange)
        if conflicts:
            return None
        if operation is None or actual is None or response.status >= 400:
            return verdict
        if names_earlier:
            return None
        unknown = actual.status == 404
        owners = _settings(operation) or self.names_older(request.path)
        if verdict.value or not owners or not (verdict.status or unknown):
            return verdict
        written = self._written_at(request.path)
        telling = tuple(
            difference
            for difference in verdict.differences
            if difference.invented or _touches(difference, written)
        )
        # What the scenario wrote has been compared, though nothing may differ.
        return Comparison(telling) if telling or (written and verdict.status) else None

    def names_older(self, path: str) -> bool:
        """Whether a path names a preexisting resource that the target has as well.

        Its earlier settings are unknown.
        """
        return any(self._identities.older(unquote(part)) for part in path.split("/"))

    def names_earlier(self, exchange: Exchange, actual: RecordedResponse | None) -> bool:
        """Whether the request itself is about something preexisting.

        Its path names such a resource, or its body refers to one and the target rejects that. What a
        write of this kind returns is preexisting, too.
        """
        request = exchange.request
        operation = row(request.method, request.path)
        if operation is None or exchange.response.status >= 400:
            return False
        refused = actual is not None and actual.status in (400, 404)
        unknown = actual is not None and actual.status == 404
        names = [*_references(parse_body(request.body))]
        if request.method != "POST":
            # A change of a resource that is identified by another name than its id.
            names += _own_ids(parse_body(exchange.response.body))
        return self._strange(operation, request.path, unknown) or (
            refused and any(map(self._unmet, names))
        )

    def _conflicts_with_earlier(self, exchange: Exchange, actual: RecordedResponse | None) -> bool:
        """Whether the recorded tenant already had what a request creates, and the target did not.

        A conflict says that, and the other success of a request that creates with 201. Only where the scenario had created nothing of that kind itself.
        """
        request, status = exchange.request, exchange.response.status
        if actual is None or actual.status >= 400 or request.path in self._written:
            return False
        if (request.method, status) == ("POST", _CONFLICT):
            return True
        operation = row(request.method, request.path)
        known = () if operation is None else operation.success_statuses
        return actual.status == _CREATED != status and {status, _CREATED} <= set(known)

    def _note(self, exchange: Exchange) -> None:
        """Record what the exchange created, showed or wrote."""
        request, response = exchange.request, exchange.response
        body = parse_body(request.body)
        references = set(_references(body))
        self._given.update(text for text in strings(body) if text not in references)
        if request.method == "GET" or response.status >= 400:
            return
        self._given.update(strings(parse_body(response.body)))
        if request.method == "PUT":
            self._given.update(map(unquote, request.path.split("/")))
        if request.method == "POST":
            self._created_below.add(request.path)
        partial = request.method == "PATCH"
        written = set(_leaves(body)) if partial else {_WHOLE}
        if partial and not (is_object(body) and body):
            return
        self._written.setdefault(request.path, set()).update(written)

    def _strange(self, operation: Operation[object], path: str, unknown: bool) -> bool:
        """Whether the path names a resource that is unknown in the scenario."""
        if operation.method == "PUT":
            return False
        names = [unquote(part) for part in _arguments(operation, path)]
        return any((generated(name) or unknown) and self._unmet(name) for name in names)

    def _unmet(self, name: str) -> bool:
        """Whether nothing in the scenario created or showed this name."""
        return name not in self._given and not self._identities.learned(name)

    def _written_at(self, path: str) -> set[str]:
        """Return what was written at this path; a POST to its parent wrote all of it."""
        above = path.rpartition("/")[0]
        found = set(self._written.get(path, ()))
        return found | {_WHOLE} if above in self._created_below else found


def _arguments(operation: Operation[object], path: str) -> Iterable[str]:
    """The path's arguments, except those that the contract enumerates."""
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


def _references(value: object, key: str = "") -> Iterable[str]:
    """Generated ids that a body refers to, by their keys."""
    if is_object(value):
        for name, item in value.items():
            yield from _references(item, name)
    elif is_array(value):
        for item in value:
            yield from _references(item, key)
    elif isinstance(value, str) and identifying_key(key) and generated(value):
        yield value


def _own_ids(body: object) -> Iterable[str]:
    """Generated ids of an object itself."""
    if is_object(body):
        for key, value in body.items():
            if isinstance(value, str) and identifying_key(key) and generated(value):
                yield value


_CATALOGUES = frozenset({
    "/actions/triggers", "/connection-profiles/templates", "/user-attribute-profiles/templates",
})  # fmt: skip
"""Paths that list what no request can change: they are the same on every tenant."""


def _settings(operation: Operation[object]) -> bool:
    """Whether a path is of one fixed document: no list, and no created resource's id."""
    if operation.path in _CATALOGUES:
        return False
    arguments = {part[1:-1] for part in operation.path.split("/") if part.startswith("{")}
    return (
        operation.method in ("GET", "PATCH", "PUT")
        and operation.pagination is None
        and not operation.is_list
        and arguments <= _enumerated(operation.id)
    )


def _leaves(value: object, path: str = "") -> Iterable[str]:
    """Yield the dotted paths of all that a body sets; a list is one value."""
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
