"""What is sent, and what comes of it."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core import NOT_SET

from auth0_mgmt._json import is_object
from auth0_mgmt._operation import Operation
from auth0_mgmt_testing import (
    BehaviourError,
    ResponseContractError,
    UnsupportedParameterWarning,
    strategies,
)

from .document import described
from .tenant import HEADERS, furnished, validating_fork

QUIET = settings(
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
_NOT_IMPLEMENTED = 501


@dataclass(frozen=True)
class Request:
    """One request as it is sent."""

    method: str
    target: str
    body: bytes = b""
    media: str = "application/json"


@dataclass
class Report:
    """How many requests had which status, and what must not happen."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    succeeded: set[str] = field(default_factory=set[str])
    failures: dict[str, str] = field(default_factory=dict[str, str])
    """Responses 5xx: the operation and what failed, with the first request."""
    undeclared: dict[str, str] = field(default_factory=dict[str, str])
    """Responses that the contract does not declare, likewise."""

    @property
    def clean(self) -> bool:
        return not self.failures and not self.undeclared

    def lines(self, operations: Iterable[Operation[Any]]) -> list[str]:
        """The report for people."""
        names = {operation.name for operation in operations}
        total = sum(self.statuses.values())
        by_status = ", ".join(
            f"{count} with {status}" for status, count in sorted(self.statuses.items())
        )
        never = sorted(names - self.succeeded)
        lines = [f"5xx: {what}: {request}" for what, request in sorted(self.failures.items())]
        lines += [
            f"undeclared: {what}: {request}" for what, request in sorted(self.undeclared.items())
        ]
        if never:
            lines.append(f"never successful: {', '.join(never)}")
        return [
            *lines,
            f"{total} requests to {len(names)} operations ({by_status})",
            f"{len(names) - len(never)} of {len(names)} operations succeeded",
            f"{len(self.failures)} faults with 5xx, {len(self.undeclared)} undeclared responses",
        ]


def requests(operation: Operation[Any], arguments: Mapping[str, str]) -> st.SearchStrategy[Request]:
    """Requests of an operation: valid, nearly valid, and whatever schemathesis makes of it.

    ``arguments``: path arguments that name something; where one is missing, any text is drawn.
    """

    def of_case(case: Case[Any]) -> Request:
        return _of_case(operation, case, arguments)

    api: Any = described(operation)
    drawn: st.SearchStrategy[Request] = api.as_strategy().map(of_case)
    return st.one_of(_own(operation, arguments), _own(operation, arguments), drawn)


def _own(operation: Operation[Any], arguments: Mapping[str, str]) -> st.SearchStrategy[Request]:
    try:
        bodies = strategies.for_operation(operation.name)
        bodies = st.one_of(bodies, bodies, strategies.near_valid(operation.name)).map(_encoded)
    except LookupError:
        bodies = st.just(b"")

    def request(path: dict[str, str], query: dict[str, Any], body: bytes) -> Request:
        return Request(operation.method, _target(operation, {**path, **arguments}, query), body)

    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    paths = st.fixed_dictionaries(
        {name: st.text(min_size=1, max_size=20) for name in names if name not in arguments}
    )
    nothing: dict[str, Any] = {}
    queries = st.one_of(st.just(nothing), strategies.query_parameters(operation.name))
    return st.builds(
        request,
        paths,
        queries,
        bodies,
    )


def _of_case(operation: Operation[Any], case: Case[Any], arguments: Mapping[str, str]) -> Request:
    target = _target(operation, {**(case.path_parameters or {}), **arguments}, case.query or {})
    body = case.body
    if body is NOT_SET:
        body = b""
    return Request(
        operation.method,
        target,
        body if isinstance(body, bytes) else _encoded(body),
        case.media_type or "application/json",
    )


def _encoded(body: Any) -> bytes:
    return json.dumps(body).encode()


def _target(operation: Operation[Any], path: Mapping[str, Any], query: Mapping[str, Any]) -> str:
    text = operation.path
    for name, value in path.items():
        text = text.replace("{" + name + "}", quote(str(value), safe=""))
    typed = {
        name: json.dumps(value) if isinstance(value, bool | dict) else value
        for name, value in query.items()
    }
    search = urlencode(typed, doseq=True)
    return f"/api/v2{text}" + (f"?{search}" if search else "")


def fuzz(
    operation: Operation[Any], report: Report, examples: int, *, seeded: int | None = None
) -> None:
    """Send so many requests of an operation, each to a fork of the furnished tenant."""
    tenant, arguments = furnished()

    @settings(QUIET, max_examples=examples)
    @given(request=requests(operation, arguments[operation.id]))
    def check(request: Request) -> None:
        headers = {**HEADERS, "content-type": request.media}
        text = f"{request.method} {request.target} {request.body[:2000].decode('utf-8', 'replace')}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsupportedParameterWarning)
            try:
                response = validating_fork(tenant).send(
                    request.method, request.target, headers, request.body
                )
            except BehaviourError as error:
                report.statuses[500] += 1
                cause = error.__context__
                report.failures.setdefault(f"{error} ({cause})", text)
                return
            except ResponseContractError as error:
                report.undeclared.setdefault(str(error), text)
                report.statuses[operation.success_statuses[0]] += 1
                return
        report.statuses[response.status] += 1
        if response.status < 300:
            report.succeeded.add(operation.name)
        elif not _sound(response.status, response.json()):
            report.undeclared.setdefault(f"{operation.name}: {response.json()}", text)
        if response.status >= 500 and response.status != _NOT_IMPLEMENTED:
            report.failures.setdefault(f"{operation.name}: {response.json()}", text)

    (check if seeded is None else seed(seeded)(check))()


def _sound(status: int, error: Any) -> bool:
    """Whether an error has the API's shape."""
    if 300 <= status < 400:
        return True
    return is_object(error) and error.get("statusCode") == status and bool(error.get("message"))
