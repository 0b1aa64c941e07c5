"""Actions: drafts, deployed versions, triggers they are bound to, modules they share."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import APIStatusError, Management, NotFoundError
from auth0_mgmt_testing import Factory, TenantHandle

from .calls import status_of
from .families import Family

LOGIN: list[Any] = [{"id": "post-login", "version": "v3"}]
CODE = "exports.onExecutePostLogin = async (event, api) => {};"
NOWHERE = "00000000-0000-4000-8000-000000000000"

ACTIONS = Family(
    at="actions",
    new=lambda make: {"name": make.name("action"), "supported_triggers": LOGIN, "code": CODE},
    form=r"[0-9a-f-]{36}",
    change={"code": "exports.onExecutePostLogin = async (event, api) => { event; };"},
    moves=("status", "updated_at", "built_at"),
    filters={
        "actionName": ("name", {}),
        "triggerId": (
            "supported_triggers.0.id",
            {"supported_triggers": [{"id": "credentials-exchange", "version": "v2"}]},
        ),
    },
    missing=NOWHERE,
    absent="That action does not exist",
)

MODULES = Family(
    at="actions.modules",
    new=lambda make: {"name": make.name("module"), "code": "module.exports = {};"},
    form=r"[0-9a-f-]{36}",
    change={"code": "module.exports = { changed: true };"},
    unique="name",
    missing=NOWHERE,
    absent="",
    needs="action_modules",
)


def built(auth0_tenant: TenantHandle, mgmt: Management, id: str) -> None:
    """Wait until the action's code is built: only then it can be deployed."""

    def ready() -> None:
        assert mgmt.actions.get(id).status == "built"

    auth0_tenant.eventually(ready)


