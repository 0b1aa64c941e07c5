"""Whatever the contract allows, and next to it: the fake answers, and answers soundly."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.core import NOT_SET

from auth0_mgmt._operation import Operation
from auth0_mgmt.resources import operations

from .document import described
from .furnished import HEADERS, furnished

EXAMPLES = 3
OPERATIONS = sorted(operations(), key=lambda operation: operation.name)


def target(operation: Operation[Any], case: Case) -> str:
    """Path and query; arguments name what the tenant holds, wherever it holds something."""
    path = operation.path
    arguments = {**(case.path_parameters or {}), **furnished()[1][operation.id]}
    for name, value in arguments.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    query = urlencode(case.query or {}, doseq=True)
    return f"/api/v2{path}" + (f"?{query}" if query else "")


def body(case: Case) -> bytes:
    if case.body is NOT_SET or isinstance(case.body, bytes):
        return case.body if isinstance(case.body, bytes) else b""
    return json.dumps(case.body).encode()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_any_request_gets_a_sound_answer(operation: Operation[Any]) -> None:
    tenant, _ = furnished()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described(operation).as_strategy())
    def check(case: Case) -> None:
        twin = tenant.fork()
        headers = {**HEADERS, "content-type": case.media_type or "application/json"}
        with httpx.Client(transport=twin.transport(), base_url=f"https://{twin.domain}") as client:
            answer = client.request(
                operation.method, target(operation, case), headers=headers, content=body(case)
            )
        if answer.is_success:
            assert operation.stream or not answer.content or answer.json() is not None
        else:
            refused_well(answer)

    check()


def refused_well(answer: httpx.Response) -> None:
    """The API's own error shape, and never a failure of the fake itself."""
    error = answer.json()
    assert error["statusCode"] == answer.status_code < 500
    assert error["message"]
