"""What a tenant ought to hold: sets and dictionaries, written without a look at the fake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

Pair: TypeAlias = tuple[str, str]
Permission: TypeAlias = tuple[str, str]
"""A resource server's identifier and the name of a permission."""


@dataclass
class Identity:
    """An identity of a user: the user id that it has alone, its connection and its profile."""

    user_id: str
    connection: str
    email: str
    nickname: str


@dataclass
class User:
    """A user; ``identities`` begins with the user's own."""

    identities: list[Identity]
    team: str = ""

    @property
    def nickname(self) -> str:
        return self.identities[0].nickname

    @property
    def email(self) -> str:
        return self.identities[0].email


@dataclass
class Model:
    """The state of a tenant, as the API documents the effect of each call."""

    users: dict[str, User] = field(default_factory=dict[str, User])
    roles: dict[str, str] = field(default_factory=dict[str, str])
    organizations: dict[str, str] = field(default_factory=dict[str, str])
    connections: dict[str, str] = field(default_factory=dict[str, str])
    clients: dict[str, str] = field(default_factory=dict[str, str])
    grants: dict[str, Pair] = field(default_factory=dict[str, Pair])
    user_roles: set[Pair] = field(default_factory=set[Pair])
    role_permissions: set[tuple[str, Permission]] = field(
        default_factory=set[tuple[str, Permission]]
    )
    user_permissions: set[tuple[str, Permission]] = field(
        default_factory=set[tuple[str, Permission]]
    )
    members: set[Pair] = field(default_factory=set[Pair])
    member_roles: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    organization_connections: set[Pair] = field(default_factory=set[Pair])

    def taken(self, connection: str, email: str) -> bool:
        """Whether an identity of the connection has the address."""
        return any(
            identity.connection == connection and identity.email == email
            for user in self.users.values()
            for identity in user.identities
        )

    def delete_user(self, user: str) -> None:
        self.users.pop(user, None)
        self.user_roles = {each for each in self.user_roles if each[0] != user}
        self.user_permissions = {each for each in self.user_permissions if each[0] != user}
        self.members = {each for each in self.members if each[1] != user}
        self.member_roles = {each for each in self.member_roles if each[1] != user}

    def delete_role(self, role: str) -> None:
        self.roles.pop(role, None)
        self.user_roles = {each for each in self.user_roles if each[1] != role}
        self.role_permissions = {each for each in self.role_permissions if each[0] != role}
        self.member_roles = {each for each in self.member_roles if each[2] != role}

    def delete_organization(self, organization: str) -> None:
        self.organizations.pop(organization, None)
        self.members = {each for each in self.members if each[0] != organization}
        self.member_roles = {each for each in self.member_roles if each[0] != organization}
        self.organization_connections = {
            each for each in self.organization_connections if each[0] != organization
        }

    def remove_member(self, organization: str, user: str) -> None:
        self.members.discard((organization, user))
        self.member_roles = {each for each in self.member_roles if each[:2] != (organization, user)}

    def delete_connection(self, connection: str) -> None:
        name = self.connections.pop(connection, None)
        for user, held in list(self.users.items()):
            if held.identities[0].connection == name:
                self.delete_user(user)
        self.organization_connections = {
            each for each in self.organization_connections if each[1] != connection
        }

    def delete_client(self, client: str) -> None:
        self.clients.pop(client, None)
        self.grants = {id: each for id, each in self.grants.items() if each[0] != client}

    def link(self, user: str, other: str) -> None:
        """The other user ends; its identities become the user's last ones."""
        self.users[user].identities += self.users[other].identities
        self.delete_user(other)

    def unlink(self, user: str, identity: str) -> None:
        """The identity becomes a user of its own, with its own profile and nothing else."""
        (gone,) = (each for each in self.users[user].identities if each.user_id == identity)
        self.users[user].identities.remove(gone)
        self.users[identity] = User([gone])

    def effective(self, user: str) -> set[Permission]:
        """What a user may do, directly or through roles."""
        roles = {role for who, role in self.user_roles if who == user}
        through = {what for role, what in self.role_permissions if role in roles}
        return through | {what for who, what in self.user_permissions if who == user}
