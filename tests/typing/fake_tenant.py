"""What type checkers know of the fake tenant; checked, never run."""

from __future__ import annotations

from typing import assert_type

from auth0_mgmt.models.actions import Action
from auth0_mgmt.models.flows import FlowExecution
from auth0_mgmt.models.organizations import OrganizationInvitation
from auth0_mgmt.models.rules import Rule
from auth0_mgmt.models.shared import Log, OrganizationTemplate, Role
from auth0_mgmt.models.users import User
from auth0_mgmt_testing import (
    ActionExecution,
    ActionRun,
    FakeTenant,
    RemoteTenant,
    TenantControl,
)


def reach(tenant: FakeTenant) -> None:
    assert_type(tenant.users.add(email="ada@example.com", logins_count=3), User)
    assert_type(tenant.users["auth0|1"], User)
    assert_type(tenant.users.get("auth0|1"), User | None)
    assert_type(list(tenant.roles), list[Role])
    assert_type(tenant.logs.add(type="s"), Log)
    assert_type(tenant.required_scopes(), tuple[str, ...])


def generated(tenant: FakeTenant) -> None:
    """Every collection of the registry is typed, those without a property included."""
    assert_type(tenant.rules.add(name="r", script="x"), Rule)
    assert_type(tenant.organization_templates.get("ot_1"), OrganizationTemplate | None)
    assert_type(list(tenant.invitations), list[OrganizationInvitation])
    assert_type(tenant.flow_executions.add(flow_id="af_1"), FlowExecution)
    tenant.no_such_collection.keys()  # type: ignore[attr-defined]  # pyright: ignore


def actions(tenant: FakeTenant, action: Action) -> None:
    done = tenant.actions.run(action, {"user": {"email": "ada@example.com"}}, trigger="post-login")
    assert_type(done, ActionRun)
    assert_type(done.effects.denied, str | None)
    assert_type(done.console, tuple[str, ...])
    assert_type(tenant.actions.executions(), list[ActionExecution])
    tenant.actions.bind("post-login", action, "by its name")
    tenant.actions.bind("no-such-trigger")  # type: ignore[arg-type]  # pyright: ignore


def controlled(tenant: TenantControl) -> None:
    """A helper for tenants in process and over HTTP."""
    assert_type(tenant.users["auth0|1"], User)
    assert_type(tenant.faults.add("users.get", status=500).hits, int)


def either(local: FakeTenant, remote: RemoteTenant) -> None:
    """Both kinds of tenant are what the helper takes."""
    controlled(local)
    controlled(remote)
    assert_type(remote.rules.get("rul_1"), Rule | None)
