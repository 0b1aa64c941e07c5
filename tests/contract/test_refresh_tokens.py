"""Refresh tokens, which only a log-in makes: here the fake is given them."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory, FakeTenant

from .calls import status_of

pytestmark = pytest.mark.auth0_fake_only(reason="refresh tokens are made by log-ins")


@pytest.fixture
def tokens(auth0_fake: FakeTenant, auth0_factory: Factory, ada: Any) -> list[Any]:
    """Refresh tokens of the user: two of one client, one of another."""
    add = auth0_fake.refresh_tokens.add
    one, two = (auth0_factory.client().client_id for _ in range(2))
    return [add(user_id=ada.user_id, client_id=client) for client in (one, one, two)]


def test_refresh_tokens_are_read_and_listed(
    auth0_mgmt: Management, ada: Any, tokens: list[Any]
) -> None:
    assert auth0_mgmt.refresh_tokens.get(tokens[0].id).user_id == ada.user_id
    ids = [token.id for token in tokens]
    assert [t.id for t in auth0_mgmt.users.refresh_token.list(ada.user_id, take=2)] == ids
    assert [t.id for t in auth0_mgmt.refresh_tokens.list(user_id=ada.user_id, take=2)] == ids
    of_two = auth0_mgmt.refresh_tokens.list(user_id=ada.user_id, client_id=tokens[2].client_id)
    assert [token.id for token in of_two] == ids[2:]


def test_the_metadata_of_a_token_is_changed(auth0_mgmt: Management, tokens: list[Any]) -> None:
    auth0_mgmt.refresh_tokens.update(tokens[0].id, refresh_token_metadata={"device": "tablet"})
    read = auth0_mgmt.refresh_tokens.get(tokens[0].id)
    assert read.get("refresh_token_metadata") == {"device": "tablet"}


def test_a_deleted_token_is_gone(auth0_mgmt: Management, tokens: list[Any]) -> None:
    auth0_mgmt.refresh_tokens.delete(tokens[0].id)
    with pytest.raises(NotFoundError):
        auth0_mgmt.refresh_tokens.get(tokens[0].id)


def test_tokens_are_revoked_by_id_or_by_client(
    auth0_mgmt: Management, ada: Any, tokens: list[Any]
) -> None:
    auth0_mgmt.refresh_tokens.revoke(ids=[tokens[0].id])
    left = [token.id for token in auth0_mgmt.refresh_tokens.list(user_id=ada.user_id)]
    assert left == [tokens[1].id, tokens[2].id]
    auth0_mgmt.refresh_tokens.revoke(user_id=ada.user_id, client_id=tokens[0].client_id)
    left = [token.id for token in auth0_mgmt.refresh_tokens.list(user_id=ada.user_id)]
    assert left == [tokens[2].id]
    assert status_of(auth0_mgmt.refresh_tokens.revoke) == 400


def test_a_user_loses_all_tokens_at_once(
    auth0_mgmt: Management, ada: Any, tokens: list[Any]
) -> None:
    auth0_mgmt.users.refresh_token.delete(ada.user_id)
    assert not auth0_mgmt.users.refresh_token.list(ada.user_id).items
