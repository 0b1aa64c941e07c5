"""Grants that users gave to clients."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import Factory


def test_a_new_user_gave_no_grants(auth0_mgmt: Management, auth0_factory: Factory) -> None:
    user = auth0_factory.user()
    page = auth0_mgmt.user_grants.list(user_id=user.user_id, per_page=5, include_totals=True)
    assert (page.items, page.start, page.limit, page.total) == ([], 0, 5, 0)


@pytest.mark.auth0_fake_only
def test_taking_grants_back_that_were_not_given_succeeds(
    auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    user = auth0_factory.user()
    auth0_mgmt.user_grants.delete_by_user_id(user_id=user.user_id)
    assert not auth0_mgmt.user_grants.list(user_id=user.user_id).items
