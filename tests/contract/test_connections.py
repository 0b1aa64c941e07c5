"""Connections: options, enabled clients, keys, SCIM, directory provisioning."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import APIStatusError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Factory, TenantHandle

from .calls import status_of
from .families import Family

CONNECTIONS = Family(
    at="connections",
    new=lambda make: {"name": make.name("db"), "strategy": "auth0", "metadata": {"team": "search"}},
    form=r"con_\w{16}",
    change={"metadata": {"team": "billing"}},
    unique="name",
    filters={
        "name": ("name", {}),
        "strategy": ("strategy", {"strategy": "email"}),
    },
    missing="con_0000000000000000",
    absent="inexistent_connection",
    always=("is_domain_connection", "authentication", "connected_accounts"),
)


@pytest.fixture
def okta(auth0_factory: Factory) -> Any:
    """An enterprise connection."""
    return auth0_factory.connection(
        strategy="okta",
        options={
            "client_id": "okta-client",
            "client_secret": "okta-secret",
            "domain": "example.okta.com",
            "issuer": "https://example.okta.com",
            "authorization_endpoint": "https://example.okta.com/oauth2/v1/authorize",
            "token_endpoint": "https://example.okta.com/oauth2/v1/token",
            "jwks_uri": "https://example.okta.com/oauth2/v1/keys",
        },
    )


@pytest.fixture
def workspace(auth0_factory: Factory) -> Any:
    """A connection with a directory to provision from."""
    return auth0_factory.connection(
        strategy="google-apps",
        options={
            "client_id": "google-client",
            "client_secret": "google-secret",
            "domain": "example.com",
            "tenant_domain": "example.com",
            "api_enable_users": True,
            "api_enable_groups": True,
        },
    )


def test_a_new_connection_is_enabled_nowhere_and_its_own_realm(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.connection(strategy="auth0")
    read = auth0_mgmt.connections.get(made.id)
    assert (read.strategy, read.is_domain_connection) == ("auth0", False)
    assert read.realms == [made.name]
    assert read.enabled_clients == []


def test_an_update_replaces_the_options_whole(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.connection(
        strategy="auth0", options={"disable_signup": True, "requires_username": True}
    )
    auth0_mgmt.connections.update(made.id, options={"disable_signup": True})
    options = auth0_mgmt.connections.get(made.id).options or {}
    assert options.get("disable_signup") is True
    assert not options.get("requires_username")


def test_an_update_without_options_leaves_them(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.connection(strategy="auth0", options={"disable_signup": True})
    auth0_mgmt.connections.update(made.id, display_name="Shown")
    read = auth0_mgmt.connections.get(made.id)
    assert (read.options or {}).get("disable_signup") is True
    assert read.display_name == "Shown"


def test_attributes_and_validation_exclude_each_other(auth0_factory: Factory) -> None:
    with pytest.raises(
        APIStatusError, match=r"Cannot set both options.attributes and options.validation"
    ) as refused:
        auth0_factory.connection(
            strategy="auth0",
            options={
                "attributes": {"email": {"identifier": {"active": True}}},
                "validation": {"username": {"min": 1, "max": 5}},
            },
        )
    assert (refused.value.status_code, refused.value.error_code) == (400, "invalid_body")


def test_a_connection_is_read_by_fields(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_factory.connection(strategy="auth0")
    shown = auth0_mgmt.connections.get(made.id, fields="name,strategy", include_fields=True)
    assert (shown.name, shown.strategy, shown.options) == (made.name, "auth0", None)
    hidden = auth0_mgmt.connections.get(made.id, fields="name", include_fields=False)
    assert hidden.get("name") is None
    assert hidden.id == made.id


def test_connections_are_listed_by_several_strategies(
    auth0_mgmt: Management, auth0_factory: Factory, okta: Any
) -> None:
    database = auth0_factory.connection(strategy="auth0")
    found = {c.id for c in auth0_mgmt.connections.list(strategy=["okta", "google-apps"])}
    assert okta.id in found
    assert database.id not in found


def test_clients_are_enabled_and_disabled_one_by_one(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.connection(strategy="auth0")
    first, second = (auth0_factory.client().client_id for _ in range(2))
    clients = auth0_mgmt.connections.clients
    clients.update(
        made.id,
        body=[{"client_id": first, "status": True}, {"client_id": second, "status": True}],
    )
    assert {client.client_id for client in clients.get(made.id)} == {first, second}
    assert {client.client_id for client in clients.get(made.id, take=1)} == {first, second}
    clients.update(made.id, body=[{"client_id": first, "status": False}])
    assert [client.client_id for client in clients.get(made.id)] == [second]
    assert auth0_mgmt.connections.get(made.id).enabled_clients == [second]
    auth0_mgmt.clients.delete(second)
    assert not clients.get(made.id).items


def test_the_users_of_a_deleted_connection_go_with_it(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.connection(strategy="auth0")
    user = auth0_factory.user(connection=made.name)
    auth0_mgmt.connections.delete(made.id)

    def gone() -> None:
        assert status_of(auth0_mgmt.users.get, user.user_id) == 404

    auth0_tenant.eventually(gone)


def test_a_user_is_deleted_by_address(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_factory.connection(strategy="auth0")
    gone, kept = (auth0_factory.user(connection=made.name) for _ in range(2))
    auth0_mgmt.connections.users.delete_by_email(made.id, email=str(gone.email))
    assert status_of(auth0_mgmt.users.get, gone.user_id) == 404
    assert auth0_mgmt.users.get(kept.user_id).email == kept.email


def test_the_status_of_a_directory_can_be_asked_for(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    directory = auth0_factory.connection(strategy="ad")
    # Without a connector that is online the tenant may also answer 404.
    assert status_of(auth0_mgmt.connections.check_status, directory.id) in (None, 404)
    assert status_of(auth0_mgmt.connections.check_status, CONNECTIONS.missing) == 404


# Keys.


@pytest.mark.auth0_requires("enterprise_connections")
def test_the_key_of_a_connection_is_rotated(auth0_mgmt: Management, okta: Any) -> None:
    keys = auth0_mgmt.connections.keys
    if not (status_of(keys.get, okta.id) is None and keys.get(okta.id)):
        keys.create(okta.id, signing_alg="RS256")
    before = {key.kid for key in keys.get(okta.id)}
    rotated = keys.rotate(okta.id)
    assert rotated.kid not in before
    assert "BEGIN CERTIFICATE" in (rotated.cert or "")
    after = keys.get(okta.id)
    assert rotated.kid in {key.kid for key in after}
    assert all(key.algorithm == "RS256" for key in after)
    assert all("PRIVATE" not in str(key.to_dict()) for key in after)


@pytest.mark.auth0_allow_changes("connections.keys.create")
def test_a_missing_connection_has_no_keys(auth0_mgmt: Management) -> None:
    assert status_of(auth0_mgmt.connections.keys.get, CONNECTIONS.missing) == 404
    assert status_of(auth0_mgmt.connections.keys.create, CONNECTIONS.missing) == 404


# SCIM.


@pytest.mark.auth0_requires("scim")
def test_scim_is_configured_once(auth0_mgmt: Management, okta: Any) -> None:
    scim = auth0_mgmt.connections.scim_configuration
    assert status_of(scim.get, okta.id) == 404
    made = scim.create(okta.id)
    assert (made.connection_id, made.strategy) == (okta.id, "okta")
    assert made.get("mapping") == scim.get_default_mapping(okta.id).get("mapping")
    assert len(made.get("mapping")) > 10
    with pytest.raises(ConflictError):
        scim.create(okta.id)
    changed = scim.update(
        okta.id, user_id_attribute="userName", mapping=[{"auth0": "email", "scim": "userName"}]
    )
    assert changed.user_id_attribute == "userName"
    assert [m.to_dict() for m in scim.get(okta.id).get("mapping")] == [
        {"auth0": "email", "scim": "userName"}
    ]
    assert okta.id in {found.connection_id for found in scim.list()}
    scim.delete(okta.id)
    assert status_of(scim.get, okta.id) == 404
    assert okta.id not in {found.connection_id for found in scim.list()}


@pytest.mark.auth0_requires("scim")
def test_a_scim_token_is_shown_once(auth0_mgmt: Management, okta: Any) -> None:
    scim = auth0_mgmt.connections.scim_configuration
    scim.create(okta.id)
    made = scim.tokens.create(okta.id, scopes=["get:users"], token_lifetime=3600)
    assert made.token
    assert made.token_id is not None
    (shown,) = scim.tokens.get(okta.id)
    assert shown.token_id == made.token_id
    assert shown.scopes == ["get:users"]
    assert "token" not in shown.to_dict()
    scim.tokens.delete(okta.id, made.token_id)
    assert scim.tokens.get(okta.id) == []


@pytest.mark.auth0_allow_changes("connections.scim_configuration.create")
def test_a_database_has_no_scim(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    database = auth0_factory.connection(strategy="auth0")
    with pytest.raises(NotFoundError, match="does not support SCIM"):
        auth0_mgmt.connections.scim_configuration.create(database.id)
    with pytest.raises(NotFoundError, match="inexistent_connection"):
        auth0_mgmt.connections.scim_configuration.create(CONNECTIONS.missing)


# Directories.


@pytest.mark.auth0_requires("directory_provisioning")
def test_a_directory_is_provisioned_by_a_mapping(auth0_mgmt: Management, workspace: Any) -> None:
    directory = auth0_mgmt.connections.directory_provisioning
    assert status_of(directory.get, workspace.id) == 404
    made = directory.create(workspace.id)
    assert (made.connection_id, made.strategy) == (workspace.id, "google-apps")
    assert made.get("mapping") == directory.get_default_mapping(workspace.id).get("mapping")
    with pytest.raises(ConflictError):
        directory.create(workspace.id)
    mapping: Any = [{"auth0": "email", "idp": "primaryEmail"}]
    directory.update(workspace.id, mapping=mapping, synchronize_automatically=True)
    read = directory.get(workspace.id)
    assert [m.to_dict() for m in read.get("mapping")] == [{"idp": "primaryEmail", "auth0": "email"}]
    assert read.get("synchronize_automatically") is True
    assert workspace.id in {found.connection_id for found in directory.list()}
    started = directory.synchronizations.create(workspace.id)
    assert started.get("connection_id") == workspace.id
    directory.delete(workspace.id)
    assert status_of(directory.get, workspace.id) == 404


@pytest.mark.auth0_requires("directory_provisioning")
def test_groups_to_synchronize_are_chosen(auth0_mgmt: Management, workspace: Any) -> None:
    directory = auth0_mgmt.connections.directory_provisioning
    directory.create(workspace.id, synchronize_groups="selected")

    def chosen() -> set[str]:
        return {group.get("id") for group in directory.list_synchronized_groups(workspace.id)}

    directory.set(workspace.id, groups=[{"id": "g1", "name": "Engineering"}, {"id": "g2"}])
    assert chosen() == {"g1", "g2"}
    directory.add_synchronized_group_selections(workspace.id, groups=[{"id": "g3"}])
    assert chosen() == {"g1", "g2", "g3"}
    directory.delete_synchronized_group_selections(workspace.id, groups=[{"id": "g1"}])
    assert chosen() == {"g2", "g3"}
    directory.set(workspace.id, groups=[])
    assert chosen() == set()


@pytest.mark.auth0_allow_changes("connections.directory_provisioning.create")
def test_a_missing_connection_has_no_directory(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError, match="inexistent_connection"):
        auth0_mgmt.connections.directory_provisioning.create(CONNECTIONS.missing)
