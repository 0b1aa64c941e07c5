"""Families of a few operations each: credential templates, keys of network ACLs, templates."""

from __future__ import annotations

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import FakeTenant

PRESENTATION = {"org.iso.18013.5.1.mDL": {"org.iso.18013.5.1": {"family_name": True}}}


@pytest.fixture
def tenant() -> FakeTenant:
    return FakeTenant(strict=True)


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


def test_credential_templates_are_kept_changed_and_listed(mgmt: Management) -> None:
    templates = mgmt.verifiable_credentials.verification.templates
    given = {"type": "mdl", "dialect": "simplified/1.0", "well_known_trusted_issuers": "aamva"}
    made = templates.create(name="age", presentation=PRESENTATION, **given)
    assert made.id is not None
    with pytest.raises(ConflictError):
        templates.create(name="age", presentation=PRESENTATION, **given)
    changed = templates.update(made.id, name="older", type=None)
    assert (changed.name, changed.type) == ("older", "mdl"), "a null changes nothing"
    for number in range(2):
        templates.create(name=f"more {number}", presentation=PRESENTATION, **given)
    assert [found.name for found in templates.list(take=2)] == ["older", "more 0", "more 1"]
    templates.delete(made.id)
    with pytest.raises(NotFoundError):
        templates.get(made.id)


def test_a_network_acl_key_shows_a_fingerprint_and_never_its_value(mgmt: Management) -> None:
    keys = mgmt.keys.network_acls
    made = keys.create(name="edge", alg="hmac-sha256", value="c2VjcmV0LXZhbHVl")
    other = keys.create(name="other", alg="hmac-sha256", value="b3RoZXItdmFsdWU")
    assert made.fingerprint
    assert made.fingerprint != other.fingerprint
    assert "c2VjcmV0" not in repr(keys.get(made.id or "").model_dump())
    assert [found.name for found in keys.list().keys or ()] == ["edge", "other"]
    with pytest.raises(ConflictError):
        keys.create(name="edge", alg="hmac-sha256", value="c2VjcmV0LXZhbHVl")
    keys.delete(made.id or "")
    with pytest.raises(NotFoundError):
        keys.get(made.id or "")


def test_profile_templates_are_there_from_the_start(mgmt: Management) -> None:
    listed = mgmt.user_attribute_profiles.list_templates().user_attribute_profile_templates or []
    assert [found.id for found in listed] == ["auth0-generic"]
    one = mgmt.user_attribute_profiles.get_template("auth0-generic")
    assert one.model_dump(exclude_none=True) == listed[0].model_dump(exclude_none=True)
    assert mgmt.connection_profiles.list_templates().connection_profile_templates
    with pytest.raises(NotFoundError):
        mgmt.connection_profiles.get_template("nobody's")


def test_a_profile_can_be_made_of_a_template(mgmt: Management) -> None:
    template = mgmt.user_attribute_profiles.get_template("auth0-generic").template
    assert template is not None
    given = template.model_dump(by_alias=True, exclude_none=True)
    made = mgmt.user_attribute_profiles.create(**given)
    assert made.model_dump()["user_attributes"] == template.model_dump()["user_attributes"]


def test_a_directory_is_synchronized_every_half_hour_at_most(
    tenant: FakeTenant, mgmt: Management
) -> None:
    connection = mgmt.connections.create(
        name="acme", strategy="google-apps", options={"client_id": "x", "domain": "acme.example"}
    ).id
    assert connection is not None
    provisioning = mgmt.connections.directory_provisioning
    with pytest.raises(NotFoundError):
        provisioning.synchronizations.create(connection)
    provisioning.create(connection)
    started = provisioning.synchronizations.create(connection)
    assert (started.connection_id, started.status) == (connection, "in_progress")
    assert provisioning.get(connection).last_synchronization_status == "completed"
    with pytest.raises(BadRequestError, match="30 minutes"):
        provisioning.synchronizations.create(connection)
    tenant.clock.advance(1_800)
    assert provisioning.synchronizations.create(connection).synchronization_id
