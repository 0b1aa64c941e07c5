"""Flows, their vault connections and executions."""

from __future__ import annotations

from typing import Any

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory

from .calls import status_of
from .families import Family

FLOWS = Family(
    at="flows",
    new=lambda make: {"name": make.name("flow")},
    form=r"af_\w{22}",
    change={"name": "Renamed flow"},
    missing="af_1111111111111111111111",
    absent="not found",
)

VAULT_CONNECTIONS = Family(
    at="flows.vault.connections",
    new=lambda make: {"name": make.name("vault"), "app_id": "HTTP"},
    form=r"ac_\w{22}",
    change={"name": "Renamed vault connection"},
    moves=("fingerprint",),
    once=("refreshed_at",),
    unlisted=("refreshed_at",),
    missing="ac_1111111111111111111111",
    absent="Connection not found",
)


def test_the_secrets_of_a_vault_connection_are_never_shown(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    vault = auth0_mgmt.flows.vault.connections
    made = vault.create(
        name=auth0_factory.name("vault"),
        app_id="HTTP",
        setup={"type": "BEARER", "token": "hush"},
    )
    auth0_factory.add_cleanup(vault.delete, made.id)
    assert made.id is not None
    assert made.get("ready") is True
    seen = [made, vault.get(made.id), *vault.list()]
    assert all("hush" not in str(connection.to_dict()) for connection in seen)


def test_a_flow_that_nobody_ran_has_no_executions(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    flow = auth0_mgmt.flows.create(name=auth0_factory.name("flow"))
    auth0_factory.add_cleanup(auth0_mgmt.flows.delete, flow.id)
    executions = auth0_mgmt.flows.executions
    assert flow.id is not None
    assert not executions.list(flow.id).items
    assert not executions.list(flow.id, page=0, per_page=10).items
    assert status_of(executions.get, flow.id, "nobody-ran-this") in (400, 404)
    assert status_of(executions.list, FLOWS.missing) == 404


def test_the_actions_of_a_flow_are_replaced_whole(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    actions: Any = [
        {
            "id": name,
            "type": "FLOW",
            "action": "DELAY_FLOW",
            "params": {"number": 1, "units": "SECONDS"},
        }
        for name in ("first", "second")
    ]
    flow = auth0_mgmt.flows.create(name=auth0_factory.name("flow"), actions=actions)
    auth0_factory.add_cleanup(auth0_mgmt.flows.delete, flow.id)
    auth0_mgmt.flows.update(flow.id or "", actions=actions[1:])
    read = auth0_mgmt.flows.get(flow.id or "")
    assert [action.get("id") for action in read.get("actions")] == ["second"]
