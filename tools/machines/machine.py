"""The machine: draws a call, makes it, and compares outcome and state with the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from auth0_mgmt import APIStatusError, quote_query

from .drivers import Driver
from .model import Identity, Model, Permission, User

T = TypeVar("T")

APIS = {
    "https://billing.example.com": ("read:bills", "write:bills"),
    "https://stock.example.com": ("read:stock",),
}
PERMISSIONS = [(api, name) for api, names in APIS.items() for name in names]
TEAMS = ("red", "green", "blue")
NICKNAMES = ("ada", "ben", "cleo")
MOST = 9
"""How much of a kind there is at most; then some of it is deleted."""
NOBODY = {
    "users": "auth0|000000000000000000000000",
    "roles": "rol_0000000000000000",
    "organizations": "org_0000000000000000",
    "connections": "con_0000000000000000",
    "clients": "00000000000000000000000000000000",
}


class DivergenceError(AssertionError):
    """The tenant and the model disagree; the message has the last steps."""


@dataclass
class Machine:
    """One tenant and its model. ``trace`` has what every call came to, for comparisons."""

    call: Driver
    random: Random
    full_check_every: int = 50
    model: Model = field(default_factory=Model)
    trace: list[str] = field(default_factory=list[str])
    counts: Counter[str] = field(default_factory=Counter[str])
    _made: int = 0

    def begin(self) -> None:
        """Create the APIs whose permissions are given, and the first connection."""
        for connection in self.call("connections.list"):
            self.call("connections.delete", connection.id)
        for identifier, names in APIS.items():
            scopes = [{"value": name} for name in names]
            self.call("resource_servers.create", identifier=identifier, scopes=scopes)
        self.known_clients = {client.client_id for client in self.call("clients.list")}
        self.known_grants = {grant.id for grant in self.call("client_grants.list")}
        self.create_connection()

    def run(self, steps: int) -> None:
        """Make so many steps; raise `DivergenceError` at the first that differs."""
        for number in range(1, steps + 1):
            self.step()
            if number % self.full_check_every == 0:
                self.check_all()
        self.check_all()

    def step(self) -> None:
        """Make one call at least: a rule that has nothing to act on is drawn again."""
        before = len(self.trace)
        rule = self.random.choice(self.RULES)
        rule(self)
        while len(self.trace) == before:
            rule = self.random.choice(self.RULES)
            rule(self)
        self.counts[rule.__name__] += 1

    # --- calling and comparing ---

    def attempt(self, expected: int | None, name: str, /, *args: Any, **params: Any) -> Any:
        """Call; ``expected`` is the error's status, None for success. Return the response."""
        try:
            value = self.call(name, *args, **params)
            status = None
        except APIStatusError as error:
            value, status = None, error.status_code
        self.trace.append(f"{name}{args}{params} -> {status or 'ok'}")
        if status != expected:
            self.diverges(f"{status or 'success'} where {expected or 'success'} was expected")
        return value

    def same(self, what: str, found: Iterable[T], expected: Iterable[T]) -> None:
        """Compare as sets; nothing may be listed twice."""
        listed = list(found)
        if len(listed) != len(set(listed)):
            self.diverges(f"{what}: listed twice in {listed}")
        if set(listed) != set(expected):
            self.diverges(f"{what}: {sorted(map(str, listed))}, not {sorted(map(str, expected))}")

    def diverges(self, reason: str) -> None:
        last = "\n  ".join(self.trace[-15:])
        raise DivergenceError(f"{reason}; the last calls:\n  {last}")

    def new_name(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}{self._made}"

    def pick(self, kind: str) -> str:
        """An id of a kind; now and then (or where there is none) one that does not exist."""
        held = list(getattr(self.model, kind))
        return self.random.choice(held) if held and self.random.random() > 0.05 else NOBODY[kind]

    def held(self, **chosen: str) -> int | None:
        """The status expected of a call that names these: 404 where one does not exist."""
        missing = [id for kind, id in chosen.items() if id not in getattr(self.model, kind)]
        return 404 if missing else None

    def crowded(self, kind: str) -> bool:
        return len(getattr(self.model, kind)) >= MOST

    # --- connections, users, identities ---

    def create_connection(self) -> None:
        if len(self.model.connections) >= 3:
            return
        name = self.new_name("people-")
        made = self.attempt(None, "connections.create", name=name, strategy="auth0")
        self.model.connections[made.id] = name
        self.attempt(409, "connections.create", name=name, strategy="auth0")

    def delete_connection(self) -> None:
        if len(self.model.connections) < 2 or self.random.random() < 0.7:
            return
        connection = self.random.choice(list(self.model.connections))
        self.attempt(None, "connections.delete", connection)
        self.model.delete_connection(connection)

    def create_user(self) -> None:
        if self.crowded("users"):
            return self.delete_user()
        connection = self.random.choice(list(self.model.connections.values()))
        email = f"user{self.random.randrange(14)}@example.com"
        nickname, team = self.random.choice(NICKNAMES), self.random.choice(TEAMS)
        made = self.attempt(
            409 if self.model.taken(connection, email) else None,
            "users.create",
            connection=connection,
            email=email,
            password="Correct-Horse-1",
            nickname=nickname,
            user_metadata={"team": team},
        )
        if made is not None:
            identity = Identity(made.user_id, connection, email, nickname)
            self.model.users[made.user_id] = User([identity], team)

    def update_user(self) -> None:
        user, team = self.pick("users"), self.random.choice(TEAMS)
        made = self.attempt(
            self.held(users=user), "users.update", user, user_metadata={"team": team}
        )
        if made is not None:
            self.model.users[user].team = team

    def delete_user(self) -> None:
        user = self.pick("users")
        self.attempt(None, "users.delete", user)
        self.model.delete_user(user)

    def link(self) -> None:
        user, other = self.pick("users"), self.pick("users")
        provider, _, own = other.partition("|")
        expected = 400 if user == other else self.held(users=user) or self.held(users=other)
        if user == other and user not in self.model.users:
            expected = 404
        self.attempt(expected, "users.identities.link", user, provider=provider, user_id=own)
        if expected is None:
            self.model.link(user, other)

    def unlink(self) -> None:
        linked = [user for user, held in self.model.users.items() if len(held.identities) > 1]
        if not linked:
            return
        user = self.random.choice(linked)
        index = self.random.randrange(len(self.model.users[user].identities))
        identity = self.model.users[user].identities[index].user_id
        expected = 400 if index == 0 else None
        self.attempt(expected, "users.identities.delete", user, *identity.split("|"))
        if expected is None:
            self.model.unlink(user, identity)

    # --- roles and permissions ---

    def create_role(self) -> None:
        if self.crowded("roles"):
            return self.delete_role()
        name = f"role {self.random.randrange(12)}"
        taken = name in self.model.roles.values()
        made = self.attempt(409 if taken else None, "roles.create", name=name)
        if made is not None:
            self.model.roles[made.id] = name

    def delete_role(self) -> None:
        role = self.pick("roles")
        if role in self.model.roles:
            self.attempt(None, "roles.delete", role)
        self.model.delete_role(role)

    def assign_role(self) -> None:
        user, role = self.pick("users"), self.pick("roles")
        expected = self.held(users=user, roles=role)
        if self.random.random() < 0.5:
            self.attempt(expected, "users.roles.assign", user, roles=[role])
        else:
            self.attempt(expected, "roles.users.assign", role, users=[user])
        if expected is None:
            self.model.user_roles.add((user, role))

    def remove_role(self) -> None:
        user, role = self.pick("users"), self.pick("roles")
        if self.held(users=user, roles=role) is None:
            self.attempt(None, "users.roles.delete", user, roles=[role])
            self.model.user_roles.discard((user, role))

    def add_permission(self) -> None:
        self._permission("create", add=True)

    def remove_permission(self) -> None:
        self._permission("delete", add=False)

    def _permission(self, action: str, *, add: bool) -> None:
        permission = self.random.choice(PERMISSIONS)
        named = {"resource_server_identifier": permission[0], "permission_name": permission[1]}
        kind = self.random.choice(["users", "roles"])
        holder = self.pick(kind)
        action = "add" if kind == "roles" and add else action
        expected = self.held(**{kind: holder})
        self.attempt(expected, f"{kind}.permissions.{action}", holder, permissions=[named])
        if expected is None:
            held = self.model.user_permissions if kind == "users" else self.model.role_permissions
            (held.add if add else held.discard)((holder, permission))

    # --- organizations ---

    def create_organization(self) -> None:
        if self.crowded("organizations"):
            return self.delete_organization()
        name = f"org-{self.random.randrange(12)}"
        taken = name in self.model.organizations.values()
        made = self.attempt(409 if taken else None, "organizations.create", name=name)
        if made is not None:
            self.model.organizations[made.id] = name

    def delete_organization(self) -> None:
        organization = self.pick("organizations")
        if organization in self.model.organizations:
            self.attempt(None, "organizations.delete", organization)
        self.model.delete_organization(organization)

    def add_member(self) -> None:
        organization, user = self.pick("organizations"), self.pick("users")
        if self.held(organizations=organization) or self.held(users=user):
            return
        self.attempt(None, "organizations.members.create", organization, members=[user])
        self.model.members.add((organization, user))

    def remove_member(self) -> None:
        if not self.model.members:
            return
        organization, user = self.random.choice(sorted(self.model.members))
        self.attempt(None, "organizations.members.delete", organization, members=[user])
        self.model.remove_member(organization, user)

    def assign_member_role(self) -> None:
        role = self.pick("roles")
        if not self.model.members or role not in self.model.roles:
            return
        organization, user = self.random.choice(sorted(self.model.members))
        self.attempt(None, "organizations.members.roles.assign", organization, user, roles=[role])
        self.model.member_roles.add((organization, user, role))

    def remove_member_role(self) -> None:
        if not self.model.member_roles:
            return
        organization, user, role = self.random.choice(sorted(self.model.member_roles))
        self.attempt(None, "organizations.members.roles.delete", organization, user, roles=[role])
        self.model.member_roles.discard((organization, user, role))

    def enable_connection(self) -> None:
        organization, connection = self.pick("organizations"), self.pick("connections")
        if self.held(organizations=organization, connections=connection):
            return
        held = (organization, connection) in self.model.organization_connections
        self.attempt(
            409 if held else None,
            "organizations.enabled_connections.add",
            organization,
            connection_id=connection,
        )
        self.model.organization_connections.add((organization, connection))

    def disable_connection(self) -> None:
        if not self.model.organization_connections:
            return
        pair = self.random.choice(sorted(self.model.organization_connections))
        self.attempt(None, "organizations.enabled_connections.delete", *pair)
        self.model.organization_connections.discard(pair)

    # --- clients and grants ---

    def create_client(self) -> None:
        if self.crowded("clients"):
            return self.delete_client()
        name = self.new_name("app ")
        made = self.attempt(None, "clients.create", name=name, app_type="non_interactive")
        self.model.clients[made.client_id] = name

    def delete_client(self) -> None:
        client = self.pick("clients")
        if client in self.model.clients:
            self.attempt(None, "clients.delete", client)
        self.model.delete_client(client)

    def create_grant(self) -> None:
        client, audience = self.pick("clients"), self.random.choice(list(APIS))
        expected = self.held(clients=client)
        if (client, audience) in self.model.grants.values():
            expected = 409
        made = self.attempt(
            expected, "client_grants.create", client_id=client, audience=audience, scope=[]
        )
        if made is not None:
            self.model.grants[made.id] = (client, audience)

    def delete_grant(self) -> None:
        if not self.model.grants:
            return
        grant = self.random.choice(sorted(self.model.grants))
        self.attempt(None, "client_grants.delete", grant)
        del self.model.grants[grant]

    # --- reading ---

    def search(self) -> None:
        """A search is a filter of all users."""
        team, nickname = self.random.choice(TEAMS), self.random.choice(NICKNAMES)
        email = f"user{self.random.randrange(14)}@example.com"
        searches: dict[str, Callable[[User], bool]] = {
            f"email:{quote_query(email)}": lambda user: user.email == email,
            f"user_metadata.team:{team}": lambda user: user.team == team,
            f"user_metadata.team:{team} AND nickname:{nickname}": lambda user: (
                user.team == team and user.nickname == nickname
            ),
            f"user_metadata.team:{team} OR email:{quote_query(email)}": lambda user: (
                user.team == team or user.email == email
            ),
            f"NOT user_metadata.team:{team}": lambda user: user.team != team,
            "email:user1*": lambda user: user.email.startswith("user1"),
        }
        query = self.random.choice(list(searches))
        found = [user.user_id for user in self.attempt(None, "users.list", q=query)]
        expected = [id for id, user in self.model.users.items() if searches[query](user)]
        self.same(f"search {query}", found, expected)

    def page(self) -> None:
        """Pages of any size lose nothing and repeat nothing."""
        size = self.random.randint(1, MOST + 1)
        kind = self.random.choice(["users", "roles", "organizations"])
        key = "user_id" if kind == "users" else "id"
        listed = self.attempt(None, f"{kind}.list", per_page=size)
        self.same(
            f"{kind} by {size}", (getattr(item, key) for item in listed), getattr(self.model, kind)
        )

    def read_user(self) -> None:
        user = self.pick("users")
        read = self.attempt(self.held(users=user), "users.get", user)
        if read is None:
            return
        held = self.model.users[user]
        if read.email != held.email:
            self.diverges(f"{user} has the address {read.email}, not {held.email}")
        shown = [f"{each.provider}|{each.user_id}" for each in read.identities]
        if shown != [identity.user_id for identity in held.identities]:
            self.diverges(f"{user} has the identities {shown}, not {held.identities}")

    def read_relations(self) -> None:
        """Read what a user, a role and an organization are related to."""
        self.trace.append("relations are read")
        if (user := self.pick("users")) in self.model.users:
            self.check_user(user)
        if (role := self.pick("roles")) in self.model.roles:
            self.check_role(role)
        if (organization := self.pick("organizations")) in self.model.organizations:
            self.check_organization(organization)

    def check_user(self, user: str) -> None:
        model, call = self.model, self.call
        roles = (role.id for role in call("users.roles.list", user))
        self.same(f"roles of {user}", roles, (r for u, r in model.user_roles if u == user))
        permissions = self.permissions("users", user)
        self.same(f"permissions of {user}", permissions, model.effective(user))
        joined = (each.id for each in call("users.organizations.list", user))
        self.same(f"organizations of {user}", joined, (o for o, u in model.members if u == user))

    def check_role(self, role: str) -> None:
        model = self.model
        users = (each.user_id for each in self.call("roles.users.list", role))
        self.same(f"users of {role}", users, (u for u, r in model.user_roles if r == role))
        permissions = self.permissions("roles", role)
        expected = (what for r, what in model.role_permissions if r == role)
        self.same(f"permissions of {role}", permissions, expected)

    def check_organization(self, organization: str) -> None:
        model, call = self.model, self.call
        members = [each.user_id for each in call("organizations.members.list", organization)]
        expected = (u for o, u in model.members if o == organization)
        self.same(f"members of {organization}", members, expected)
        for member in members:
            held = call("organizations.members.roles.list", organization, member)
            self.same(
                f"roles of {member} in {organization}",
                (each.id for each in held),
                (r for o, u, r in model.member_roles if (o, u) == (organization, member)),
            )
        enabled = call("organizations.enabled_connections.list", organization)
        self.same(
            f"connections of {organization}",
            (each.connection_id for each in enabled),
            (c for o, c in model.organization_connections if o == organization),
        )

    def permissions(self, kind: str, holder: str) -> list[Permission]:
        """The permissions that a list shows of a user or role."""
        listed = self.call(f"{kind}.permissions.list", holder)
        return [(each.resource_server_identifier, each.permission_name) for each in listed]

    def check_all(self) -> None:
        """Compare every collection, and the relations of all that it holds."""
        model, call = self.model, self.call
        self.same("users", (each.user_id for each in call("users.list")), model.users)
        self.same("roles", ((e.id, e.name) for e in call("roles.list")), model.roles.items())
        self.same(
            "organizations",
            ((each.id, each.name) for each in call("organizations.list")),
            model.organizations.items(),
        )
        self.same(
            "connections",
            ((each.id, each.name) for each in call("connections.list")),
            model.connections.items(),
        )
        clients = (each.client_id for each in call("clients.list"))
        self.same("clients", (id for id in clients if id not in self.known_clients), model.clients)
        grants = ((e.id, (e.client_id, e.audience)) for e in call("client_grants.list"))
        self.same(
            "grants",
            (each for each in grants if each[0] not in self.known_grants),
            model.grants.items(),
        )
        for user in model.users:
            self.check_user(user)
        for role in model.roles:
            self.check_role(role)
        for organization in model.organizations:
            self.check_organization(organization)

    RULES: tuple[Callable[..., None], ...] = (
        create_connection, delete_connection, create_user, create_user, create_user, update_user,
        delete_user, link, unlink, create_role, create_role, delete_role, assign_role, assign_role,
        remove_role, add_permission, add_permission, remove_permission, create_organization,
        delete_organization, add_member, add_member, remove_member, assign_member_role,
        assign_member_role, remove_member_role, enable_connection, disable_connection,
        create_client, create_client, delete_client, create_grant, create_grant, delete_grant, search, search, page,
        read_user, read_relations,
    )  # fmt: skip
