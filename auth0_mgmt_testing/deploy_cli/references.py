"""Names in place of ids: configurations refer to documents by their names."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from auth0_mgmt._json import is_array, is_object

from ..errors import LoadError
from .kinds import KINDS, Kind

if TYPE_CHECKING:
    from auth0_mgmt import Management

_BY_KEY = {kind.key: kind for kind in KINDS}
_REFERENCES: Mapping[str, Mapping[str, str]] = {
    "tokenExchangeProfiles": {"action_id": "actions"},
    "selfServiceProfiles": {"user_attribute_profile_id": "userAttributeProfiles"},
    "forms": {"flow_id": "flows"},
    "flows": {"connection_id": "flowVaultConnections"},
}
"""Which members, at any depth of a kind's documents, name documents of which kind."""

_WRAPPED = {"phoneProviders": "providers", "phoneTemplates": "templates"}
"""Lists that the API wraps in an object, and that have no pages."""


class Names:
    """Which names the documents of a tenant have."""

    def __init__(self, mgmt: Management) -> None:
        self._mgmt = mgmt
        self._known: dict[str, dict[str, str]] = {}

    def find(self, kind: Kind, label: str) -> str | None:
        """The id of a document by its identity; None where there is none."""
        return self._of(kind).get(label)

    def add(self, kind: Kind, label: str, id: str) -> None:
        self._of(kind)[label] = id

    def id_of(self, key: str, name: str) -> str:
        """The id of a document that a name, or its id, names. Raises `LoadError`."""
        names = self._of(_BY_KEY[key])
        if name in names:
            return names[name]
        if name in names.values():
            return name
        raise LoadError(f"there is no {name!r} among {key}")

    def name_of(self, key: str, id: str) -> str:
        """The name of a document by its id; the id where it has none."""
        names = self._of(_BY_KEY[key])
        return next((name for name, found in names.items() if found == id), id)

    def ids_for(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """A body with ids where it holds names."""
        references = _REFERENCES.get(key)
        if not references:
            return body
        return _replaced(body, references, self.id_of)  # type: ignore[no-any-return]

    def names_for(self, key: str, doc: dict[str, Any]) -> dict[str, Any]:
        """A document with names where it holds ids."""
        references = _REFERENCES.get(key)
        if not references:
            return doc
        return _replaced(doc, references, self.name_of)  # type: ignore[no-any-return]

    def _of(self, kind: Kind) -> dict[str, str]:
        # Databases and other connections share their names.
        found = self._known.get(kind.resource)
        if found is None:
            found = self._known[kind.resource] = {
                str(doc[kind.identity]): str(doc[kind.id])
                for doc in documents(self._mgmt, kind)
                if doc.get(kind.identity) is not None
            }
        return found


def documents(mgmt: Management, kind: Kind) -> list[dict[str, Any]]:
    """Every document of a kind's collection, as the API shows it."""
    if kind.key == "themes":
        from auth0_mgmt import NotFoundError

        try:
            return [mgmt.branding.themes.get_default().to_dict()]
        except NotFoundError:
            return []
    if kind.key in _WRAPPED:
        found: list[dict[str, Any]] = mgmt.request("GET", kind.path)[_WRAPPED[kind.key]]
        return found
    return [each.to_dict() for each in attrgetter(kind.resource)(mgmt).list()]


def _replaced(value: Any, references: Mapping[str, str], look_up: Any) -> Any:
    if is_object(value):
        return {
            name: look_up(references[name], item)
            if name in references and isinstance(item, str)
            else _replaced(item, references, look_up)
            for name, item in value.items()
        }
    if is_array(value):
        return [_replaced(item, references, look_up) for item in value]
    return value
