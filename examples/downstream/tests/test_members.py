"""The same tests run on the fake, a server, cassettes and, if enabled twice, on a live tenant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from members import Members

from auth0_mgmt import APIStatusError, ForbiddenError, Management
from auth0_mgmt_testing import Factory, FakeTenant

PASSWORD = "correct-Horse-7"
Join = Callable[[str, str], str]


@pytest.fixture
def join(members: Members, auth0_factory: Factory, auth0_mgmt: Management) -> Join:
    """Lets somebody join; what the application makes is removed like what the factory makes."""

    def joined(email: str, role_id: str) -> str:
        user_id = members.join(email, PASSWORD, role_id)
        auth0_factory.add_cleanup(auth0_mgmt.users.delete, user_id)
        return user_id

    return joined


def test_who_joins_has_the_role(join: Join, members: Members, auth0_factory: Factory) -> None:
    role = auth0_factory.role()
    email = f"{auth0_factory.name('ada')}@example.com"
    join(email, role.id)
    assert members.of(role.id) == [email]


def test_who_is_known_keeps_the_account(
    members: Members, auth0_factory: Factory, auth0_mgmt: Management
) -> None:
    role, user = auth0_factory.role(), auth0_factory.user(name="Grace")
    assert members.join(str(user.email), PASSWORD, role.id) == user.user_id
    assert members.of(role.id) == ["Grace"]


@pytest.mark.auth0_faults("users.roles.assign", status=500)
def test_a_join_that_fails_half_way_leaves_no_account(
    members: Members, auth0_factory: Factory, auth0_fake: FakeTenant
) -> None:
    role = auth0_factory.role()
    with pytest.raises(APIStatusError):
        members.join("ada@example.com", PASSWORD, role.id)
    assert len(auth0_fake.users) == 0


@pytest.mark.auth0_scopes("read:users", "read:roles", "read:role_members")
def test_reading_needs_no_right_to_write(members: Members, auth0_factory: Factory) -> None:
    role = auth0_factory.role()
    assert members.of(role.id) == []
    with pytest.raises(ForbiddenError):
        members.join("ada@example.com", PASSWORD, role.id)


@pytest.mark.auth0_load("team.yaml")
def test_a_tenant_from_a_file(members: Members, auth0_fake: FakeTenant) -> None:
    (editor,) = auth0_fake.roles
    members.join("grace@example.com", PASSWORD, editor.id)
    assert members.of(editor.id) == ["Grace Hopper"]
