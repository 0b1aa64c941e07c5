"""Sessions, which only a log-in makes: here the fake is given them."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory, FakeTenant

from .calls import status_of

pytestmark = pytest.mark.auth0_fake_only(reason="sessions are made by log-ins")


@pytest.fixture
def session(auth0_fake: FakeTenant, ada: Any) -> Any:
    """A session of the user."""
    return auth0_fake.sessions.add(user_id=ada.user_id)


def test_a_session_is_read_and_listed(auth0_mgmt: Management, ada: Any, session: Any) -> None:
    assert auth0_mgmt.sessions.get(session.id).user_id == ada.user_id
    assert [found.id for found in auth0_mgmt.users.sessions.list(ada.user_id)] == [session.id]


def test_the_metadata_of_a_session_is_changed(auth0_mgmt: Management, session: Any) -> None:
    auth0_mgmt.sessions.update(session.id, session_metadata={"device": "tablet"})
    assert auth0_mgmt.sessions.get(session.id).get("session_metadata") == {"device": "tablet"}


def test_a_deleted_session_is_gone(auth0_mgmt: Management, session: Any) -> None:
    auth0_mgmt.sessions.delete(session.id)
    with pytest.raises(NotFoundError):
        auth0_mgmt.sessions.get(session.id)
    auth0_mgmt.sessions.delete(session.id)


def test_a_revoked_session_takes_its_refresh_tokens_along(
    auth0_fake: FakeTenant, auth0_mgmt: Management, ada: Any, session: Any
) -> None:
    add = auth0_fake.refresh_tokens.add
    within = add(user_id=ada.user_id, session_id=session.id)
    without = add(user_id=ada.user_id)
    auth0_mgmt.sessions.revoke(session.id)
    assert status_of(auth0_mgmt.sessions.get, session.id) == 404
    assert status_of(auth0_mgmt.refresh_tokens.get, within.id) == 404
    assert auth0_mgmt.refresh_tokens.get(without.id).id == without.id
    assert status_of(auth0_mgmt.sessions.revoke, session.id) == 404


def test_a_user_loses_all_sessions_at_once(
    auth0_fake: FakeTenant,
    auth0_mgmt: Management,
    ada: Any,
    session: Any,
    auth0_factory: Factory,
) -> None:
    other = auth0_factory.user()
    kept = auth0_fake.sessions.add(user_id=other.user_id)
    auth0_mgmt.users.sessions.delete(ada.user_id)
    assert not auth0_mgmt.users.sessions.list(ada.user_id).items
    assert [found.id for found in auth0_mgmt.users.sessions.list(other.user_id)] == [kept.id]


def test_access_is_revoked_with_or_without_the_refresh_tokens(
    auth0_fake: FakeTenant, auth0_mgmt: Management, ada: Any, session: Any
) -> None:
    token = auth0_fake.refresh_tokens.add(user_id=ada.user_id, session_id=session.id)
    auth0_mgmt.users.revoke_access(ada.user_id, preserve_refresh_tokens=True)
    assert status_of(auth0_mgmt.sessions.get, session.id) == 404
    assert auth0_mgmt.refresh_tokens.get(token.id).id == token.id
    auth0_mgmt.users.revoke_access(ada.user_id)
    assert status_of(auth0_mgmt.refresh_tokens.get, token.id) == 404
