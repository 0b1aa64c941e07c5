"""Users, roles and who has which, in any order of calls, against a model of a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from auth0_mgmt import ConflictError, NotFoundError
from auth0_mgmt_testing import FakeTenant, Snapshot

NAMES = st.sampled_from(["admin", "editor", "viewer"])
Link: TypeAlias = tuple[str, str]


@dataclass
class Model:
    """What the tenant ought to hold."""

    users: set[str] = field(default_factory=set[str])
    roles: dict[str, str] = field(default_factory=dict[str, str])
    links: set[Link] = field(default_factory=set[Link])

    def copy(self) -> Model:
        return Model(set(self.users), dict(self.roles), set(self.links))


class Tenant(RuleBasedStateMachine):
    users: Bundle[str] = Bundle("users")
    roles: Bundle[str] = Bundle("roles")

    @initialize()
    def begin(self) -> None:
        self.tenant = FakeTenant()
        self.mgmt = self.tenant.management()
        self.made = 0
        self.model = Model()
        self.kept: tuple[Snapshot, Model] = (self.tenant.snapshot(), Model())

    @rule(target=users)
    def create_user(self) -> str:
        self.made += 1
        user = self.mgmt.users.create(
            connection="Username-Password-Authentication",
            user_id=f"u{self.made}",
            email=f"u{self.made}@example.com",
            password="Correct-Horse-1",
        )
        assert user.user_id
        self.model.users.add(user.user_id)
        return user.user_id

    @rule(target=roles, name=NAMES)
    def create_role(self, name: str) -> str | MultipleResults[str]:
        if name in self.model.roles.values():
            with pytest.raises(ConflictError):
                self.mgmt.roles.create(name=name)
            none: MultipleResults[str] = multiple()
            return none
        role = self.mgmt.roles.create(name=name)
        assert role.id
        self.model.roles[role.id] = name
        return role.id

    @rule(user=users, role=roles)
    def assign(self, user: str, role: str) -> None:
        if user in self.model.users and role in self.model.roles:
            self.mgmt.users.roles.assign(user, roles=[role])
            self.model.links.add((user, role))
        else:
            with pytest.raises(NotFoundError):
                self.mgmt.users.roles.assign(user, roles=[role])

    @rule(user=users, role=roles)
    def take_away(self, user: str, role: str) -> None:
        if user in self.model.users:
            self.mgmt.users.roles.delete(user, roles=[role])
            self.model.links.discard((user, role))

    @rule(user=consumes(users))
    def delete_user(self, user: str) -> None:
        self.mgmt.users.delete(user)
        self.model.users.discard(user)
        self.model.links = {link for link in self.model.links if link[0] != user}

    @rule(role=consumes(roles))
    def delete_role(self, role: str) -> None:
        if role in self.model.roles:
            self.mgmt.roles.delete(role)
        self.model.roles.pop(role, None)
        self.model.links = {link for link in self.model.links if link[1] != role}

    @rule()
    def keep(self) -> None:
        self.kept = (self.tenant.snapshot(), self.model.copy())

    @rule()
    def go_back(self) -> None:
        snapshot, model = self.kept
        self.tenant.restore(snapshot)
        self.model = model.copy()

    @invariant()
    def lists_show_what_there_is(self) -> None:
        assert {user.user_id for user in self.mgmt.users.list()} == self.model.users
        assert {role.id: role.name for role in self.mgmt.roles.list()} == self.model.roles

    @invariant()
    def links_are_seen_from_both_sides(self) -> None:
        from_users = {(u, r.id) for u in self.model.users for r in self.mgmt.users.roles.list(u)}
        from_roles = {
            (u.user_id, r) for r in self.model.roles for u in self.mgmt.roles.users.list(r)
        }
        assert from_users == from_roles == self.model.links

    def teardown(self) -> None:
        self.mgmt.close()


TestTenant = Tenant.TestCase
TestTenant.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,
    ],
)
