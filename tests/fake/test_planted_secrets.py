"""A marker in every secret member of the contract shows in nothing that the testing package writes."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from rich.console import Console

from auth0_mgmt._redact import Redactor
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing._registry import registry
from auth0_mgmt_testing.cassettes import CassetteMetadata
from auth0_mgmt_testing.cassettes.check import findings
from auth0_mgmt_testing.cassettes.store import save
from auth0_mgmt_testing.recordings.exchange import (
    Exchange,
    RecordedRequest,
    RecordedResponse,
    Scenario,
)
from auth0_mgmt_testing.recordings.har import as_har
from auth0_mgmt_testing.recordings.scrubbing import Known, scrub
from auth0_mgmt_testing.resources import logs
from auth0_mgmt_testing.setup.exports import exported, loaded
from auth0_mgmt_testing.state.store import State, Transaction
from auth0_mgmt_testing.verification.callers import Callers
from auth0_mgmt_testing.verification.earlier import EarlierState
from auth0_mgmt_testing.verification.exports import as_github, as_junit, as_sarif
from auth0_mgmt_testing.verification.presupposed import Issued
from auth0_mgmt_testing.verification.replay import Follower, Outcome
from auth0_mgmt_testing.verification.report import (
    Thresholds,
    as_html,
    as_json,
    show,
    show_causes,
)
from auth0_mgmt_testing.verification.shadow import line, record
from auth0_mgmt_testing.verification.verify import Report
from tests.planting import FORM, Planted, markers, planted

from .conftest import DATABASE

HEADERS = {
    "authorization": "Bearer Pl4nted0h",
    "cookie": "session=Pl4nted1h",
    "dpop": "Pl4nted2h",
    "x-api-key": "Pl4nted3h",
}
JSON = {"content-type": "application/json"}


def bodies(of: Planted) -> Iterator[tuple[Any, Any]]:
    """Requests with responses, as many as it takes to send and return every marker."""
    for number in range(max(len(of.requests), len(of.responses))):
        yield (
            of.requests[number] if number < len(of.requests) else None,
            of.responses[number] if number < len(of.responses) else None,
        )


def exchanges(of: Planted, status: int = 200) -> list[Exchange]:
    query = {"token": "Pl4nted0q", "code": "Pl4nted1q", "client_secret": "Pl4nted2q"}
    return [
        Exchange(
            RecordedRequest(
                of.operation.method,
                "acme.eu.auth0.com",
                of.target(**query),
                {**HEADERS, **JSON},
                b"" if sent is None else json.dumps(sent).encode(),
            ),
            RecordedResponse(status, JSON, json.dumps(returned).encode()),
        )
        for sent, returned in bodies(of)
    ]


def test_no_request_log_and_no_tenant_log_shows_a_planted_secret(
    tenant: FakeTenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for of in planted():
        for one in exchanges(of):
            sent = one.request
            headers = {**sent.headers, "authorization": "Bearer Pl4nted9h"}
            tenant.send(sent.method, sent.target, headers, sent.body)
    form = urlencode(FORM).encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/oauth/token", "/oauth/revoke", "/passwordless/start", "/mfa/challenge"):
        tenant.send("POST", path, {**HEADERS, **kind}, form)
        tenant.send("POST", path, {**HEADERS, **JSON}, json.dumps(FORM).encode())
    tenant.send("GET", f"/authorize?{form.decode()}", HEADERS, b"")
    requests = list(tenant.requests)
    assert len(requests) > 100
    assert markers(str(tenant.requests)) == []
    shown = [
        (entry.json, entry.query, entry.headers, entry.explanation, entry.response, repr(entry))
        for entry in requests
    ]
    assert markers(repr(shown)) == []
    with pytest.raises(AssertionError) as caught:
        tenant.requests.assert_called("roles.list", json=FORM | {"code": ""}, query=FORM)
    assert markers(str(caught.value)) == []
    events = [event.to_dict() for event in tenant.logs]
    assert len(events) > 50
    assert markers(repr(events)) == []
    assert markers(caplog.text) == []


def test_no_event_of_a_write_that_succeeded_shows_a_planted_secret() -> None:
    details = vars(logs)["_details"]
    for of in planted():
        for sent, returned in () if of.around else bodies(of):
            exchange: dict[str, Any] = {
                "method": "POST",
                "path": of.target(),
                "query": {"token": "Pl4nted0q"},
            }
            exchange |= {"body": sent, "answer": returned, "status": 200}
            shown = details({"ip": "127.0.0.1", "user_agent": "x"}, exchange)
            assert markers(repr(shown)) == [], of.operation.name


def test_no_export_without_secrets_holds_a_planted_secret() -> None:
    transaction = Transaction(State(), registry().schema)
    for of in planted():
        for number, (sent, returned) in enumerate(bodies(of)):
            document = {"sent": sent, "returned": returned, "id": str(number)}
            table = "planted"
            if of.around:  # of rules' settings; hooks' secrets are a member of the hook
                table = of.operation.name.partition(".")[0]
                document = {"secrets" if table == "hooks" else "value": "Pl4nted0x"}
            transaction.put(table, f"{of.operation.name} {number}", document)
    state = transaction.commit()
    hidden = exported(state, "tenant.example", secrets=False)
    assert markers(json.dumps(hidden)) == []
    assert len(markers(json.dumps(exported(state, "tenant.example", secrets=True)))) > 20
    text = json.dumps(exported(loaded(hidden, "tenant.example", 1), "tenant.example", secrets=True))
    assert "$secret" not in text


def forms() -> list[Exchange]:
    """Requests whose secrets are in fields of forms, in a query, in headers and in links."""

    def fields(place: str) -> dict[str, str]:
        # Markers of their own: what is hidden in one place is replaced in all.
        return {name: value + place for name, value in FORM.items()}

    parts = "".join(
        f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields("multipart").items()
    )
    location = f"https://acme.eu.auth0.com/done?{urlencode(fields('location'))}"
    link = f"https://x.example/?{urlencode(fields('link'))}"
    return [
        Exchange(
            RecordedRequest(
                "POST",
                "acme.eu.auth0.com",
                f"/oauth/token?{urlencode(fields('query'))}",
                {**HEADERS, "content-type": kind},
                body,
            ),
            RecordedResponse(
                302,
                {**JSON, "location": location, "set-cookie": "auth0=Pl4nted9c"},
                json.dumps({"next": link, "text": f"go to {link}b now"}).encode(),
            ),
        )
        for kind, body in (
            ("application/x-www-form-urlencoded", urlencode(fields("form")).encode()),
            ("multipart/form-data; boundary=b", f"{parts}--b--\r\n".encode()),
            ("application/json", json.dumps(fields("json")).encode()),
        )
    ]


def test_no_cassette_holds_a_secret_planted_in_a_form(tmp_path: Path) -> None:
    path = tmp_path / "forms.yaml"
    for one in forms():
        scrubbed = scrub([one], Known("cassette-tenant.eu.auth0.com", ["acme.eu.auth0.com"]))
        assert list(map(str, findings(scrubbed))) == []
        save(path, CassetteMetadata.now("fake server", "forms"), scrubbed)
        assert markers(path.read_text("utf-8")) == []
    assert markers(as_har([Scenario("forms", "a.yaml", tuple(forms()))])) == []


def test_no_cassette_holds_a_planted_secret(tmp_path: Path) -> None:
    for number, of in enumerate(planted()):
        path = tmp_path / f"{number}.yaml"
        scrubbed = scrub(
            exchanges(of), Known("cassette-tenant.eu.auth0.com", ["acme.eu.auth0.com"])
        )
        assert list(map(str, findings(scrubbed))) == [], of.operation.name
        save(path, CassetteMetadata.now("fake server", of.operation.name), scrubbed)
        assert markers(path.read_text("utf-8")) == [], of.operation.name


def test_no_secret_that_the_tenant_made_shows_elsewhere() -> None:
    """Every operation is called; what responses gave out as secret must show nowhere else."""
    tenant = FakeTenant()
    before, made = tenant.snapshot(), set[str]()
    collect = Redactor(lambda value: made.add(str(value)))
    people = tenant.management()
    who = people.users.create(
        connection=DATABASE, email="ada@example.com", password="correct-Horse-7-battery"
    ).user_id
    organization = people.organizations.create(name="acme").id
    profile = people.self_service_profiles.create(name="p").id
    client = people.clients.create(
        name="c", organization_usage="allow", initiate_login_uri="https://app.example/login"
    ).client_id
    connection = people.connections.create(name="o", strategy="okta", options=OKTA).id
    for method, path, body in (
        ("POST", "/tickets/password-change", {"user_id": who}),
        ("POST", "/tickets/email-verification", {"user_id": who}),
        ("POST", "/guardian/enrollments/ticket", {"user_id": who}),
        ("POST", f"/self-service-profiles/{profile}/sso-ticket", {}),
        ("POST", f"/clients/{client}/rotate-secret", None),
        ("POST", f"/users/{who}/recovery-code-regeneration", None),
        ("POST", f"/connections/{connection}/scim-configuration", None),
        ("POST", f"/connections/{connection}/scim-configuration/tokens", {"scopes": ["get:users"]}),
        (
            "POST",
            f"/organizations/{organization}/invitations",
            {
                "inviter": {"name": "Ada"},
                "invitee": {"email": "grace@example.com"},
                "client_id": client,
            },
        ),
        ("GET", "/clients", None),
    ):
        response = tenant.send(
            method,
            f"/api/v2{path}",
            {"authorization": "Bearer any", **JSON},
            b"" if body is None else json.dumps(body).encode(),
        )
        assert response.status in (200, 201), (path, response.body)
        collect(response.json())
    # A certificate is public elsewhere; of links, the ticket is the secret.
    parts = {
        re.sub(r".*[?&](?:ticket|invitation)=([\w-]+).*", r"\1", value)
        for value in made
        if "-----BEGIN" not in value and len(value) >= 16
    }
    assert len(parts) >= 8
    shown_by = {
        "export": json.dumps(tenant.export()),
        "changes": str(tenant.changes_since(before)),
        "changed documents": repr(
            [(str(each), each.shown()) for entry in tenant.requests for each in entry.changes]
        ),
        "requests": repr([(str(e), e.json, e.response, e.headers) for e in tenant.requests]),
        "logs": repr([event.to_dict() for event in tenant.logs]),
    }
    found = {
        name: sorted(part for part in parts if part in text) for name, text in shown_by.items()
    }
    assert not any(found.values()), found


OKTA: Any = {"client_id": "c", "domain": "o.okta.com"}


def test_no_har_holds_a_planted_secret() -> None:
    scenarios = [Scenario(of.operation.name, "a.yaml", tuple(exchanges(of))) for of in planted()]
    text = as_har(scenarios, {(scenarios[0].name, 0): "a remark"})
    assert len(text) > 10_000
    assert markers(text) == []


class Other:
    """A tenant that returns what it is given."""

    domain = "fake-tenant.eu.auth0.com"

    def __init__(self) -> None:
        self.response = RecordedResponse(200)

    def reset(
        self, unavailable_features: frozenset[str] = frozenset(), traits: Collection[Any] = ()
    ) -> None:
        """Nothing is kept."""

    def restore(self, earlier: EarlierState) -> bool:
        return False

    def admit(self, callers: Callers) -> None:
        pass

    def issue(self, exchange: Exchange, names: frozenset[str]) -> Issued | None:
        return None

    def advance(self, seconds: float | None) -> None:
        """There is no clock."""

    def authorization(self, withheld: Sequence[str] = ()) -> str:
        return "Bearer x"

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> RecordedResponse:
        return self.response

    def close(self) -> None:
        """There is nothing to close."""


def _outcomes() -> Iterator[Outcome]:
    """What replaying every planted exchange on a tenant comes to that returns otherwise."""
    other = Other()
    for of in planted():
        for one in exchanges(of):
            different = one.response.body.replace(b"Pl4nted", b"Pl4nted99")
            for status, body in ((200, different), (200, b"{}"), (200, b"[]"), (201, different)):
                other.response = RecordedResponse(status, JSON, body)
                yield Follower("planted", ["acme.eu.auth0.com"], other).follow(one, None)
                other.response = RecordedResponse(status, JSON, one.response.body)
                empty = Exchange(one.request, RecordedResponse(200, JSON, b"{}"))
                yield Follower("planted", ["acme.eu.auth0.com"], other).follow(empty, None)


def test_no_report_of_verify_shows_a_planted_secret() -> None:
    outcomes = tuple(_outcomes())
    assert sum(bool(outcome.verdict.differences) for outcome in outcomes) > 300
    report = Report(outcomes, 1)
    screen = StringIO()
    console = Console(file=screen, width=400)
    show(report, console, diff=len(outcomes))
    show_causes(report, console)
    for shown in (
        as_json(report, Thresholds()),
        as_html(report, Thresholds()),
        as_junit(report),
        as_sarif(report),
        "\n".join(as_github(report)),
        screen.getvalue(),
        "\n".join(map(line, outcomes)),
        "\n".join(map(record, outcomes)),
    ):
        assert len(shown) > 1_000
        assert markers(shown) == []
