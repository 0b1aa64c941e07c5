"""`RemoteTenant` does what `FakeTenant` does: one interface, in process and over HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant, MissingDocumentError, RemoteTenant, StateError
from auth0_mgmt_testing.interface import (
    ClockControl,
    FaultControl,
    LimitControl,
    SetFault,
    TenantControl,
)
from auth0_mgmt_testing.observation.deliveries import Deliveries
from auth0_mgmt_testing.observation.mailbox import Mailbox
from auth0_mgmt_testing.remote import parts
from auth0_mgmt_testing.server.launch import TenantServer
from auth0_mgmt_testing.setup.access import Collection
from auth0_mgmt_testing.simulation.faults import Fault, Faults
from auth0_mgmt_testing.simulation.rate_limits import RateLimits
from auth0_mgmt_testing.state.clock import Clock

IN_PROCESS = {"asgi", "connect"}
OVER_HTTP = {"admit", "close", "environment", "remove_tenant", "tenant", "url"}
BEARER = {"authorization": "Bearer any", "content-type": "application/json"}
DATABASE = "Username-Password-Authentication"


def members(kind: Any) -> set[str]:
    return {name for name in dir(kind) if name[0] != "_"}


@pytest.fixture
def remote(server: TenantServer) -> Iterator[RemoteTenant]:
    with FakeTenant.connect(server.url) as tenant:
        yield tenant


@pytest.fixture(params=["in process", "over HTTP"])
def tenant(request: pytest.FixtureRequest, server: TenantServer) -> Iterator[TenantControl]:
    if request.param == "in process":
        yield FakeTenant()
    else:
        with FakeTenant.connect(server.url) as connected:
            yield connected


# --- the same members ----------------------------------------------------------------------------


def test_both_kinds_of_tenant_have_the_declared_members(remote: RemoteTenant) -> None:
    names = set(remote.collection_names())
    in_process, over_http = members(FakeTenant()), members(remote)
    assert in_process - names - IN_PROCESS == over_http - names - OVER_HTTP
    declared = members(TenantControl)
    assert declared - names == (in_process - names - IN_PROCESS)


def test_methods_take_the_same_parameters() -> None:
    for name, method in inspect.getmembers(TenantControl, inspect.isfunction):
        if name[0] == "_":
            continue
        found = [
            [(p.name, p.kind) for p in inspect.signature(getattr(kind, name)).parameters.values()]
            for kind in (FakeTenant, RemoteTenant)
        ]
        assert found[0] == found[1], name
        names = list(inspect.signature(method).parameters)
        assert [each for each, _ in found[0]] == names, name


@pytest.mark.parametrize(
    ("local", "over_http", "declared"),
    [
        (Faults, parts.RemoteFaults, FaultControl),
        (RateLimits, parts.RemoteRateLimits, LimitControl),
        (Clock, parts.RemoteClock, ClockControl),
        (Mailbox, parts.RemoteMailbox, Mailbox),
        (Deliveries, parts.RemoteDeliveries, Deliveries),
        (Fault, parts.RemoteFault, SetFault),
    ],
)
def test_parts_have_the_declared_members(local: Any, over_http: Any, declared: Any) -> None:
    wanted = members(declared)
    known = (
        set(getattr(local, "__slots__", ())) | members(local) | set(inspect.get_annotations(local))
    )
    assert wanted <= known
    assert wanted <= members(over_http)


# --- the same behaviour ------------------------------------------------------------------------


def test_collections_are_read_and_written(tenant: TenantControl) -> None:
    ada = tenant.users.add(user_id="auth0|ada", email="ada@example.com")
    assert (ada.user_id, len(tenant.users), "auth0|ada" in tenant.users) == ("auth0|ada", 1, True)
    assert tenant.users["auth0|ada"].email == "ada@example.com"
    assert tenant.users.update("auth0|ada", logins_count=3).logins_count == 3
    assert tenant.users.keys() == ["auth0|ada"]
    assert [user.email for user in tenant.users] == ["ada@example.com"]
    assert tenant.users.get("auth0|x") is None
    with pytest.raises(StateError, match="did you mean 'email'"):
        tenant.users.add(emial="x")  # type: ignore[call-arg]
    with pytest.raises(MissingDocumentError):
        tenant.users["auth0|x"]
    shop = tenant.clients.add(name="Shop", client_secret="a-secret-of-the-shop-42")
    assert tenant.clients[str(shop.client_id)].client_secret == "a-secret-of-the-shop-42"
    del tenant.users["auth0|ada"]
    assert "auth0|ada" not in tenant.users
    with pytest.raises(MissingDocumentError):
        del tenant.users["auth0|ada"]


def test_changes_are_expected(tenant: TenantControl) -> None:
    with tenant.expect_changes(created={"roles": 1}) as expected:
        role = tenant.roles.add(name="editor")
    assert list(expected.changes.created["roles"]) == [role.id]
    with pytest.raises(AssertionError, match="1 of roles deleted, not 0"), tenant.expect_changes():
        del tenant.roles[str(role.id)]
    with pytest.raises(ValueError, match="'roles'"), tenant.expect_changes(created={"role": 1}):
        pass


def test_users_log_in_and_get_mail(tenant: TenantControl) -> None:
    user = tenant.users.add(user_id="auth0|ada", email="ada@example.com")
    login = tenant.log_in(user, ip="198.51.100.9")
    assert tenant.users["auth0|ada"].last_ip == "198.51.100.9"
    assert "openid" in login.scope
    client = tenant.clients.add(name="Shop", app_type="regular_web")
    (database,) = tenant.connections
    path = f"/api/v2/connections/{database.id}/clients"
    body = f'[{{"client_id": "{client.client_id}", "status": true}}]'.encode()
    assert tenant.send("PATCH", path, BEARER, body).status == 204
    asked = f'{{"client_id": "{client.client_id}", "email": "ada@example.com", "connection": "{DATABASE}"}}'
    sent = tenant.send("POST", "/dbconnections/change_password", BEARER, asked.encode())
    assert sent.status == 200, sent.body
    assert tenant.mailbox.latest("ada@example.com").link is not None
    assert len(tenant.mailbox.to("ada@example.com")) == len(tenant.mailbox) == 1
    with pytest.raises(MissingDocumentError):
        tenant.mailbox.latest("bob@example.com")
    tenant.mailbox.clear()
    assert list(tenant.mailbox) == []


def test_faults_limits_clock_and_settings_are_set(tenant: TenantControl) -> None:
    tenant.clock.freeze("2030-01-01T00:00:00Z")
    tenant.clock.advance(60)
    assert tenant.clock.now().isoformat() == "2030-01-01T00:01:00+00:00"
    fault = tenant.faults.add("roles.list", status=503)
    assert tenant.send("GET", "/api/v2/roles", BEARER).status == 503
    assert (fault.hits, fault.operation.name, fault.status) == (1, "roles.list", 503)
    tenant.rate_limits.enable(limit=1, per_second=1)
    statuses = [tenant.send("GET", "/api/v2/roles", BEARER).status for _ in range(2)]
    assert statuses == [200, 429]
    tenant.rate_limits.disable()
    tenant.unsupported_parameters = "error"
    assert tenant.unsupported_parameters == "error"
    tenant.search_delay = 2.0
    assert tenant.search_delay == 2.0
    (_, limited) = tenant.requests.for_operation("roles.list", status=429) * 2
    assert limited.explanation
    fork = tenant.fork()
    assert fork.clock.now() == tenant.clock.now()


def test_a_client_of_your_own_calls_it(tenant: TenantControl) -> None:
    import httpx

    with httpx.Client(transport=tenant.transport(), headers=BEARER) as http:
        url = getattr(tenant, "url", f"https://{tenant.domain}")
        assert http.get(f"{url}/api/v2/roles").json() == []


def test_every_collection_is_typed_alike(remote: RemoteTenant) -> None:
    local = FakeTenant()
    for name in remote.collection_names():
        over_http: Collection[Any] = getattr(remote, name)
        assert isinstance(over_http, type(getattr(local, name))), name
        assert len(over_http) == len(over_http.keys())
