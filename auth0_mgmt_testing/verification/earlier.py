"""What the recorded tenant held before a scenario, as far as the recording shows it.

The first response that shows a document from before, or settings that no request had written yet,
is the *source* of it: a fake tenant is given the same, so that what follows can be compared. The
source itself shows nothing of the fake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import unquote

from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from .._registry import contract_lookup, registry
from ..behaviours import SettingsBehaviour
from ..contract.router import BASE
from ..engine.registry import StoredCollection
from ..recordings.exchange import Exchange, parse_body, strings
from ..state.store import Doc, Key
from .conditions import DEFAULT_DATABASE
from .operations import row

_Here: TypeAlias = Callable[[str], str]
"""Translates a recorded text, such as a host, to the target's."""
_OPAQUE = frozenset({"actions", "action_modules", "encryption_keys", "signing_keys"})
"""Tables whose documents consist of more than is ever shown."""
_NAMES = ("name", "identifier")
"""What two documents of a collection cannot share."""
_ONLY_READ = frozenset({"sandbox_versions_available"})
"""Members of settings that no request can set."""


@dataclass(frozen=True, slots=True)
class EarlierState:
    """Documents by table and id, and settings, from before; the exchanges that show them."""

    documents: Mapping[str, Mapping[str, Doc]] = field(
        default_factory=dict[str, dict[str, Doc]], repr=False
    )
    settings: Mapping[Key, Doc] = field(default_factory=dict[Key, Doc], repr=False)
    sources: frozenset[int] = frozenset()

    def given_to(self, export: Mapping[str, Any]) -> dict[str, Any]:
        """A fresh tenant's export with all of this in it.

        What the fresh tenant holds under the name of a document from before makes room for it.
        """
        tables = dict(export["tables"])
        for table, docs in self.documents.items():
            taken = {(name, doc[name]) for doc in docs.values() for name in _NAMES if name in doc}
            fresh: Mapping[str, Doc] = tables.get(table, {})
            kept = {
                key: doc
                for key, doc in fresh.items()
                if taken.isdisjoint((name, doc.get(name)) for name in _NAMES)
            }
            tables[table] = {**kept, **docs}
        pairs: list[Any] = _pairs(tables.get("settings", {}))
        pairs += (
            [list(key) if isinstance(key, tuple) else key, doc]
            for key, doc in self.settings.items()
        )
        return {**export, "tables": {**tables, "settings": pairs} if pairs else tables}


def _pairs(rows: Any) -> list[Any]:
    return [list(pair) for pair in rows.items()] if is_object(rows) else list(rows)


def earlier_state(exchanges: Sequence[Exchange], here: _Here = str) -> EarlierState:
    """Read it off a scenario's exchanges."""
    reader = _Reader(here)
    for position, exchange in enumerate(exchanges):
        reader.read(position, exchange)
    return reader.state()


_Path: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class _Settings:
    """What responses show of the settings of one address, member by member."""

    written: set[_Path] = field(default_factory=set[_Path])
    """What requests have set so far."""
    read: dict[_Path, tuple[int, Any]] = field(default_factory=dict[_Path, tuple[int, Any]])
    """Members that a read showed first, before any write, and where."""
    returned: dict[_Path, tuple[int, Any]] = field(default_factory=dict[_Path, tuple[int, Any]])
    """The same of writes' responses."""
    readable: set[_Path] = field(default_factory=set[_Path])
    """What any read showed."""

    def note(self, position: int, sent: Any, shown: Doc, *, reads: bool) -> None:
        if not reads:
            self.written.update(path for path, _ in _leaves(sent))
        target = self.read if reads else self.returned
        for path, value in _leaves(shown):
            if reads:
                self.readable.add(path)
            if not any(path[: len(each)] == each for each in self.written):
                target.setdefault(path, (position, value))

    def before(self) -> dict[_Path, tuple[int, Any]]:
        """Each member as it was; a write's response may show more than can be read."""
        rest = {
            path: found
            for path, found in self.returned.items()
            if not self.readable or path in self.readable
        }
        return {
            path: found
            for path, found in {**rest, **self.read}.items()
            if path[0] not in _ONLY_READ
        }


