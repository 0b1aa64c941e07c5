"""What belongs to a connection: clients, users, SCIM, directories, keys; and what goes with it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Clock

from .conftest import new_user

ENTERPRISE: dict[str, dict[str, Any]] = {
    "okta": {"client_id": "c", "client_secret": "s", "domain": "a.okta.com"},
    "oidc": {
        "client_id": "c",
        "type": "front_channel",
        "issuer": "https://issuer.example",
        "authorization_endpoint": "https://issuer.example/authorize",
        "jwks_uri": "https://issuer.example/keys",
    },
    "samlp": {"signInEndpoint": "https://issuer.example/saml"},
    "waad": {"client_id": "c", "client_secret": "s", "tenant_domain": "a.example"},
}


def connection(mgmt: Management, strategy: str = "auth0", **more: Any) -> str:
    body: dict[str, Any] = {"name": f"a-{strategy}", "strategy": strategy, **more}
    made = mgmt.connections.create(**body)
    assert made.id is not None
    return made.id


def client(mgmt: Management, name: str = "Till") -> str:
    made = mgmt.clients.create(name=name).client_id
    assert made is not None
    return made


# --- reading -----------------------------------------------------------------------------------


def test_connections_are_listed_by_name_and_strategies(mgmt: Management) -> None:
    for strategy in ("github", "okta", "samlp"):
        connection(mgmt, strategy)
    found = mgmt.connections.list(strategy=["okta", "samlp"])
    assert [each.name for each in found] == ["a-okta", "a-samlp"]
    assert [each.name for each in mgmt.connections.list(name="a-github")] == ["a-github"]
    assert not mgmt.connections.list(name="a").items


def test_the_choice_of_fields_never_hides_what_a_connection_is(mgmt: Management) -> None:
    found = mgmt.connections.get(connection(mgmt), fields="name,strategy")
    assert found.model_fields_set == {
        "id", "name", "strategy", "is_domain_connection", "authentication", "connected_accounts",
    }  # fmt: skip


# --- clients -----------------------------------------------------------------------------------


def test_clients_given_with_a_connection_are_enabled(mgmt: Management) -> None:
    key = connection(mgmt, enabled_clients=[client(mgmt)])
    assert mgmt.connections.get(key).enabled_clients == [
        each.client_id for each in mgmt.connections.clients.get(key)
    ]


def test_a_client_lists_the_connections_that_it_may_use(mgmt: Management) -> None:
    till = client(mgmt)
    key = connection(mgmt, enabled_clients=[till])
    connection(mgmt, "github")
    assert [each.id for each in mgmt.clients.connections.get(till)] == [key]


def test_a_client_that_is_not_there_cannot_be_enabled(mgmt: Management) -> None:
    key, till = connection(mgmt), client(mgmt)
    change: list[Any] = [
        {"client_id": till, "status": True},
        {"client_id": "nobody", "status": True},
    ]
    with pytest.raises(NotFoundError):
        mgmt.connections.clients.update(key, change)
    assert not mgmt.connections.clients.get(key).items


def test_a_client_that_goes_is_enabled_nowhere(mgmt: Management) -> None:
    till = client(mgmt)
    key = connection(mgmt, enabled_clients=[till])
    mgmt.clients.delete(till)
    assert mgmt.connections.get(key).enabled_clients == []


# --- users -------------------------------------------------------------------------------------


def test_users_are_deleted_by_address_in_their_database_only(mgmt: Management) -> None:
    key, other = connection(mgmt), "Username-Password-Authentication"
    new_user(mgmt, connection="a-auth0")
    kept = new_user(mgmt, connection=other)
    mgmt.connections.users.delete_by_email(key, email="Ada@example.com")
    mgmt.connections.users.delete_by_email(key, email="nobody@example.com")
    assert [each.user_id for each in mgmt.users.list()] == [kept]


def test_users_are_deleted_by_address_in_databases_only(mgmt: Management) -> None:
    with pytest.raises(BadRequestError):
        mgmt.connections.users.delete_by_email(connection(mgmt, "github"), email="a@example.com")


def test_a_connection_takes_its_users_along_and_nobody_else(mgmt: Management) -> None:
    key = connection(mgmt)
    gone, role = new_user(mgmt, connection="a-auth0"), mgmt.roles.create(name="admin").id
    kept = new_user(mgmt)
    assert role is not None
    mgmt.users.roles.assign(gone, roles=[role])
    mgmt.connections.delete(key)
    assert [each.user_id for each in mgmt.users.list()] == [kept]
    assert not mgmt.roles.users.list(role).items


# --- SCIM --------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["oidc", "okta", "samlp", "waad"])
def test_users_of_enterprise_connections_can_be_provisioned(
    mgmt: Management, strategy: str
) -> None:
    scim = mgmt.connections.scim_configuration
    key = connection(mgmt, strategy)
    made = scim.create(key, user_id_attribute="userName")
    assert (made.connection_id, made.user_id_attribute) == (key, "userName")
    with pytest.raises(ConflictError):
        scim.create(key)
    assert [each.connection_id for each in scim.list()] == [key]


def test_users_of_other_connections_cannot(mgmt: Management) -> None:
    with pytest.raises(NotFoundError, match="does not support SCIM"):
        mgmt.connections.scim_configuration.create(connection(mgmt))


def test_scim_tokens_are_shown_once_two_at_most_and_end(mgmt: Management, clock: Clock) -> None:
    key = connection(mgmt, "okta")
    mgmt.connections.scim_configuration.create(key)
    tokens = mgmt.connections.scim_configuration.tokens
    first = tokens.create(key, scopes=["get:users"], token_lifetime=3600)
    assert first.token
    assert first.valid_until is not None
    tokens.create(key)
    with pytest.raises(ConflictError):
        tokens.create(key)
    assert "token" not in tokens.get(key)[0].model_fields_set
    assert first.token_id is not None
    tokens.delete(key, first.token_id)
    assert len(tokens.get(key)) == 1


def test_a_configuration_that_goes_takes_its_tokens_along(mgmt: Management) -> None:
    key = connection(mgmt, "okta")
    mgmt.connections.scim_configuration.create(key)
    mgmt.connections.scim_configuration.tokens.create(key)
    mgmt.connections.scim_configuration.delete(key)
    mgmt.connections.scim_configuration.create(key)
    assert mgmt.connections.scim_configuration.tokens.get(key) == []


# --- directories -------------------------------------------------------------------------------


def test_only_directories_can_be_provisioned_from(mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="not supported"):
        mgmt.connections.directory_provisioning.create(connection(mgmt, "okta"))


def test_the_groups_of_a_directory_are_chosen_and_found(mgmt: Management) -> None:
    key = connection(mgmt, "google-apps")
    directory = mgmt.connections.directory_provisioning
    directory.create(key, synchronize_groups="selected")
    directory.set(key, groups=[{"id": "a", "name": "Staff"}, {"id": "b", "name": "Board"}])
    directory.add_synchronized_group_selections(key, groups=[{"id": "c", "name": "Staffing"}])
    found = directory.list_synchronized_groups(key, q="staff")
    assert [each.id for each in found] == ["a", "c"]
    directory.delete_synchronized_group_selections(key, groups=[{"id": "a"}])
    assert [each.id for each in directory.list_synchronized_groups(key)] == ["b", "c"]


# --- what goes with a connection ---------------------------------------------------------------


def test_a_connection_takes_all_along_that_belongs_to_it(mgmt: Management) -> None:
    okta, google = connection(mgmt, "okta"), connection(mgmt, "google-apps")
    mgmt.connections.scim_configuration.create(okta)
    directory = mgmt.connections.directory_provisioning
    directory.create(google, synchronize_groups="selected")
    directory.set(google, groups=[{"id": "staff"}])
    directory.synchronizations.create(google)
    assert len(mgmt.groups.list().items) == 1
    for key in (okta, google):
        mgmt.connections.delete(key)
    assert not mgmt.connections.scim_configuration.list().items
    assert not directory.list().items
    assert not mgmt.groups.list().items


@pytest.mark.parametrize("strategy", ["waad", "okta", "oidc", "samlp"])
def test_scim_maps_what_the_template_of_user_attributes_says(
    http: httpx.Client, strategy: str
) -> None:
    body = {"name": "c", "strategy": strategy, "options": ENTERPRISE[strategy]}
    connection = http.post("/connections", json=body).json()["id"]
    given = http.post(f"/connections/{connection}/scim-configuration").json()["mapping"]
    template = http.get("/user-attribute-profiles/templates/auth0-generic").json()["template"]
    wanted = [
        {"auth0": attribute["auth0_mapping"], "scim": scim}
        for attribute in template["user_attributes"].values()
        if (
            scim := attribute.get("strategy_overrides", {})
            .get(strategy, {})
            .get("scim_mapping", attribute.get("scim_mapping"))
        )
    ]
    assert given == wanted
    azure = {"auth0": "email", "scim": 'emails[type eq "work"].value'}
    assert (given[1] == azure) is (strategy == "waad")


@pytest.mark.parametrize(
    ("strategy", "shown"),
    [("oidc", False), ("okta", False), ("samlp", False), ("waad", False), ("auth0", True)],
)
def test_only_creating_an_enterprise_connection_shows_its_clients(
    http: httpx.Client, strategy: str, shown: bool
) -> None:
    body = {"name": "c", "strategy": strategy, "options": ENTERPRISE.get(strategy, {})}
    created = http.post("/connections", json=body).json()
    assert created["enabled_clients"] == []
    path = f"/connections/{created['id']}"
    changed = http.patch(path, json={"is_domain_connection": True}).json()
    assert [("enabled_clients" in each) for each in (changed, http.get(path).json())] == [shown] * 2


def test_rotated_keys_are_listed_current_previous_next(http: httpx.Client) -> None:
    body = {"name": "c", "strategy": "oidc", "options": ENTERPRISE["oidc"]}
    path = f"/connections/{http.post('/connections', json=body).json()['id']}/keys"
    first, second = (key["kid"] for key in http.get(path).json())
    for _ in range(2):
        made = http.post(f"{path}/rotate").json()
        keys = http.get(path).json()
        assert [key["kid"] for key in keys] == [second, first, made["kid"]]
        standings = ("current", "previous", "next")
        assert [[name for name in standings if name in key] for key in keys] == [
            ["current"],
            ["previous"],
            ["next"],
        ]
        first, second = second, made["kid"]


@pytest.mark.parametrize(
    ("strategy", "options", "scope"),
    [
        ("apple", {}, None),
        ("apple", {"name": False, "email": True}, "email"),
        ("facebook", {}, ""),
        ("github", {}, []),
    ],
)
def test_providers_show_in_their_own_way_that_there_is_no_scope(
    http: httpx.Client, strategy: str, options: dict[str, Any], scope: Any
) -> None:
    body = {"name": "c", "strategy": strategy, "options": options}
    made = http.post("/connections", json=body).json()
    assert made["options"].get("scope") == scope
    assert ("scope" in made["options"]) is (scope is not None)
    path = f"/connections/{made['id']}"
    changed = http.patch(path, json={"options": {"upstream_params": {}}}).json()["options"]
    assert ("scope" in changed) is (strategy != "apple")
