"""Log searches: Lucene in ``q``, beginnings of names in ``search``; both clients take both."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from auth0_mgmt import BadRequestError
from auth0_mgmt_testing import FakeTenant


@pytest.fixture
def tenant() -> FakeTenant:
    tenant = FakeTenant()
    tenant.logs.add(type="f", user_id="auth0|1", user_name="ada@example.com", client_name="Shop")
    tenant.logs.add(type="s", user_id="auth0|1", user_name="ada@example.com", client_name="Shop")
    tenant.logs.add(type="f", user_id="auth0|2", user_name="bob@example.com", client_name="Desk")
    return tenant


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"q": "type:f"}, {("f", "auth0|1"), ("f", "auth0|2")}),
        ({"q": 'type:f AND NOT user_id:"auth0|1"'}, {("f", "auth0|2")}),
        ({"q": "type:(f OR s) AND client_name:Sh*"}, {("f", "auth0|1"), ("s", "auth0|1")}),
        ({"search": "des"}, {("f", "auth0|2")}),
        ({"q": "type:f", "search": "shop"}, {("f", "auth0|1")}),
    ],
)
def test_q_is_lucene_search_matches_beginnings_and_both_narrow(
    tenant: FakeTenant, criteria: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    with tenant.management() as mgmt:
        logs = list(mgmt.logs.list(**criteria))
        assert {(log.type, log.user_id) for log in logs} == found

    async def listed() -> set[tuple[str | None, str | None]]:
        async with tenant.async_management() as mgmt:
            return {(log.type, log.user_id) async for log in mgmt.logs.list(**criteria)}

    assert asyncio.run(listed()) == found


def test_a_query_that_is_no_lucene_is_refused(tenant: FakeTenant) -> None:
    with tenant.management() as mgmt, pytest.raises(BadRequestError):
        list(mgmt.logs.list(q="type:(f"))
