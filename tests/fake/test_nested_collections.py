"""Collections of every kind are arranged and read without requests, also what belongs to another."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import FakeTenant, StateError


@pytest.fixture
def tenant() -> FakeTenant:
    return FakeTenant()


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


def test_executions_of_a_flow_are_read_and_deleted(tenant: FakeTenant, mgmt: Management) -> None:
    flow, other = tenant.flows.add(name="one"), tenant.flows.add(name="two")
    run = tenant.flow_executions.add(
        flow_id=flow.id, trace_id="t1", status="completed", debug={"step": 1}
    )
    assert run.trace_id == "t1"
    assert [each.id for each in mgmt.flows.executions.list(str(flow.id))] == [run.id]
    assert mgmt.flows.executions.get(str(flow.id), str(run.id)).status == "completed"
    assert "debug" not in mgmt.flows.executions.get(str(flow.id), str(run.id)).to_dict()
    shown = mgmt.flows.executions.get(str(flow.id), str(run.id), hydrate=["debug"])
    assert shown.debug == {"step": 1}
    assert not mgmt.flows.executions.list(str(other.id)).items
    with pytest.raises(NotFoundError):
        mgmt.flows.executions.get(str(other.id), str(run.id))
    mgmt.flows.executions.delete(str(flow.id), str(run.id))
    assert len(tenant.flow_executions) == 0


def test_executions_of_actions_are_read(tenant: FakeTenant, mgmt: Management) -> None:
    run = tenant.action_executions.add(
        trigger_id="post-login", status="final", results=[{"action_name": "act"}]
    )
    read = mgmt.actions.executions.get(str(run.id))
    assert (read.trigger_id, read.status) == ("post-login", "final")
    assert read.created_at is not None
    assert read.updated_at is not None


def test_executions_are_loaded_from_a_file(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.load(
        {
            "flows": [{"id": "af_1", "name": "flow"}],
            "flow_executions": [{"id": "run_1", "flow_id": "af_1", "status": "failed"}],
            "action_executions": [{"id": "act_1", "trigger_id": "post-login"}],
        }
    )
    assert mgmt.flows.executions.get("af_1", "run_1").status == "failed"
    assert mgmt.actions.executions.get("act_1").trigger_id == "post-login"


def test_a_grant_is_deleted(tenant: FakeTenant, mgmt: Management) -> None:
    user, client = tenant.users.add(email="ada@example.com"), tenant.clients.add(name="app")
    grant = tenant.consent(str(user.user_id), str(client.client_id), "https://api", ["read"])
    assert tenant.grants[grant].scope == ["read"]
    mgmt.user_grants.delete(grant)
    assert grant not in tenant.grants


def test_a_multifactor_provider_is_deleted_from_a_user(
    tenant: FakeTenant, mgmt: Management
) -> None:
    user = tenant.users.add(email="ada@example.com", multifactor=["guardian", "duo"])
    mgmt.users.multifactor.delete_provider(str(user.user_id), "duo")
    assert mgmt.users.get(str(user.user_id)).multifactor == ["guardian"]


def test_keys_of_a_connection_are_created_once(tenant: FakeTenant, mgmt: Management) -> None:
    okta = tenant.connections.add(name="okta", strategy="okta")
    keys = mgmt.connections.keys.create(str(okta.id), signing_alg="RS256")
    assert len(keys) == 2
    assert all(key.subject_dn for key in keys)


PARENTS: dict[str, dict[str, Any]] = {
    "variations": {"feature_flag_id": "flg_1", "name": "red", "overrides": {}},
    "invitations": {
        "organization_id": "org_1",
        "client_id": "cl1",
        "inviter": {"name": "Ada"},
        "invitee": {"email": "bob@example.com"},
    },
    "discovery_domains": {"organization_id": "org_1", "domain": "acme.example"},
    "authentication_methods": {
        "user_id": "auth0|1",
        "type": "phone",
        "phone_number": "+15550100",
        "preferred_authentication_method": "sms",
        "name": "phone",
    },
}


@pytest.mark.parametrize("name", PARENTS)
def test_what_belongs_to_another_names_it_and_goes_with_it(tenant: FakeTenant, name: str) -> None:
    tenant.load(
        {
            "users": [{"user_id": "auth0|1", "email": "ada@example.com"}],
            "clients": [{"client_id": "cl1", "name": "app", "organization_usage": "allow",
                         "initiate_login_uri": "https://app.example.com/login"}],
            "organizations": [{"id": "org_1", "name": "acme"}],
            "feature_flags": [{"id": "flg_1", "name": "flag", "parameters": {}}],
        }
    )  # fmt: skip
    fields = PARENTS[name]
    owner = next(iter(fields))
    collection = getattr(tenant, name)
    made = collection.put(fields)
    key = collection.keys()[-1]
    assert collection[key] == made
    before = tenant.snapshot()
    with pytest.raises(StateError, match=f"{name}: {owner} must be given"):
        collection.put({field: value for field, value in fields.items() if field != owner})
    with pytest.raises(StateError, match="has no 'nobody'"):
        collection.put({**fields, owner: "nobody"})
    assert tenant.snapshot() == before
    del getattr(tenant, f"{owner.removesuffix('_id')}s")[fields[owner]]
    assert key not in collection


def test_documents_of_every_collection_have_a_model(tenant: FakeTenant) -> None:
    for name in tenant.collection_names():
        assert getattr(tenant, name).model_name(), name
