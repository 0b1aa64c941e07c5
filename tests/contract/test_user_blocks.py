"""Brute-force blocks, of users and of addresses."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory


@pytest.mark.auth0_fake_only
def test_a_new_user_is_not_blocked(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user, blocks = auth0_factory.user(), auth0_mgmt.user_blocks
    assert blocks.list(user.user_id).get("blocked_for") == []
    assert blocks.list_by_identifier(identifier=str(user.email)).get("blocked_for") == []
    blocks.delete(user.user_id)
    blocks.delete_by_identifier(identifier=str(user.email))
    assert blocks.list(user.user_id).get("blocked_for") == []


def test_who_is_not_there_cannot_be_unblocked(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.user_blocks.list("auth0|000000000000000000000000")
