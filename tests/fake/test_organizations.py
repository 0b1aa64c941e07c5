"""Organizations and what hangs on them: members, roles, groups, connections, clients, domains."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Clock

from .conftest import new_user


@pytest.fixture
def acme(mgmt: Management) -> str:
    return made(mgmt.organizations.create(name="acme", display_name="Acme"))


def made(thing: Any) -> str:
    """The id that a new thing was given."""
    assert thing.id is not None
    return str(thing.id)


def group(mgmt: Management, name: str = "staff") -> str:
    """A group, brought by a directory's synchronization."""
    body: dict[str, Any] = {"name": f"directory-of-{name}", "strategy": "google-apps"}
    connection = made(mgmt.connections.create(**body))
    directory = mgmt.connections.directory_provisioning
    directory.create(connection, synchronize_groups="selected")
    directory.set(connection, groups=[{"id": name}])
    directory.synchronizations.create(connection)
    (found,) = mgmt.groups.list(connection_id=connection)
    return made(found)


# --- organizations -----------------------------------------------------------------------------


def test_null_takes_a_setting_of_an_organization_away(mgmt: Management, acme: str) -> None:
    quota: Any = {"client_credentials": {"per_day": 1}}
    assert mgmt.organizations.update(acme, token_quota=quota).token_quota is not None
    mgmt.organizations.update(acme, token_quota=None)
    left = mgmt.organizations.get(acme)
    assert "token_quota" not in left.model_fields_set
    assert left.display_name == "Acme"


def test_no_two_organizations_share_a_name(mgmt: Management, acme: str) -> None:
    with pytest.raises(ConflictError, match="already exists"):
        mgmt.organizations.create(name="acme")


def test_an_organization_may_be_created_with_connections(mgmt: Management) -> None:
    connection = made(mgmt.connections.create(name="a", strategy="github"))
    organization = mgmt.organizations.create(
        name="acme", enabled_connections=[{"connection_id": connection}]
    )
    (only,) = mgmt.organizations.connections.list(made(organization))
    assert only.connection_id == connection


def test_an_organization_with_a_connection_that_is_not_there_is_not_created(
    mgmt: Management,
) -> None:
    with pytest.raises(NotFoundError):
        mgmt.organizations.create(name="acme", enabled_connections=[{"connection_id": "con_x"}])
    assert not mgmt.organizations.list().items


def test_organizations_are_sorted_and_searched(mgmt: Management, acme: str) -> None:
    mgmt.organizations.create(name="zeta")
    assert [each.name for each in mgmt.organizations.list(sort="name:-1")] == ["zeta", "acme"]
    assert [each.name for each in mgmt.organizations.search(q="name:ze*")] == ["zeta"]


# --- members -----------------------------------------------------------------------------------


def test_only_users_become_members_and_once(mgmt: Management, acme: str) -> None:
    who = new_user(mgmt)
    with pytest.raises(NotFoundError):
        mgmt.organizations.members.create(acme, members=[who, "auth0|nobody"])
    assert not mgmt.organizations.members.list(acme).items
    for _ in range(2):
        mgmt.organizations.members.create(acme, members=[who])
    assert [each.user_id for each in mgmt.organizations.members.list(acme)] == [who]


def test_members_show_their_roles_where_they_are_asked_for(mgmt: Management, acme: str) -> None:
    who, role = new_user(mgmt), made(mgmt.roles.create(name="admin"))
    mgmt.organizations.members.create(acme, members=[who])
    mgmt.organizations.members.roles.assign(acme, who, roles=[role])
    (plain,) = mgmt.organizations.members.list(acme)
    (told,) = mgmt.organizations.members.list(acme, fields="user_id,roles", include_fields=True)
    assert "roles" not in plain.model_fields_set
    assert [each.name for each in told.roles or ()] == ["admin"]
    assert "email" not in told.model_fields_set


def test_every_page_of_members_has_a_cursor_and_the_last_page_is_empty(
    mgmt: Management, acme: str
) -> None:
    everybody = {new_user(mgmt, f"{name}@example.com") for name in ("ada", "grace", "mary")}
    mgmt.organizations.members.create(acme, members=sorted(everybody))
    page = mgmt.organizations.members.list(acme, take=3)
    assert page.has_next
    assert {each.user_id for each in mgmt.organizations.members.list(acme, take=2)} == everybody


def test_a_member_that_leaves_loses_its_roles_there(mgmt: Management, acme: str) -> None:
    who, role = new_user(mgmt), made(mgmt.roles.create(name="admin"))
    mgmt.organizations.members.create(acme, members=[who])
    mgmt.organizations.members.roles.assign(acme, who, roles=[role])
    assert [each.user_id for each in mgmt.organizations.roles.members.list(acme, role)] == [who]
    mgmt.organizations.members.delete(acme, members=[who])
    with pytest.raises(NotFoundError):
        mgmt.organizations.members.roles.list(acme, who)
    mgmt.organizations.members.create(acme, members=[who])
    assert not mgmt.organizations.members.roles.list(acme, who).items


