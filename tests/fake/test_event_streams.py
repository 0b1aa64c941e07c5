"""Event streams of the fake: what is sent, what becomes of it, trying again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from auth0_mgmt import BadRequestError, ConflictError, Management, NotFoundError
from auth0_mgmt_testing import Clock, FakeTenant
from auth0_mgmt_testing.state.clock import format_timestamp


def create(mgmt: Management) -> str:
    """A stream of new users to a webhook; gives its id."""
    webhook = {
        "webhook_endpoint": "https://hooks.example.com/a",
        "webhook_authorization": {"method": "bearer", "token": "s3cret"},
    }
    body = {
        "name": "users",
        "subscriptions": [{"event_type": "user.created"}],
        "destination": {"type": "webhook", "configuration": webhook},
    }
    return str(mgmt.request("POST", "/event-streams", json=body)["id"])


@pytest.fixture
def stream(mgmt: Management) -> str:
    return create(mgmt)


def failed(mgmt: Management, stream: str, **more: Any) -> list[str]:
    return [str(each.event_type) for each in mgmt.event_streams.deliveries.list(stream, **more)]


def test_a_stream_never_shows_its_secret(mgmt: Management, stream: str) -> None:
    assert "s3cret" not in str(mgmt.event_streams.get(stream).to_dict())


def test_no_two_streams_share_a_name(mgmt: Management, stream: str) -> None:
    with pytest.raises(ConflictError):
        create(mgmt)


def test_what_a_stream_subscribed_to_is_sent_and_fails_where_nobody_answers(
    mgmt: Management, stream: str, clock: Clock
) -> None:
    user = mgmt.users.create(
        connection="Username-Password-Authentication", email="a@example.com", password="s3cret-W"
    )
    mgmt.users.update(user.user_id or "", name="Ada")  # nobody subscribed to that
    assert failed(mgmt, stream) == []
    clock.advance(1.5)
    assert failed(mgmt, stream) == []
    clock.advance(10)
    (delivery,) = mgmt.event_streams.deliveries.list(stream)
    assert [attempt.status for attempt in delivery.attempts or ()] == ["failed"] * 4
    told = mgmt.event_streams.deliveries.get_history(stream, delivery.id or "").to_dict()
    assert told["event"]["data"]["object"]["user_id"] == user.user_id


def test_a_disabled_stream_is_sent_nothing(mgmt: Management, stream: str, clock: Clock) -> None:
    mgmt.event_streams.update(stream, status="disabled")
    mgmt.users.create(
        connection="Username-Password-Authentication", email="a@example.com", password="s3cret-W"
    )
    clock.advance(10)
    assert failed(mgmt, stream) == []


def test_a_test_event_is_pending_first(mgmt: Management, stream: str, clock: Clock) -> None:
    sent = mgmt.event_streams.test(stream, event_type="organization.created")
    assert (sent.status, sent.attempts) == ("pending", [])
    clock.advance(10)
    assert failed(mgmt, stream, event_types="user.created") == []
    assert failed(mgmt, stream, event_types="user.created,organization.created") == [
        "organization.created"
    ]


def test_deliveries_are_filtered_by_time(mgmt: Management, stream: str, clock: Clock) -> None:
    mgmt.event_streams.test(stream, event_type="user.created")
    clock.advance(3600)
    border = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    mgmt.event_streams.test(stream, event_type="user.updated")
    clock.advance(10)
    assert failed(mgmt, stream, date_from=border) == ["user.updated"]
    assert failed(mgmt, stream, date_to=border) == ["user.created"]


def test_a_failed_event_is_tried_again_and_arrives_once_somebody_answers(
    tenant: FakeTenant, mgmt: Management, stream: str, clock: Clock
) -> None:
    sent = mgmt.event_streams.test(stream, event_type="user.created")
    assert sent.id is not None
    clock.advance(10)
    tenant.enable_event_delivery(stream)
    mgmt.event_streams.redeliveries.create_by_id(stream, sent.id)
    clock.advance(10)
    assert failed(mgmt, stream) == []
    history = mgmt.event_streams.deliveries.get_history(stream, sent.id)
    assert [attempt.status for attempt in history.attempts or ()] == ["failed"] * 4 + ["retrying"]
    with pytest.raises(ConflictError):
        mgmt.event_streams.redeliveries.create_by_id(stream, sent.id)


def test_all_failed_events_are_tried_again(
    tenant: FakeTenant, mgmt: Management, stream: str, clock: Clock
) -> None:
    for kind in ("user.created", "user.updated"):
        mgmt.event_streams.test(stream, event_type=kind)
    clock.advance(10)
    tenant.enable_event_delivery(stream)
    mgmt.event_streams.redeliveries.create(stream, event_types=["user.created"])
    clock.advance(10)
    assert failed(mgmt, stream) == ["user.updated"]


def test_deliveries_go_with_their_stream(mgmt: Management, stream: str) -> None:
    sent = mgmt.event_streams.test(stream, event_type="user.created")
    mgmt.event_streams.delete(stream)
    with pytest.raises(NotFoundError):
        mgmt.event_streams.deliveries.get_history(stream, sent.id or "")


def test_statistics_count_the_attempts_of_each_day(
    tenant: FakeTenant, mgmt: Management, stream: str, clock: Clock
) -> None:
    def counts(**window: Any) -> dict[str, list[Any]]:
        stats = mgmt.event_streams.stats.get(stream, **window).to_dict()
        assert [len(metric["data"]) for metric in stats["metrics"]] == [len(stats["buckets"])] * 2
        return {
            metric["name"].split(".")[-1]: [metric["window_total"], *metric["data"][-2:]]
            for metric in stats["metrics"]
        }

    first = mgmt.event_streams.test(stream, event_type="user.created")
    clock.advance(10)
    assert counts() == {"successful_deliveries": [0, 0, 0], "failed_deliveries": [4, 0, 4]}
    clock.advance(86_400)
    tenant.enable_event_delivery(stream)
    mgmt.event_streams.redeliveries.create_by_id(stream, str(first.id))
    clock.advance(10)
    assert counts() == {"successful_deliveries": [1, 0, 1], "failed_deliveries": [4, 4, 0]}
    later = format_timestamp(tenant.clock.time() - 3600)
    assert counts(date_from=later)["failed_deliveries"][0] == 0
    clock.advance(20 * 86_400)
    assert counts() == {"successful_deliveries": [0, 0, 0], "failed_deliveries": [0, 0, 0]}


def test_the_window_of_statistics_is_fourteen_days_of_full_hours(
    mgmt: Management, stream: str, clock: Clock
) -> None:
    clock.freeze("2025-09-08T06:21:07Z")
    window = mgmt.event_streams.stats.get(stream)
    assert window.get("window.date_from") == datetime(2025, 8, 25, 6, tzinfo=UTC)
    assert window.get("window.date_to") == datetime(2025, 9, 8, 7, tzinfo=UTC)
    assert len(window.buckets or ()) == 15


def test_a_window_of_statistics_that_ends_before_it_begins_is_refused(
    mgmt: Management, stream: str
) -> None:
    with pytest.raises(BadRequestError):
        mgmt.event_streams.stats.get(stream, date_from="2026-02-01", date_to="2026-01-01")
