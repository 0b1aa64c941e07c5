"""`auth0_mgmt_testing.strategies`: what is drawn is what the contract and a tenant accept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from hypothesis import strategies as st

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations
from auth0_mgmt_testing import FakeTenant, UnsupportedParameterWarning, contract, strategies
from auth0_mgmt_testing.engine.validation import compiled, request_validator
from tools.fuzz.run import request_of
from tools.fuzz.tenant import furnished

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
SEED = int(os.environ.get("AUTH0_FUZZ_SEED") or date.today().toordinal())
"""Another each day; a failure shows it."""
HEADERS = {"authorization": "Bearer any", "content-type": "application/json"}


def with_body(operation: Operation[Any]) -> bool:
    row = contract.of_operation(operation.id).operation(operation.id) or {}
    return "body" in row


WITH_BODY = sorted(filter(with_body, operations()), key=lambda operation: operation.name)


WITH_QUERY = [each for each in operations() if each.query and not each.stream]


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


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.name)
def test_a_tenant_judges_bodies_as_the_contract_does(operation: Operation[Any]) -> None:
    """What the contract allows is rejected by rules of the state only, anything else by a 400."""
    known = furnished()
    tenant, path, query = (
        known.prepared(operation), known.arguments[operation.id], known.query(operation)
    )  # fmt: skip
    name = operation.name

    @seed(SEED)
    @FEW
    @given(body=strategies.for_operation(name) | strategies.near_valid(name))
    def check(body: Any) -> None:
        fault = request_validator().body_fault(operation.id, body)
        request = request_of(operation, path, query, body)
        headers = {**HEADERS, "content-type": request.media}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsupportedParameterWarning)
            status = (
                tenant.fork().send(request.method, request.target, headers, request.body).status
            )
        if fault is None or body is None or operation.body_kind == "multipart":
            assert status < 500, (SEED, body)
        else:
            assert status == 400, (SEED, fault, body)

    check()


@pytest.mark.parametrize("operation", WITH_QUERY, ids=lambda operation: operation.name)
def test_a_tenant_takes_every_query_that_is_drawn(operation: Operation[Any]) -> None:
    known = furnished()
    tenant, path = known.prepared(operation), known.arguments[operation.id]

    @seed(SEED)
    @FEW
    @given(query=strategies.query_parameters(operation.name))
    def check(query: dict[str, Any]) -> None:
        request = request_of(operation, path, query, None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsupportedParameterWarning)
            response = tenant.fork().send(request.method, request.target, HEADERS)
        assert response.status < 500, (SEED, query)
        if response.status == 400:
            message = response.json()["message"]
            assert not message.startswith("Query validation error"), (SEED, message, query)

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
    find(
        strategies.near_valid("roles.create"),
        kinds[fault],
        settings=settings(database=None, max_examples=2000),
    )


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
