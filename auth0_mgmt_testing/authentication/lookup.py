"""What the Authentication API finds in the state: clients, connections, users, organizations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auth0_mgmt._json import is_object

from ..engine.context import RequestContext
from ..resources.relations import CONNECTION_CLIENTS, ORGANIZATION_CONNECTIONS, ORGANIZATION_MEMBERS
from ..state import id_forms
from ..state.store import Doc
from .errors import OAuthError, invalid_request

DATABASE = "auth0"
PASSWORDLESS = ("email", "sms")


def find_client(context: RequestContext, client_id: str) -> Doc | None:
    """The client of an id or alias."""
    found = context.tx.get("clients", client_id)
    return found or _first(context.tx.find("clients", "alias", client_id))


def find_connection(context: RequestContext, name: str) -> Doc | None:
    return _first(context.tx.find("connections", "unique:name", (name,)))


def require_connection(context: RequestContext, name: str) -> Doc:
    """The connection of a name; raises ``invalid_request`` where there is none."""
    found = find_connection(context, name)
    if found is None:
        raise invalid_request(f"the connection was not found: {name}")
    return found


def connections_of_client(context: RequestContext, client: Doc) -> list[Doc]:
    """The connections that are enabled for a client, and those of the whole domain."""
    own = CONNECTION_CLIENTS.others(context, clients=client["client_id"])
    shared = (doc for doc in context.tx.all("connections") if doc.get("is_domain_connection"))
    return list({doc["id"]: doc for doc in (*own, *shared)}.values())


def connections_of_organization(context: RequestContext, organization: Doc) -> list[Doc]:
    """The connections that are enabled for an organization."""
    links = ORGANIZATION_CONNECTIONS.of(context, organizations=organization["id"])
    enabled = (
        ORGANIZATION_CONNECTIONS.key(link, "connections") for link in links if link["is_enabled"]
    )
    found = (context.tx.get("connections", key) for key in enabled)
    return [doc for doc in found if doc is not None]


def usable_connections(
    context: RequestContext, client: Doc, organization: Doc | None = None
) -> list[Doc]:
    """The connections by which users log in to a client, within an organization if one is given."""
    if organization is not None:
        return connections_of_organization(context, organization)
    return connections_of_client(context, client)


def find_organization(context: RequestContext, name_or_id: str) -> Doc | None:
    """The organization of an id, or of a name in whatever case."""
    if name_or_id.startswith(id_forms.ORGANIZATION.prefix):
        return context.tx.get("organizations", name_or_id)
    return _first(context.tx.find("organizations", "unique:name", (name_or_id.lower(),)))


def organizations_of(context: RequestContext, user_id: str) -> list[Doc]:
    """The organizations that a user is a member of."""
    return ORGANIZATION_MEMBERS.others(context, users=user_id)


def is_member(context: RequestContext, organization: Doc, user_id: str) -> bool:
    return ORGANIZATION_MEMBERS.get(context, organization["id"], user_id) is not None


def find_resource_server(context: RequestContext, identifier: str) -> Doc | None:
    return _first(context.tx.find("resource_servers", "unique:identifier", (identifier,)))


def require_resource_server(context: RequestContext, identifier: str) -> Doc:
    """The API of an identifier; raises where there is none."""
    found = find_resource_server(context, identifier)
    if found is None:
        description = f"Service not enabled within domain: {identifier}"
        raise OAuthError(403, "access_denied", description)
    return found


def users_with_login(context: RequestContext, connection: Doc, identifier: str) -> list[Doc]:
    """The users of a connection whom an email, user name or phone number names."""
    wanted = identifier.strip().lower()
    for name in ("email", "username", "phone_number"):
        found = context.tx.find("users", "login", (connection["name"], name, wanted))
        if found:
            return found
    return []


def find_user(context: RequestContext, connection: Doc, identifier: str) -> Doc | None:
    return _first(users_with_login(context, connection, identifier))


def connection_of(user: Doc) -> str:
    """The name of the connection of a user's first identity."""
    return str(user["identities"][0]["connection"])


def settings(context: RequestContext, name: str) -> Doc:
    """A document of settings; empty where nothing was ever set."""
    return context.tx.get("settings", name) or {}


def member(doc: Mapping[str, Any] | None, name: str) -> Doc:
    """The object that a document has under a name; empty where there is none."""
    value: Any = None if doc is None else doc.get(name)
    return value if is_object(value) else {}


def names_in_tokens(context: RequestContext) -> bool:
    """Whether organizations may be named by name, and tokens hold ``org_name``."""
    return bool(settings(context, "tenant").get("allow_organization_name_in_authentication_api"))


def _first(found: Iterable[Doc]) -> Doc | None:
    return next(iter(found), None)
