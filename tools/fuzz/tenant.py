"""A tenant that contains one of everything, and the ids of its contents."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest.mock import patch

from auth0_mgmt import Management
from auth0_mgmt._json import is_array, is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.tenant import CHECK_VARIABLE

HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}


def _furnish(mgmt: Management) -> None:
    connection = mgmt.connections.create(name="people", strategy="auth0")
    user = mgmt.users.create(
        connection="people", email="ada@example.com", password="Correct-Horse-1"
    )
    client = mgmt.clients.create(name="app", app_type="non_interactive")
    api = mgmt.resource_servers.create(identifier="https://api.example.com", name="api")
    role = mgmt.roles.create(name="admin")
    organization = mgmt.organizations.create(name="acme")
    assert user.user_id
    assert client.client_id
    assert role.id
    assert organization.id
    assert api.identifier
    mgmt.users.roles.assign(user.user_id, roles=[role.id])
    mgmt.organizations.members.create(organization.id, members=[user.user_id])
    mgmt.client_grants.create(client_id=client.client_id, audience=api.identifier, scope=[])
    mgmt.actions.create(
        name="act",
        code="exports.onExecutePostLogin = async () => {};",
        supported_triggers=[{"id": "post-login", "version": "v3"}],
    )
    for path, body in _PLAIN.items():
        mgmt.request("POST", path, json=body)
    assert connection.id


_PLAIN: dict[str, dict[str, Any]] = {
    "/rules": {"name": "rule", "script": "function (u, c, cb) { cb(null, u, c); }"},
    "/hooks": {"name": "hook", "script": "module.exports = () => {}", "triggerId": "send-phone-message"},
    "/log-streams": {
        "name": "stream",
        "type": "http",
        "sink": {"httpEndpoint": "https://logs.example.com", "httpContentType": "application/json",
                 "httpContentFormat": "JSONLINES", "httpAuthorization": "secret"},
    },
    "/flows": {"name": "flow"},
    "/forms": {"name": "form"},
    "/flows/vault/connections": {"name": "vault", "app_id": "HTTP", "setup": {"type": "BEARER", "token": "t"}},
    "/self-service-profiles": {"name": "profile"},
    "/custom-domains": {"domain": "login.example.com", "type": "auth0_managed_certs"},
    "/user-attribute-profiles": {
        "name": "attributes",
        "user_attributes": {
            "email": {"description": "mail", "label": "Mail", "profile_required": True,
                      "auth0_mapping": "email"}
        },
    },
}  # fmt: skip


@cache
def furnished() -> tuple[FakeTenant, dict[str, dict[str, str]]]:
    """The tenant, and for each operation the path arguments that name something it contains."""
    with patch.dict(os.environ):
        os.environ.pop(CHECK_VARIABLE, None)  # only the forks validate
        tenant = FakeTenant()
    with tenant.management() as mgmt:
        _furnish(mgmt)
    arguments = {operation.id: dict(_arguments(tenant, operation)) for operation in operations()}
    return tenant, arguments


def validating_fork(tenant: FakeTenant) -> FakeTenant:
    """A fork of the tenant that validates its responses."""
    with patch.dict(os.environ, {CHECK_VARIABLE: "open"}):
        return tenant.fork()


def _arguments(tenant: FakeTenant, operation: Operation[Any]) -> Iterator[tuple[str, str]]:
    """Walk down the path; where a list precedes an argument, take its first item."""
    walked = ""
    for segment in operation.path.strip("/").split("/"):
        if segment.startswith("{"):
            name = segment[1:-1]
            found = _first(tenant, walked, name)
            if found is None:
                return
            yield name, found
            segment = found
        walked += f"/{segment}"


def _first(tenant: FakeTenant, path: str, name: str) -> str | None:
    response = tenant.send("GET", f"/api/v2{path}", HEADERS)
    body = response.json() if response.status == 200 else None
    if is_object(body):
        body = next((value for value in body.values() if is_array(value)), None)
    item = body[-1] if is_array(body) and body else None
    if not is_object(item):
        return None
    for key in (name, "id", "user_id", "client_id", "kid", "name"):
        if isinstance(value := item.get(key), str):
            return value
    return None
