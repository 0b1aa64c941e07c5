"""Users: profiles, metadata, search, identities, and what hangs on a user."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import (
    APIStatusError,
    BadRequestError,
    ConflictError,
    Management,
    NotFoundError,
    quote_query,
)
from auth0_mgmt_testing import Factory, TenantHandle

from .families import Family

DATABASE = "Username-Password-Authentication"
PASSWORD = "Corr3ct-horse-battery"
NOBODY = "auth0|000000000000000000000000"

USERS = Family(
    at="users",
    id="user_id",
    new=lambda make: {
        "connection": DATABASE,
        "email": f"{make.name('ada')}@example.com",
        "password": PASSWORD,
        "given_name": "Ada",
        "user_metadata": {"plan": "free"},
    },
    form=r"auth0\|[0-9a-f]{24}",
    change={"family_name": "Lovelace"},
    null="given_name",
    secret=("connection", "password"),
    unique="email",
    missing=NOBODY,
    absent="inexistent_user",
)


@pytest.fixture
def ada(auth0_factory: Factory) -> Any:
    """A user of the database connection."""
    return auth0_factory.user(email=f"{auth0_factory.name('ada')}@example.com")


def test_a_profile_is_completed_from_the_address(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    local = auth0_factory.name("Grace")
    user = auth0_factory.user(email=f"{local}@Example.com")
    read = auth0_mgmt.users.get(user.user_id)
    assert read.email == f"{local}@example.com".lower()
    assert (read.name, read.nickname) == (read.email, local.lower())
    assert read.email_verified is False
    assert read.get("picture", "").startswith("https://s.gravatar.com/avatar/")
    (identity,) = read.get("identities")
    assert identity.provider == "auth0"
    assert f"auth0|{identity.user_id}" == read.user_id
    assert (identity.connection, identity.get("isSocial")) == (DATABASE, False)
    assert read.get("password") is None


def test_an_id_of_ones_own_gets_the_provider_before_it(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    own = auth0_factory.name("own")
    user = auth0_factory.user(user_id=own)
    assert user.user_id == f"auth0|{own}"
    assert auth0_mgmt.users.get(f"auth0|{own}").email == user.email


def test_an_address_is_unique_within_its_connection_whatever_its_case(
    auth0_mgmt: Management, auth0_factory: Factory, ada: Any
) -> None:
    with pytest.raises(ConflictError, match="already exists"):
        auth0_factory.user(email=ada.email.upper())
    other = auth0_factory.connection(strategy="auth0")
    twin = auth0_factory.user(email=ada.email, connection=other.name)
    found = auth0_mgmt.users.list_users_by_email(email=ada.email)
    assert {user.user_id for user in found} == {ada.user_id, twin.user_id}


def test_a_user_of_an_unknown_connection_is_refused(auth0_factory: Factory) -> None:
    with pytest.raises(BadRequestError, match="connection"):
        auth0_factory.user(connection="no-such-connection")


def test_metadata_merges_on_its_first_level_only(auth0_mgmt: Management, ada: Any) -> None:
    auth0_mgmt.users.update(ada.user_id, user_metadata={"a": {"x": 1}, "b": 2, "c": 3})
    changed = auth0_mgmt.users.update(ada.user_id, user_metadata={"a": {"y": 1}, "d": 4})
    assert changed.user_metadata == {"a": {"y": 1}, "b": 2, "c": 3, "d": 4}


def test_null_deletes_a_key_of_metadata(auth0_mgmt: Management, ada: Any) -> None:
    auth0_mgmt.users.update(ada.user_id, app_metadata={"plan": "gold", "seats": 3})
    auth0_mgmt.users.update(ada.user_id, app_metadata={"plan": None})
    assert auth0_mgmt.users.get(ada.user_id).app_metadata == {"seats": 3}


def test_an_empty_object_empties_metadata(auth0_mgmt: Management, ada: Any) -> None:
    auth0_mgmt.users.update(ada.user_id, user_metadata={"a": 1}, app_metadata={"kept": True})
    auth0_mgmt.users.update(ada.user_id, user_metadata={})
    read = auth0_mgmt.users.get(ada.user_id)
    assert not read.user_metadata
    assert read.app_metadata == {"kept": True}


def test_a_blocked_user_stays_blocked_until_told(auth0_mgmt: Management, ada: Any) -> None:
    auth0_mgmt.users.update(ada.user_id, blocked=True)
    auth0_mgmt.users.update(ada.user_id, family_name="Lovelace")
    assert auth0_mgmt.users.get(ada.user_id).blocked is True
    auth0_mgmt.users.update(ada.user_id, blocked=False)
    assert not auth0_mgmt.users.get(ada.user_id).blocked


def test_a_user_is_found_by_an_address_in_its_own_case_only(
    auth0_mgmt: Management, ada: Any
) -> None:
    assert [u.user_id for u in auth0_mgmt.users.list_users_by_email(email=ada.email)] == [
        ada.user_id
    ]
    assert auth0_mgmt.users.list_users_by_email(email=ada.email.upper()) == []
    (named,) = auth0_mgmt.users.list_users_by_email(email=ada.email, fields="email")
    assert named.to_dict() == {"email": ada.email}


def test_a_user_is_read_by_fields(auth0_mgmt: Management, ada: Any) -> None:
    shown = auth0_mgmt.users.get(ada.user_id, fields="email,nickname", include_fields=True)
    assert set(shown.to_dict()) == {"email", "nickname"}
    hidden = auth0_mgmt.users.get(ada.user_id, fields="email", include_fields=False)
    assert hidden.email is None
    assert hidden.user_id == ada.user_id


def search(auth0_tenant: TenantHandle, auth0_mgmt: Management, q: str, *expected: str) -> None:
    """Search, and wait until the index has what is expected."""

    def found() -> None:
        assert {u.user_id for u in auth0_mgmt.users.list(q=q, search_engine="v3")} == {*expected}

    auth0_tenant.eventually(found)


def test_users_are_searched_by_their_fields(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    tag = auth0_factory.name("Team")
    one = auth0_factory.user(family_name=tag, app_metadata={"team": tag, "seats": 3})
    two = auth0_factory.user(family_name=tag, app_metadata={"team": tag, "seats": 9}, blocked=True)
    both = (one.user_id, two.user_id)
    for q, expected in {
        f"family_name:{quote_query(tag)}": both,
        f"family_name:{quote_query(tag.upper())}": both,
        f"app_metadata.team:{quote_query(tag)}": both,
        f"app_metadata.team:{quote_query(tag.upper())}": (),
        f"family_name:{quote_query(tag)} AND blocked:true": (two.user_id,),
        f"family_name:{quote_query(tag)} AND NOT blocked:true": (one.user_id,),
        f"email:{quote_query(one.email)} OR user_id:{quote_query(two.user_id)}": both,
        f"family_name:{quote_query(tag)} AND app_metadata.seats:[5 TO 20]": (two.user_id,),
        f"app_metadata.team:{quote_query(tag)} AND app_metadata.seats:3": (one.user_id,),
        f"family_name:{quote_query('nobody-' + tag)}": (),
    }.items():
        search(auth0_tenant, auth0_mgmt, q, *expected)


def test_a_search_is_sorted(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    tag = auth0_factory.name("Sort")
    made = {n: auth0_factory.user(family_name=tag, given_name=n).user_id for n in ("b", "c", "a")}
    q = f"family_name:{quote_query(tag)}"
    search(auth0_tenant, auth0_mgmt, q, *made.values())
    for sort, order in (("given_name:1", "abc"), ("given_name:-1", "cba")):
        found = auth0_mgmt.users.list(q=q, sort=sort, per_page=2)
        assert [user.user_id for user in found] == [made[name] for name in order]


@pytest.mark.parametrize("q", ["name:(ada", 'name:"ada', "name:[1 TO"])
def test_a_search_that_cannot_be_read_is_refused(auth0_mgmt: Management, q: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        auth0_mgmt.users.list(q=q)
    assert refused.value.error_code == "invalid_query_string"


# Identities.


def test_a_linked_user_is_an_identity_until_it_is_unlinked(
    auth0_mgmt: Management, auth0_factory: Factory, ada: Any
) -> None:
    second = auth0_factory.user(user_metadata={"from": "second"})
    identities = auth0_mgmt.users.identities.link(
        ada.user_id, provider="auth0", user_id=second.user_id
    )
    own = second.user_id.removeprefix("auth0|")
    assert [i.provider for i in identities] == ["auth0", "auth0"]
    linked = auth0_mgmt.users.get(ada.user_id).get("identities")
    assert str(linked[1].user_id).removeprefix("auth0|") == own
    assert linked[1].get("profileData.email") == second.email
    with pytest.raises(NotFoundError, match="inexistent_user"):
        auth0_mgmt.users.get(second.user_id)

    left = auth0_mgmt.users.identities.delete(ada.user_id, "auth0", linked[1].user_id)
    assert len(left) == 1
    assert auth0_mgmt.users.get(second.user_id).email == second.email
    assert len(auth0_mgmt.users.get(ada.user_id).get("identities")) == 1


def test_the_first_identity_cannot_be_unlinked(auth0_mgmt: Management, ada: Any) -> None:
    own = ada.user_id.removeprefix("auth0|")
    with pytest.raises(BadRequestError):
        auth0_mgmt.users.identities.delete(ada.user_id, "auth0", own)


@pytest.mark.auth0_allow_changes("users.identities.link")
def test_nobody_is_linked_to_who_is_not_there(auth0_mgmt: Management, ada: Any) -> None:
    with pytest.raises(APIStatusError) as refused:
        auth0_mgmt.users.identities.link(ada.user_id, provider="auth0", user_id=NOBODY)
    assert refused.value.status_code in (400, 404)
    assert len(auth0_mgmt.users.get(ada.user_id).get("identities")) == 1


# Roles and permissions.


def test_roles_are_given_and_taken(
    auth0_mgmt: Management, auth0_factory: Factory, ada: Any
) -> None:
    kept, taken = auth0_factory.role(), auth0_factory.role()
    auth0_mgmt.users.roles.assign(ada.user_id, roles=[kept.id, taken.id])
    assert {role.id for role in auth0_mgmt.users.roles.list(ada.user_id)} == {kept.id, taken.id}
    assert [user.user_id for user in auth0_mgmt.roles.users.list(kept.id)] == [ada.user_id]
    auth0_mgmt.users.roles.delete(ada.user_id, roles=[taken.id])
    assert [role.id for role in auth0_mgmt.users.roles.list(ada.user_id)] == [kept.id]
    assert not auth0_mgmt.roles.users.list(taken.id).items
    auth0_mgmt.roles.delete(kept.id)
    assert not auth0_mgmt.users.roles.list(ada.user_id).items


def test_a_role_that_is_not_there_cannot_be_given(auth0_mgmt: Management, ada: Any) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.users.roles.assign(ada.user_id, roles=["rol_0000000000000000"])
    assert not auth0_mgmt.users.roles.list(ada.user_id).items


def test_a_deleted_user_leaves_its_roles(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user, role = auth0_factory.user(), auth0_factory.role()
    auth0_mgmt.roles.users.assign(role.id, users=[user.user_id])
    auth0_mgmt.users.delete(user.user_id)
    assert not auth0_mgmt.roles.users.list(role.id).items


def test_permissions_are_given_and_taken(
    auth0_mgmt: Management, auth0_factory: Factory, ada: Any
) -> None:
    api = auth0_factory.resource_server(
        scopes=[{"value": "read:x", "description": "Read"}, {"value": "write:x"}]
    )
    both: list[Any] = [
        {"resource_server_identifier": api.identifier, "permission_name": name}
        for name in ("read:x", "write:x")
    ]
    auth0_mgmt.users.permissions.create(ada.user_id, permissions=both)
    found = {p.permission_name: p for p in auth0_mgmt.users.permissions.list(ada.user_id)}
    assert set(found) == {"read:x", "write:x"}
    assert found["read:x"].description == "Read"
    assert found["read:x"].resource_server_name == api.name
    assert found["read:x"].resource_server_identifier == api.identifier
    auth0_mgmt.users.permissions.delete(ada.user_id, permissions=both[:1])
    assert [p.permission_name for p in auth0_mgmt.users.permissions.list(ada.user_id)] == [
        "write:x"
    ]
    auth0_mgmt.resource_servers.delete(api.id)
    assert not auth0_mgmt.users.permissions.list(ada.user_id).items


def test_permissions_come_of_roles_too_where_they_are_effective(
    auth0_mgmt: Management, auth0_factory: Factory, ada: Any
) -> None:
    api = auth0_factory.resource_server(scopes=[{"value": "read:x"}])
    role = auth0_factory.role()
    permission: Any = {"resource_server_identifier": api.identifier, "permission_name": "read:x"}
    auth0_mgmt.roles.permissions.add(role.id, permissions=[permission])
    auth0_mgmt.users.roles.assign(ada.user_id, roles=[role.id])
    effective = auth0_mgmt.users.effective_permissions
    found = list(effective.list(ada.user_id, resource_server_identifier=api.identifier))
    assert [p.permission_name for p in found] == ["read:x"]
    sources = effective.sources.roles.list(
        ada.user_id, resource_server_identifier=api.identifier, permission_name="read:x"
    )
    assert [source.id for source in sources] == [role.id]
    assert [r.id for r in auth0_mgmt.users.effective_roles.list(ada.user_id)] == [role.id]
    groups = auth0_mgmt.users.effective_roles.sources.groups.list(ada.user_id, role_id=role.id)
    assert not groups.items


@pytest.mark.auth0_requires("organizations")
def test_a_user_knows_its_organizations(
    auth0_mgmt: Management, auth0_factory: Factory, ada: Any
) -> None:
    organization = auth0_factory.organization()
    assert not auth0_mgmt.users.organizations.list(ada.user_id).items
    auth0_mgmt.organizations.members.create(organization.id, members=[ada.user_id])
    (found,) = auth0_mgmt.users.organizations.list(ada.user_id)
    assert (found.id, found.name) == (organization.id, organization.name)


# Authentication methods.


@pytest.fixture
def methods(auth0_mgmt: Management) -> Any:
    return auth0_mgmt.users.authentication_methods


def test_authentication_methods_are_added_renamed_and_removed(methods: Any, ada: Any) -> None:
    email = methods.create(ada.user_id, type="email", name="Work", email="ada@work.example.com")
    phone = methods.create(
        ada.user_id,
        type="phone",
        name="Mobile",
        phone_number="+44207183875044",
        preferred_authentication_method="sms",
    )
    assert {method.id for method in methods.list(ada.user_id)} == {email.id, phone.id}
    assert methods.get(ada.user_id, email.id).type == "email"
    renamed = methods.update(ada.user_id, email.id, name="Home")
    assert renamed.name == methods.get(ada.user_id, email.id).name == "Home"
    methods.delete(ada.user_id, email.id)
    with pytest.raises(NotFoundError):
        methods.get(ada.user_id, email.id)
    assert [method.id for method in methods.list(ada.user_id)] == [phone.id]


def test_a_one_time_password_secret_is_never_shown(methods: Any, ada: Any) -> None:
    made = methods.create(
        ada.user_id, type="totp", name="App", totp_secret="5HCWXIP2MJNSUBGYVUZFLRB2HWIGXR4S"
    )
    assert "totp_secret" not in methods.get(ada.user_id, made.id).to_dict()
    assert all("totp_secret" not in method.to_dict() for method in methods.list(ada.user_id))


def test_authentication_methods_are_replaced_and_deleted_all_at_once(
    methods: Any, ada: Any
) -> None:
    methods.create(ada.user_id, type="email", name="Old", email="old@example.com")
    methods.set(
        ada.user_id,
        body=[
            {"type": "email", "name": "New", "email": "new@example.com"},
            {
                "type": "phone",
                "name": "Mobile",
                "phone_number": "+44207183875044",
                "preferred_authentication_method": "sms",
            },
        ],
    )
    assert {method.name for method in methods.list(ada.user_id)} == {"New", "Mobile"}
    methods.delete_all(ada.user_id)
    assert not methods.list(ada.user_id).items


def test_authenticators_and_enrolments_are_cleared(auth0_mgmt: Management, ada: Any) -> None:
    assert auth0_mgmt.users.enrollments.get(ada.user_id) == []
    auth0_mgmt.users.authenticators.delete_all(ada.user_id)
    auth0_mgmt.users.multifactor.invalidate_remember_browser(ada.user_id)
    auth0_mgmt.users.risk_assessments.clear(
        ada.user_id, connection=DATABASE, assessors=["new-device"]
    )
    assert auth0_mgmt.users.enrollments.get(ada.user_id) == []


def test_a_recovery_code_is_new_each_time(auth0_mgmt: Management, ada: Any) -> None:
    codes = [auth0_mgmt.users.regenerate_recovery_code(ada.user_id) for _ in range(2)]
    assert codes[0].recovery_code != codes[1].recovery_code
    assert all(len(code.recovery_code or "") == 24 for code in codes)


def test_a_new_user_has_no_sessions_tokens_accounts_or_groups(
    auth0_mgmt: Management, ada: Any
) -> None:
    users, who = auth0_mgmt.users, ada.user_id
    assert not users.sessions.list(who).items
    assert not users.refresh_token.list(who).items
    assert not users.connected_accounts.list(who).items
    assert not users.groups.get(who).items
    assert not users.federated_connections_tokensets.list(who)
    users.revoke_access(who)


@pytest.mark.parametrize(
    "read",
    [
        "roles.list", "permissions.list", "organizations.list", "enrollments.get",
        "authentication_methods.list", "effective_roles.list", "groups.get",
        "connected_accounts.list",
    ],
)  # fmt: skip
def test_nothing_hangs_on_who_is_not_there(auth0_mgmt: Management, read: str) -> None:
    family, _, method = read.partition(".")
    with pytest.raises(NotFoundError, match=r"inexistent_user|does not exist"):
        getattr(getattr(auth0_mgmt.users, family), method)(NOBODY)


@pytest.mark.auth0_fake_only
def test_of_roles_of_which_one_is_not_there_none_is_given(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    user, role = auth0_factory.user(), auth0_factory.role()
    with pytest.raises(NotFoundError):
        auth0_mgmt.users.roles.assign(user.user_id, roles=[role.id, "rol_0000000000000000"])
    assert not list(auth0_mgmt.users.roles.list(user.user_id))
