"""Resource servers (APIs) and their scopes."""

from __future__ import annotations

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory, TenantHandle

from .families import Family

APIS = Family(
    at="resource_servers",
    new=lambda make: {
        "name": make.name("api"),
        "identifier": f"https://{make.name('api')}.example.com/",
        "scopes": [{"value": "read:things", "description": "Read things"}],
        "token_lifetime": 7200,
        "proof_of_possession": {"mechanism": "dpop", "required": True},
    },
    form=r"[0-9a-f]{24}",
    change={"token_lifetime": 600},
    null="proof_of_possession",
    unique="identifier",
    filters={"identifiers": ("identifier", {})},
    missing="000000000000000000000000",
    absent="inexistent_resource_server",
)


def test_a_new_api_gets_what_a_tenant_fills_in(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    read = auth0_mgmt.resource_servers.get(auth0_factory.resource_server().id)
    assert (read.signing_alg, read.token_lifetime) == ("RS256", 86400)
    assert read.token_lifetime_for_web == 7200
    assert read.allow_offline_access is False
    assert read.skip_consent_for_verifiable_first_party_clients is False


def test_an_api_is_found_by_its_identifier(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_factory.resource_server()
    assert auth0_mgmt.resource_servers.get(made.identifier).id == made.id


def test_scopes_are_replaced_whole(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_factory.resource_server(scopes=[{"value": "a"}, {"value": "b"}])
    auth0_mgmt.resource_servers.update(made.id, scopes=[{"value": "b"}, {"value": "c"}])
    found = auth0_mgmt.resource_servers.get(made.id).scopes or []
    assert [scope.value for scope in found] == ["b", "c"]


def test_several_apis_are_found_by_their_identifiers(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    one, two, other = (auth0_factory.resource_server() for _ in range(3))
    found = auth0_mgmt.resource_servers.list(identifiers=[one.identifier, two.identifier])
    assert {api.id for api in found} == {one.id, two.id}
    assert other.id not in {api.id for api in found}


def test_apis_are_searched(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_factory.resource_server()
    auth0_factory.resource_server()

    def found() -> None:
        answer = auth0_mgmt.resource_servers.search(q=f'identifier:"{made.identifier}"')
        assert [api.id for api in answer] == [made.id]

    auth0_tenant.eventually(found)


def test_the_management_api_is_always_there(auth0_mgmt: Management) -> None:
    (own,) = [api for api in auth0_mgmt.resource_servers.list() if api.is_system]
    assert (own.identifier or "").endswith("/api/v2/")
    scopes = {scope.value for scope in own.scopes or []}
    assert {"read:users", "create:clients", "delete:roles", "update:tenant_settings"} <= scopes
