"""Who may call what: no operation answers without a token, or without one of its scopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auth0_mgmt import ForbiddenError, Management, UnauthorizedError
from auth0_mgmt._operation import Operation
from auth0_mgmt_testing import FakeTenant, TenantHandle

from .calls import call, status_of
from .families import by_name

FAMILIES = sorted({name.partition(".")[0] for name in by_name()})


def operations_of(family: str, tenant: Any) -> list[Operation[Any]]:
    """The operations of a sub-client of the client; on a live tenant those that only read."""
    return [
        operation
        for name, operation in by_name().items()
        if name.partition(".")[0] == family and (tenant.mode != "live" or operation.method == "GET")
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_operation_needs_one_of_its_scopes(
    family: str, auth0_tenant: TenantHandle, scoped: Callable[..., Management]
) -> None:
    mgmt = scoped("read:roles" if family == "stats" else "read:stats")
    for operation in operations_of(family, auth0_tenant):
        if not operation.scopes:
            continue
        with pytest.raises(ForbiddenError, match="Insufficient scope") as refused:
            call(mgmt, operation)
        assert refused.value.error_code == "insufficient_scope"
        assert refused.value.required_scopes == operation.scopes


@pytest.mark.parametrize("family", FAMILIES)
def test_any_one_of_its_scopes_lets_a_reader_in(
    family: str, auth0_tenant: TenantHandle, scoped: Callable[..., Management]
) -> None:
    reads = [row for row in operations_of(family, auth0_tenant) if row.method == "GET"]
    mgmt = scoped(*sorted({row.scopes[-1] for row in reads if row.scopes}))
    for operation in reads:
        if operation.stream:
            continue
        assert status_of(call, mgmt, operation) not in (401, 403), operation.name


@pytest.mark.parametrize("family", FAMILIES)
def test_no_operation_answers_to_a_token_of_somebody_else(
    family: str, auth0_tenant: TenantHandle, stranger: Management
) -> None:
    for operation in operations_of(family, auth0_tenant):
        with pytest.raises(UnauthorizedError):
            call(stranger, operation)


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"authorization": "Basic a:b"}])
def test_nothing_is_told_without_a_token(auth0_fake: FakeTenant, headers: dict[str, str]) -> None:
    assert auth0_fake.send("GET", "/api/v2/roles", headers).status == 401


def test_a_token_counts_until_it_expires(
    auth0_tenant: TenantHandle, auth0_fake: FakeTenant
) -> None:
    token = auth0_fake.token("read:roles", lifetime=60)
    with auth0_tenant.management(auth=token) as mgmt:
        mgmt.roles.list()
        auth0_fake.clock.advance(61)
        with pytest.raises(UnauthorizedError, match="Expired token"):
            mgmt.roles.list()


def test_a_token_counts_as_it_was_signed_only(
    auth0_tenant: TenantHandle, auth0_fake: FakeTenant
) -> None:
    head, claims, signature = auth0_fake.token("read:roles").split(".")
    forged = ".".join((head, claims, signature[::-1]))
    with (
        auth0_tenant.management(auth=forged) as mgmt,
        pytest.raises(UnauthorizedError, match="Invalid signature"),
    ):
        mgmt.roles.list()
