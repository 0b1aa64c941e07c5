"""Event streams: where events go, what was delivered, and delivering again."""

from __future__ import annotations

from typing import Any

import pytest

from auth0_mgmt import Management, NotFoundError
from auth0_mgmt_testing import Factory, TenantHandle

from .calls import status_of
from .families import Family

pytestmark = pytest.mark.auth0_requires("event_streams")

EVENT_STREAMS = Family(
    at="event_streams",
    new=lambda make: {
        "name": make.name("stream"),
        "subscriptions": [{"event_type": "user.created"}],
        "destination": {
            "type": "webhook",
            "configuration": {
                "webhook_endpoint": "https://hooks.example.com/events",
                "webhook_authorization": {"method": "bearer", "token": "hook-secret"},
            },
        },
    },
    form=r"est_\w{22}",
    change={"subscriptions": [{"event_type": "user.created"}, {"event_type": "user.deleted"}]},
    secret=("destination.configuration.webhook_authorization.token",),
    missing="est_1111111111111111111111",
    needs="event_streams",
)


@pytest.fixture
def stream(auth0_mgmt: Management, auth0_factory: Factory) -> Any:
    made: Any = auth0_mgmt.event_streams.create(**EVENT_STREAMS.new(auth0_factory))
    auth0_factory.add_cleanup(auth0_mgmt.event_streams.delete, made.id)
    return made


def test_a_new_stream_is_enabled_until_it_is_switched_off(
    auth0_mgmt: Management, stream: Any
) -> None:
    assert stream.status == "enabled"
    auth0_mgmt.event_streams.update(stream.id, status="disabled")
    assert auth0_mgmt.event_streams.get(stream.id).get("status") == "disabled"


def test_a_test_event_is_a_delivery(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, stream: Any
) -> None:
    streams = auth0_mgmt.event_streams
    sent = streams.test(stream.id, event_type="user.created")
    assert (sent.event_stream_id, sent.event_type) == (stream.id, "user.created")
    assert sent.get("event.type") == "user.created"
    assert sent.id is not None

    def listed() -> None:
        assert [delivery.id for delivery in streams.deliveries.list(stream.id)] == [sent.id]

    auth0_tenant.eventually(listed)
    read = streams.deliveries.get_history(stream.id, sent.id)
    assert (read.id, read.event_type) == (sent.id, "user.created")
    assert not streams.deliveries.list(stream.id, event_types="user.deleted").items


def test_a_delivery_is_sent_again(
    auth0_tenant: TenantHandle, auth0_mgmt: Management, stream: Any
) -> None:
    streams = auth0_mgmt.event_streams
    sent = streams.test(stream.id, event_type="user.created")

    def sent_again() -> None:
        # Until it is known to have failed it is refused.
        assert status_of(streams.redeliveries.create_by_id, stream.id, sent.id) is None

    auth0_tenant.eventually(sent_again, timeout=120)
    streams.redeliveries.create(stream.id, statuses=["failed"])


@pytest.mark.auth0_allow_changes("event_streams.redeliveries.create")
def test_nothing_was_delivered_on_a_missing_stream(auth0_mgmt: Management, stream: Any) -> None:
    streams = auth0_mgmt.event_streams
    missing = EVENT_STREAMS.missing
    with pytest.raises(NotFoundError):
        streams.deliveries.list(missing)
    assert status_of(streams.deliveries.get_history, stream.id, "evt_1111111111111111111111") == 404
    assert status_of(streams.redeliveries.create, missing) == 404


STATS = ("auth0.event_streams.successful_deliveries", "auth0.event_streams.failed_deliveries")


def test_the_statistics_of_a_stream_are_fifteen_daily_buckets(
    auth0_mgmt: Management, stream: Any
) -> None:
    stats = auth0_mgmt.event_streams.stats.get(stream.id)
    assert (stats.id, stats.name) == (stream.id, stream.name)
    assert stats.get("window.bucket_interval.scale_factor") == 86400
    assert len(stats.buckets or ()) == 15
    metrics = [metric.to_dict() for metric in stats.metrics or ()]
    none = {"window_total": 0, "type": "sum", "data": [0] * 15}
    assert metrics == [{"name": name, **none} for name in STATS]


def test_the_statistics_of_a_missing_stream_are_not_found(auth0_mgmt: Management) -> None:
    with pytest.raises(NotFoundError):
        auth0_mgmt.event_streams.stats.get(EVENT_STREAMS.missing)
