"""The table of types of log events is the vendor's, and flows write no other type."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import auth0_mgmt_testing
from auth0_mgmt_testing import FakeTenant
from auth0_mgmt_testing.resources.log_types import LOG_TYPES
from tests.log_events import ALIKE, REASON, SCHEMA, described, faults

ONLY_NAMED = {"cp", "fdel", "scph", *ALIKE}
"""Types that filters of log streams know and the schema does not describe."""


@pytest.mark.skipif(SCHEMA is None, reason=REASON)
def test_the_table_has_the_types_of_the_vendor() -> None:
    assert set(LOG_TYPES) == set(described()["types"]) | ONLY_NAMED


@pytest.mark.skipif(SCHEMA is None, reason=REASON)
def test_the_table_names_types_as_the_vendor_does() -> None:
    named = {code: each["name"] for code, each in described()["types"].items() if "name" in each}
    ours = {code: LOG_TYPES[code].name for code in named}
    assert ours == {code: name.removesuffix(" *") for code, name in named.items()}


@pytest.mark.skipif(SCHEMA is None, reason=REASON)
def test_the_table_knows_which_types_need_details() -> None:
    types = described()["types"]
    needed = {code for code, each in types.items() if "details" in each["schema"]["required"]}
    assert {code for code in types if LOG_TYPES[code].has_details} == needed


def test_no_module_writes_a_type_that_is_not_in_the_table() -> None:
    written = re.compile(
        r"""\blog\(\s*(?:context|again),\s*"([a-z_]+)"|context\.log\(\s*"([a-z_]+)\""""
    )
    found = {
        code
        for path in Path(next(iter(auth0_mgmt_testing.__path__))).rglob("*.py")
        for pair in written.findall(path.read_text("utf-8"))
        for code in pair
        if code
    }
    assert len(found) > 20
    assert found <= set(LOG_TYPES)


@pytest.mark.skipif(SCHEMA is None, reason=REASON)
def test_streams_send_events_in_the_vendors_form(tenant: FakeTenant) -> None:
    with tenant.management() as mgmt:
        mgmt.log_streams.create(
            name="logs", type="http", sink={"httpEndpoint": "https://logs.example.com"}
        )
        user = tenant.users.add(email="ada@example.com")
        tenant.log_in(user)
        tenant.fail_login(user.user_id)
        mgmt.users.update(user.user_id, name="Ada")
    events = [delivery.event["data"] for delivery in tenant.deliveries]
    assert {"s", "fp", "sapi"} <= {event["type"] for event in events}
    assert [fault for event in events for fault in faults(event)] == []
    assert {event["tenant_name"] for event in events} == {"fake-tenant"}
