"""Control: the inspector, the server and its tenants."""

from __future__ import annotations

from typing import Any

from auth0_mgmt import __version__

from .endpoint import (
    TEXT,
    ControlRequest,
    endpoint,
)
from .evidence import recorded_evidence
from .openapi import openapi_document

# --- the inspector -------------------------------------------------------------------------------


@endpoint("GET", "")
def _inspector(request: ControlRequest) -> Any:
    """The inspector, a page for browsers: requests, state, messages, clock, faults."""
    from ..inspector import page

    return page(request.tenant.domain)


# --- the server and its tenants ------------------------------------------------------------------


@endpoint("GET", "health")
def _health(request: ControlRequest) -> Any:
    """Whether the fake is running, and which tenant responds."""
    return {"status": "ok", "domain": request.tenant.domain, "version": __version__}


@endpoint("GET", "openapi.json")
def _openapi(request: ControlRequest) -> Any:
    """This API's OpenAPI document."""
    return openapi_document()


@endpoint("GET", "manifest")
def _manifest(request: ControlRequest) -> Any:
    """The tenant's settings, and the support of every operation."""
    from auth0_mgmt.resources import operations

    from ..._registry import registry

    behaviours = registry().behaviours
    return {
        "version": __version__,
        "domain": request.tenant.domain,
        "operations": [
            {
                "name": operation.name,
                "id": operation.id,
                "method": operation.method,
                "path": operation.path,
                "scopes": list(operation.scopes),
                "supported": (found := behaviours.get(operation.name)) is not None
                and found.kind != "unsupported",
            }
            for operation in operations()
        ],
    }


@endpoint("GET", "evidence")
def _evidence(request: ControlRequest) -> Any:
    """How often each operation was called since the request log was cleared, by status."""
    counted: dict[str, dict[str, int]] = {}
    for entry in request.tenant.requests:
        statuses = counted.setdefault(entry.operation or "no operation", {})
        statuses[str(entry.status)] = statuses.get(str(entry.status), 0) + 1
    return counted


@endpoint("GET", "evidence/recordings")
def _recorded(request: ControlRequest) -> Any:
    """How many recorded responses of live tenants the fake's equal, by operation.

    ``status``, ``shape`` and ``value`` count those that are equal in it, of ``exchanges``.
    """
    return recorded_evidence()


@endpoint("GET", "environment")
def _environment(request: ControlRequest) -> Any:
    """The environment variables of a client of the tenant, for where the request came from."""
    directory = request.tenants()
    return directory.environment(directory.name_of(request.tenant), request.url)


@endpoint("GET", "tenants")
def _tenants(request: ControlRequest) -> Any:
    """The server's tenants: name and domain; the default one has the name ""."""
    directory = request.tenants()
    return [{"name": name, "domain": directory.tenant(name).domain} for name in directory.names]


@endpoint("POST", "tenants", body={"name": TEXT}, required=("name",), status=201)
def _make_tenant(request: ControlRequest) -> Any:
    """Create a tenant unless it exists."""
    name = str(request.body["name"])
    tenant = request.tenants().tenant(name)
    return {"name": name, "domain": tenant.domain}


@endpoint("DELETE", "tenants/{name}")
def _remove_tenant(request: ControlRequest) -> Any:
    """Delete a tenant with its state."""
    request.tenants().remove(request.path["name"])


@endpoint("POST", "fork", body={"name": TEXT}, required=("name",), status=201)
def _fork(request: ControlRequest) -> Any:
    """Create a tenant of another name with this one's state and time."""
    name = str(request.body["name"])
    twin = request.tenant.fork(_domain_of(request, name))
    request.tenants().put(name, twin)
    return {"name": name, "domain": twin.domain}


def _domain_of(request: ControlRequest, name: str) -> str:
    directory = request.tenants()
    if name in directory.names:
        raise ValueError(f"tenant {name!r} already exists")
    domain = directory.tenant(name).domain
    directory.remove(name)
    return domain
