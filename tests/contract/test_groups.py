"""Groups, which a directory fills: here the fake is given them."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory, FakeTenant

from .calls import status_of

pytestmark = pytest.mark.auth0_fake_only(reason="groups come of a directory")


@pytest.fixture
def group(auth0_fake: FakeTenant, auth0_factory: Factory) -> Any:
    """A group of a connection."""
    connection = auth0_factory.connection(strategy="auth0")
    return auth0_fake.groups.add(
        name="Engineering", external_id="ext-1", connection_id=connection.id
    )


def test_groups_are_read_and_filtered(
    auth0_fake: FakeTenant, auth0_mgmt: Management, group: Any
) -> None:
    other = auth0_fake.groups.add(
        name="Sales", external_id="ext-2", connection_id="con_0000000000000000"
    )
    groups = auth0_mgmt.groups
    assert groups.get(group.id).name == "Engineering"
    assert [g.id for g in groups.list(page=0, per_page=1)] == [group.id, other.id]
    assert [g.id for g in groups.list(take=1)] == [group.id, other.id]
    queries: Any = (
        {"name": "Engineering"},
        {"external_id": "ext-1"},
        {"connection_id": group.connection_id},
        {"search": "engin"},
    )
    for query in queries:
        assert [g.id for g in groups.list(**query)] == [group.id], query
    (named,) = groups.list(name="Sales", fields="name")
    assert named.to_dict() == {"name": "Sales"}


def test_a_group_has_roles_from_either_side(
    auth0_mgmt: Management, auth0_factory: Factory, group: Any
) -> None:
    one, two = auth0_factory.role(), auth0_factory.role()
    auth0_mgmt.groups.roles.create(group.id, roles=[one.id])
    auth0_mgmt.roles.groups.create(two.id, groups=[group.id])
    assert {role.id for role in auth0_mgmt.groups.roles.list(group.id)} == {one.id, two.id}
    assert [g.id for g in auth0_mgmt.roles.groups.get(one.id)] == [group.id]
    auth0_mgmt.groups.roles.delete(group.id, roles=[one.id])
    auth0_mgmt.roles.groups.delete(two.id, groups=[group.id])
    assert not auth0_mgmt.groups.roles.list(group.id).items
    with pytest.raises(NotFoundError):
        auth0_mgmt.groups.roles.create(group.id, roles=["rol_0000000000000000"])


def test_a_group_has_roles_in_an_organization(
    auth0_mgmt: Management, auth0_factory: Factory, group: Any
) -> None:
    organization, role = auth0_factory.organization(), auth0_factory.role()
    auth0_mgmt.organizations.enabled_connections.add(
        organization.id, connection_id=group.connection_id
    )
    groups = auth0_mgmt.organizations.groups
    groups.roles.create(organization.id, group.id, roles=[role.id])
    assert [r.id for r in groups.roles.list(organization.id, group.id)] == [role.id]
    assert [g.id for g in groups.list(organization.id)] == [group.id]
    holders = auth0_mgmt.organizations.roles.groups.list(organization.id, role.id)
    assert [g.id for g in holders] == [group.id]
    assert not auth0_mgmt.groups.roles.list(group.id).items
    groups.roles.delete(organization.id, group.id, roles=[role.id])
    assert not groups.roles.list(organization.id, group.id).items


def test_a_deleted_group_is_gone(
    auth0_mgmt: Management, auth0_factory: Factory, group: Any
) -> None:
    role = auth0_factory.role()
    auth0_mgmt.groups.roles.create(group.id, roles=[role.id])
    assert not auth0_mgmt.groups.members.get(group.id).items
    auth0_mgmt.groups.delete(group.id)
    assert status_of(auth0_mgmt.groups.get, group.id) == 404
    assert status_of(auth0_mgmt.groups.members.get, group.id) == 404
    assert status_of(auth0_mgmt.groups.delete, group.id) == 404
    assert not auth0_mgmt.roles.groups.get(role.id).items
