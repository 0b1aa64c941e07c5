"""Seeding a tenant from files and mappings, and exporting what it holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auth0_mgmt_testing import FakeTenant, LoadError

SEED = """\
connections:
  - {id: con_google00000000, name: google, strategy: google-oauth2}
resource_servers:
  - identifier: https://api
    name: API
    scopes: [{value: read}]
roles:
  - name: admin
    permissions:
      - {resource_server_identifier: https://api, permission_name: read}
users:
  - user_id: auth0|1
    email: ada@example.com
    created_at: 2020-01-02T03:04:05Z
    roles: [admin]
  - {user_id: auth0|2, email: bob@example.com}
organizations:
  - name: acme
    connections: [google]
    members:
      - auth0|2
      - {user_id: ada@example.com, roles: [admin]}
clients:
  - {client_id: app, name: App}
tenants.settings: {friendly_name: Acme}
"""


def seeded(tenant: FakeTenant, directory: Path, text: str) -> None:
    path = directory / "seed.yaml"
    path.write_text(text)
    tenant.load(path)


def test_a_file_fills_a_tenant_with_documents_relations_and_settings(
    tenant: FakeTenant, tmp_path: Path
) -> None:
    seeded(tenant, tmp_path, SEED)
    (organization,) = tenant.organizations
    assert organization.id is not None
    with tenant.management() as mgmt:
        assert [role.name for role in mgmt.users.roles.list("auth0|1")] == ["admin"]
        assert [user.user_id for user in mgmt.organizations.members.list(organization.id)] == [
            "auth0|2",
            "auth0|1",
        ]
        held = mgmt.organizations.members.roles.list(organization.id, "auth0|1")
        assert [role.name for role in held] == ["admin"]
        (connection,) = mgmt.organizations.connections.list(organization.id)
        assert connection.connection_id == "con_google00000000"
        assert mgmt.tenants.settings.get().friendly_name == "Acme"
        (role,) = mgmt.roles.list()
        assert role.id is not None
        assert [each.permission_name for each in mgmt.roles.permissions.list(role.id)] == ["read"]
    assert tenant.users["auth0|1"].to_dict()["created_at"] == "2020-01-02T03:04:05.000Z"
    assert tenant.clients["app"].name == "App"


ACTIONS = """\
actions:
  - name: greet
    supported_triggers: [{id: post-login, version: v3}]
    deploy: true
    code: exports.onExecutePostLogin = async (event) => console.log(event.user.email)
users:
  - {user_id: auth0|1, email: ada@example.com}
guardian.factors:
  otp: {enabled: true}
actions.triggers.bindings:
  post-login:
    bindings: [{ref: {type: action_name, value: greet}}]
"""


def test_settings_by_name_are_loaded_such_as_bindings_of_actions(
    tenant: FakeTenant, tmp_path: Path
) -> None:
    seeded(tenant, tmp_path, ACTIONS)
    tenant.log_in("auth0|1")
    (execution,) = tenant.actions.executions()
    assert execution.results[0].console == ("ada@example.com",)
    with tenant.management() as mgmt:
        assert [f.name for f in mgmt.guardian.factors.list() if f.enabled] == ["otp"]


def test_json_files_and_mappings_do_as_well(tenant: FakeTenant, tmp_path: Path) -> None:
    path = tmp_path / "seed.json"
    path.write_text(json.dumps({"roles": [{"name": "admin"}]}))
    tenant.load(path)
    tenant.load({"roles": [{"name": "guest"}]})
    assert [role.name for role in tenant.roles] == ["admin", "guest"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("role:\n  - {name: x}", "seed.yaml:1: role: there is no family 'role'; did you mean 'rol"),
        (
            "roles:\n  - name: a\n  - name: b\n    descripton: x",
            "seed.yaml:4: roles[1].descripton: there is no property 'descripton'; did you mean "
            "'description'",
        ),
        ("roles:\n  - {}", "seed.yaml:2: roles[0]: roles: name must be given"),
        ("roles:\n  - name: a\n  - name: a", "seed.yaml:3: roles[1]: roles: The role name is"),
        ("roles: 3", "seed.yaml:1: roles: a list of roles was expected, not 3"),
        ("roles: {name: x}", "seed.yaml:1: roles: a list of roles was expected, not a mapping"),
        ("roles: \x01", "seed.yaml: unacceptable character"),
        ("roles: [x]", "seed.yaml:1: roles[0]: a mapping was expected, not 'x'"),
        (
            "users:\n  - email: a@b.com\n    roles:\n      - nobody",
            "seed.yaml:4: users[0].roles[0]: no 'nobody' among roles",
        ),
        (
            "tenants.settings:\n  frendly_name: x",
            "seed.yaml:2: tenants.settings.frendly_name: there is no property 'frendly_name'",
        ),
        (
            "guardian.factors:\n  otp:\n    enable: true",
            "seed.yaml:3: guardian.factors.otp.enable: there is no property 'enable'",
        ),
        (
            "guardian.factors:\n  otp: true",
            "seed.yaml:2: guardian.factors.otp: a mapping was expected, not True",
        ),
        ("roles: []\nroles: []", "seed.yaml:2: roles is given twice"),
        ("roles: [", "seed.yaml:1: "),
        ("- x", "seed.yaml: names of families were expected at the top"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_changes_nothing(
    tenant: FakeTenant, tmp_path: Path, text: str, message: str
) -> None:
    with tenant.expect_changes(), pytest.raises(LoadError) as refused:
        seeded(tenant, tmp_path, text)
    assert str(refused.value).startswith(message)


def test_a_seed_that_is_no_text_or_no_mapping_is_refused(
    tenant: FakeTenant, tmp_path: Path
) -> None:
    (tmp_path / "seed.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LoadError, match=r"seed\.yaml: not a text file of UTF-8"):
        tenant.load(tmp_path / "seed.yaml")
    given: Any = [{"name": "admin"}]
    with pytest.raises(LoadError, match="a file or a mapping was expected, not"):
        tenant.load(given)


def test_a_failed_seed_leaves_nothing_behind(tenant: FakeTenant) -> None:
    with tenant.expect_changes(), pytest.raises(LoadError, match="organizations"):
        tenant.load({"roles": [{"name": "admin"}], "organizations": [{"nam": "acme"}]})


def test_a_missing_file_is_a_clear_error(tenant: FakeTenant, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"none\.yaml: No such file"):
        tenant.load(tmp_path / "none.yaml")


# Exports.


def busy() -> FakeTenant:
    """A tenant of which nearly every kind of thing was made."""
    tenant = FakeTenant()
    with tenant.management() as mgmt:
        client = mgmt.clients.create(name="App")
        role = mgmt.roles.create(name="admin")
        user = mgmt.users.create(
            connection="Username-Password-Authentication",
            email="ada@example.com",
            password="S3cret!pw",
        )
        organization = mgmt.organizations.create(name="acme")
        assert client.client_id is not None
        assert role.id is not None
        assert user.user_id is not None
        assert organization.id is not None
        mgmt.users.roles.assign(user.user_id, roles=[role.id])
        mgmt.organizations.members.create(organization.id, members=[user.user_id])
        mgmt.branding.update(logo_url="https://example.com/logo.png")
        mgmt.request("PUT", "/prompts/login/custom-text/en", json={"login": {"title": "Hi"}})
        mgmt.hooks.create(name="h", script="x", triggerId="credentials-exchange")
    return tenant


def test_an_export_loads_into_an_equal_tenant(tmp_path: Path) -> None:
    tenant = busy()
    for name in ("all.json", "all.yaml"):
        tenant.export(tmp_path / name, secrets=True)
        twin = FakeTenant()
        twin.load(tmp_path / name)
        assert twin.snapshot() == tenant.snapshot()
    assert FakeTenant().snapshot() != tenant.snapshot()


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
@pytest.mark.parametrize("name", ["all.json", "all.yaml"])
def test_only_the_owner_may_read_an_export(tmp_path: Path, name: str) -> None:
    path, link = tmp_path / name, tmp_path / f"link-{name}"
    path.write_text("old")
    path.chmod(0o644)
    link.symlink_to(path)
    busy().export(link, secrets=True)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() != "old"


def test_both_go_on_alike_after_loading() -> None:
    tenant, twin = busy(), FakeTenant()
    twin.load(tenant.export(secrets=True))
    assert tenant.roles.add(name="next").id == twin.roles.add(name="next").id


def test_secrets_are_left_out_and_made_anew(tmp_path: Path) -> None:
    tenant, path = busy(), tmp_path / "all.yaml"
    client = next(iter(tenant.clients.keys()))
    secret = tenant.clients[client].client_secret
    assert secret is not None
    tenant.export(path)
    text = path.read_text()
    assert "S3cret!pw" not in text
    assert secret not in text
    twin = FakeTenant()
    twin.load(path)
    anew = twin.clients[client].client_secret
    assert anew is not None
    assert (len(anew), anew != secret) == (len(secret), True)
    assert twin.users.keys() == tenant.users.keys()


def test_an_export_moves_to_the_domain_of_the_tenant_that_loads_it(tenant: FakeTenant) -> None:
    other = FakeTenant("other.test")
    other.load({"roles": [{"name": "editor"}]})
    tenant.load(other.export())
    assert [role.name for role in tenant.roles] == ["editor"]
    assert [api.identifier for api in tenant.resource_servers] == [
        f"https://{tenant.domain}/api/v2/"
    ]


def test_an_export_of_another_format_or_without_domain_is_refused(tenant: FakeTenant) -> None:
    exported = FakeTenant().export()
    with pytest.raises(LoadError, match="domain: None is no domain"):
        tenant.load({name: part for name, part in exported.items() if name != "domain"})
    with pytest.raises(LoadError, match="export format 9"):
        tenant.load({**exported, "format": 9})


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("user"), st.dictionaries(NAMES, VALUES, max_size=3)),
        st.tuples(st.just("role"), st.text(max_size=10)),
        st.tuples(st.just("link"), st.integers(0, 3)),
        st.tuples(st.just("organization"), st.text(max_size=10)),
        st.tuples(st.just("member"), st.integers(0, 3)),
        st.tuples(st.just("delete"), st.sampled_from(["users", "roles", "organizations"])),
        st.tuples(st.just("secret"), st.text("abc", min_size=1, max_size=10)),
    ),
    max_size=12,
)


def carry_out(tenant: FakeTenant, step: tuple[str, Any], number: int) -> None:
    kind: str = step[0]
    value: Any = step[1]
    users: list[str] = tenant.users.keys()
    roles: list[str] = tenant.roles.keys()
    organizations: list[str] = tenant.organizations.keys()
    if kind == "user":
        tenant.users.add(email=f"u{number}@example.com", user_metadata=value)
    elif kind == "role":
        tenant.roles.add(name=f"r{number}", description=value)
    elif kind == "organization":
        tenant.organizations.add(name=f"o{number}", display_name=value)
    elif kind == "secret":
        tenant.clients.add(name=f"c{number}", client_secret=value)
    elif kind == "delete" and (kept := {"users": users, "roles": roles}.get(value, organizations)):
        del getattr(tenant, value)[kept[0]]
    elif kind == "link" and users and roles:
        with tenant.management() as mgmt:
            mgmt.users.roles.assign(
                users[int(value) % len(users)], roles=[roles[int(value) % len(roles)]]
            )
    elif kind == "member" and users and organizations:
        with tenant.management() as mgmt:
            mgmt.organizations.members.create(
                organizations[0], members=[users[int(value) % len(users)]]
            )


@settings(deadline=None)
@given(STEPS)
def test_whatever_a_tenant_holds_comes_back_from_an_export(steps: list[tuple[str, Any]]) -> None:
    tenant = FakeTenant()
    for number, step in enumerate(steps):
        carry_out(tenant, step, number)
    twin = FakeTenant()
    twin.load(json.loads(json.dumps(tenant.export(secrets=True))))
    assert twin.snapshot() == tenant.snapshot()
    again = FakeTenant()
    again.load(tenant.export())
    assert again.export() == tenant.export()
