"""``GET /events``: what happened, as a stream to subscribe to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import httpx
import jsonschema_rs
import pytest

from auth0_mgmt import (
    AsyncManagement,
    BadRequestError,
    GoneError,
    Management,
)
from auth0_mgmt._events import Event
from auth0_mgmt_testing import FakeTenant, LoadError, contract
from auth0_mgmt_testing.state.clock import Clock

from .conftest import BEARER, new_user

START = "2026-01-01T00:00:00Z"


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 1, 1, tzinfo=UTC))


def told(tenant: FakeTenant, **given: Any) -> list[Event]:
    """All that one subscription since the start is told, until it has caught up."""
    given = given or {"from_timestamp": START}
    found: list[Event] = []
    for event in tenant.management().events.subscribe(**given):
        found.append(event)
        if event.id == newest(tenant):
            return found
    raise AssertionError("a subscription does not end by itself")


def newest(tenant: FakeTenant) -> str:
    """The offset of the newest event: where a subscription that is not told of any stands."""
    text = stream(tenant, {}).decode()
    return next(line[4:] for line in text.splitlines() if line.startswith("id: "))


def stream(tenant: FakeTenant, params: dict[str, str], **headers: str) -> bytes:
    with httpx.Client(transport=tenant.transport()) as client:
        answer = client.get(
            f"https://{tenant.domain}/api/v2/events",
            params=params,
            headers={**BEARER, **headers},
        )
    assert answer.headers["content-type"].startswith("text/event-stream")
    return answer.read()


def kinds(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def test_a_users_life_is_told_in_order(tenant: FakeTenant, mgmt: Management) -> None:
    ada = new_user(mgmt, "ada@example.com")
    mgmt.users.update(ada, name="Ada Lovelace")
    mgmt.users.delete(ada)
    created, updated, deleted = told(tenant)
    assert kinds([created, updated, deleted]) == ["user.created", "user.updated", "user.deleted"]
    assert created.event["data"]["object"]["email"] == "ada@example.com"
    assert updated.event["data"]["previous_object"]["name"] == "ada@example.com"
    assert updated.event["data"]["object"]["name"] == "Ada Lovelace"
    assert deleted.event["data"]["object"]["deleted_at"] == "2026-01-01T00:00:00.000Z"
    assert len({event.event["id"] for event in (created, updated, deleted)}) == 3


def test_what_a_test_arranges_is_told_like_a_request(tenant: FakeTenant) -> None:
    ada = tenant.users.add(user_id="auth0|1", email="ada@example.com", logins_count=4)
    assert ada.user_id is not None
    tenant.users.update(ada.user_id, name="Ada Lovelace")
    tenant.load({"organizations": [{"name": "acme", "members": [ada.user_id]}]})
    del tenant.users[ada.user_id]
    events = told(tenant)
    assert kinds(events) == [
        "user.created",
        "user.updated",
        "organization.created",
        "organization.member.added",
        "user.deleted",
        "organization.member.deleted",
    ]
    assert events[0].event["data"]["object"]["email"] == "ada@example.com"
    assert events[1].event["data"]["object"]["name"] == "Ada Lovelace"


def test_what_a_test_cannot_arrange_is_not_told(tenant: FakeTenant) -> None:
    before = newest(tenant)
    with pytest.raises(LoadError):
        tenant.load({"organizations": [{"name": "acme", "members": ["auth0|nobody"]}]})
    assert newest(tenant) == before


def test_a_refused_write_and_a_change_of_nothing_are_no_events(
    tenant: FakeTenant, mgmt: Management
) -> None:
    tenant_before = newest(tenant)
    with pytest.raises(BadRequestError):
        mgmt.organizations.create(name="Not Allowed")
    assert newest(tenant) == tenant_before


def found_an_organization(mgmt: Management) -> str:
    """One with a member, who has a role, and a connection with a secret; gives the role's id."""
    ada = new_user(mgmt, "ada@example.com")
    role = mgmt.roles.create(name="editor").id
    organization = mgmt.organizations.create(name="acme").id
    connection = mgmt.connections.create(
        name="acme-google",
        strategy="google-apps",
        options={"client_id": "x", "client_secret": "hidden", "domain": "acme.example.com"},
    ).id
    assert role
    assert organization
    assert connection
    mgmt.organizations.members.create(organization, members=[ada])
    mgmt.organizations.members.roles.assign(organization, ada, roles=[role])
    mgmt.organizations.enabled_connections.add(organization, connection_id=connection)
    mgmt.organizations.delete(organization)
    return role


