"""What is sent, and what comes of it."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
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
    FakeTenant,
    ResponseContractError,
    UnsupportedParameterWarning,
    contract,
    strategies,
)

from .document import described
from .tenant import HEADERS, Furnished, furnished, validating_fork

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
_BOUNDARY = "fuzzed"
_MORE = 20


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
    rejected: dict[str, str] = field(default_factory=dict[str, str])
    """The last rejection of each operation, with the request."""
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


def requests(operation: Operation[Any], known: Furnished) -> st.SearchStrategy[Request]:
    """Requests of an operation: fitting, valid, nearly valid, and whatever schemathesis makes of it.

    ``known``: what they may name. A fitting request names only that; the others, now and then,
    what there is not.
    """
    there = known.arguments[operation.id]
    drawn = {name: st.text(min_size=1, max_size=20) for name in there}
    paths = st.one_of(st.just(dict(there)), st.just(dict(there)), st.fixed_dictionaries(drawn))
    nothing: dict[str, Any] = {}
    queries = st.one_of(st.just(nothing), strategies.query_parameters(operation.name))
    bodies = known.bodies(operation)
    if operation.body_kind != "none":
        bodies |= strategies.near_valid(operation.name)

    def of_case(case: Case[Any]) -> Request:
        return _of_case(operation, case, there)

    api: Any = described(operation)
    cases: st.SearchStrategy[Request] = api.as_strategy().map(of_case)
    return st.one_of(
        fitting(operation, known),
        st.builds(partial(request_of, operation), paths, queries, bodies),
        cases,
    )


def fitting(operation: Operation[Any], known: Furnished) -> st.SearchStrategy[Request]:
    """Requests that the contract allows and that name only what there is."""
    path = st.just(dict(known.arguments[operation.id]))
    query = st.just(dict(known.query(operation)))
    return st.builds(partial(request_of, operation), path, query, known.bodies(operation))


def request_of(
    operation: Operation[Any], path: Mapping[str, str], query: Mapping[str, Any], body: Any
) -> Request:
    """A request with a body, or without one where that is None."""
    content, media = (b"", "application/json") if body is None else _encoded(operation, body)
    return Request(operation.method, _target(operation, path, query), content, media)


def _of_case(operation: Operation[Any], case: Case[Any], arguments: Mapping[str, str]) -> Request:
    target = _target(operation, {**(case.path_parameters or {}), **arguments}, case.query or {})
    body = case.body
    if body is NOT_SET:
        body = b""
    return Request(
        operation.method,
        target,
        body if isinstance(body, bytes) else json.dumps(body).encode(),
        case.media_type or "application/json",
    )


def _encoded(operation: Operation[Any], body: Any) -> tuple[bytes, str]:
    """A body as it is sent, and its media type."""
    if operation.body_kind != "multipart" or not is_object(body):
        return json.dumps(body).encode(), "application/json"
    parts = "".join(
        f'--{_BOUNDARY}\r\ncontent-disposition: form-data; name="{quote(str(name))}"\r\n\r\n'
        f"{value if isinstance(value, str) else json.dumps(value)}\r\n"
        for name, value in body.items()
    )
    content = f"{parts}--{_BOUNDARY}--\r\n".encode("utf-8", "replace")
    return content, f"multipart/form-data; boundary={_BOUNDARY}"


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
    """Send so many requests of an operation, each to a fork of the furnished tenant.

    The first half is fitting. Where none of all succeeds, the accepted body that is known of the
    operation is sent, and more fitting ones.
    """
    known = furnished()
    tenant = known.prepared(operation)
    rounds = (
        (fitting(operation, known), (examples + 1) // 2),
        (requests(operation, known), examples // 2),
    )
    for drawn, count in rounds:
        if count:
            _send_drawn(operation, report, tenant, drawn, count, seeded)
    if operation.name not in report.succeeded:
        for request in known_requests(operation, known):
            _note(operation, report, tenant, request)
    if operation.name not in report.succeeded:
        _send_drawn(operation, report, tenant, fitting(operation, known), _MORE, seeded)


def known_requests(operation: Operation[Any], known: Furnished) -> Iterator[Request]:
    """The request with the operation's sample for a body, where there is one."""
    if operation.name in known.samples:
        path = known.arguments[operation.id]
        yield request_of(operation, path, known.query(operation), known.samples[operation.name])


def _send_drawn(
    operation: Operation[Any],
    report: Report,
    tenant: FakeTenant,
    drawn: st.SearchStrategy[Request],
    count: int,
    seeded: int | None,
) -> None:
    @settings(QUIET, max_examples=count)
    @given(request=drawn)
    def check(request: Request) -> None:
        _note(operation, report, tenant, request)

    (check if seeded is None else seed(seeded)(check))()


def _note(operation: Operation[Any], report: Report, tenant: FakeTenant, request: Request) -> None:
    """Send one request and note in the report what came of it."""
    headers = {**HEADERS, "content-type": request.media}
    text = f"{request.method} {request.target} {request.body[:2000].decode('utf-8', 'replace')}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnsupportedParameterWarning)
            response = validating_fork(tenant).send(
                request.method, request.target, headers, request.body
            )
    except BehaviourError as error:
        report.statuses[500] += 1
        report.failures.setdefault(f"{error} ({error.__context__})", text)
        return
    except ResponseContractError as error:
        report.statuses[operation.success_statuses[0]] += 1
        report.undeclared.setdefault(str(error), text)
        return
    status = response.status
    report.statuses[status] += 1
    if status < 300:
        report.succeeded.add(operation.name)
        return
    described = f"{operation.name}: {response.json()}"
    report.rejected[operation.name] = f"{described}: {text}"
    if status >= 500 and status != _NOT_IMPLEMENTED:
        report.failures.setdefault(described, text)
    if not _sound(status, response.json()):
        report.undeclared.setdefault(described, text)
    if status >= 400 and status not in contract.error_statuses(operation):
        report.undeclared.setdefault(f"{operation.name}: status {status}", f"{described}: {text}")


def _sound(status: int, error: Any) -> bool:
    """Whether an error has the API's shape."""
    if 300 <= status < 400:
        return True
    return is_object(error) and error.get("statusCode") == status and bool(error.get("message"))
