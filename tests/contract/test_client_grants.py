"""Client grants: which client may ask for which scopes of which API."""

from __future__ import annotations

import pytest

from auth0_mgmt import ConflictError, Management
from auth0_mgmt_testing import Factory, TenantHandle

from .calls import status_of
from .families import Family

GRANTS = Family(
    at="client_grants",
    new=lambda make: {
        "client_id": make.client(app_type="non_interactive").client_id,
        "audience": make.resource_server(scopes=[{"value": "a"}, {"value": "b"}]).identifier,
        "scope": ["a"],
    },
    form=r"cgr_\w{16}",
    change={"scope": ["a", "b"]},
    filters={"audience": ("audience", {}), "client_id": ("client_id", {})},
    missing="cgr_0000000000000000",
    absent="inexistent_client_grant",
)


def test_a_client_has_one_grant_per_api(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    given = GRANTS.new(auth0_factory)
    made = auth0_mgmt.client_grants.create(**given)
    assert made.id is not None
    auth0_factory.add_cleanup(auth0_mgmt.client_grants.delete, made.id)
    assert made.subject_type == "client"
    with pytest.raises(ConflictError):
        auth0_mgmt.client_grants.create(**given)
    assert len(list(auth0_mgmt.client_grants.list(client_id=given["client_id"]))) == 1


def test_a_grant_of_a_missing_client_or_api_is_refused(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    given = GRANTS.new(auth0_factory)
    create = auth0_mgmt.client_grants.create
    assert status_of(create, **{**given, "client_id": "0" * 32}) in (400, 404)
    nowhere = "https://nowhere.example.com/"
    assert status_of(create, **{**given, "audience": nowhere}) in (400, 404)
    assert not auth0_mgmt.client_grants.list(client_id=given["client_id"]).items


def test_a_grant_goes_with_its_api(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    api = auth0_factory.resource_server(scopes=[{"value": "a"}])
    client = auth0_factory.client(app_type="non_interactive")
    auth0_mgmt.client_grants.create(
        client_id=client.client_id, audience=api.identifier, scope=["a"]
    )
    auth0_mgmt.resource_servers.delete(api.id)
    assert not auth0_mgmt.client_grants.list(client_id=client.client_id).items


def test_grants_are_searched(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    given = GRANTS.new(auth0_factory)
    made = auth0_mgmt.client_grants.create(**given)
    auth0_factory.add_cleanup(auth0_mgmt.client_grants.delete, made.id)

    def found() -> None:
        answer = auth0_mgmt.client_grants.search(q=f'client_id:"{given["client_id"]}"')
        assert [grant.id for grant in answer] == [made.id]

    auth0_tenant.eventually(found)