def test_who_is_no_member_has_no_roles_there(mgmt: Management, acme: str) -> None:
    role = made(mgmt.roles.create(name="admin"))
    with pytest.raises(NotFoundError):
        mgmt.organizations.members.roles.assign(acme, new_user(mgmt), roles=[role])


def test_a_role_of_one_organization_is_none_of_another(mgmt: Management, acme: str) -> None:
    who, role = new_user(mgmt), made(mgmt.roles.create(name="admin"))
    other = made(mgmt.organizations.create(name="other"))
    for organization in (acme, other):
        mgmt.organizations.members.create(organization, members=[who])
    mgmt.organizations.members.roles.assign(acme, who, roles=[role])
    assert not mgmt.organizations.members.roles.list(other, who).items
    assert not mgmt.users.roles.list(who).items


# --- groups ------------------------------------------------------------------------------------


def test_a_synchronization_brings_the_chosen_groups_once(mgmt: Management, clock: Clock) -> None:
    staff = mgmt.groups.get(group(mgmt))
    assert (staff.name, staff.external_id) == ("staff", "staff")
    assert staff.connection_id is not None
    synchronize = mgmt.connections.directory_provisioning.synchronizations.create
    with pytest.raises(BadRequestError, match="30 minutes"):
        synchronize(staff.connection_id)
    clock.advance(1_801)
    synchronize(staff.connection_id)
    assert len(mgmt.groups.list().items) == 1


def test_groups_give_roles_in_an_organization(mgmt: Management, acme: str) -> None:
    role, staff = made(mgmt.roles.create(name="admin")), group(mgmt)
    mgmt.organizations.groups.roles.create(acme, staff, roles=[role])
    assert [each.id for each in mgmt.organizations.groups.list(acme)] == [staff]
    assert [each.id for each in mgmt.organizations.groups.roles.list(acme, staff)] == [role]
    assert [each.id for each in mgmt.organizations.roles.groups.list(acme, role)] == [staff]
    mgmt.organizations.groups.roles.delete(acme, staff, roles=[role])
    assert not mgmt.organizations.groups.list(acme).items


@pytest.mark.parametrize("query", [{"name": "staff"}, {"external_id": "staff"}, {"search": "TAF"}])
def test_groups_are_found_by_what_they_are_called(mgmt: Management, query: dict[str, Any]) -> None:
    staff, _ = group(mgmt, "staff"), group(mgmt, "board")
    assert [each.id for each in mgmt.groups.list(**query)] == [staff]


def test_an_effective_role_says_that_it_was_given_directly(mgmt: Management, acme: str) -> None:
    who, role = new_user(mgmt), made(mgmt.roles.create(name="admin"))
    mgmt.organizations.members.create(acme, members=[who])
    mgmt.organizations.members.roles.assign(acme, who, roles=[role])
    (only,) = mgmt.organizations.members.effective_roles.list(acme, who)
    assert (only.id, only.sources) == (role, ["direct"])


# --- connections, clients, grants --------------------------------------------------------------


def test_a_connection_is_added_once_changed_and_removed(mgmt: Management, acme: str) -> None:
    connection = made(mgmt.connections.create(name="a", strategy="auth0"))
    links = mgmt.organizations.connections
    first = links.create(acme, connection_id=connection)
    assert (first.show_as_button, first.is_signup_enabled) == (True, False)
    with pytest.raises(ConflictError):
        links.create(acme, connection_id=connection)
    assert links.update(acme, connection, is_enabled=False).is_enabled is False
    assert not links.list(acme, is_enabled=True).items
    assert not mgmt.organizations.enabled_connections.list(acme).items
    links.delete(acme, connection)
    with pytest.raises(NotFoundError):
        links.get(acme, connection)


def test_organizations_tell_which_a_client_is_associated_with(mgmt: Management, acme: str) -> None:
    client = mgmt.clients.create(name="Till").client_id
    assert client is not None
    mgmt.organizations.create(name="other")
    mgmt.organizations.clients.create(
        acme, clients=[{"client_id": client, "use_for_member_access": True}]
    )
    found = mgmt.organizations.list(include_client_association_for=client)
    assert [each.name for each in found if each.client is not None] == ["acme"]


