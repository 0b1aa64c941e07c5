"""Tickets: links to verify an address and to change a password."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory

from .calls import status_of

NOBODY = "auth0|000000000000000000000000"


@pytest.mark.auth0_allow_changes("tickets.verify_email")
def test_a_ticket_verifies_an_address(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user = auth0_factory.user()
    verify = auth0_mgmt.tickets.verify_email
    made = [verify(user_id=user.user_id, result_url="https://example.com/done") for _ in range(2)]
    assert made[0].ticket != made[1].ticket
    assert (made[0].ticket or "").startswith(("https://", "http://127.0.0.1:"))
    with pytest.raises(NotFoundError):
        verify(user_id=NOBODY)


@pytest.mark.auth0_allow_changes("tickets.change_password")
def test_a_ticket_changes_a_password(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    connection = auth0_factory.connection(strategy="auth0")
    user = auth0_factory.user(connection=connection.name)
    change = auth0_mgmt.tickets.change_password
    by_id = change(user_id=user.user_id, ttl_sec=60, mark_email_as_verified=False)
    by_address = change(email=str(user.email), connection_id=connection.id)
    assert by_id.ticket != by_address.ticket
    assert status_of(change, user_id=NOBODY) == 404
    assert status_of(change, email="nobody@example.com", connection_id=connection.id) == 404
