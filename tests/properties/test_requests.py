"""Requests of every operation, drawn from the contract and next to it: no 5xx, nothing undeclared.

The suite sends the same few each time; `make fuzz` sends many more, and others each time.
"""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.errors import ResponseContractError
from tools.fuzz import run, tenant
from tools.fuzz.run import Report, fuzz

EXAMPLES = 3
OPERATIONS = sorted(operations(), key=lambda operation: operation.name)
BEYOND_THE_CONTRACT = frozenset(
    [
        "actions.create",
        "flows.get",
        "actions.deploy",
        "branding.phone.providers.create",
        "branding.phone.templates.create",
        "branding.themes.create",
        "branding.update",
        "client_grants.list",
        "client_grants.organizations.list",
        "clients.search",
        "connections.create",
        "connections.delete",
        "connections.list",
        "flows.create",
        "flows.update",
        "flows.vault.connections.create",
        "flows.vault.connections.update",
        "forms.create",
        "forms.get",
        "forms.list",
        "forms.update",
        "hooks.secrets.get",
        "hooks.update",
        "jobs.users_exports.create",
        "keys.encryption.create",
        "log_streams.update",
        "logs.list",
        "network_acls.create",
        "organizations.discovery_domains.create",
        "prompts.custom_text.set",
        "prompts.update_settings",
        "resource_servers.create",
        "resource_servers.update",
        "roles.permissions.delete",
        "roles.users.list",
        "rules_configs.set",
        "self_service_profiles.create",
        "self_service_profiles.get",
        "self_service_profiles.list",
        "self_service_profiles.update",
        "users.effective_roles.list",
    ]
)
"""Operations of which some responses show more than the contract declares; each is to be repaired,
or declared in ``contract/deviations.toml``."""


def known(undeclared: str) -> bool:
    return undeclared.partition(":")[0] in BEYOND_THE_CONTRACT


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_any_request_gets_a_sound_response(operation: Operation[Any]) -> None:
    report = Report()
    fuzz(operation, report, EXAMPLES, seeded=0)
    assert report.failures == {}
    named = {what: request for what, request in report.undeclared.items() if not known(what)}
    assert named == {}
    assert sum(report.statuses.values())


def test_operations_that_go_beyond_the_contract_exist() -> None:
    assert {operation.name for operation in OPERATIONS} >= BEYOND_THE_CONTRACT


ROLES = next(operation for operation in OPERATIONS if operation.name == "roles.list")


@pytest.mark.parametrize("kind", ["raises", "undeclared"])
def test_a_faulty_response_is_reported(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    furnished = FakeTenant()
    prepared: tuple[FakeTenant, dict[str, dict[str, str]]] = (furnished, {ROLES.id: {}})
    monkeypatch.setattr(run, "furnished", lambda: prepared)

    class Faulty(FakeTenant):
        def send(self, *request: Any, **more: Any) -> Any:
            if kind == "undeclared":
                raise ResponseContractError("roles.list: an extra member")
            response = super().send(*request, **more)
            response.status = 500
            return response

    def faulty(tenant: FakeTenant) -> FakeTenant:
        return Faulty()

    monkeypatch.setattr(run, "validating_fork", faulty)
    report = Report()
    fuzz(ROLES, report, 2)
    assert not report.clean
    assert bool(report.failures) == (kind == "raises")
    assert "1 of 1 operations succeeded" not in report.lines([ROLES])


def test_the_tenant_holds_something_for_most_paths() -> None:
    _, arguments = tenant.furnished()
    named = [operation for operation in OPERATIONS if "{" in operation.path]
    assert sum(bool(arguments[each.id]) for each in named) > len(named) / 2
