"""What a consumer's type checker sees. Checked by mypy and pyright, not run."""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from datetime import date, datetime
from typing import Any, assert_type

from auth0_mgmt import (
    AsyncManagement,
    AsyncPage,
    AsyncPager,
    ClientCredentials,
    Management,
    Page,
    RawResponse,
)
from auth0_mgmt.models.clients import Client
from auth0_mgmt.models.shared import Connection, Role
from auth0_mgmt.models.users import User


def synchronous(mgmt: Management) -> None:
    assert_type(mgmt.users.get("auth0|1"), User)
    assert_type(mgmt.users.list(q="x", per_page=50), Page[User])
    assert_type([user.email for user in mgmt.users.list()], list[str | None])
    assert_type(mgmt.users.list().next_page(), Page[User] | None)
    assert_type(mgmt.users.roles.list("auth0|1"), Page[Role])
    assert_type(mgmt.users.get("auth0|1").created_at, datetime)
    assert_type(mgmt.users.get("auth0|1").last_login, datetime | None)
    assert_type(mgmt.users.list_users_by_email(email="a@example.com"), list[User])
    assert_type(mgmt.users.with_raw_response.get("auth0|1"), RawResponse[User])
    assert_type(mgmt.users.roles.with_raw_response.list("auth0|1"), RawResponse[Page[Role]])
    assert_type(mgmt.clients.create(name="app", app_type="spa", callbacks=["x"]), Client)
    mgmt.clients.create(name="app", jwt_configuration={"alg": "RS256"}, description="d")
    mgmt.clients.update("c1", description="d", token_endpoint_auth_method=None)
    mgmt.organizations.members.roles.assign("org_1", "auth0|1", roles=["rol_1"])
    mgmt.events.subscribe(from_timestamp=datetime(2026, 1, 2))
    mgmt.stats.get_daily(from_=date(2026, 1, 2))
    mgmt.roles.create({"name": "x"})  # type: ignore[call-arg,arg-type]  # pyright: ignore
    assert_type(mgmt.with_options(timeout=3), Management)
    assert_type(mgmt.request("GET", "/new"), Any)


def strategies(mgmt: Management) -> None:
    created = mgmt.connections.create(
        name="db", strategy="auth0", options={"passwordPolicy": "good", "disable_signup": True}
    )
    assert_type(created, Connection)
    mgmt.connections.create(
        name="sms", strategy="sms", options={"from": "+15550100", "syntax": "liquid"}
    )


async def asynchronous() -> None:
    async with AsyncManagement("t.auth0.com", auth=ClientCredentials("c", "s")) as mgmt:
        assert_type(await mgmt.users.get("auth0|1"), User)
        assert_type(mgmt.users.list(), AsyncPager[User])
        assert_type(await mgmt.users.list(), AsyncPage[User])
        assert_type([user async for user in mgmt.users.list()], list[User])
        assert_type(await mgmt.users.with_raw_response.get("auth0|1"), RawResponse[User])


def mistakes(mgmt: Management) -> None:
    """Every line is an error, and the checkers complain where one is not."""
    mgmt.clients.create(name="app", app_type="spaa")  # type: ignore[arg-type]  # pyright: ignore
    mgmt.clients.create(app_type="spa")  # type: ignore[call-arg]  # pyright: ignore
    mgmt.clients.create(nam="app")  # type: ignore[call-arg]  # pyright: ignore
    mgmt.users.get(5)  # type: ignore[arg-type]  # pyright: ignore
    mgmt.users.list(per_page="many")  # type: ignore[arg-type]  # pyright: ignore
    mgmt.users.no_such_method()  # type: ignore[attr-defined]  # pyright: ignore


def identities(mgmt: Management) -> None:
    """What identifies a thing is text: it goes straight into the next call."""
    user = mgmt.users.create(connection="db", email="a@example.com")
    assert_type(user.user_id, str)
    assert_type(mgmt.users.get(user.user_id), User)
    role = mgmt.roles.create(name="admin")
    mgmt.users.roles.assign(user.user_id, roles=[role.id])
    mgmt.roles.delete(role.id)
    client = mgmt.clients.create(name="app")
    assert_type(client.client_id, str)
    mgmt.clients.delete(client.client_id)
    organization = mgmt.organizations.create(name="acme")
    mgmt.organizations.members.create(organization.id, members=[user.user_id])
    for connection in mgmt.connections.list():
        mgmt.connections.delete(connection.id)
    for api in mgmt.resource_servers.list():
        mgmt.resource_servers.delete(api.id)


def held_by_every_response(mgmt: Management) -> None:
    """What every recorded response holds is never None to a type checker; what some lack may be."""
    assert_type(mgmt.roles.create(name="admin").name, str)
    assert_type(mgmt.roles.get("rol_1").description, str | None)
    assert_type([client.name for client in mgmt.clients.list()], list[str])
    assert_type(mgmt.organizations.get("org_1").name, str)
    assert_type(mgmt.actions.get("a").all_changes_deployed, bool)
    assert_type(mgmt.actions.get("a").updated_at, datetime)
    assert_type(mgmt.attack_protection.brute_force_protection.get().max_attempts, int)
