"""APIs of the fake tenant: what goes along with one, what stays, what belongs to the tenant."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import FakeTenant

IDENTIFIER = "https://till.example/"


def permissions(mgmt: Management, role: str) -> list[str]:
    return [str(each.permission_name) for each in mgmt.roles.permissions.list(role)]


def role_with(mgmt: Management, *names: str) -> str:
    role = str(mgmt.roles.create(name="Cashier").id)
    mgmt.roles.permissions.add(
        role,
        permissions=[
            {"resource_server_identifier": IDENTIFIER, "permission_name": name} for name in names
        ],
    )
    return role


def test_an_api_that_goes_takes_grants_and_permissions_along(mgmt: Management) -> None:
    scopes: list[Any] = [{"value": "read:sales"}]
    server = mgmt.resource_servers.create(identifier=IDENTIFIER, scopes=scopes)
    client = mgmt.clients.create(name="Till")
    grant = mgmt.client_grants.create(
        client_id=str(client.client_id), audience=IDENTIFIER, scope=["read:sales"]
    )
    role = role_with(mgmt, "read:sales")
    mgmt.resource_servers.delete(str(server.id))
    with pytest.raises(NotFoundError):
        mgmt.client_grants.get(str(grant.id))
    mgmt.resource_servers.create(identifier=IDENTIFIER, scopes=scopes)
    assert permissions(mgmt, role) == []


def test_a_scope_that_goes_takes_its_permissions_along(mgmt: Management) -> None:
    both: list[Any] = [{"value": "read:sales"}, {"value": "edit:sales"}]
    server = mgmt.resource_servers.create(identifier=IDENTIFIER, scopes=both)
    role = role_with(mgmt, "read:sales", "edit:sales")
    mgmt.resource_servers.update(str(server.id), scopes=both[:1])
    mgmt.resource_servers.update(str(server.id), scopes=both)
    assert permissions(mgmt, role) == ["read:sales"]


def test_the_management_api_stays_as_it_is(mgmt: Management) -> None:
    (own,) = [server for server in mgmt.resource_servers.list() if server.is_system]
    with pytest.raises(BadRequestError):
        mgmt.resource_servers.delete(str(own.id))
    with pytest.raises(BadRequestError):
        mgmt.resource_servers.update(str(own.id), name="Mine")
    assert mgmt.resource_servers.update(str(own.id), token_lifetime=60).token_lifetime == 60


def test_the_account_api_comes_when_it_is_asked_for() -> None:
    tenant = FakeTenant()
    mgmt = tenant.management()
    made = mgmt.resource_servers.create(name="Mine", identifier=f"https://{tenant.domain}/me/")
    assert (made.name, made.is_system) == ("Auth0 My Account API", True)
    later = mgmt.resource_servers.get(str(made.id))
    assert len(made.scopes or []) < len(later.scopes or [])
    mgmt.resource_servers.delete(str(made.id))


def test_a_signing_key_of_token_encryption_is_not_read_back(mgmt: Management) -> None:
    made = mgmt.resource_servers.create(
        identifier=IDENTIFIER,
        token_encryption={
            "format": "compact-nested-jwe",
            "encryption_key": {"alg": "RSA-OAEP-256", "kid": "k", "pem": "-----BEGIN"},
        },
    )
    assert "BEGIN" not in mgmt.resource_servers.get(str(made.id)).model_dump_json()