class _Reader:
    def __init__(self, here: _Here) -> None:
        self._here = here
        self._own: set[str] = set()
        self._documents: dict[str, dict[str, tuple[int, Doc, bool]]] = {}
        self._settings: dict[Key, _Settings] = {}
        self._settled: set[Key] = set()
        self._users: dict[str, int] = {}

    def read(self, position: int, exchange: Exchange) -> None:
        request = exchange.request
        operation = row(request.method, request.path)
        if operation is None:
            return
        # Settings are put together from parts; a document is taken as a response shows it.
        partial = "fields=" in request.query
        place = _place(operation, request.path)
        failed = exchange.response.status >= 400
        if place is not None and (failed or request.method in ("POST", "PUT", "DELETE")):
            # From here on it is what the scenario makes of it, or was not there.
            self._settled.add(place)
        if failed:
            return
        sent, shown = parse_body(request.body), parse_body(exchange.response.body)
        if request.method in ("POST", "PUT"):
            for value in (sent, shown, request.path.split("/")):
                self._own.update(map(unquote, strings(value)))
        elif not partial:
            self._note_documents(position, operation, request.path, shown)
            self._note_user(position, operation, request.path)
        if place is not None and place not in self._settled and is_object(shown):
            settings = self._settings.setdefault(place, _Settings())
            settings.note(position, sent, shown, reads=request.method == "GET")

    def state(self) -> EarlierState:
        """All that was found, with the translated texts."""
        documents = {
            table: {key: doc for key, (_, doc, _) in docs.items()}
            for table, docs in self._documents.items()
        }
        sources = {place for docs in self._documents.values() for place, _, _ in docs.values()}
        before = {place: found.before() for place, found in self._settings.items()}
        sources |= {position for found in before.values() for position, _ in found.values()}
        users = documents.setdefault("users", {})
        for user in self._users.keys() - users.keys() - self._own:
            users[user] = _unseen_user(user)
        return EarlierState(
            self._translated({table: docs for table, docs in documents.items() if docs}),
            {place: self._translated(_nested(found)) for place, found in before.items() if found},
            frozenset(sources),
        )

    def _translated(self, value: Any) -> Any:
        return json.loads(self._here(json.dumps(value)))

    def _note_documents(
        self, position: int, operation: Operation[Any], path: str, shown: Any
    ) -> None:
        for collection, doc, single in _documents(operation, path, shown):
            key = doc[collection.id]
            found = self._documents.setdefault(collection.table, {})
            # A list may show less of a document than a read of it does.
            if key not in self._own and (key not in found or (single and not found[key][2])):
                first = found[key][0] if key in found else position
                found[key] = first, doc, single

    def _note_user(self, position: int, operation: Operation[Any], path: str) -> None:
        """Note a user below whose address something was found."""
        parts = operation.path.split("/")
        if len(parts) > 3 and parts[1] == "users":
            self._users.setdefault(unquote(path.removeprefix(BASE).split("/")[2]), position)


def _unseen_user(user: str) -> Doc:
    """A user of whom nothing is known but the id."""
    provider, _, own = user.partition("|")
    identity = {"connection": DEFAULT_DATABASE, "provider": provider, "user_id": own}
    return {"user_id": user, "identities": [{**identity, "isSocial": False}]}


def _leaves(value: Any, path: _Path = ()) -> Iterator[tuple[_Path, Any]]:
    """All that a body sets, by path; a list is one value."""
    if is_object(value) and (value or not path):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif path:
        yield path, value


def _nested(found: Mapping[_Path, tuple[int, Any]]) -> Doc:
    result: Doc = {}
    for path, (_, value) in found.items():
        inner = result
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = value
    return result


def _documents(
    operation: Operation[Any], path: str, shown: Any
) -> Iterator[tuple[StoredCollection, Doc, bool]]:
    """The documents of collections that a response shows, and whether it is about one."""
    found = _collections().get(operation.path)
    if found is None:
        return
    collection, single = found
    items: Iterable[Any] = [shown]
    if not single:
        lists: Iterable[Any] = shown.values() if is_object(shown) else [shown]
        items = [item for each in lists if is_array(each) for item in each]
    for item in items:
        if not is_object(item) or not isinstance(item.get(collection.id), str):
            continue
        # The tenant's own things are those of the target.
        if item.get("is_system") is not True and item.get("global") is not True:
            doc: Doc = dict(item)
            if collection.parent is not None:
                doc[collection.parent.field] = _argument(operation, path, collection.parent.param)
            yield collection, doc, single


def _argument(operation: Operation[Any], path: str, name: str) -> str:
    place = (BASE + operation.path).split("/").index(f"{{{name}}}")
    return unquote(path.split("/")[place])


@cache
def _collections() -> Mapping[str, tuple[StoredCollection, bool]]:
    """By path: the collection whose documents it shows, and whether it is about one of them."""
    lookup = contract_lookup()
    found: dict[str, tuple[StoredCollection, bool]] = {}
    for collection in registry().collections.values():
        if collection.table in _OPAQUE:
            continue
        bound = (collection.operations.get(verb) for verb in ("get", "update", "delete"))
        item = next((lookup.get(name).path for name in bound if name is not None), "")
        if item.endswith("}"):
            found[item] = collection, True
            found[item.rpartition("/")[0]] = collection, False
    return found


@cache
def _settings() -> Mapping[str, SettingsBehaviour]:
    """Settings by the path that they are read and written at."""
    found: dict[str, SettingsBehaviour] = {}
    for operation in operations():
        behaviour = registry().behaviours.get(operation.name)
        owner = getattr(behaviour.handler, "__self__", None) if behaviour is not None else None
        if isinstance(owner, SettingsBehaviour):
            found[operation.path] = owner
    return found


def _place(operation: Operation[Any], path: str) -> Key | None:
    """The key under which a fake keeps the settings that an operation is about."""
    owner = _settings().get(operation.path)
    if owner is None or owner.keyed is None:
        return None if owner is None else owner.name
    return owner.name, _argument(operation, path, owner.keyed)
