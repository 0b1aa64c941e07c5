"""Statistics: figures of the day, active users."""

from __future__ import annotations

import re

from auth0_mgmt import Management


def test_the_days_asked_for_are_counted(auth0_mgmt: Management) -> None:
    days = auth0_mgmt.stats.get_daily(from_="20260101", to="20261231")
    assert all(day.logins is None or day.logins >= 0 for day in days)
    dates = [str(day.get("date")) for day in days]
    assert dates == sorted(dates)


def test_active_users_are_a_number(auth0_mgmt: Management) -> None:
    assert re.fullmatch(r"\d+", str(auth0_mgmt.stats.get_active_users_count()))
