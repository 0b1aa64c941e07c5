"""Mails that the Management API and protection send, and what their links do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from auth0_mgmt_testing import FakeTenant

from .conftest import ADA, API, DATABASE, PASSWORD, Browser, log_types


def link_of(tenant: FakeTenant, address: str, kind: str) -> str:
    link = tenant.mailbox.latest(address, kind=kind).link
    assert link is not None
    return link


def create_eve(tenant: FakeTenant, **fields: Any) -> str:
    with tenant.management() as mgmt:
        user = mgmt.users.create(
            connection=DATABASE, email="eve@example.com", password="Long enough 4 this!", **fields
        )
    return user.user_id


def is_verified(tenant: FakeTenant, user_id: str) -> bool:
    user = tenant.users.get(user_id)
    assert user is not None
    return bool(user.email_verified)


def test_a_created_user_is_asked_to_verify_where_that_is_wanted(
    tenant: FakeTenant, browser: Browser
) -> None:
    user_id = create_eve(tenant, verify_email=True)
    assert not is_verified(tenant, user_id)
    browser.open(link_of(tenant, "eve@example.com", "verify_email"))
    assert is_verified(tenant, user_id)


@pytest.mark.parametrize("fields", [{}, {"verify_email": False}, {"email_verified": True}])
def test_no_mail_is_sent_where_none_is_wanted(tenant: FakeTenant, fields: dict[str, Any]) -> None:
    create_eve(tenant, **fields)
    assert len(tenant.mailbox) == 0


def test_a_changed_address_is_verified_by_mail(tenant: FakeTenant, browser: Browser) -> None:
    user_id = create_eve(tenant, email_verified=True)
    with tenant.management() as mgmt:
        mgmt.users.update(user_id, email="new@example.com", verify_email=True)
    browser.open(link_of(tenant, "new@example.com", "verify_email"))
    assert is_verified(tenant, user_id)


def test_a_verification_job_sends_the_mail(tenant: FakeTenant, browser: Browser) -> None:
    user_id = create_eve(tenant)
    with tenant.management() as mgmt:
        mgmt.jobs.verification_email.create(user_id=user_id, client_id="app")
    message = tenant.mailbox.latest("eve@example.com", kind="verify_email")
    assert (message.client_id, message.user_id) == ("app", user_id)
    browser.open(str(message.link))
    assert is_verified(tenant, user_id)


def test_a_blocked_user_unblocks_the_account_by_mail(
    tenant: FakeTenant, browser: Browser, http: httpx.Client
) -> None:
    def log_in(password: str) -> int:
        form = {
            "grant_type": "password",
            "client_id": "app",
            "client_secret": "app-secret",
            "username": "ada@example.com",
            "password": password,
        }
        return http.post("/oauth/token", data=form).status_code

    for _ in range(10):
        log_in("wrong")
    assert log_in(PASSWORD) == 429
    link = link_of(tenant, "ada@example.com", "blocked_account")
    assert browser.open(link).page.status_code == 200
    assert log_types(tenant)[-1] == "ublkdu"
    assert log_in(PASSWORD) == 200
    assert browser.open(link).page.status_code == 400


@pytest.mark.parametrize("wanted", [True, False])
def test_an_invitation_is_sent_and_its_link_joins_the_organization(
    tenant: FakeTenant, browser: Browser, wanted: bool
) -> None:
    with tenant.management() as mgmt:
        mgmt.clients.update(
            "app", initiate_login_uri="https://app.example.com/login", organization_usage="allow"
        )
        organization = mgmt.organizations.create(name="acme", display_name="Acme")
        [database] = mgmt.connections.list(name=DATABASE)
        mgmt.organizations.enabled_connections.add(
            organization.id, connection_id=str(database.id), assign_membership_on_login=False
        )
        mgmt.organizations.invitations.create(
            organization.id,
            client_id="app",
            inviter={"name": "Grace"},
            invitee={"email": "ada@example.com"},
            send_invitation_email=wanted,
        )
    if not wanted:
        assert len(tenant.mailbox) == 0
        return
    message = tenant.mailbox.latest("ada@example.com", kind="user_invitation")
    assert "join Acme" in message.subject
    assert str(message.link).startswith("https://app.example.com/login?invitation=")
    given = dict(httpx.URL(str(message.link)).params)
    browser.authorize(
        invitation=given["invitation"], organization=given["organization"], audience=API
    )
    assert browser.screen == "/u/signup/identifier"  # with a link for who has an account
    browser.open(f"/u/login/identifier?{browser.page.url.query.decode()}")
    browser.submit(username="ada@example.com", password=PASSWORD)
    with tenant.management() as mgmt:
        members = [member.user_id for member in mgmt.organizations.members.list(organization.id)]
    assert members == [ADA]
