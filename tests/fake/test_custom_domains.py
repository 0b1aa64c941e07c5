"""Custom domains: how they are verified, searched and made the default."""

from __future__ import annotations

import httpx
import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import FakeTenant


def managed(mgmt: Management, domain: str = "login.example.com") -> str:
    return mgmt.custom_domains.create(domain=domain, type="auth0_managed_certs").custom_domain_id


def test_a_managed_domain_is_verified_by_a_cname_record(mgmt: Management) -> None:
    made = mgmt.custom_domains.create(domain="login.example.com", type="auth0_managed_certs")
    assert made.status == "pending_verification"
    (method,) = made.get("verification.methods")
    assert method.name == "CNAME"
    assert made.tls_policy == "recommended"


def test_a_domain_with_an_own_certificate_is_verified_by_a_txt_record(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.publish_dns("login.example.com")
    made = mgmt.custom_domains.create(domain="login.example.com", type="self_managed_certs")
    (method,) = made.get("verification.methods")
    assert method.domain == "_cf-custom-hostname.login.example.com"
    first = mgmt.custom_domains.verify(made.custom_domain_id)
    assert first.cname_api_key
    assert first.cname_api_key not in str(mgmt.custom_domains.get(made.custom_domain_id))


def test_a_domain_is_verified_once_dns_answers(tenant: FakeTenant, mgmt: Management) -> None:
    key = managed(mgmt)
    assert mgmt.custom_domains.verify(key).status == "pending_verification"
    tenant.publish_dns("login.example.com")
    with pytest.raises(ConflictError):
        mgmt.custom_domains.test(key)
    assert mgmt.custom_domains.verify(key).status == "ready"
    assert mgmt.custom_domains.test(key).success is True
    found = mgmt.custom_domains.get(key)
    assert found.certificate is not None
    assert found.certificate.status == "provisioned"
    with pytest.raises(BadRequestError, match="already been verified"):
        mgmt.custom_domains.verify(key)


def test_no_two_domains_share_a_name(mgmt: Management) -> None:
    managed(mgmt)
    with pytest.raises(ConflictError, match="already exists"):
        managed(mgmt, "LOGIN.example.com")


def test_settings_of_one_kind_of_certificate_are_refused_for_the_other(mgmt: Management) -> None:
    own = mgmt.custom_domains.create(domain="a.example.com", type="self_managed_certs")
    with pytest.raises(BadRequestError, match="tls_policy"):
        mgmt.custom_domains.update(own.custom_domain_id, tls_policy="recommended")
    with pytest.raises(BadRequestError, match="custom_client_ip_header"):
        mgmt.custom_domains.update(managed(mgmt), custom_client_ip_header="true-client-ip")


def test_metadata_are_merged_and_null_takes_one_away(mgmt: Management) -> None:
    key = managed(mgmt)
    mgmt.custom_domains.update(key, domain_metadata={"a": "1", "b": "2"})
    mgmt.custom_domains.update(key, domain_metadata={"a": None, "c": "3"})
    assert mgmt.custom_domains.get(key).domain_metadata == {"b": "2", "c": "3"}


def test_the_default_is_the_tenants_own_domain_until_a_verified_one_is_chosen(
    tenant: FakeTenant, mgmt: Management
) -> None:
    key = managed(mgmt)
    assert mgmt.custom_domains.get_default().model_dump(exclude_unset=True) == {
        "domain": tenant.domain
    }
    with pytest.raises(BadRequestError, match="must be verified"):
        mgmt.custom_domains.set_default(domain="login.example.com")
    tenant.publish_dns("login.example.com")
    mgmt.custom_domains.verify(key)
    chosen = mgmt.custom_domains.set_default(domain="login.example.com")
    domain = mgmt.custom_domains.get(key)
    assert domain.is_default is True
    assert chosen.to_dict() == domain.to_dict()
    with pytest.raises(ConflictError):
        mgmt.custom_domains.delete(key)
    mgmt.custom_domains.set_default(domain=tenant.domain)
    mgmt.custom_domains.delete(key)
    with pytest.raises(NotFoundError, match=f"The custom domain {key} does not exist"):
        mgmt.custom_domains.get(key)


def test_domains_are_searched_and_sorted(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.publish_dns("a.example.com")
    for name in ("a.example.com", "b.example.com", "c.example.org"):
        managed(mgmt, name)
    mgmt.custom_domains.verify(next(iter(mgmt.custom_domains.list())).custom_domain_id)
    ready = mgmt.custom_domains.list(q="status:ready")
    assert [each.domain for each in ready] == ["a.example.com"]
    names = [each.domain for each in mgmt.custom_domains.list(sort="domain:-1", take=2)]
    assert names == ["c.example.org", "b.example.com", "a.example.com"]


def test_the_first_domain_of_a_tenant_is_its_primary_one(mgmt: Management) -> None:
    first, second = managed(mgmt, "a.example.com"), managed(mgmt, "b.example.com")
    assert mgmt.custom_domains.get(first).primary is True
    assert mgmt.custom_domains.get(second).primary is False


def test_domains_are_listed_by_their_names(http: httpx.Client) -> None:
    names = ["b.example.com", "a.example.com", "c.example.com"]
    for name in names:
        body = {"domain": name, "type": "auth0_managed_certs"}
        assert http.post("/custom-domains", json=body).status_code == 201
    listed = http.get("/custom-domains").json()
    assert [each["domain"] for each in listed] == sorted(names)
    page = http.get("/custom-domains?take=2").json()
    assert [each["domain"] for each in page["custom_domains"]] == sorted(names)[:2]


def test_domains_lead_to_the_tenants_own_region(http: httpx.Client) -> None:
    body = {"domain": "a.example.com", "type": "auth0_managed_certs"}
    made = http.post("/custom-domains", json=body).json()
    [method] = made["verification"]["methods"]
    label = made["custom_domain_id"].lower().replace("_", "-")
    assert method["record"] == f"fake-tenant-{label}.edge.tenants.eu.auth0.test"


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("self_managed_certs", "tls_policy", "recommended"),
        ("auth0_managed_certs", "custom_client_ip_header", "true-client-ip"),
    ],
)
def test_a_setting_goes_with_one_kind_of_certificate(
    http: httpx.Client, kind: str, name: str, value: str
) -> None:
    body = {"domain": "a.example.com", "type": kind}
    refused = http.post("/custom-domains", json={**body, name: value})
    assert refused.status_code == 400
    assert name in refused.json()["message"]
    made = http.post("/custom-domains", json=body).json()["custom_domain_id"]
    assert http.patch(f"/custom-domains/{made}", json={name: value}).status_code == 400


def test_how_a_domain_is_verified_follows_from_its_certificate_alone(http: httpx.Client) -> None:
    body = {"domain": "a.example.com", "type": "auth0_managed_certs"}
    made = http.post("/custom-domains", json={**body, "verification_method": "txt"}).json()
    assert "verification_method" not in made
    assert [method["name"] for method in made["verification"]["methods"]] == ["CNAME"]
