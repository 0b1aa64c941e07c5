"""What is deleted with a document is declared in the schema of the state, and done nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import auth0_mgmt_testing
from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.behaviours import Relation
from auth0_mgmt_testing.resources import relations

from .conftest import new_user

RESOURCES = Path(str(auth0_mgmt_testing.__file__)).parent / "resources"
CODE = "exports.onExecutePostLogin = async (event, api) => {};"


def rows(tenant: FakeTenant, table: str) -> int:
    return len(tenant.export()["tables"].get(table, ()))


def api(mgmt: Management, identifier: str = "https://api.example") -> str:
    scopes: Any = [{"value": "read:x"}, {"value": "write:x"}]
    return mgmt.resource_servers.create(identifier=identifier, scopes=scopes).id


def granted(mgmt: Management) -> str:
    """A client with a grant, a role and a user with permissions, all for one API; gives its id."""
    server = api(mgmt)
    client = mgmt.clients.create(name="c", app_type="non_interactive")
    mgmt.client_grants.create(
        client_id=client.client_id, audience="https://api.example", scope=["read:x"]
    )
    permissions: Any = [
        {"resource_server_identifier": "https://api.example", "permission_name": "read:x"}
    ]
    role = mgmt.roles.create(name="r").id
    mgmt.roles.permissions.add(role, permissions=permissions)
    mgmt.users.permissions.create(new_user(mgmt), permissions=permissions)
    return server


def test_an_api_is_deleted_with_its_grants_and_permissions(
    tenant: FakeTenant, mgmt: Management
) -> None:
    kept = api(mgmt, "https://other.example")
    before = rows(tenant, "client_grants")
    server = granted(mgmt)
    assert rows(tenant, "client_grants") == before + 1
    assert rows(tenant, "role_permissions") == rows(tenant, "user_permissions") == 1
    mgmt.resource_servers.delete(server)
    assert rows(tenant, "client_grants") == before
    assert rows(tenant, "role_permissions") == rows(tenant, "user_permissions") == 0
    assert mgmt.resource_servers.get(kept).identifier == "https://other.example"


@pytest.mark.parametrize("by_request", [True, False])
def test_a_connection_is_deleted_with_its_users_however_it_is_deleted(
    tenant: FakeTenant, mgmt: Management, by_request: bool
) -> None:
    own = mgmt.connections.create(name="own", strategy="auth0").id
    gone, kept = new_user(mgmt, connection="own"), new_user(mgmt)
    mgmt.users.roles.assign(gone, roles=[mgmt.roles.create(name="r").id])
    if by_request:
        mgmt.connections.delete(own)
    else:
        del tenant.connections[own]
    assert [user.user_id for user in mgmt.users.list()] == [kept]
    assert rows(tenant, "user_roles") == 0
    if by_request:
        deleted = [event for event in tenant.logs if event.to_dict()["type"] == "sdu"]
        assert [event.to_dict()["user_id"] for event in deleted] == [gone]


def test_a_user_or_a_link_is_deleted_and_the_other_end_stays(
    tenant: FakeTenant, mgmt: Management
) -> None:
    user, role = new_user(mgmt), mgmt.roles.create(name="r").id
    organization = mgmt.organizations.create(name="o").id
    mgmt.organizations.members.create(organization, members=[user])
    mgmt.organizations.members.roles.assign(organization, user, roles=[role])
    mgmt.users.delete(user)
    assert rows(tenant, "organization_members") == rows(tenant, "member_roles") == 0
    assert mgmt.organizations.get(organization).name == "o"
    assert mgmt.roles.get(role).name == "r"


def _leave(mgmt: Management, organization: str, user: str, role: str) -> None:
    mgmt.organizations.members.delete(organization, members=[user])


def _no_organization(mgmt: Management, organization: str, user: str, role: str) -> None:
    mgmt.organizations.delete(organization)


def _no_role(mgmt: Management, organization: str, user: str, role: str) -> None:
    mgmt.roles.delete(role)


@pytest.mark.parametrize("delete", [_leave, _no_organization, _no_role])
def test_roles_of_a_member_go_with_each_of_their_ends(
    tenant: FakeTenant, mgmt: Management, delete: Callable[[Management, str, str, str], None]
) -> None:
    user, role = new_user(mgmt), mgmt.roles.create(name="r").id
    other = new_user(mgmt, "grace@example.com")
    organization = mgmt.organizations.create(name="o").id
    mgmt.organizations.members.create(organization, members=[user, other])
    for member in (user, other):
        mgmt.organizations.members.roles.assign(organization, member, roles=[role])
    delete(mgmt, organization, user, role)
    assert rows(tenant, "member_roles") == (1 if delete is _leave else 0)
    assert rows(tenant, "users") == 2


def test_an_action_is_deleted_with_its_bindings_and_versions(
    tenant: FakeTenant, mgmt: Management
) -> None:
    triggers: Any = [{"id": "post-login", "version": "v3"}]
    action = mgmt.actions.create(name="a", supported_triggers=triggers, code=CODE).id
    assert action is not None
    tenant.clock.advance(60)
    mgmt.actions.deploy(action)
    bindings: Any = [{"ref": {"type": "action_id", "value": action}, "display_name": "a"}]
    mgmt.actions.triggers.bindings.update_many("post-login", bindings=bindings)
    assert rows(tenant, "action_bindings") == rows(tenant, "action_versions") == 1
    mgmt.actions.delete(action, force=True)
    assert rows(tenant, "action_bindings") == rows(tenant, "action_versions") == 0


def test_a_configuration_is_deleted_with_what_belongs_to_it(
    tenant: FakeTenant, mgmt: Management
) -> None:
    connection = mgmt.connections.create(name="g", strategy="okta", options=OKTA).id
    assert connection is not None
    mgmt.connections.scim_configuration.create(connection)
    mgmt.connections.scim_configuration.tokens.create(connection, scopes=["get:users"])
    assert rows(tenant, "scim_tokens") == 1
    mgmt.connections.scim_configuration.delete(connection)
    assert rows(tenant, "scim_tokens") == 0
    assert mgmt.connections.get(connection).name == "g"


OKTA: Any = {"client_id": "c", "domain": "o.okta.com"}


@pytest.mark.parametrize(
    ("parent", "dependent"),
    [
        ("actions", "action_versions"),
        ("actions", "action_bindings"),
        ("action_modules", "action_module_versions"),
        ("feature_flags", "variations"),
        ("flows", "flow_executions"),
        ("resource_servers", "client_grants"),
        ("resource_servers", "role_permissions"),
        ("resource_servers", "user_permissions"),
        ("connections", "users"),
        ("organization_members", "member_roles"),
        *(
            (end, relation.table)
            for relation in vars(relations).values()
            if isinstance(relation, Relation)
            for end in (relation.left, relation.right)
            if end
        ),
    ],
)
def test_a_cascade_is_declared(parent: str, dependent: str) -> None:
    assert dependent in {cascade.table for cascade in registry().schema.cascades[parent]}


def _hooks(tree: ast.AST) -> set[str]:
    """The functions that are called before a document is deleted."""
    return {
        keyword.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "before_delete" and isinstance(keyword.value, ast.Name)
    }


def test_nothing_is_deleted_by_hand_before_a_deletion() -> None:
    found: list[str] = []
    for path in sorted(RESOURCES.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        hooks = _hooks(tree)
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and function.name in hooks:
                found += [
                    f"{path.name}:{call.lineno} {call.func.attr}"
                    for call in ast.walk(function)
                    if isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr in ("delete", "delete_all", "delete_where", "remove")
                ]
    assert found == [], "declare a cascade of the family instead"
