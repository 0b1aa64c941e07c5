"""Actions, their versions and their secrets on a fake tenant."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import FakeTenant


def _created(mgmt: Management, code: str = "a") -> str:
    action = mgmt.actions.create(
        name="greet",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        code=code,
        secrets=[{"name": "key", "value": "hunter2"}],
    )
    assert action.id is not None
    return action.id


def test_a_deployed_version_keeps_its_code_when_the_draft_changes() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        id = _created(mgmt)
        assert mgmt.actions.get(id).all_changes_deployed is False
        mgmt.actions.deploy(id)
        assert mgmt.actions.get(id).all_changes_deployed is True
        mgmt.actions.update(id, code="b")
        changed = mgmt.actions.get(id)
        assert changed.all_changes_deployed is False
        assert changed.deployed_version is not None
        assert (changed.code, changed.deployed_version.code) == ("b", "a")


def test_a_secret_is_never_read_back() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        shown = mgmt.actions.get(_created(mgmt)).model_dump_json()
        assert "key" in shown
        assert "hunter2" not in shown


def test_no_version_export_or_log_shows_a_secret_and_a_rollback_keeps_it() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        code = "exports.onExecutePostLogin = async (e) => console.log(e.secrets.key.length);"
        id = _created(mgmt, code)
        mgmt.actions.deploy(id)
        first = next(iter(mgmt.actions.versions.list(id)))
        mgmt.actions.update(id, secrets=[{"name": "key", "value": "swordfish!"}])
        mgmt.actions.deploy(id)
        mgmt.actions.versions.deploy(id, str(first.id), update_draft=True)
        assert tenant.actions.run(id).console == ("7",)
        shown = [version.to_dict() for version in mgmt.actions.versions.list(id)]
        shown += [event.to_dict() for event in mgmt.logs.list()]
        text = f"{shown} {tenant.export()} {list(tenant.requests)}"
        assert "hunter2" not in text
        assert "swordfish!" not in text


def test_a_deleted_action_is_gone() -> None:
    with FakeTenant() as tenant:
        mgmt = tenant.management()
        id = _created(mgmt)
        mgmt.actions.delete(id)
        with pytest.raises(NotFoundError):
            mgmt.actions.get(id)
