"""Messages go through the code of the tenant's own providers, where it is configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant

from .conftest import DATABASE, enable, log_types

CLIENT = {"client_id": "app", "client_secret": "app-secret"}
EMAIL = ("custom-email-provider", "onExecuteCustomEmailProvider")
PHONE = ("custom-phone-provider", "onExecuteCustomPhoneProvider")


@pytest.fixture
def mgmt(tenant: FakeTenant) -> Management:
    return tenant.management()


def configure_email(mgmt: Management) -> None:
    credentials: Any = {}
    mgmt.emails.provider.create(
        name="custom", credentials=credentials, default_from_address="from@example.com"
    )


def configure_phone(mgmt: Management) -> None:
    provider: Any = {
        "name": "custom",
        "credentials": {},
        "configuration": {"delivery_methods": ["text"]},
    }
    mgmt.branding.phone.providers.create(**provider)


def send_mail(tenant: FakeTenant, http: httpx.Client) -> None:
    given = {"client_id": "app", "connection": DATABASE, "email": "ada@example.com"}
    http.post("/dbconnections/change_password", json=given).raise_for_status()


def send_text(tenant: FakeTenant, http: httpx.Client) -> None:
    if not any(doc.name == "sms" for doc in tenant.connections):
        tenant.management().connections.create(name="sms", strategy="sms")
        enable(tenant, "sms", "app")
    given = {**CLIENT, "connection": "sms", "phone_number": "+15550100"}
    http.post("/passwordless/start", json=given).raise_for_status()


Send = Callable[[FakeTenant, httpx.Client], None]
KINDS: list[tuple[tuple[str, str], Callable[[Management], None], Send, str]] = [
    (EMAIL, configure_email, send_mail, "ada@example.com"),
    (PHONE, configure_phone, send_text, "+15550100"),
]
kinds = pytest.mark.parametrize(
    ("kind", "configure", "send", "to"), KINDS, ids=[kind[0] for kind, *_ in KINDS]
)


def add(tenant: FakeTenant, kind: tuple[str, str], body: str) -> str:
    """Add an action of a provider, deployed."""
    trigger: Any = {"id": kind[0], "version": "v1"}
    code = f"exports.{kind[1]} = async (event, api) => {{ {body} }};"
    action = tenant.actions.add(name=kind[0], supported_triggers=[trigger], code=code)
    tenant.management().actions.deploy(str(action.id))
    return str(action.id)


@kinds
@pytest.mark.parametrize("bound", [True, False])
def test_code_of_a_configured_provider_sees_what_is_sent(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client,
    kind: Any, configure: Any, send: Any, to: str, bound: bool,
) -> None:  # fmt: skip
    action = add(tenant, kind, "console.log(JSON.stringify(event.notification))")
    if bound:
        tenant.actions.bind(kind[0], action)
    configure(mgmt)
    send(tenant, http)
    message = tenant.mailbox.latest(to)
    (execution,) = tenant.actions.executions()
    assert execution.trigger == kind[0]
    (line,) = execution.results[0].console
    assert to in line
    assert "message_type" in line
    assert str(message.code or message.link) in line


@kinds
def test_code_of_a_provider_that_is_not_configured_does_not_run(
    tenant: FakeTenant, http: httpx.Client, kind: Any, configure: Any, send: Any, to: str
) -> None:
    add(tenant, kind, "throw new Error('no')")
    send(tenant, http)
    assert tenant.mailbox.latest(to)
    assert not tenant.actions.executions()


@kinds
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("api.notification.drop('unwanted')", "unwanted"),
        ("api.notification.retry('busy')", "busy"),
        ("throw new Error('down')", "down"),
    ],
)
def test_what_a_provider_does_not_send_is_logged_and_not_in_the_mailbox(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client,
    kind: Any, configure: Any, send: Any, to: str, body: str, reason: str,
) -> None:  # fmt: skip
    add(tenant, kind, body)
    configure(mgmt)
    send(tenant, http)
    assert len(tenant.mailbox) == 0
    assert "fn" in log_types(tenant)
    event = next(event.to_dict() for event in mgmt.logs.list() if event.type == "fn")
    assert event["details"]["error"] == reason
    assert event["details"]["to"] == to
    assert event["client_id"] == "app"


def test_a_provider_that_is_disabled_sends_as_if_there_were_none(
    tenant: FakeTenant, mgmt: Management, http: httpx.Client
) -> None:
    add(tenant, EMAIL, "throw new Error('no')")
    configure_email(mgmt)
    mgmt.emails.provider.update(enabled=False)
    send_mail(tenant, http)
    assert tenant.mailbox.latest("ada@example.com")