@pytest.fixture
def deployed(auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """An action with one deployed version."""
    action = auth0_factory.action(supported_triggers=LOGIN, code=CODE)
    built(auth0_tenant, auth0_mgmt, action.id)
    auth0_mgmt.actions.deploy(action.id)
    return auth0_mgmt.actions.get(action.id)


def test_secrets_of_an_action_are_named_and_never_shown(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.action(secrets=[{"name": "KEY", "value": "hush"}])
    for seen in (made, auth0_mgmt.actions.get(made.id)):
        assert [secret.name for secret in seen.get("secrets")] == ["KEY"]
        assert "hush" not in str(seen.to_dict())


def test_a_deployed_action_has_a_version_of_its_code(auth0_mgmt: Management, deployed: Any) -> None:
    assert deployed.all_changes_deployed is True
    version = deployed.get("deployed_version")
    assert (version.number, version.code) == (1, CODE)
    (listed,) = auth0_mgmt.actions.versions.list(deployed.id)
    assert listed.id == version.id
    assert auth0_mgmt.actions.versions.get(deployed.id, version.id).code == CODE


def test_a_changed_draft_leaves_what_is_deployed(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, deployed: Any
) -> None:
    auth0_mgmt.actions.update(deployed.id, code=f"{CODE} // new")
    changed = auth0_mgmt.actions.get(deployed.id)
    assert changed.all_changes_deployed is False
    assert changed.get("deployed_version.code") == CODE
    built(auth0_tenant, auth0_mgmt, deployed.id)
    auth0_mgmt.actions.deploy(deployed.id)
    assert auth0_mgmt.actions.get(deployed.id).get("deployed_version.code") == f"{CODE} // new"
    assert [v.number for v in auth0_mgmt.actions.versions.list(deployed.id)] == [2, 1]


def test_an_old_version_is_deployed_again(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, deployed: Any
) -> None:
    auth0_mgmt.actions.update(deployed.id, code=f"{CODE} // new")
    built(auth0_tenant, auth0_mgmt, deployed.id)
    auth0_mgmt.actions.deploy(deployed.id)
    first = deployed.get("deployed_version.id")
    auth0_mgmt.actions.versions.deploy(deployed.id, first)
    assert auth0_mgmt.actions.get(deployed.id).get("deployed_version.code") == CODE


def test_deployed_actions_are_listed(
    auth0_mgmt: Management, auth0_factory: Factory, deployed: Any
) -> None:
    draft = auth0_factory.action()
    found = {action.id for action in auth0_mgmt.actions.list(deployed=True)}
    assert deployed.id in found
    assert draft.id not in found
    found = {action.id for action in auth0_mgmt.actions.list(deployed=False)}
    assert draft.id in found
    assert deployed.id not in found


@pytest.mark.auth0_allow_changes("actions.triggers.bindings.update_many")
def test_actions_run_in_the_order_they_are_bound(
    auth0_mgmt: Management, deployed: Any, changed_bindings: Any
) -> None:
    bound = changed_bindings(deployed)
    assert [binding.get("action.id") for binding in bound] == [deployed.id]
    assert bound[0].display_name == "Mine"
    assert bound[0].trigger_id == "post-login"


@pytest.fixture
def changed_bindings(auth0_mgmt: Management) -> Any:
    """Bind an action after what is bound to the login; afterwards the bindings are as before."""
    bindings = auth0_mgmt.actions.triggers.bindings
    before = [
        {"ref": {"type": "binding_id", "value": binding.id}, "display_name": binding.display_name}
        for binding in bindings.list("post-login")
    ]

    def bind(action: Any) -> list[Any]:
        mine = {"ref": {"type": "action_id", "value": action.id}, "display_name": "Mine"}
        given: Any = [*before, mine]
        bindings.update_many("post-login", bindings=given)
        return list(bindings.list("post-login"))[len(before) :]

    yield bind
    again: Any = before
    bindings.update_many("post-login", bindings=again)


@pytest.mark.auth0_allow_changes("actions.triggers.bindings.update_many")
def test_a_bound_action_is_deleted_by_force_only(
    auth0_mgmt: Management, deployed: Any, changed_bindings: Any
) -> None:
    changed_bindings(deployed)
    with pytest.raises(APIStatusError) as refused:
        auth0_mgmt.actions.delete(deployed.id)
    assert refused.value.status_code in (400, 409)
    assert auth0_mgmt.actions.get(deployed.id).id == deployed.id
    auth0_mgmt.actions.delete(deployed.id, force=True)
    assert status_of(auth0_mgmt.actions.get, deployed.id) == 404
    bound = auth0_mgmt.actions.triggers.bindings.list("post-login")
    assert deployed.id not in {binding.get("action.id") for binding in bound}


def test_every_trigger_has_versions_and_runtimes(auth0_mgmt: Management) -> None:
    found = auth0_mgmt.actions.triggers.list().get("triggers")
    login = [trigger for trigger in found if trigger.id == "post-login"]
    assert "v3" in {trigger.version for trigger in login}
    assert {"pre-user-registration", "credentials-exchange", "send-phone-message"} <= {
        trigger.id for trigger in found
    }
    assert all(trigger.runtimes for trigger in login)


def test_an_unknown_trigger_is_refused(auth0_factory: Factory) -> None:
    with pytest.raises(APIStatusError) as refused:
        auth0_factory.action(supported_triggers=[{"id": "no-such-trigger", "version": "v1"}])
    assert refused.value.status_code == 400


def test_a_test_run_answers_with_a_payload(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    action = auth0_factory.action()
    answer = auth0_mgmt.actions.test(action.id, payload={"event": {"user": {"id": "auth0|1"}}})
    assert answer.get("payload") is not None


def test_there_is_no_execution_nobody_started(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError, match="That execution does not exist"):
        auth0_mgmt.actions.executions.get("000000000000000000000000")


# Modules.


@pytest.fixture
def published(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """A module with one published version."""
    made = auth0_mgmt.actions.modules.create(
        name=auth0_factory.name("module"), code="module.exports = 1;", publish=True
    )
    auth0_factory.add_cleanup(auth0_mgmt.actions.modules.delete, made.id)
    return auth0_mgmt.actions.modules.get(made.id or "")


@pytest.mark.auth0_requires("action_modules")
def test_a_module_is_rolled_back_to_an_older_version(
    auth0_mgmt: Management, published: Any
) -> None:
    modules = auth0_mgmt.actions.modules
    assert published.all_changes_published is True
    (first,) = modules.versions.list(published.id)
    modules.update(published.id, code="module.exports = 2;")
    assert modules.get(published.id).all_changes_published is False
    second = modules.versions.create(published.id)
    assert (second.version_number, second.code) == (2, "module.exports = 2;")
    assert [v.version_number for v in modules.versions.list(published.id)] == [2, 1]
    modules.rollback(published.id, module_version_id=first.id or "")
    assert modules.get(published.id).code == "module.exports = 1;"
    assert modules.versions.get(published.id, first.id or "").code == "module.exports = 1;"


@pytest.mark.auth0_requires("action_modules")
def test_a_module_in_use_is_not_deleted(
    auth0_mgmt: Management, auth0_factory: Factory, published: Any
) -> None:
    (version,) = auth0_mgmt.actions.modules.versions.list(published.id)
    action = auth0_factory.action(
        modules=[{"module_id": published.id, "module_version_id": version.id}]
    )
    (user,) = auth0_mgmt.actions.modules.list_actions(published.id)
    assert (user.action_id, user.module_version_id) == (action.id, version.id)
    assert status_of(auth0_mgmt.actions.modules.delete, published.id) in (409, 412)
    auth0_mgmt.actions.delete(action.id)
    assert not auth0_mgmt.actions.modules.list_actions(published.id).items
