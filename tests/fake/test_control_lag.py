"""Search lag: searches trail what was written, reading by id does not."""

from __future__ import annotations

import pytest

from auth0_mgmt import Management
from auth0_mgmt_testing import FakeTenant


@pytest.fixture
def tenant(tenant: FakeTenant) -> FakeTenant:
    tenant.search_delay = 2.0
    return tenant


def found(mgmt: Management) -> list[str | None]:
    return [user.email for user in mgmt.users.list()]


def test_a_new_user_is_found_only_when_the_search_has_caught_up(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.users.add(user_id="auth0|1", email="a@x.com")
    assert found(mgmt) == []
    assert list(mgmt.users.list(q='email:"a@x.com"')) == []
    assert mgmt.users.get("auth0|1").email == "a@x.com"
    assert len(mgmt.request("GET", "/users-by-email", query={"email": "a@x.com"})) == 1
    tenant.clock.advance(1.9)
    assert found(mgmt) == []
    tenant.clock.advance(0.1)
    assert found(mgmt) == ["a@x.com"]


def test_changes_and_deletions_trail_as_well(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.users.add(user_id="auth0|1", email="a@x.com")
    tenant.clock.advance(1)
    mgmt.users.update("auth0|1", email="b@x.com")
    tenant.clock.advance(1)
    mgmt.users.delete("auth0|1")
    assert found(mgmt) == ["a@x.com"]
    tenant.clock.advance(1)
    assert found(mgmt) == ["b@x.com"]
    tenant.clock.advance(1)
    assert found(mgmt) == []


def test_a_restored_state_is_there_at_once(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.users.add(user_id="auth0|1", email="a@x.com")
    moment = tenant.snapshot()
    tenant.reset()
    assert found(mgmt) == []
    tenant.restore(moment)
    assert found(mgmt) == ["a@x.com"]
    with tenant.fork().management() as twin:
        assert found(twin) == ["a@x.com"]


def test_without_lag_searches_see_everything(tenant: FakeTenant, mgmt: Management) -> None:
    tenant.users.add(user_id="auth0|1", email="a@x.com")
    tenant.search_delay = 0
    assert found(mgmt) == ["a@x.com"]
    with pytest.raises(ValueError, match="search_delay=-1"):
        tenant.search_delay = -1


def test_a_clock_that_is_set_back_shows_what_was_before(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant.users.add(user_id="auth0|1", email="a@x.com")
    tenant.clock.advance(5)
    start = tenant.clock.now()
    tenant.users.add(user_id="auth0|2", email="b@x.com")
    tenant.clock.freeze(start.replace(year=start.year - 1))
    tenant.users.add(user_id="auth0|3", email="c@x.com")
    assert found(mgmt) == ["a@x.com", "b@x.com"]
    tenant.clock.advance(2)
    assert found(mgmt) == ["a@x.com", "b@x.com", "c@x.com"]
