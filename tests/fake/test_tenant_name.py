"""The name by which documents call a tenant."""

from __future__ import annotations

import pytest

from auth0_mgmt_testing import FakeTenant


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("acme.eu.auth0.com", "acme"),
        ("acme.localhost:8400", "acme"),
        ("127.0.0.1:8400", "fake-tenant"),
        ("localhost:8400", "fake-tenant"),
    ],
)
def test_a_tenant_at_an_address_has_a_name(domain: str, name: str) -> None:
    tenant = FakeTenant(domain)
    with tenant.management() as mgmt:
        created = mgmt.clients.create(name="app")
        assert mgmt.clients.get(created.client_id).tenant == name
