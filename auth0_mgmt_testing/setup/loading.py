"""Loading: a tenant filled from a file or a mapping, grouped by family.

    connections:
      - {name: google, strategy: google-oauth2}
    roles:
      - name: admin
        permissions:
          - {resource_server_identifier: https://api, permission_name: read}
    users:
      - {user_id: auth0|1, email: ada@example.com, roles: [admin]}
    organizations:
      - name: acme
        members: [auth0|1]
    tenants.settings: {friendly_name: Acme}
    guardian.factors:
      otp: {enabled: true}
    actions.triggers.bindings:
      post-login: {bindings: [{ref: {type: action_name, value: plan}}]}

A list contains documents of a collection, a mapping contains settings: where the API has them by
name, each under its name. Other members of a document
than its fields are relations or collections below it: what the API creates, adds or assigns at
that path, by the contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from auth0_mgmt._json import is_mapping, is_sequence
from auth0_mgmt._operation import Operation

from .._registry import operation_lookup, registry
from ..contract.operation_lookup import unknown
from ..engine.context import RequestContext
from ..errors import LoadError, StateError
from .access import Collection, explained, nested, parameters, to_json
from .documents import LoadedDocument, Place

_FIRST = (
    "connections", "resource_servers", "clients", "client_grants", "roles", "users", "groups",
    "organizations", "actions",
)  # fmt: skip
"""Families that others refer to, loaded first."""
_ADDING = ("create", "add", "assign", "set")
_SETTING = ("update", "set", "update_many")
_PEOPLE = {"members": "users"}
"""Relations whose other side has another name."""
_LABELS = ("name", "email", "username", "identifier")
"""Fields that identify a document in references, beside its id."""


@dataclass(frozen=True, slots=True)
class _Relation:
    """An addition to a document, after all documents exist."""

    operation: Operation[Any]
    keys: tuple[str, ...]
    """The ids for the operation's path."""
    value: Any
    place: Place


def load_seed(
    collections: Mapping[str, Collection[Any]], document: LoadedDocument, context: RequestContext
) -> None:
    """Load a document into a tenant, in the call's transaction.

    Raises `LoadError`, naming the line or path, for an unknown name or a rejected value.
    """
    _Loader(collections, document, context).load()


