"""The vendor's own SDK, unmodified, against the fake: through an httpx client and patched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

DATABASE = "Username-Password-Authentication"


@pytest.fixture(scope="module")
def management() -> Any:
    """The SDK's module; importing it is slow, so it happens once and only here."""
    return pytest.importorskip("auth0.management", reason="the vendor's SDK is not installed")


@pytest.fixture
def tenant() -> FakeTenant:
    return FakeTenant(unsupported_parameters="error")


@pytest.fixture(params=["transport", "respx"])
def sdk(
    request: pytest.FixtureRequest,
    tenant: FakeTenant,
    management: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """A client of the SDK: given the tenant's transport, or patched without knowing it.

    It waits before it tries again (conflicts, too): by the tenant's clock.
    """
    monkeypatch.setattr("time.sleep", tenant.clock.advance)
    if request.param == "transport":
        client = httpx.Client(transport=tenant.transport())
        yield management.ManagementClient(domain=tenant.domain, token="any", httpx_client=client)
    else:
        with tenant:
            yield management.ManagementClient(domain=tenant.domain, token="any")


def add_user(sdk: Any, name: str) -> str:
    made = sdk.users.create(
        connection=DATABASE, email=f"{name}@example.com", password="Long-enough-1!"
    )
    identifier: str = made.user_id
    return identifier


def test_it_gets_its_token_with_client_credentials(tenant: FakeTenant, management: Any) -> None:
    api = f"https://{tenant.domain}/api/v2/"
    setup = tenant.management()
    app = setup.clients.create(name="sdk", app_type="non_interactive")
    assert app.client_id is not None
    setup.client_grants.create(client_id=app.client_id, audience=api, scope=["read:users"])
    with tenant:
        sdk = management.ManagementClient(
            domain=tenant.domain, client_id=app.client_id, client_secret=app.client_secret
        )
        assert list(sdk.users.list()) == []
        with pytest.raises(management.ForbiddenError) as caught:
            sdk.roles.create(name="not allowed")
    assert "create:roles" in str(caught.value.body)


def test_users_are_created_found_changed_and_deleted(sdk: Any, management: Any) -> None:
    ada = add_user(sdk, "ada")
    assert sdk.users.get(ada).email == "ada@example.com"
    changed = sdk.users.update(ada, user_metadata={"plan": "gold"}, app_metadata={"level": 3})
    assert changed.user_metadata == {"plan": "gold"}
    assert [user.user_id for user in sdk.users.list(q='email:"ada@example.com"')] == [ada]
    assert sdk.users.list_users_by_email(email="ada@example.com")[0].user_id == ada
    assert sdk.users.get(ada, fields="email", include_fields=True).nickname is None
    sdk.users.delete(ada)
    with pytest.raises(management.NotFoundError):
        sdk.users.get(ada)


def test_clients_keep_their_secrets_and_rotate_them(sdk: Any) -> None:
    app = sdk.clients.create(name="shop", app_type="regular_web", callbacks=["https://a.example"])
    rotated = sdk.clients.rotate_secret(app.client_id)
    assert rotated.client_secret != app.client_secret
    sdk.clients.update(app.client_id, description="sells")
    assert sdk.clients.get(app.client_id).description == "sells"
    assert "shop" in [found.name for found in sdk.clients.list()]
    sdk.clients.delete(app.client_id)
    assert "shop" not in [found.name for found in sdk.clients.list()]


def test_roles_permissions_and_users_belong_together(sdk: Any) -> None:
    sdk.resource_servers.create(identifier="urn:shop", name="Shop", scopes=[{"value": "read:it"}])
    role, ada = sdk.roles.create(name="reader").id, add_user(sdk, "ada")
    permission = {"resource_server_identifier": "urn:shop", "permission_name": "read:it"}
    sdk.roles.permissions.add(role, permissions=[permission])
    sdk.users.roles.assign(ada, roles=[role])
    assert [found.name for found in sdk.users.roles.list(ada)] == ["reader"]
    assert [found.user_id for found in sdk.roles.users.list(role)] == [ada]
    assert [found.permission_name for found in sdk.roles.permissions.list(role)] == ["read:it"]
    sdk.roles.delete(role)
    assert list(sdk.users.roles.list(ada)) == []


def test_organizations_have_members_connections_and_invitations(sdk: Any) -> None:
    organization, ada = sdk.organizations.create(name="acme").id, add_user(sdk, "ada")
    sdk.organizations.members.create(organization, members=[ada])
    assert [member.user_id for member in sdk.organizations.members.list(organization)] == [ada]
    role = sdk.roles.create(name="owner").id
    sdk.organizations.members.roles.assign(organization, ada, roles=[role])
    assert [r.id for r in sdk.organizations.members.roles.list(organization, ada)] == [role]
    connection = next(iter(sdk.connections.list())).id
    sdk.organizations.enabled_connections.add(organization, connection_id=connection)
    app = sdk.clients.create(
        name="shop",
        app_type="spa",
        organization_usage="allow",
        initiate_login_uri="https://shop.example.com/login",
    )
    invited = sdk.organizations.invitations.create(
        organization,
        inviter={"name": "Ada"},
        invitee={"email": "grace@example.com"},
        client_id=app.client_id,
    )
    assert invited.invitation_url
    assert sdk.organizations.get_by_name("acme").id == organization


def test_connections_keep_their_options(sdk: Any, management: Any) -> None:
    made = sdk.connections.create(
        name="people", strategy="auth0", options={"requires_username": True}
    )
    assert sdk.connections.get(made.id).options["requires_username"] is True
    with pytest.raises(management.ConflictError):
        sdk.connections.create(name="people", strategy="auth0")
    assert "people" in [found.name for found in sdk.connections.list(strategy=["auth0"])]


def test_an_action_is_deployed_and_bound(sdk: Any) -> None:
    action = sdk.actions.create(
        name="greet",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
        code="exports.onExecutePostLogin = async () => {};",
    )
    version = sdk.actions.deploy(action.id)
    assert sdk.actions.get(action.id).deployed_version.id == version.id
    sdk.actions.triggers.bindings.update_many(
        "post-login", bindings=[{"ref": {"type": "action_id", "value": action.id}}]
    )
    bound = list(sdk.actions.triggers.bindings.list("post-login"))
    assert [binding.action.name for binding in bound] == ["greet"]


def test_a_job_imports_users(sdk: Any, tenant: FakeTenant) -> None:
    connection = next(iter(sdk.connections.list())).id
    file = ("users.json", json.dumps([{"email": "grace@example.com"}]), "application/json")
    job = sdk.jobs.users_imports.create(users=file, connection_id=connection)
    tenant.clock.advance(60)
    assert sdk.jobs.get(job.id).status == "completed"
    assert [user.email for user in sdk.users.list()] == ["grace@example.com"]
    exported = sdk.jobs.users_exports.create(connection_id=connection, format="json")
    tenant.clock.advance(60)
    assert sdk.jobs.get(exported.id).status == "completed"


def test_writes_leave_logs(sdk: Any) -> None:
    add_user(sdk, "ada")
    sdk.roles.create(name="reader")
    newest = next(iter(sdk.logs.list()))
    assert (newest.type, newest.description) == ("sapi", "Create a role")
    assert sdk.logs.get(newest.log_id).log_id == newest.log_id


def test_offset_pages_are_turned(sdk: Any) -> None:
    for number in range(5):
        add_user(sdk, f"user{number}")
    pages = [len(page.items) for page in sdk.users.list(per_page=2).iter_pages()]
    assert sum(pages) == 5
    assert pages[:3] == [2, 2, 1]
    assert sdk.users.list(per_page=2, include_totals=True).response.total == 5


def test_checkpoint_pages_are_turned(sdk: Any) -> None:
    names = [f"acme-{number}" for number in range(5)]
    for name in names:
        sdk.organizations.create(name=name)
    pages = [
        [found.name for found in page.items] for page in sdk.organizations.list(take=2).iter_pages()
    ]
    assert pages == [names[:2], names[2:4], names[4:]]


def test_errors_say_what_was_wrong(sdk: Any, management: Any) -> None:
    with pytest.raises(management.BadRequestError) as caught:
        sdk.organizations.create(name="Not Allowed")
    assert caught.value.body["errorCode"] == "invalid_body"
    sdk.roles.create(name="reader")
    with pytest.raises(management.ConflictError) as clash:
        sdk.roles.create(name="reader")
    assert clash.value.status_code == 409
    with pytest.raises(management.NotFoundError):
        sdk.clients.get("nobody")


def test_a_rate_limit_is_waited_out(sdk: Any, tenant: FakeTenant) -> None:
    tenant.faults.add("roles.list", status=429, headers={"retry-after": "1"})
    assert list(sdk.roles.list()) == []
    tenant.requests.assert_called("roles.list", times=2)


async def test_the_asynchronous_sdk_does_the_same(tenant: FakeTenant, management: Any) -> None:
    async with httpx.AsyncClient(transport=tenant.async_transport()) as client:
        sdk = management.AsyncManagementClient(
            domain=tenant.domain, token="any", httpx_client=client
        )
        made = await sdk.roles.create(name="reader")
        assert [found.id async for found in await sdk.roles.list()] == [made.id]


async def test_its_authentication_clients_work_in_process(tenant: FakeTenant) -> None:
    from auth0.authentication import GetToken, Users
    from auth0.authentication.async_token_verifier import (
        AsyncAsymmetricSignatureVerifier,
        AsyncTokenVerifier,
    )

    realm = "http://auth0.com/oauth/grant-type/password-realm"
    tenant.resource_servers.add(identifier="https://api.example.com", name="API")
    app = tenant.clients.add(name="app", app_type="regular_web", grant_types=[realm])
    with tenant.management() as mgmt:
        [connection] = mgmt.connections.list(name=DATABASE)
        mgmt.connections.clients.update(
            connection.id, body=[{"client_id": app.client_id, "status": True}]
        )
    tenant.users.add(connection=DATABASE, email="ada@example.com", password="Long-enough-1!")
    with tenant:
        tokens = GetToken(tenant.domain, app.client_id, client_secret=app.client_secret)
        found = tokens.login(
            username="ada@example.com",
            password="Long-enough-1!",
            realm=DATABASE,
            scope="openid email",
            audience="https://api.example.com",
            grant_type=realm,
        )
        assert Users(tenant.domain).userinfo(found["access_token"])["email"] == "ada@example.com"
        verifier = AsyncTokenVerifier(
            signature_verifier=AsyncAsymmetricSignatureVerifier(
                f"https://{tenant.domain}/.well-known/jwks.json"
            ),
            issuer=f"https://{tenant.domain}/",
            audience=app.client_id,
        )
        claims = await verifier.verify(found["id_token"])
    assert claims["email"] == "ada@example.com"
