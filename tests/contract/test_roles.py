"""Roles: their permissions, users and groups."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory

from .families import Family

ROLES = Family(
    at="roles",
    new=lambda make: {"name": make.name("role"), "description": "Made by a test"},
    form=r"rol_\w{16}",
    moves=("type",),
    change={"description": "Changed by a test"},
    unique="name",
    filters={"name_filter": ("name", {})},
    missing="rol_0000000000000000",
    absent="The role does not exist",
)


def test_permissions_of_a_role_are_given_and_taken(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    api = auth0_factory.resource_server(scopes=[{"value": "a", "description": "A"}, {"value": "b"}])
    role = auth0_factory.role()
    both: list[Any] = [
        {"resource_server_identifier": api.identifier, "permission_name": name} for name in "ab"
    ]
    permissions = auth0_mgmt.roles.permissions
    permissions.add(role.id, permissions=both)
    permissions.add(role.id, permissions=both[:1])
    found = {p.permission_name: p for p in permissions.list(role.id)}
    assert set(found) == {"a", "b"}
    assert (found["a"].description, found["a"].resource_server_name) == ("A", api.name)
    pages = [permissions.list(role.id, per_page=1, page=n).items for n in range(3)]
    assert [len(page) for page in pages] == [1, 1, 0]
    permissions.delete(role.id, permissions=both[:1])
    assert [p.permission_name for p in permissions.list(role.id)] == ["b"]


def test_a_permission_goes_with_the_scope_of_its_api(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    api = auth0_factory.resource_server(scopes=[{"value": "a"}, {"value": "b"}])
    role = auth0_factory.role()
    auth0_mgmt.roles.permissions.add(
        role.id,
        permissions=[
            {"resource_server_identifier": api.identifier, "permission_name": name} for name in "ab"
        ],
    )
    auth0_mgmt.resource_servers.update(api.id, scopes=[{"value": "b"}])
    assert [p.permission_name for p in auth0_mgmt.roles.permissions.list(role.id)] == ["b"]
    auth0_mgmt.resource_servers.delete(api.id)
    assert not auth0_mgmt.roles.permissions.list(role.id).items


def test_a_role_lists_its_users_by_page_and_by_checkpoint(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    role = auth0_factory.role()
    users = [auth0_factory.user() for _ in range(3)]
    auth0_mgmt.roles.users.assign(role.id, users=[user.user_id for user in users])
    ids = {user.user_id for user in users}
    by_page = auth0_mgmt.roles.users.list(role.id, per_page=2, page=0, include_totals=True)
    assert (by_page.start, by_page.limit, len(by_page)) == (0, 2, 2)
    assert {user.user_id for user in by_page} == ids
    by_checkpoint = auth0_mgmt.roles.users.list(role.id, take=2)
    assert (len(by_checkpoint), by_checkpoint.has_next) == (2, True)
    assert {user.user_id for user in by_checkpoint} == ids
    assert {user.email for user in by_checkpoint} == {user.email for user in users}


def test_a_role_cannot_be_given_to_who_is_not_there(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    role = auth0_factory.role()
    with pytest.raises(NotFoundError):
        auth0_mgmt.roles.users.assign(role.id, users=["auth0|000000000000000000000000"])
    assert not auth0_mgmt.roles.users.list(role.id).items


def test_a_missing_role_has_no_users_permissions_or_groups(auth0_mgmt: Management) -> None:
    roles = auth0_mgmt.roles
    for read in (roles.users.list, roles.permissions.list, roles.groups.get):
        with pytest.raises(NotFoundError, match="role does not exist"):
            read(ROLES.missing)
