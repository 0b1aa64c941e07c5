"""Python's values as a request holds them, and what a response may hold beside plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from auth0_mgmt import AsyncManagement, Management

from .conftest import DOMAIN, Script


class Plan(Enum):
    GOLD = "gold"


WRITTEN: list[tuple[Any, Any]] = [
    (Plan.GOLD, "gold"),
    (date(2026, 1, 31), "2026-01-31"),
    (datetime(2026, 1, 31, 1, tzinfo=timezone(timedelta(hours=2))), "2026-01-30T23:00:00.000Z"),
    (datetime(2026, 1, 31), "2026-01-31T00:00:00.000Z"),
    (datetime.max.replace(tzinfo=timezone(-timedelta(hours=2))), "9999-12-31T23:59:59.999Z"),
    (MappingProxyType({"a": 1}), {"a": 1}),
    ((1, 2), [1, 2]),
    ({3}, [3]),
]


@pytest.mark.parametrize(("value", "sent"), WRITTEN, ids=lambda value: str(value)[:30])
def test_values_of_a_body_are_written_as_the_api_has_them(
    mgmt: Management, script: Script, value: Any, sent: Any
) -> None:
    mgmt.users.update("auth0|1", user_metadata={"value": value})
    assert script.body() == {"user_metadata": {"value": sent}}
    mgmt.users.update("auth0|1", user_metadata={"values": (value for _ in range(2))})
    assert script.body() == {"user_metadata": {"values": [sent, sent]}}


@pytest.mark.parametrize(
    ("day", "sent"),
    [(date(2026, 1, 31), "20260131"), (datetime(2026, 1, 31, 5, tzinfo=UTC), "20260131"),
     ("20260131", "20260131")],
)  # fmt: skip
def test_days_are_written_without_hyphens(
    mgmt: Management, script: Script, day: Any, sent: str
) -> None:
    script.answers = [httpx.Response(200, json=[])]
    mgmt.stats.get_daily(from_=day)
    assert script.last.url.params["from"] == sent


def test_other_values_of_a_query_are_written_as_the_api_has_them(
    mgmt: Management, script: Script
) -> None:
    query: Mapping[str, Any] = {"plan": Plan.GOLD, "day": date(2026, 1, 31), "none": None}
    mgmt.request("GET", "/x", query=query)
    assert dict(script.last.url.params) == {"plan": "gold", "day": "2026-01-31"}


def test_headers_that_are_not_ascii_are_read(mgmt: Management, script: Script) -> None:
    raw = [(b"x-utf", "ü".encode()), (b"x-latin", "ü".encode("latin-1")), (b"x-utf", b"2")]
    script.answers = [httpx.Response(200, json={"name": "r"}, headers=raw)]
    headers = mgmt.roles.with_raw_response.get("r").headers
    assert (headers["x-utf"], headers["x-latin"]) == ("ü, 2", "ü")


async def test_a_client_of_ones_own_has_its_own_transport() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with (
        httpx.Client() as client,
        pytest.raises(ValueError, match="http_client or transport, not both"),
    ):
        Management(DOMAIN, "t", http_client=client, transport=transport)
    async with httpx.AsyncClient() as twin:
        with pytest.raises(ValueError, match="http_client or transport, not both"):
            AsyncManagement(DOMAIN, "t", http_client=twin, transport=transport)
