"""Tenant logs: every write appears, paged by number and from a log on."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory, TenantHandle


def of(mgmt: Management, user: Any) -> list[Any]:
    """The events about a user, newest first."""
    return list(mgmt.logs.list(search=f'user_id:"{user.user_id}"', sort="date:-1", per_page=50))


@pytest.fixture
def written(auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    """The newest log, once a write of this test has appeared."""
    before = {log.log_id for log in auth0_mgmt.logs.list(page=0, per_page=5).items}
    auth0_factory.role()
    found: list[Any] = []

    def appeared() -> None:
        found[:] = auth0_mgmt.logs.list(page=0, per_page=5, sort="date:-1").items
        assert {log.log_id for log in found} - before

    auth0_tenant.eventually(appeared)
    return found[0]


def test_a_write_appears_in_the_logs(auth0_mgmt: Management, written: Any) -> None:
    assert written.type == "sapi"
    read = auth0_mgmt.logs.get(written.log_id)
    assert (read.log_id, read.type) == (written.log_id, written.type)
    assert read.date is not None


def test_a_missing_log_answers_404(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.logs.get("90020200101000000000000000000000000000000000000000000000")


def test_logs_are_listed_by_page_newest_first(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory, written: Any
) -> None:
    def appeared() -> None:
        assert len(auth0_mgmt.logs.list(page=0, per_page=2, sort="date:-1")) == 2

    auth0_factory.role()
    auth0_tenant.eventually(appeared)
    page = auth0_mgmt.logs.list(page=0, per_page=2, sort="date:-1", include_totals=True)
    assert (page.start, page.limit, len(page)) == (0, 2, 2)
    dates = [log.date for log in page.items]
    assert dates == sorted(dates, reverse=True)
    cut = auth0_mgmt.logs.list(page=0, per_page=1, fields="type,date", include_fields=True)
    assert set(cut.items[0].to_dict()) == {"type", "date"}


def test_logs_are_followed_from_a_log_on(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory, written: Any
) -> None:
    for _ in range(3):
        auth0_factory.role()
    followed: list[str] = []

    def appeared() -> None:
        page = auth0_mgmt.logs.list(from_=written.log_id, take=2)
        followed[:] = [str(log.log_id) for log in page]
        assert len(followed) >= 3

    auth0_tenant.eventually(appeared)
    assert written.log_id not in followed
    assert len(set(followed)) == len(followed)
    assert followed == sorted(followed)


def test_the_events_of_a_user_are_listed(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, auth0_factory: Factory
) -> None:
    user, other = auth0_factory.user(), auth0_factory.user()
    auth0_mgmt.users.update(user.user_id, given_name="Ada")
    logs = auth0_mgmt.users.logs.list(user.user_id, per_page=10, sort="date:-1")
    assert other.user_id not in {log.get("user_id") for log in logs}
