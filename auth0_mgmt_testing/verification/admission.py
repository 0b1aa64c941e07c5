"""What requests of the Authentication API take for granted, given to a fake tenant."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from auth0_mgmt import ManagementError

from ..errors import StateError
from ..tenant import FakeTenant
from .callers import Caller, Callers
from .conditions import DEFAULT_DATABASE

CALLBACK = "https://earlier.example.com/callback"
"""Where responses of ``/authorize`` go, if the client's requests do not say."""
_IDENTIFIES = {"identifier": {"active": True}}


def admit(tenant: FakeTenant, callers: Callers) -> None:
    """Give a fake tenant the clients that call it, and what they call for.

    What the tenant refuses stays away: the requests that need it show that.
    """
    if callers.clients:
        with suppress(StateError, ManagementError):
            _admit(tenant, callers)


def _admit(tenant: FakeTenant, callers: Callers) -> None:
    mgmt = tenant.management()
    connections = {str(each.name): str(each.id) for each in mgmt.connections.list()}
    for name, identifiers in callers.signups.items():
        if name in connections:
            active = dict.fromkeys(sorted(identifiers), _IDENTIFIES)
            options: dict[str, Any] = {"passwordPolicy": "none", "attributes": active}
            mgmt.connections.update(connections[name], options=options)
    servers = {str(each.identifier) for each in mgmt.resource_servers.list()}
    for id, caller in callers.clients.items():
        _admit_client(tenant, id, caller)
        for name in sorted(caller.connections - connections.keys()):
            strategy = name if name in ("email", "sms") else "auth0"
            made: dict[str, Any] = {"name": name, "strategy": strategy}
            connections[name] = str(mgmt.connections.create(**made).id)
        for name in sorted({*caller.connections, DEFAULT_DATABASE}):
            mgmt.connections.clients.update(
                connections[name], body=[{"client_id": id, "status": True}]
            )
        for audience in sorted(caller.audiences):
            if audience not in servers:
                servers.add(audience)
                tenant.resource_servers.add(
                    identifier=audience, name=audience, allow_offline_access=True
                )
            tenant.client_grants.add(
                client_id=id,
                audience=audience,
                scope=[],
                organization_usage="allow",
                allow_any_organization=True,
            )
    for organization in sorted(callers.organizations):
        key = "id" if organization.startswith("org_") else "name"
        named: dict[str, Any] = {"name": f"org{len(tenant.organizations)}", key: organization}
        tenant.organizations.add(**named)
    mgmt.tenants.settings.update(
        default_directory=DEFAULT_DATABASE, allow_organization_name_in_authentication_api=True
    )
    for name, password in callers.logins:
        key = "email" if "@" in name else "username"
        login: dict[str, Any] = {"email": "caller@example.com", key: name, "password": password}
        tenant.users.add(**login)
    for address in callers.addresses:
        tenant.users.add(**address)
    for user in sorted(callers.users):
        tenant.users.add(user_id=user, email=f"caller{len(tenant.users)}@example.com")


def _admit_client(tenant: FakeTenant, id: str, caller: Caller) -> None:
    grants = {"urn:openid:params:grant-type:ciba", *caller.grants}
    public = caller.secret is None and "client_credentials" not in grants
    document: dict[str, Any] = {
        "client_id": id,
        "name": id,
        "grant_types": sorted(grants),
        "callbacks": sorted({CALLBACK, *caller.callbacks}),
        "organization_usage": "allow",
        "initiate_login_uri": "https://earlier.example.com/login",
    }
    if public:
        document |= {"token_endpoint_auth_method": "none"}
    if caller.secret is not None:
        document["client_secret"] = caller.secret
    tenant.clients.add(**document)
