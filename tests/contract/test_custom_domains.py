"""Custom domains: registered, verified, made the default."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management
from auth0_mgmt_testing import Factory, TenantHandle

from .calls import status_of
from .families import Family

DOMAINS = Family(
    at="custom_domains",
    id="custom_domain_id",
    new=lambda make: {
        "domain": f"{make.name('login')}.example.com",
        "type": "auth0_managed_certs",
        "domain_metadata": {"team": "search"},
        "relying_party_identifier": "example.com",
    },
    form=r"cd_\w{16}",
    moves=("verification.status", "certificate"),
    change={"domain_metadata": {"team": "billing"}},
    unique="domain",
    null="relying_party_identifier",
    missing="cd_0000000000000000",
    absent="inexistent_custom_domain",
    needs="custom_domains",
)


def test_a_new_domain_waits_for_its_record(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_mgmt.custom_domains.create(**DOMAINS.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.custom_domains.delete, made.custom_domain_id)
    assert made.status == "pending_verification"
    (method,) = made.get("verification.methods")
    assert method.name.lower() == "cname"
    assert method.get("record")


@pytest.mark.auth0_requires("custom_domains")
@pytest.mark.auth0_allow_changes("custom_domains.set_default")
def test_a_domain_must_be_verified_to_be_the_default(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    made = auth0_mgmt.custom_domains.create(**DOMAINS.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.custom_domains.delete, made.custom_domain_id)
    with pytest.raises(BadRequestError, match="must be verified before it can be set as default"):
        auth0_mgmt.custom_domains.set_default(domain=made.domain or "")


@pytest.mark.auth0_fake_only
def test_a_verified_domain_can_be_the_default(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, verified_domain: Any
) -> None:
    domains = auth0_mgmt.custom_domains
    assert verified_domain.status in ("ready", "pending")
    domains.set_default(domain=verified_domain.domain)
    assert domains.get_default().domain == verified_domain.domain
    assert domains.get(verified_domain.custom_domain_id).get("is_default") is True
    assert status_of(domains.delete, verified_domain.custom_domain_id) == 409
    domains.set_default(domain=auth0_tenant.domain)
    assert domains.get_default().domain == auth0_tenant.domain


@pytest.mark.auth0_requires("custom_domains")
@pytest.mark.auth0_allow_changes("custom_domains.test")
@pytest.mark.auth0_allow_changes("custom_domains.verify")
def test_a_verified_domain_is_tested(auth0_mgmt: Management, verified_domain: Any) -> None:
    found = auth0_mgmt.custom_domains.test(verified_domain.custom_domain_id)
    assert found.get("success") in (True, False)
    assert status_of(auth0_mgmt.custom_domains.test, DOMAINS.missing) == 404
    assert status_of(auth0_mgmt.custom_domains.verify, DOMAINS.missing) == 404


@pytest.mark.auth0_requires("custom_domains")
def test_domains_are_searched_and_cut(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    made = auth0_mgmt.custom_domains.create(**DOMAINS.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.custom_domains.delete, made.custom_domain_id)
    (found,) = auth0_mgmt.custom_domains.list(
        q=f'domain:"{made.domain}"', fields="domain", include_fields=True
    )
    assert found.to_dict() == {"domain": made.domain}
