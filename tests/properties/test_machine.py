"""Random calls on a tenant and on a model; `make machines` runs many more."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth0_mgmt import AsyncManagement, Management
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.server.launch import ServerOptions, TenantServer
from auth0_mgmt_testing.server.served_tenant import ServedTenant
from tools.machines.drivers import AsyncDriver, Driver, SyncDriver
from tools.machines.machine import DivergenceError, Machine
from tools.machines.model import Model


def machine_on(driver: Driver, random: Random) -> Machine:
    machine = Machine(driver, random)
    machine.begin()
    return machine


@settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,  # the evidence counts what it calls; `make machines` draws others
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(random=st.randoms(use_true_random=False))
def test_tenant_and_model_agree(random: Random) -> None:
    with FakeTenant(unsupported_parameters="error").management() as client:
        machine_on(SyncDriver(client), random).run(60)


def test_synchronous_asynchronous_and_served_tenants_respond_alike(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("AUTH0_FAKE_HOME", str(tmp_path))
    steps = 250

    def outcome(driver: Driver) -> tuple[list[str], Model]:
        machine = machine_on(driver, Random(7))
        machine.run(steps)
        return machine.trace, machine.model

    with ServedTenant().management() as client:
        synchronous = outcome(SyncDriver(client))
    tenant = ServedTenant()
    asynchronous_driver = AsyncDriver(
        AsyncManagement(tenant.domain, transport=tenant.async_transport(), auth="fake-token")
    )
    try:
        asynchronous = outcome(asynchronous_driver)
    finally:
        asynchronous_driver.close()
    with TenantServer(ServerOptions()).start() as server:
        server.app.put("", ServedTenant())
        with Management(server.url, auth="fake-token") as client:
            served = outcome(SyncDriver(client))
    assert synchronous == asynchronous
    assert synchronous == served
    assert len(synchronous[0]) >= steps


@pytest.mark.parametrize("lost", ["user_roles", "members", "grants", "roles", "users"])
def test_a_difference_is_found(lost: str) -> None:
    with FakeTenant().management() as client:
        machine = machine_on(SyncDriver(client), Random(3))
        machine.run(200)
        while not getattr(machine.model, lost):
            machine.step()
        getattr(machine.model, lost).clear()
        with pytest.raises(DivergenceError, match="the last calls"):
            machine.run(400)