class _Loader:
    def __init__(
        self,
        collections: Mapping[str, Collection[Any]],
        document: LoadedDocument,
        context: RequestContext,
    ) -> None:
        self._collections = collections
        self._document = document
        self._call = context
        self._relations: list[_Relation] = []

    def load(self) -> None:
        given = self._document.value
        for name in given:
            if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise self._error((), f"{name!r} is no name of a family")
        for family in dict.fromkeys((*(name for name in _FIRST if name in given), *given)):
            self._family(family)
        for relation in self._relations:
            self._relate(relation)

    def _error(self, place: Place, reason: str) -> LoadError:
        return self._document.error(place, reason)

    def _family(self, family: str) -> None:
        value = self._document.value[family]
        if is_mapping(value):
            self._settings(family, value)
        elif family not in self._known():
            raise self._error((family,), unknown("family", family, self._known()))
        elif not is_sequence(value):
            raise self._error((family,), f"a list of {family} was expected, not {value!r}")
        else:
            reach: Collection[Any] = self._collections[family]
            for position, item in enumerate(value):
                self._item(reach, family, item, (family, position))

    def _known(self) -> list[str]:
        return list(self._collections)

    def _settings(self, family: str, value: Mapping[str, Any]) -> None:
        operation = _first_operation(family, _SETTING)
        if (operation is None or parameters(operation)) and family in self._known():
            raise self._error((family,), f"a list of {family} was expected, not a mapping")
        if operation is None or len(parameters(operation)) > 1:
            raise self._error((family,), unknown("settings family", family, self._known()))
        if not parameters(operation):
            self._setting(operation, {}, value, (family,))
            return
        (parameter,) = parameters(operation)
        for name, each in value.items():
            self._setting(operation, {parameter: str(name)}, each, (family, name))

    def _setting(
        self, operation: Operation[Any], path: dict[str, str], value: Any, place: Place
    ) -> None:
        if not is_mapping(value):
            raise self._error(place, f"a mapping was expected, not {value!r}")
        self._known_members(operation, value, place)
        self._carry_out(operation, path, self._json(value, place), place)

    def _known_members(
        self, operation: Operation[Any], value: Mapping[str, Any], place: Place
    ) -> None:
        known = operation.body or ()
        for name in value:
            if known and name not in known:
                raise self._error((*place, name), unknown("property", name, known))

    def _item(self, reach: Collection[Any], family: str, item: Any, place: Place) -> None:
        if not is_mapping(item):
            raise self._error(place, f"a mapping was expected, not {item!r}")
        fields: dict[str, Any] = {}
        below: list[tuple[Operation[Any], str]] = []
        for name, value in item.items():
            if name in reach.fields():
                fields[name] = value
            elif (operation := _first_operation(f"{family}.{name}", _ADDING)) is not None:
                below.append((operation, name))
            else:
                raise self._error((*place, name), unknown("property", name, reach.fields()))
        try:
            key = reach.create(self._call, fields)
        except StateError as error:
            raise self._error(place, str(error)) from error
        for operation, name in below:
            self._relations.append(_Relation(operation, (key,), item[name], (*place, name)))

    # What belongs to a document.

    def _relate(self, relation: _Relation) -> None:
        operation, place = relation.operation, relation.place
        path = dict(zip(parameters(operation), relation.keys, strict=False))
        noun = operation.name.rpartition(".")[0].rpartition(".")[2]
        items: list[Any] = list(relation.value) if is_sequence(relation.value) else [relation.value]
        if operation.body == (noun,):
            named = [
                self._named(noun, self._json(item, (*place, n)), (*place, n))
                for n, item in enumerate(items)
            ]
            self._carry_out(operation, path, {noun: [value for value, _ in named]}, place)
            for key, deeper in named:
                for further in self._further(operation, relation.keys, key, deeper, place):
                    self._relate(further)
            return
        for position, item in enumerate(items):
            spot = (*place, position) if is_sequence(relation.value) else place
            body = self._body(operation, self._json(item, spot), spot)
            self._carry_out(operation, path, body, spot)

    def _further(
        self,
        operation: Operation[Any],
        keys: tuple[str, ...],
        key: Any,
        deeper: Mapping[str, Any],
        place: Place,
    ) -> Iterator[_Relation]:
        for name, value in deeper.items():
            family = operation.name.rpartition(".")[0]
            found = _first_operation(f"{family}.{name}", _ADDING)
            if found is None:
                raise self._error((*place, name), unknown("property", name, ()))
            yield _Relation(found, (*keys, str(key)), value, (*place, name))

    def _named(self, noun: str, item: Any, place: Place) -> tuple[Any, Mapping[str, Any]]:
        """Return one end of a relation by its id, and its further members."""
        table = _PEOPLE.get(noun, noun)
        id = registry().collections[table].id if table in registry().collections else ""
        if is_mapping(item) and id in item:
            rest = {name: value for name, value in item.items() if name != id}
            return self._key(table, item[id], place), rest
        if isinstance(item, str) and id:
            return self._key(table, item, place), {}
        return item, {}

    def _key(self, table: str, text: str, place: Place) -> str:
        """Return the id of the document that a string names, by id or by label."""
        if self._call.tx.get(table, text) is not None:
            return text
        id = registry().collections[table].id
        found = [
            str(doc[id])
            for doc in self._call.tx.all(table)
            if any(doc.get(label) == text for label in _LABELS)
        ]
        if len(found) != 1:
            many = "no" if not found else "more than one"
            raise self._error(place, f"{many} {text!r} among {table}")
        return found[0]

    def _body(self, operation: Operation[Any], item: Any, place: Place) -> Any:
        """Return one body; a string is the value of the only required property."""
        if is_mapping(item):
            self._known_members(operation, item, place)
            return item
        if isinstance(item, str) and len(operation.required) == 1:
            name = operation.required[0]
            table = f"{name.removesuffix('_id')}s"
            known = name.endswith("_id") and table in registry().collections
            return {name: self._key(table, item, place) if known else item}
        return item

    def _json(self, value: Any, place: Place) -> Any:
        try:
            return to_json(value)
        except StateError as error:
            raise self._error(place, str(error)) from None

    def _carry_out(
        self, operation: Operation[Any], path: dict[str, str], body: Any, place: Place
    ) -> None:
        try:
            with explained("", operation, body):
                call = nested(self._call, operation, path, body)
                registry().behaviours[operation.name].handler(call)
        except StateError as problem:
            raise self._error(place, str(problem)) from problem


def _first_operation(family: str, verbs: tuple[str, ...]) -> Operation[Any] | None:
    found = (operation_lookup().find(f"{family}.{verb}") for verb in verbs)
    return next(
        (operation for operation in found if operation and operation.name in registry().behaviours),
        None,
    )
