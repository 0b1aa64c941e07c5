"""Nearly fitting requests of the Authentication API and its pages: each gets a sound response.

The suite sends a few of each kind, which differ from day to day; ``AUTH0_FUZZ_SEED`` repeats a day's.
`make fuzz` sends many.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from auth0_mgmt_testing import FakeTenant, authentication
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.authentication import legacy
from auth0_mgmt_testing.engine.response import Response
from tools.fuzz.login import MARK, PLANTED, Report, fuzz, note, unchanged
from tools.fuzz.login_cases import PASSWORD, Case, cases

SEED = int(os.environ.get("AUTH0_FUZZ_SEED") or date.today().toordinal())
FEW = 10
UNFITTING = {
    "token mfa-oob", "token urn:ietf:params:oauth:grant-type:token-exchange", "retired", "unblock",
    "continue", "POST continue", "POST /u/mfa-recovery-code",
}  # fmt: skip
"""The cases that are no more than refused: what would fit takes another flow."""
NAMES = [case.name for case in cases()]


@pytest.mark.parametrize("place", range(len(NAMES)), ids=NAMES)
def test_any_request_of_a_log_in_gets_a_sound_response(place: int) -> None:
    case, report = cases()[place], Report()
    fuzz(case, report, FEW, seeded=SEED)
    assert report.faults == {}, f"AUTH0_FUZZ_SEED={SEED}"
    assert (case.name in report.succeeded) or case.name in UNFITTING


def test_every_endpoint_and_page_is_drawn() -> None:
    def matches(template: str, path: str) -> bool:
        parts = zip(template.split("/"), path.split("/"), strict=False)
        return template.count("/") == path.count("/") and all(
            part[:1] == "{" or part == given for part, given in parts
        )

    retired = {route.operation.id for route in legacy.family.routes}
    for route in registry().routes.values():
        operation, module = route.operation, route.handler.__module__
        if module.startswith(authentication.__name__) and operation.id not in retired:
            assert any(
                case.method == operation.method and matches(operation.path, case.path)
                for case in cases()
            ), f"{operation.method} {operation.path}"


# --- that faults are seen ------------------------------------------------------------------------


def case_of(name: str) -> Case:
    return next(case for case in cases() if case.name == name)


class Faulty(FakeTenant):
    """A tenant that sends this response, after it has done this."""

    response: Response
    user: str | None = None

    def send(self, *request: Any, **more: Any) -> Response:
        if self.user is not None:
            self.users.add(email=self.user)
        return self.response

    def fork(self, domain: str | None = None) -> Any:
        return self


HTML = {"content-type": "text/html", "cache-control": "no-store"}
JSON = {"content-type": "application/json", "cache-control": "no-store"}
ERROR = b'{"error":"invalid_request","error_description":"x"}'


@pytest.mark.parametrize(
    ("name", "response", "fault"),
    [
        ("token password", Response(500, ERROR, JSON), "fails"),
        ("retired", Response(500, ERROR, JSON), "fails"),
        ("token password", Response(400, b"{}", JSON), "has no error form"),
        ("token password", Response(400, b"oops", HTML), "has no error form"),
        ("signup", Response(400, b'{"code":"x","statusCode":401}', JSON), "has no error form"),
        ("POST /u/login", Response(400, ERROR, JSON), "has no error form"),
        ("POST /u/login", Response(200, PASSWORD.encode(), HTML), "shows a secret"),
        ("logout", Response(302, b"", {"location": "https://evil.example/"}), "leads away"),
        ("logout", Response(302, b"", {"location": "//evil.example/"}), "leads away"),
        ("logout", Response(302, b"", {"location": "/\\evil.example/"}), "leads away"),
        ("logout", Response(302, b"", {"location": "/\r\na: b"}), "is injected"),
        ("POST /u/login", Response(200, MARK.encode(), HTML), "is injected"),
        ("token password", Response(200, b'{"id_token":""}', {**JSON, "cache-control": ""}),
         "may be stored"),
    ],
)  # fmt: skip
def test_a_faulty_response_is_seen(name: str, response: Response, fault: str) -> None:
    tenant, report = Faulty(), Report()
    tenant.response = response
    note(unchanged(replace(case_of(name), tenant=tenant)), report)
    assert any(f"{name}: {fault}" in found for found in report.faults), report.faults


def test_a_drawn_secret_in_an_error_is_seen() -> None:
    tenant, report = Faulty(), Report()
    tenant.response = Response(400, f'{{"error":"{PLANTED}"}}'.encode(), JSON)
    case = case_of("token password")
    body = {**(case.body or {}), "password": PLANTED}
    note(unchanged(replace(case, tenant=tenant, body=body)), report)
    assert any("shows a secret" in found for found in report.faults)


@pytest.mark.parametrize(
    "response", [Response(400, ERROR, JSON), Response(302, b"", {"location": "/?error=x"})]
)
def test_what_a_refused_request_writes_is_seen(response: Response) -> None:
    tenant, report = Faulty(), Report()
    tenant.response, tenant.user = response, "eve@example.com"
    note(unchanged(replace(case_of("token password"), tenant=tenant)), report)
    assert any("writes though refused" in found for found in report.faults)


def test_what_raises_is_seen() -> None:
    class Raising(Faulty):
        def send(self, *request: Any, **more: Any) -> Response:
            raise RuntimeError("oops")

    report = Report()
    note(unchanged(replace(case_of("revoke"), tenant=Raising())), report)
    assert list(report.faults) == ["revoke: raises RuntimeError('oops')"]


def test_a_report_counts_what_was_sent() -> None:
    report = Report()
    note(unchanged(case_of("token password")), report)
    assert report.lines == [
        "1 requests to the Authentication API and its pages (1 with 200)",
        f"1 of {len(cases())} kinds succeeded, 0 faults",
    ]
