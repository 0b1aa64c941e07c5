"""What is not there, for every family: what reads and deletes of it return.

A delete returns 404 where the contract lists it, else it succeeds as if there had been something;
recordings know better of a few (`RECORDED`). Texts are those of live tenants where one is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing.contract import of_operation

IDS = (
    "absent",
    "0" * 24,
    "org_0000000000000000",
    "00000000-0000-4000-8000-000000000000",
    *(f"{prefix}_{'1' * 22}" for prefix in ("est", "acl", "otp", "orgt", "grp", "evt")),
    "192.0.2.1",
)
"""An id of each form that the contract checks."""

RECORDED = {
    "forms.delete": (404, "recorded 2024-09"),
    "guardian.enrollments.delete": (404, "recorded 2022-10"),
    "log_streams.delete": (204, "recorded six times"),
    "organizations.organization_template.unassign_organization_template": (
        404,
        "the organization is not there",
    ),
    "connections.delete": (204, "recorded 29 times; 202 is of one whose deletion is under way"),
    "organizations.connections.delete": (404, "the organization is not there"),
    "clients.credentials.delete": (404, "the client is not there"),
    "flows.executions.delete": (404, "the flow is not there"),
    "flows.vault.connections.delete": (404, "as flows and forms of the same service"),
    "keys.encryption.delete": (404, "a deleted key stays listed as destroyed; this one never was"),
    "users.federated_connections_tokensets.delete": (404, "the user is not there"),
    "users.identities.delete": (404, "the user is not there"),
}
"""Deletes of which the contract's list of statuses is not what tenants do, and why."""

TEXTS: Mapping[str, tuple[str, str | None]] = {
    "DELETE /actions/actions/{}": ("That action does not exist.", None),
    "GET /actions/actions/{}": ("That action does not exist.", None),
    "GET /actions/executions/{}": ("That execution does not exist.", None),
    "DELETE /branding/phone/providers/{}": ("Notification Resource not found", None),
    "GET /branding/templates/universal-login": (
        "Template does not exist.",
        "inexistent_templates_universal_login",
    ),
    "GET /branding/themes/{}": (
        "There was an error retrieving branding settings: invalid theme ID",
        "theme_not_found",
    ),
    "DELETE /branding/themes/{}": (
        "There was an error deleting branding settings: invalid theme ID",
        "theme_not_found",
    ),
    "GET /branding/themes/default": (
        "There was an error retrieving branding settings: invalid theme ID",
        "theme_not_found",
    ),
    "GET /client-grants/{}": ("The grant does not exist.", "inexistent_client_grant"),
    "GET /clients/{}": ("The client does not exist", "inexistent_client"),
    "GET /connections/{}": ("The connection does not exist", "inexistent_connection"),
    "GET /connections/{}/scim-configuration": (
        "The connection does not exist",
        "inexistent_connection",
    ),
    "GET /custom-domains/{}": (
        "The custom domain {} does not exist",
        "inexistent_custom_domain",
    ),
    "GET /email-templates/verify_email": (
        "The template does not exist.",
        "inexistent_email_template",
    ),
    "GET /emails/provider": (
        "There is not a configured email provider",
        "inexistent_email_provider",
    ),
    "DELETE /flows/{}": ("Flow not found", None),
    "GET /flows/vault/connections/{}": ("Connection not found", None),
    "GET /forms/{}": ("Form not found", None),
    "DELETE /forms/{}": ("Form not found", None),
    "GET /guardian/enrollments/{}": ("Enrollment not found", "enrollment_not_found"),
    "DELETE /guardian/enrollments/{}": ("Enrollment not found", "enrollment_not_found"),
    "GET /log-streams/{}": ("The log stream does not exist.", None),
    "GET /network-acls/acl_1111111111111111111111": (
        "NetworkACL with this ID was not found",
        None,
    ),
    "GET /organizations/{}": ("No organization found by that id or name", None),
    "DELETE /organizations/{}": ("No organization found by that id or name", None),
    "GET /resource-servers/{}": (
        "The resource server does not exist",
        "inexistent_resource_server",
    ),
    "GET /roles/{}": ("The role does not exist.", None),
    "DELETE /roles/{}": ("The role does not exist.", None),
    "GET /rules/{}": ("The rule does not exist", "inexistent_rule"),
    "GET /self-service-profiles/{}": ("Profile with ID: {} not found", None),
    "GET /token-exchange-profiles/{}": ("Token exchange profile not found.", None),
    "GET /user-attribute-profiles/{}": ("User attribute profile not found.", None),
    "GET /users/{}": ("The user does not exist.", "inexistent_user"),
}
"""Errors that live tenants were recorded with, by request; ``{}`` is the id."""


def single(operation: Operation[Any]) -> bool:
    """Whether an operation is about one thing, named at the end of its path."""
    last = re.fullmatch(r".*/\{(\w+)\}", operation.path)
    if last is None or operation.method not in ("GET", "DELETE"):
        return False
    family = of_operation(operation.id)
    parameters = (family.operation(operation.id) or {}).get("path", {})
    return "enum" not in family.resolve(parameters.get(last[1], {}))


READS = [each for each in operations() if single(each) and each.method == "GET"]
DELETES = [each for each in operations() if single(each) and each.method == "DELETE"]


def answer(http: httpx.Client, operation: Operation[Any]) -> httpx.Response:
    """The response about something absent, of the first id that has a valid form."""
    found: httpx.Response | None = None
    path = operation.path.replace("{provider}", "auth0")
    for id in IDS:
        found = http.request(operation.method, re.sub(r"\{\w+\}", id, path))
        if found.status_code != 400:
            return found
    assert found is not None
    raise AssertionError(f"no id is valid for {operation.path}: {found.text}")


@pytest.mark.parametrize("operation", READS, ids=lambda each: each.name)
def test_what_is_not_there_is_not_found(http: httpx.Client, operation: Operation[Any]) -> None:
    response = answer(http, operation)
    assert response.status_code == 404
    error = response.json()
    assert (error["statusCode"], error["error"]) == (404, "Not Found")
    assert error["message"]


@pytest.mark.parametrize("operation", DELETES, ids=lambda each: each.name)
def test_deleting_what_is_not_there(http: httpx.Client, operation: Operation[Any]) -> None:
    response = answer(http, operation)
    listed = 404 if 404 in operation.error_statuses else operation.success_statuses[0]
    expected, _ = RECORDED.get(operation.name, (listed, ""))
    assert response.status_code == expected, response.text


def test_exceptions_are_of_operations_whose_contract_says_otherwise() -> None:
    for each in DELETES:
        listed = 404 if 404 in each.error_statuses else each.success_statuses[0]
        status, reason = RECORDED.get(each.name, (0, "-"))
        assert reason
        assert status != listed, each.name


@pytest.mark.parametrize("request_", TEXTS, ids=str)
def test_the_text_is_the_one_of_live_tenants(http: httpx.Client, request_: str) -> None:
    method, path = request_.split()
    message, code = TEXTS[request_]
    for id in ("org_0000000000000000", "absent", "00000000-0000-4000-8000-000000000000"):
        response = http.request(method, path.format(id))
        if response.status_code != 400:
            break
    error = response.json()
    assert (response.status_code, error["message"]) == (404, message.format(id))
    assert error.get("errorCode") == code
