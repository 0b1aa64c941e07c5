"""Organizations: members, roles, connections, invitations, clients, grants, domains."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import APIStatusError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Factory, TenantHandle

from .families import Family

pytestmark = pytest.mark.auth0_requires("organizations")

ORGANIZATIONS = Family(
    at="organizations",
    new=lambda make: {
        "name": make.name("org"),
        "display_name": "Made by a test",
        "metadata": {"tier": "gold"},
    },
    form=r"org_\w{16}",
    change={"display_name": "Changed by a test"},
    unique="name",
    missing="org_0000000000000000",
    absent="No organization found by that id or name",
    needs="organizations",
)

INVITATIONS = Family(
    at="organizations.invitations",
    under=lambda make: (make.organization().id,),
    new=lambda make: {
        "inviter": {"name": "Ada"},
        "invitee": {"email": f"{make.name('guest')}@example.com"},
        "client_id": make.client(
            organization_usage="allow", initiate_login_uri="https://app.example.com/login"
        ).client_id,
        "ttl_sec": 3600,
    },
    form=r"uinv_\w{16}",
    secret=("ttl_sec",),
    counted=False,
    missing="uinv_0000000000000000",
    absent="inexistent_invitation",
    needs="organizations",
)

DISCOVERY_DOMAINS = Family(
    at="organizations.discovery_domains",
    absent_delete=204,
    under=lambda make: (make.organization().id,),
    new=lambda make: {"domain": f"{make.name('corp')}.example.com"},
    form=r"ord_\w{22}",
    change={"status": "verified"},
    unique="domain",
    missing="ord_1111111111111111111111",
    absent="",
    needs="organizations",
)


@pytest.fixture
def acme(auth0_factory: Factory) -> Any:
    """An organization."""
    return auth0_factory.organization()


def test_an_organization_is_found_by_its_name(auth0_mgmt: Management, acme: Any) -> None:
    assert auth0_mgmt.organizations.get_by_name(acme.name).id == acme.id
    with pytest.raises(NotFoundError, match="No organization found by that id or name"):
        auth0_mgmt.organizations.get_by_name(f"no-{acme.name}")


def test_an_organization_cannot_take_the_name_of_another(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    other = auth0_factory.organization()
    with pytest.raises(ConflictError):
        auth0_mgmt.organizations.update(other.id, name=acme.name)
    assert auth0_mgmt.organizations.get(other.id).name == other.name


def test_a_name_with_capitals_is_refused(auth0_factory: Factory) -> None:
    with pytest.raises(APIStatusError, match=r"pattern|format") as refused:
        auth0_factory.organization(name="No Such Name")
    assert (refused.value.status_code, refused.value.error_code) == (400, "invalid_body")


def test_organizations_are_searched(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    auth0_factory.organization()

    def found() -> None:
        answer = auth0_mgmt.organizations.search(q=f'name:"{acme.name}"')
        assert [organization.id for organization in answer] == [acme.id]

    auth0_tenant.eventually(found)


# Members.


def test_members_are_added_and_removed(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    users = [auth0_factory.user() for _ in range(3)]
    ids = [user.user_id for user in users]
    members = auth0_mgmt.organizations.members
    members.create(acme.id, members=ids)
    assert {member.user_id for member in members.list(acme.id, per_page=2)} == set(ids)
    assert {member.user_id for member in members.list(acme.id, take=2)} == set(ids)
    assert {member.email for member in members.list(acme.id)} == {user.email for user in users}
    (only,) = members.list(acme.id, per_page=1, fields="email").items
    assert set(only.to_dict()) == {"email"}
    members.delete(acme.id, members=ids[:1])
    assert {member.user_id for member in members.list(acme.id)} == set(ids[1:])
    auth0_mgmt.users.delete(ids[1])
    assert [member.user_id for member in members.list(acme.id)] == ids[2:]


def test_roles_of_a_member_hold_in_the_organization_only(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    user, role = auth0_factory.user(), auth0_factory.role()
    organizations = auth0_mgmt.organizations
    organizations.members.create(acme.id, members=[user.user_id])
    roles = organizations.members.roles
    roles.assign(acme.id, user.user_id, roles=[role.id])
    assert [r.id for r in roles.list(acme.id, user.user_id)] == [role.id]
    assert [r.name for r in roles.list(acme.id, user.user_id)] == [role.name]
    assert not auth0_mgmt.users.roles.list(user.user_id).items
    effective = organizations.members.effective_roles
    assert [r.id for r in effective.list(acme.id, user.user_id)] == [role.id]
    assert not effective.sources.groups.list(acme.id, user.user_id, role_id=role.id).items
    holders = organizations.roles.members.list(acme.id, role.id)
    assert [member.user_id for member in holders] == [user.user_id]
    assert not organizations.roles.groups.list(acme.id, role.id).items
    roles.delete(acme.id, user.user_id, roles=[role.id])
    assert not roles.list(acme.id, user.user_id).items


def test_a_member_who_leaves_leaves_the_roles_behind(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    user, role = auth0_factory.user(), auth0_factory.role()
    members = auth0_mgmt.organizations.members
    members.create(acme.id, members=[user.user_id])
    members.roles.assign(acme.id, user.user_id, roles=[role.id])
    members.delete(acme.id, members=[user.user_id])
    members.create(acme.id, members=[user.user_id])
    assert not members.roles.list(acme.id, user.user_id).items


def test_an_organization_that_goes_is_no_users_any_more(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    user, gone = auth0_factory.user(), auth0_factory.organization()
    auth0_mgmt.organizations.members.create(gone.id, members=[user.user_id])
    auth0_mgmt.organizations.delete(gone.id)
    assert not auth0_mgmt.users.organizations.list(user.user_id).items
    with pytest.raises(NotFoundError):
        auth0_mgmt.organizations.members.list(gone.id)


# Connections, in the old and in the new form.


def test_connections_are_enabled_changed_and_disabled(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    connection = auth0_factory.connection(strategy="auth0")
    enabled = auth0_mgmt.organizations.enabled_connections
    made = enabled.add(acme.id, connection_id=connection.id, assign_membership_on_login=True)
    assert (made.connection_id, made.assign_membership_on_login) == (connection.id, True)
    assert made.get("connection.name") == connection.name
    assert [c.connection_id for c in enabled.list(acme.id)] == [connection.id]
    enabled.update(acme.id, connection.id, assign_membership_on_login=False)
    assert enabled.get(acme.id, connection.id).assign_membership_on_login is False
    enabled.delete(acme.id, connection.id)
    assert not enabled.list(acme.id).items
    with pytest.raises(NotFoundError, match="No connection found by that id"):
        enabled.get(acme.id, connection.id)


def test_a_connection_is_enabled_once(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    connection = auth0_factory.connection(strategy="auth0")
    enabled = auth0_mgmt.organizations.enabled_connections
    enabled.add(acme.id, connection_id=connection.id)
    with pytest.raises(ConflictError):
        enabled.add(acme.id, connection_id=connection.id)
    with pytest.raises(APIStatusError) as refused:
        enabled.add(acme.id, connection_id="con_0000000000000000")
    assert refused.value.status_code in (400, 404)
    assert [c.connection_id for c in enabled.list(acme.id)] == [connection.id]


def test_connections_have_settings_of_their_own_in_an_organization(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    on, off = (auth0_factory.connection(strategy="auth0") for _ in range(2))
    connections = auth0_mgmt.organizations.connections
    made = connections.create(acme.id, connection_id=on.id, is_enabled=True)
    assert (made.get("is_enabled"), made.get("organization_access_level")) == (True, "none")
    assert made.get("connection.name") == on.name
    connections.create(acme.id, connection_id=off.id, is_enabled=False)
    shown = [c.connection_id for c in connections.list(acme.id, is_enabled=True)]
    assert shown == [on.id]
    assert {c.connection_id for c in connections.list(acme.id)} == {on.id, off.id}
    changed = connections.update(acme.id, on.id, show_as_button=False)
    assert changed.get("show_as_button") is False
    assert connections.get(acme.id, on.id).get("show_as_button") is False
    connections.delete(acme.id, on.id)
    assert [c.connection_id for c in connections.list(acme.id)] == [off.id]


def test_a_deleted_connection_is_enabled_nowhere(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    connection = auth0_factory.connection(strategy="auth0")
    enabled = auth0_mgmt.organizations.enabled_connections
    enabled.add(acme.id, connection_id=connection.id)
    auth0_mgmt.connections.delete(connection.id)
    assert not enabled.list(acme.id).items


# Clients and client grants.


def test_clients_are_associated_and_let_go(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    client = auth0_factory.client()
    clients = auth0_mgmt.organizations.clients
    clients.create(
        acme.id, clients=[{"client_id": client.client_id, "use_for_member_access": True}]
    )
    (found,) = clients.list(acme.id)
    assert (found.client_id, found.use_for_member_access) == (client.client_id, True)
    assert clients.get(acme.id, client.client_id).get("client.name") == client.name
    clients.update(acme.id, client.client_id, use_for_member_access=False)
    assert clients.get(acme.id, client.client_id).use_for_member_access is False
    clients.delete(acme.id, clients=[client.client_id])
    assert not clients.list(acme.id).items
    with pytest.raises(NotFoundError):
        clients.get(acme.id, client.client_id)


def test_client_grants_are_associated_and_let_go(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    client = auth0_factory.client(app_type="non_interactive")
    api = auth0_factory.resource_server(scopes=[{"value": "a"}])
    grant = auth0_mgmt.client_grants.create(
        client_id=client.client_id,
        audience=api.identifier,
        scope=["a"],
        organization_usage="allow",
    )
    assert grant.id is not None
    auth0_factory.add_cleanup(auth0_mgmt.client_grants.delete, grant.id)
    grants = auth0_mgmt.organizations.client_grants
    grants.create(acme.id, grant_id=grant.id)
    queries: Any = ({}, {"audience": api.identifier}, {"client_id": client.client_id})
    for query in queries:
        assert [g.id for g in grants.list(acme.id, **query)] == [grant.id]
    assert not grants.list(acme.id, audience="https://other.example.com/").items
    associated = auth0_mgmt.client_grants.organizations.list(grant.id)
    assert [organization.id for organization in associated] == [acme.id]
    grants.delete(acme.id, grant.id)
    assert not grants.list(acme.id).items
    assert not auth0_mgmt.client_grants.organizations.list(grant.id).items


# Invitations and domains.


def test_an_invitation_leads_to_the_application(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    client = auth0_factory.client(
        organization_usage="allow", initiate_login_uri="https://app.example.com/login"
    )
    role = auth0_factory.role()
    made = auth0_mgmt.organizations.invitations.create(
        acme.id,
        inviter={"name": "Ada"},
        invitee={"email": "guest@example.com"},
        client_id=client.client_id,
        ttl_sec=3600,
        roles=[role.id],
        send_invitation_email=False,
    )
    url = made.invitation_url or ""
    assert url.startswith("https://app.example.com/login?invitation=")
    assert f"organization={acme.id}" in url
    assert f"organization_name={acme.name}" in url
    assert made.expires_at is not None
    assert made.created_at is not None
    assert (made.expires_at - made.created_at).total_seconds() == pytest.approx(3600, abs=1)
    assert made.get("roles") == [role.id]
    shown = auth0_mgmt.organizations.invitations.get(acme.id, made.id, fields="invitee")
    assert shown.get("invitee.email") == "guest@example.com"
    assert shown.get("inviter") is None


def test_an_invitation_of_a_missing_client_is_refused(auth0_mgmt: Management, acme: Any) -> None:
    with pytest.raises(APIStatusError) as refused:
        auth0_mgmt.organizations.invitations.create(
            acme.id,
            inviter={"name": "Ada"},
            invitee={"email": "guest@example.com"},
            client_id="0" * 32,
        )
    assert refused.value.status_code in (400, 404)
    assert not auth0_mgmt.organizations.invitations.list(acme.id).items


def test_a_discovery_domain_is_pending_until_it_is_verified(
    auth0_mgmt: Management, auth0_factory: Factory, acme: Any
) -> None:
    domains = auth0_mgmt.organizations.discovery_domains
    name = f"{auth0_factory.name('corp')}.example.com"
    made = domains.create(acme.id, domain=name)
    assert made.status == "pending"
    assert made.get("verification_host") == f"_ss-verification.{acme.id}.{name}"
    assert domains.get_by_name(acme.id, name).id == made.id
    domains.update(acme.id, made.id, status="verified")
    assert domains.get(acme.id, made.id).status == "verified"
    domains.delete(acme.id, made.id)
    with pytest.raises(NotFoundError):
        domains.get_by_name(acme.id, name)


@pytest.mark.parametrize("read", ["members.list", "invitations.list", "enabled_connections.list"])
def test_nothing_hangs_on_an_organization_that_is_not_there(
    auth0_mgmt: Management, read: str
) -> None:
    family, _, method = read.partition(".")
    with pytest.raises(NotFoundError, match="No organization found"):
        getattr(getattr(auth0_mgmt.organizations, family), method)(ORGANIZATIONS.missing)
