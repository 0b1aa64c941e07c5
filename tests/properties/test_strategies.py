"""`auth0_mgmt_testing.strategies`: what is drawn is what the contract and a tenant accept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant, contract, strategies
from auth0_mgmt_testing.engine.validation import compiled

FEW = settings(
    max_examples=3,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
        HealthCheck.function_scoped_fixture,
    ],
)
SOME = settings(FEW, max_examples=20)
HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}


def with_body(operation: Operation[Any]) -> bool:
    row = contract.of_operation(operation.id).operation(operation.id) or {}
    return "body" in row


WITH_BODY = sorted(filter(with_body, operations()), key=lambda operation: operation.name)


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_every_body_fits_the_contract(operation: Operation[Any]) -> None:
    document = contract.of_operation(operation.id)
    row = document.operation(operation.id) or {}
    validator = compiled(document.whole(row["body"]))

    @FEW
    @given(body=strategies.for_operation(operation.name))
    def check(body: Any) -> None:
        assert validator.is_valid(body)

    check()


def test_every_operation_with_a_body_is_there() -> None:
    assert len(WITH_BODY) > 150


@pytest.mark.parametrize(
    ("path", "bodies"),
    [
        ("/users", strategies.users()),
        ("/clients", strategies.clients()),
        ("/roles", strategies.roles()),
        ("/organizations", strategies.organizations()),
    ],
    ids=["users", "clients", "roles", "organizations"],
)
def test_a_tenant_creates_what_is_drawn(path: str, bodies: st.SearchStrategy[Any]) -> None:
    empty = FakeTenant()

    @SOME
    @given(body=bodies)
    def check(body: Any) -> None:
        response = empty.fork().send("POST", f"/api/v2{path}", HEADERS, json.dumps(body).encode())
        assert response.status in (200, 201), response.json()

    check()


def test_a_tenant_understands_every_search() -> None:
    tenant = FakeTenant(unsupported_parameters="error")
    with tenant.management() as mgmt:

        @SOME
        @given(query=strategies.search_queries())
        def check(query: str) -> None:
            assert list(mgmt.users.list(q=query)) == []

        check()


def test_fixed_members_are_in_every_body() -> None:
    @SOME
    @given(body=strategies.for_operation("users.create", connection="people"))
    def check(body: dict[str, Any]) -> None:
        assert body["connection"] == "people"

    check()


@pytest.mark.parametrize("fault", ["missing", "unknown", "mistyped"])
def test_near_valid_bodies_have_each_kind_of_fault(fault: str) -> None:
    kinds: dict[str, Callable[[Any], bool]] = {
        "missing": lambda body: is_object(body) and "name" not in body,
        "unknown": lambda body: is_object(body) and "unknown" in body,
        "mistyped": lambda body: is_object(body) and isinstance(body.get("name", ""), list),
    }
    find(strategies.near_valid("roles.create"), kinds[fault], settings=settings(database=None))


def test_query_parameters_fit_the_contract() -> None:
    @SOME
    @given(query=strategies.query_parameters("roles.list"))
    def check(query: dict[str, Any]) -> None:
        assert set(query) <= {
            "include_totals",
            "name_filter",
            "owner_id",
            "page",
            "per_page",
            "type",
        }
        assert 1 <= query.get("per_page", 1) <= 100

    check()


@pytest.mark.parametrize("name", ["users.nope", "users.get"])
def test_an_operation_without_a_body_is_refused(name: str) -> None:
    with pytest.raises(LookupError):
        strategies.for_operation(name)


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    program = """
import sys
sys.modules["hypothesis"] = None
import auth0_mgmt_testing
auth0_mgmt_testing.FakeTenant()
try:
    import auth0_mgmt_testing.strategies
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "pip install 'auth0-mgmt[hypothesis]'" in done.stdout
