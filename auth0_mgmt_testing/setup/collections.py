"""The collections of a tenant by name, each with its fields and its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from .._registry import registry
from ._typed_collections import GeneratedCollections
from .access import Collection, OtherCollection, UserCollection
from .action_collection import ActionCollection

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from typing_extensions import Unpack

    from auth0_mgmt.models import actions as m_actions
    from auth0_mgmt.models import client_grants as m_client_grants
    from auth0_mgmt.models import clients as m_clients
    from auth0_mgmt.models import resource_servers as m_resource_servers
    from auth0_mgmt.models import shared as m_shared
    from auth0_mgmt.models import users as m_users
    from auth0_mgmt.params import actions as p_actions
    from auth0_mgmt.params import client_grants as p_client_grants
    from auth0_mgmt.params import clients as p_clients
    from auth0_mgmt.params import connections as p_connections
    from auth0_mgmt.params import organizations as p_organizations
    from auth0_mgmt.params import resource_servers as p_resource_servers
    from auth0_mgmt.params import roles as p_roles
    from auth0_mgmt.params import users as p_users

    from ..engine.core import TenantCore

    class UserFields(p_users.UsersUpdate, total=False):
        """The arguments of ``tenant.users.add``. ``user_id`` includes the provider: ``auth0|1``."""

        user_id: str
        identities: Sequence[Mapping[str, Any]]
        created_at: str | datetime
        updated_at: str | datetime
        last_login: str | datetime
        last_ip: str
        logins_count: int
        last_password_reset: str | datetime
        multifactor: Sequence[str]

    class ClientFields(p_clients.ClientsUpdate, total=False):
        """The arguments of ``tenant.clients.add``."""

        client_id: str
        is_first_party: bool
        signing_keys: Sequence[Mapping[str, Any]]

    class RoleFields(p_roles.RolesUpdate, total=False):
        """The arguments of ``tenant.roles.add``."""

        id: str
        type: str
        owner_id: str

    class OrganizationFields(p_organizations.OrganizationsUpdate, total=False):
        """The arguments of ``tenant.organizations.add``."""

        id: str

    class ConnectionFields(p_connections.ConnectionsUpdate, total=False):
        """The arguments of ``tenant.connections.add``."""

        id: str
        name: str
        strategy: str
        provisioning_ticket_url: str

    class ResourceServerFields(p_resource_servers.ResourceServersUpdate, total=False):
        """The arguments of ``tenant.resource_servers.add``."""

        id: str
        identifier: str
        is_system: bool

    class ClientGrantFields(p_client_grants.ClientGrantsUpdate, total=False):
        """The arguments of ``tenant.client_grants.add``."""

        id: str
        client_id: str
        audience: str
        subject_type: str

    class ActionFields(p_actions.ActionsUpdate, total=False):
        """The arguments of ``tenant.actions.add``."""

        id: str
        created_at: str | datetime
        updated_at: str | datetime
        status: str
        all_changes_deployed: bool


C = TypeVar("C", bound=Collection[Any])


class Users(UserCollection["m_users.User"]):
    """Users by ``user_id``."""

    def add(self, **fields: Unpack[UserFields]) -> m_users.User:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class Clients(Collection["m_clients.Client"]):
    """Clients (applications) by ``client_id``."""

    def add(self, **fields: Unpack[ClientFields]) -> m_clients.Client:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class Roles(Collection["m_shared.Role"]):
    """Roles by ``id``."""

    def add(self, **fields: Unpack[RoleFields]) -> m_shared.Role:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class Organizations(Collection["m_shared.Organization"]):
    """Organizations by ``id``."""

    def add(self, **fields: Unpack[OrganizationFields]) -> m_shared.Organization:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class Connections(Collection["m_shared.Connection"]):
    """Connections by ``id``."""

    def add(self, **fields: Unpack[ConnectionFields]) -> m_shared.Connection:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class ResourceServers(Collection["m_resource_servers.ResourceServer"]):
    """Resource servers by ``id``."""

    def add(self, **fields: Unpack[ResourceServerFields]) -> m_resource_servers.ResourceServer:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class ClientGrants(Collection["m_client_grants.ClientGrant"]):
    """Client grants by ``id``."""

    def add(self, **fields: Unpack[ClientGrantFields]) -> m_client_grants.ClientGrant:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class Actions(ActionCollection):
    """Actions by ``id``, and their code: run alone, bound to triggers, executed by flows."""

    def add(self, **fields: Unpack[ActionFields]) -> m_actions.Action:
        """Create a document; see `Collection.put`."""
        return self.put(fields)


class TenantCollections(GeneratedCollections):
    """A tenant's collections, by name: ``tenant.users``, ``tenant.roles`` …

    Those without fields of their own are declared, for type checkers, in the generated base.
    """

    _core: TenantCore

    def _collections(self) -> Mapping[str, Collection[Any]]:
        """Every collection of the registry by name."""
        return {name: getattr(self, name) for name in self.collection_names()}

    def collection_names(self) -> tuple[str, ...]:
        """The names of every collection, as attributes and in files for `load`."""
        return tuple(registry().collections)

    def _collection(self, kind: type[C], name: str) -> C:
        """Return a collection; it is made on first use."""
        found: C | None = self.__dict__.get(f"_{name}")
        if found is None:
            found = self.__dict__[f"_{name}"] = self._make(kind, name)
        return found

    def _make(self, kind: type[C], name: str) -> C:
        return kind(self._core, name)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """The collections without fields of their own, each from its family's declaration."""
            if name[:1] != "_" and name in registry().collections:
                return self._collection(OtherCollection, name)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def users(self) -> Users:
        return self._collection(Users, "users")

    @property
    def clients(self) -> Clients:
        return self._collection(Clients, "clients")

    @property
    def roles(self) -> Roles:
        return self._collection(Roles, "roles")

    @property
    def organizations(self) -> Organizations:
        return self._collection(Organizations, "organizations")

    @property
    def connections(self) -> Connections:
        return self._collection(Connections, "connections")

    @property
    def resource_servers(self) -> ResourceServers:
        return self._collection(ResourceServers, "resource_servers")

    @property
    def client_grants(self) -> ClientGrants:
        return self._collection(ClientGrants, "client_grants")

    @property
    def actions(self) -> Actions:
        return self._collection(Actions, "actions")
