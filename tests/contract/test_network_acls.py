"""Network access control lists."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import BadRequestError, Management, NotFoundError
from auth0_mgmt_testing import Factory

from .calls import status_of
from .families import Family, serial

NETWORK_ACLS = Family(
    at="network_acls",
    new=lambda make: {
        "description": make.name("acl"),
        "active": True,
        "priority": serial(make),
        "rule": {"action": {"block": True}, "match": {"asns": [9453]}, "scope": "tenant"},
    },
    form=r"acl_\w{22}",
    moves=("deleted_at", "tenant_id"),
    change={"active": False},
    missing="acl_1111111111111111111111",
    absent="NetworkACL with this ID was not found",
    needs="network_acls",
)


@pytest.mark.auth0_requires("network_acls")
@pytest.mark.auth0_fake_only
def test_a_list_is_replaced_whole(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    acls = auth0_mgmt.network_acls
    create: Any = acls.create
    made = create(**NETWORK_ACLS.new(auth0_factory))
    auth0_factory.add_cleanup(acls.delete, made["id"])
    rule: Any = {
        "action": {"allow": True},
        "match": {"geo_country_codes": ["FR"]},
        "scope": "authentication",
    }
    acls.set(made["id"], description="Replaced", active=False, priority=5, rule=rule)
    read = acls.get(made["id"])
    assert (read.description, read.active, read.priority) == ("Replaced", False, 5)
    assert read.get("rule.match").to_dict() == {"geo_country_codes": ["FR"]}
    with pytest.raises(NotFoundError):
        acls.set(NETWORK_ACLS.missing, description="No", active=False, priority=5, rule=rule)


@pytest.mark.auth0_requires("network_acls")
def test_a_part_of_a_list_is_changed(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    acls = auth0_mgmt.network_acls
    create: Any = acls.create
    made = create(**NETWORK_ACLS.new(auth0_factory))
    auth0_factory.add_cleanup(acls.delete, made["id"])
    acls.update(made["id"], priority=3)
    read = acls.get(made["id"])
    assert (read.priority, read.description) == (3, made["description"])


def test_an_id_of_another_form_is_refused(auth0_mgmt: Management) -> None:
    with pytest.raises(BadRequestError, match="not a valid ACL ID") as refused:
        auth0_mgmt.network_acls.get("acl_invalid_id")
    assert refused.value.error_code == "invalid_uri"


@pytest.mark.parametrize(
    ("lists", "said"),
    [
        (["auth0.low_reputation"] * 2, r"Array items are not unique \(indexes 0 and 1\)"),
        (["auth0.made_up"], r"Invalid curated list name\(s\): auth0.made_up"),
    ],
)
@pytest.mark.auth0_requires("network_acls")
def test_curated_lists_are_checked(
    auth0_mgmt: Management, auth0_factory: Factory, lists: list[str], said: str
) -> None:
    rule: Any = {"action": {"block": True}, "match": {"auth0_managed": lists}, "scope": "tenant"}
    with pytest.raises(BadRequestError, match=said) as refused:
        auth0_mgmt.network_acls.create(
            description=auth0_factory.name("acl"), active=True, priority=9, rule=rule
        )
    assert refused.value.error_code == "invalid_body"


@pytest.mark.auth0_requires("network_acl_keys")
def test_the_key_of_a_signed_request_is_written_and_never_read(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    keys = auth0_mgmt.keys.network_acls
    made: Any = keys.create(name=auth0_factory.name("key"), alg="hmac-sha256", value="aHVzaA==")
    auth0_factory.add_cleanup(keys.delete, made.id)
    read: Any = keys.get(made.id)
    assert (read.name, read.alg) == (made.name, "hmac-sha256")
    listed: Any = keys.list()
    assert made.id in str(listed)
    assert all("aHVzaA" not in str(seen) for seen in (made, read, listed))
    keys.delete(made.id)
    assert status_of(keys.get, made.id) == 404