def test_members_roles_and_connections_of_organizations_are_told(
    tenant: FakeTenant, mgmt: Management
) -> None:
    role = found_an_organization(mgmt)
    events = told(tenant)
    assert kinds(events)[1:6] == [
        "organization.created",
        "connection.created",
        "organization.member.added",
        "organization.member.role.assigned",
        "organization.connection.added",
    ]
    assert events[4].event["data"]["object"]["role"] == {"id": role, "name": "editor"}
    assert sorted(kinds(events)[6:]) == [
        "organization.connection.removed",
        "organization.deleted",
        "organization.member.deleted",
        "organization.member.role.deleted",
    ]
    assert "hidden" not in json.dumps([event.data for event in events])


def test_events_are_what_the_contract_says(tenant: FakeTenant, mgmt: Management) -> None:
    found_an_organization(mgmt)
    mgmt.users.update(mgmt.users.list().items[0].user_id or "", name="Ada Lovelace")
    mgmt.users.delete(mgmt.users.list().items[0].user_id or "")
    family = contract.schema_document("events")
    kind = family.definition("EventStreamSubscribeEventsResponseContent")["discriminator"]
    for event in told(tenant):
        name = kind["mapping"][event.type].rpartition("/")[2]
        schema = family.whole(family.definition(name))
        problems = jsonschema_rs.Draft202012Validator(schema).iter_errors(event.data)
        assert [error.message for error in problems] == [], event.type


def test_only_the_types_asked_for_are_told_and_the_offset_goes_on(
    tenant: FakeTenant, mgmt: Management
) -> None:
    mgmt.organizations.create(name="acme")
    new_user(mgmt, "ada@example.com")
    events = told(tenant, from_timestamp=START, event_type=["organization.created"])
    assert kinds(events) == ["organization.created", "offset-only"]


def test_a_subscription_goes_on_over_closed_streams(tenant: FakeTenant, mgmt: Management) -> None:
    subscription = mgmt.events.subscribe(event_type=["user.created"])
    events = iter(subscription)
    assert next(events).type == "offset-only", "it begins with what is to come"
    new_user(mgmt, "ada@example.com")
    new_user(mgmt, "grace@example.com")
    found = list(islice(events, 2))
    assert [event.event["data"]["object"]["nickname"] for event in found] == ["ada", "grace"]
    resumed = mgmt.events.subscribe(from_=str(found[0].id))
    assert next(iter(resumed)).event["id"] == found[1].event["id"]


def test_last_event_id_wins_over_from(tenant: FakeTenant, mgmt: Management) -> None:
    start = newest(tenant)
    new_user(mgmt, "ada@example.com")
    text = stream(tenant, {"from": start}, **{"last-event-id": newest(tenant)})
    assert b"user.created" not in text
    assert text.startswith(b":connected\n\n")
    assert text.endswith(b": heartbeat\n\n")


async def test_an_asynchronous_client_and_an_asgi_server_stream_too(tenant: FakeTenant) -> None:
    new_user(tenant.management(), "ada@example.com")
    for transport in (tenant.async_transport(), httpx.ASGITransport(tenant.asgi())):
        async with AsyncManagement(tenant.domain, "any", transport=transport) as mgmt:
            async for event in mgmt.events.subscribe(from_timestamp=START):
                assert event.type == "user.created"
                break


def test_a_patched_client_streams_too(tenant: FakeTenant) -> None:
    with tenant:
        mgmt = Management(tenant.domain, "any")
        new_user(mgmt, "ada@example.com")
        assert next(iter(mgmt.events.subscribe(from_timestamp=START))).type == "user.created"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"from": "nonsense"}, "Invalid 'from' parameter."),
        ({"from_timestamp": "yesterday"}, "format date-time"),
        ({"from": "a", "from_timestamp": START}, "not both"),
        ({"event_type": "user.born"}, "No enum match"),
    ],
)
def test_where_a_subscription_cannot_begin_it_is_refused(
    tenant: FakeTenant, params: dict[str, str], message: str
) -> None:
    answer = tenant.send("GET", f"/api/v2/events?{httpx.QueryParams(params)}", BEARER)
    assert answer.status == 400
    assert message in answer.json()["message"]


def test_an_offset_expires(tenant: FakeTenant, mgmt: Management) -> None:
    start = newest(tenant)
    new_user(mgmt, "ada@example.com")
    tenant.clock.advance(timedelta(days=8))
    with pytest.raises(GoneError):
        next(iter(mgmt.events.subscribe(from_=start)))
    assert next(iter(mgmt.events.subscribe(from_timestamp=START))).type == "offset-only"
