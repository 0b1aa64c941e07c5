"""What changed: as data, as text, as an assertion."""

from __future__ import annotations

import pytest

from auth0_mgmt_testing import FakeTenant


@pytest.fixture
def tenant(tenant: FakeTenant) -> FakeTenant:
    tenant.users.add(user_id="auth0|1", email="ada@example.com", name="Ada")
    tenant.roles.add(id="rol_1", name="admin")
    return tenant


def test_changes_since_a_snapshot_are_data(tenant: FakeTenant) -> None:
    before = tenant.snapshot()
    tenant.roles.add(id="rol_2", name="guest")
    tenant.users.update("auth0|1", name="Countess")
    del tenant.roles["rol_1"]
    changes = tenant.changes_since(before)
    assert changes.created == {"roles": {"rol_2": tenant.roles["rol_2"].to_dict()}}
    assert list(changes.deleted["roles"]) == ["rol_1"]
    old, new = changes.updated["users"]["auth0|1"]
    assert (old["name"], new["name"]) == ("Ada", "Countess")
    assert not tenant.changes_since(tenant.snapshot())


def test_expected_changes_are_counted_or_named(tenant: FakeTenant) -> None:
    with tenant.management() as mgmt:
        with tenant.expect_changes(created={"roles": 1, "user_roles": 1}) as expected:
            role = mgmt.roles.create(name="guest")
            assert role.id is not None
            mgmt.users.roles.assign("auth0|1", roles=[role.id])
        assert list(expected.changes.created["user_roles"]) == [("auth0|1", role.id)]
        with tenant.expect_changes(created={"users": 1}):
            mgmt.users.create(
                connection="Username-Password-Authentication",
                email="bob@example.com",
                password="S3cret!pw",
            )
        with tenant.expect_changes(updated={"users": ["auth0|1"]}, deleted={"roles": ["rol_1"]}):
            mgmt.users.update("auth0|1", name="x")
            mgmt.roles.delete("rol_1")


def test_logs_count_only_where_they_are_asked_for(tenant: FakeTenant) -> None:
    with tenant.management() as mgmt, tenant.expect_changes(created={"roles": 1, "logs": 1}):
        mgmt.roles.create(name="guest")


def test_other_changes_fail_with_a_readable_difference(tenant: FakeTenant) -> None:
    def rearrange() -> None:
        with tenant.expect_changes(created={"roles": 2}):
            tenant.roles.add(id="rol_2", name="guest")
            tenant.clients.add(client_id="app", name="App", client_secret="hidden-value")
            tenant.roles.update("rol_1", name="boss")
            del tenant.users["auth0|1"]

    with pytest.raises(AssertionError) as failed:
        rearrange()
    lines = str(failed.value).splitlines()
    assert lines[:5] == [
        "1 of clients created, not 0",
        "1 of roles created, not 2",
        "1 of roles updated, not 0",
        "1 of users deleted, not 0",
        "What changed:",
    ]
    assert any(line.startswith("  + roles rol_2: {") and '"guest"' in line for line in lines)
    assert '  ~ roles rol_1: name "admin" → "boss"' in lines
    assert any(line.startswith('  - users auth0|1: {"name": "Ada"') for line in lines)
    assert "hidden-value" not in str(failed.value)


def test_wrong_keys_are_named(tenant: FakeTenant) -> None:
    with (
        pytest.raises(AssertionError, match="rol_2 of roles created, not rol_3"),
        tenant.expect_changes(created={"roles": ["rol_3"]}),
    ):
        tenant.roles.add(id="rol_2", name="guest")


def test_nothing_expected_means_nothing_allow_changes(tenant: FakeTenant) -> None:
    with tenant.expect_changes():
        pass
    with pytest.raises(AssertionError, match="1 of roles deleted, not 0"), tenant.expect_changes():
        del tenant.roles["rol_1"]


def test_a_failure_inside_is_not_covered_up(tenant: FakeTenant) -> None:
    with pytest.raises(ZeroDivisionError), tenant.expect_changes(created={"roles": 1}):
        raise ZeroDivisionError


def test_an_unknown_collection_is_refused(tenant: FakeTenant) -> None:
    with pytest.raises(ValueError, match="no collection 'role'; did you mean 'roles'"):
        tenant.expect_changes(created={"role": 1})


def test_a_change_that_nobody_sees_is_a_change(tenant: FakeTenant) -> None:
    with (
        pytest.raises(AssertionError, match="1 of users updated") as failed,
        tenant.expect_changes(),
    ):
        tenant.users.update("auth0|1", password="S3cret!pw")
    assert "S3cret!pw" not in str(failed.value)
