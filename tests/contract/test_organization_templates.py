"""Organization templates, and the organizations that are assigned to them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Factory

pytestmark = [
    pytest.mark.auth0_requires("organizations"),
    pytest.mark.auth0_fake_only(reason="a template cannot be deleted"),
]
MISSING = "ort_1111111111111111111111"


def new(make: Any) -> dict[str, Any]:
    return {
        "name": make.name("template"),
        "organization_deletion_behavior": "allow",
        "enforce_permission_ceiling": True,
        "enforce_self_assignment_restriction": False,
    }


@pytest.fixture
def template(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    return auth0_mgmt.organization_templates.create(**new(auth0_factory))


def test_a_new_template_is_read_and_listed_as_it_was_written(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    given = new(auth0_factory)
    made = auth0_mgmt.organization_templates.create(**given, allowed_strategies=["oidc", "samlp"])
    assert re.fullmatch(r"ort_\w{22}", str(made.id))
    assert made.to_dict().items() >= {**given, "is_default": False}.items()
    assert made.allowed_strategies == ["oidc", "samlp"]
    assert auth0_mgmt.organization_templates.get(str(made.id)).to_dict() == made.to_dict()
    listed = auth0_mgmt.organization_templates.list(take=100)
    assert made.id in [each.id for each in listed]


def test_an_update_changes_what_it_names_and_nothing_else(
    auth0_mgmt: Management, template: Any
) -> None:
    changed = auth0_mgmt.organization_templates.update(
        template.id, role_visibility_policy={"default_value": "hidden"}, allowed_strategies=None
    )
    before, after = template.to_dict(), changed.to_dict()
    assert after.pop("role_visibility_policy") == {"default_value": "hidden"}
    assert {**after, "updated_at": 0} == {**before, "updated_at": 0}


def test_two_templates_cannot_share_a_name(
    auth0_mgmt: Management, auth0_factory: Factory, template: Any
) -> None:
    with pytest.raises(ConflictError):
        auth0_mgmt.organization_templates.create(**{**new(auth0_factory), "name": template.name})


def test_a_template_of_an_unknown_strategy_is_refused(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    client: Any = auth0_mgmt.organization_templates
    with pytest.raises(BadRequestError):
        client.create(**new(auth0_factory), allowed_strategies=["sms"])


def test_a_missing_template_is_not_found(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    organization = auth0_factory.organization().id
    assigned = auth0_mgmt.organizations.organization_template
    with pytest.raises(NotFoundError):
        auth0_mgmt.organization_templates.get(MISSING)
    with pytest.raises(NotFoundError):
        auth0_mgmt.organization_templates.update(MISSING, is_default=True)
    with pytest.raises(NotFoundError):
        assigned.assign_organization_template(organization, MISSING)


def test_an_organization_is_assigned_to_one_template_at_a_time(
    auth0_mgmt: Management, auth0_factory: Factory, template: Any
) -> None:
    organization = auth0_factory.organization().id
    templates, assigned = (
        auth0_mgmt.organization_templates,
        auth0_mgmt.organizations.organization_template,
    )
    with pytest.raises(NotFoundError):
        assigned.get(organization)
    assigned.assign_organization_template(organization, template.id)
    assert assigned.get(organization).to_dict() == template.to_dict()
    other: Any = templates.create(**new(auth0_factory))
    assigned.assign_organization_template(organization, other.id)
    assert assigned.get(organization).id == other.id
    assert not templates.list_organizations(template.id).items
    assert [each.id for each in templates.list_organizations(other.id)] == [organization]
    assigned.unassign_organization_template(organization, template.id)
    assert assigned.get(organization).id == other.id
    assigned.unassign_organization_template(organization, other.id)
    with pytest.raises(NotFoundError):
        assigned.get(organization)


def test_the_organizations_of_a_template_are_paged_by_checkpoint(
    auth0_mgmt: Management, auth0_factory: Factory, template: Any
) -> None:
    keys = [auth0_factory.organization().id for _ in range(3)]
    for key in keys:
        auth0_mgmt.organizations.organization_template.assign_organization_template(
            key, template.id
        )
    page = auth0_mgmt.organization_templates.list_organizations(template.id, take=2)
    assert len(page.items) == 2
    assert [each.id for each in page] == keys


def test_a_deleted_organization_is_no_longer_assigned(
    auth0_mgmt: Management, auth0_factory: Factory, template: Any
) -> None:
    organization = auth0_mgmt.organizations.create(name=auth0_factory.name("org"))
    key = str(organization.id)
    auth0_mgmt.organizations.organization_template.assign_organization_template(key, template.id)
    auth0_mgmt.organizations.delete(key)
    assert not auth0_mgmt.organization_templates.list_organizations(template.id).items