def test_a_client_grant_is_assigned_once(mgmt: Management, acme: str) -> None:
    client = mgmt.clients.create(name="Till").client_id
    assert client is not None
    mgmt.resource_servers.create(identifier="https://api.example", name="API")
    grant = made(
        mgmt.client_grants.create(client_id=client, audience="https://api.example", scope=[])
    )
    grants = mgmt.organizations.client_grants
    grants.create(acme, grant_id=grant)
    with pytest.raises(ConflictError):
        grants.create(acme, grant_id=grant)
    assert [each.id for each in grants.list(acme, client_id=client)] == [grant]
    assert not grants.list(acme, audience="https://other.example").items
    assert not grants.list(acme, grant_ids=["cgr_other"]).items
    mgmt.clients.delete(client)
    assert not grants.list(acme).items


# --- invitations and domains -------------------------------------------------------------------


_INVITES: dict[str, Any] = {
    "organization_usage": "allow",
    "initiate_login_uri": "https://till.example/login",
}


def test_an_invitation_ends_after_its_time(mgmt: Management, acme: str) -> None:
    client = mgmt.clients.create(name="Till", **_INVITES).client_id
    assert client is not None
    invitation = mgmt.organizations.invitations.create(
        acme,
        inviter={"name": "Ada"},
        invitee={"email": "b@example.com"},
        client_id=client,
        ttl_sec=60,
    )
    assert invitation.created_at is not None
    assert invitation.expires_at is not None
    assert acme in (invitation.invitation_url or "")
    assert (invitation.expires_at - invitation.created_at).total_seconds() == 60


def test_an_invitation_names_what_is_there(mgmt: Management, acme: str) -> None:
    client = mgmt.clients.create(name="Till", **_INVITES).client_id
    assert client is not None
    connection = made(mgmt.connections.create(name="a", strategy="auth0"))

    def invite(**more: Any) -> Any:
        people: dict[str, Any] = {"inviter": {"name": "Ada"}, "invitee": {"email": "b@example.com"}}
        return mgmt.organizations.invitations.create(acme, **people, **more)

    with pytest.raises(BadRequestError):
        invite(client_id="nobody")
    with pytest.raises(BadRequestError, match="not enabled for the organization"):
        invite(client_id=client, connection_id=connection)
    mgmt.organizations.connections.create(acme, connection_id=connection)
    assert invite(client_id=client, connection_id=connection).connection_id == connection
    with pytest.raises(BadRequestError, match="roles"):
        invite(client_id=client, roles=["rol_0000000000000000"])


def test_a_discovery_domain_is_proved_by_a_record_of_its_own(mgmt: Management, acme: str) -> None:
    domains = mgmt.organizations.discovery_domains
    domain = domains.create(acme, domain="acme.example")
    assert domain.verification_host == f"_ss-verification.{acme}.acme.example"
    assert domains.get_by_name(acme, "ACME.example").id == domain.id
    with pytest.raises(ConflictError):
        domains.create(acme, domain="acme.example")


# --- what goes with an organization --------------------------------------------------------------


def test_an_organization_takes_all_along_that_hangs_on_it(mgmt: Management, acme: str) -> None:
    who, role = new_user(mgmt), made(mgmt.roles.create(name="admin"))
    staff = group(mgmt)
    mgmt.organizations.members.create(acme, members=[who])
    mgmt.organizations.members.roles.assign(acme, who, roles=[role])
    mgmt.organizations.groups.roles.create(acme, staff, roles=[role])
    mgmt.organizations.discovery_domains.create(acme, domain="acme.example")
    mgmt.organizations.delete(acme)
    assert not mgmt.users.organizations.list(who).items
    with pytest.raises(NotFoundError):
        mgmt.organizations.members.list(acme)
    assert mgmt.users.get(who).user_id == who
    assert mgmt.groups.get(staff).id == staff


@pytest.mark.parametrize("goes", ["user", "role", "group", "connection"])
def test_what_goes_leaves_the_organizations_that_it_was_in(
    mgmt: Management, acme: str, goes: str
) -> None:
    who, role, staff = new_user(mgmt), made(mgmt.roles.create(name="admin")), group(mgmt)
    connection = made(mgmt.connections.create(name="a", strategy="github"))
    mgmt.organizations.members.create(acme, members=[who])
    mgmt.organizations.members.roles.assign(acme, who, roles=[role])
    mgmt.organizations.groups.roles.create(acme, staff, roles=[role])
    mgmt.organizations.connections.create(acme, connection_id=connection)
    match goes:
        case "user":
            mgmt.users.delete(who)
            assert not mgmt.organizations.members.list(acme).items
            assert not mgmt.organizations.roles.members.list(acme, role).items
        case "role":
            mgmt.roles.delete(role)
            assert not mgmt.organizations.members.roles.list(acme, who).items
            assert not mgmt.organizations.groups.list(acme).items
        case "group":
            mgmt.groups.delete(staff)
            assert not mgmt.organizations.groups.list(acme).items
        case _:
            mgmt.connections.delete(connection)
            assert not mgmt.organizations.connections.list(acme).items
